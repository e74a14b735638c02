// SPDX-License-Identifier: MIT
#include "widgets/panels/file_content.h"

#include <qendian.h>

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QMimeDatabase>
#include <QStringList>

namespace depthscope::panels {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("FileContent", text);
}

/// The length of its JSON, little-endian, then the JSON.
bool isSafetensors(const QByteArray& start, qint64 size) {
    constexpr qsizetype kLength = sizeof(quint64);
    if (start.size() <= kLength || start.at(kLength) != '{') {
        return false;
    }
    return qFromLittleEndian<quint64>(start.constData()) <= static_cast<quint64>(size - kLength);
}

/// A zip archive, or a pickle by its protocol, as PyTorch writes weights.
bool mayBeTorch(const QByteArray& start) {
    const bool isPickle = start.size() > 1 && start.at(0) == '\x80' && start.at(1) >= 2;
    return start.startsWith("PK\x03\x04") || (isPickle && start.at(1) <= 5);
}

bool isUtf16(const QByteArray& start) {
    return start.startsWith("\xff\xfe") || start.startsWith("\xfe\xff");
}

/// Text has no byte 0, whatever its encoding; a PDF begins like a text.
bool isText(const QByteArray& start) {
    return !start.contains('\0') && !start.startsWith("%PDF-");
}

std::optional<FileContent> contentOf(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return std::nullopt;
    }
    return panels::contentOf(file.read(kContentBytes), file.size());
}

/// What to do with a file that has the ending of another.
QString hintFor(const FileContent& content) {
    if (content.kind == FileKind::Weights) {
        return tr("Open the folder that it is in: File > Open model folder.");
    }
    if (!content.ending.isEmpty()) {
        return tr("If it is to be opened as what it is, rename it to end in .%1.")
            .arg(content.ending);
    }
    return tr("Choose a text in UTF-8, a recording, a video or a model folder.");
}

Refusal refusalOf(const QString& path, const QString& message, const QString& hint) {
    return {tr("%1 could not be opened").arg(QFileInfo(path).fileName()), message, hint};
}

} // namespace

FileContent contentOf(const QByteArray& start, qint64 size) {
    if (isSafetensors(start, size)) {
        return {FileKind::Weights, tr("weights of a model"), QStringLiteral("safetensors")};
    }
    if (isUtf16(start)) {
        return {FileKind::Other, tr("text in UTF-16"), {}};
    }
    if (isText(start)) {
        return {FileKind::Text, tr("text"), QStringLiteral("txt")};
    }
    const QMimeType type = QMimeDatabase().mimeTypeForData(start);
    if (type.isDefault() || type.inherits(QStringLiteral("text/plain"))) {
        return {FileKind::Other, tr("binary data"), {}};
    }
    return {FileKind::Other, type.comment(), type.preferredSuffix()};
}

bool isWeightFile(const QString& path) {
    static const QStringList endings{QStringLiteral("safetensors"), QStringLiteral("pt"),
                                     QStringLiteral("pth"), QStringLiteral("ckpt"),
                                     QStringLiteral("gguf")};
    return endings.contains(QFileInfo(path).suffix().toLower());
}

std::optional<Refusal> refusalAsText(const QString& path) {
    const std::optional<FileContent> content = contentOf(path);
    if (!content || content->kind == FileKind::Text) {
        return std::nullopt;
    }
    return refusalOf(path,
                     tr("%1 cannot be read as text. Its content: %2.").arg(path, content->name),
                     hintFor(*content));
}

std::optional<Refusal> refusalAsWeights(const QString& path) {
    const QFileInfo info(path);
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return refusalOf(path, tr("%1: %2.").arg(path, file.errorString()),
                         tr("Check that it exists and is readable."));
    }
    const QByteArray start = file.read(kContentBytes);
    const FileContent content = contentOf(start, file.size());
    const bool isOfTorch = info.suffix().toLower() != QLatin1String("safetensors");
    if (content.kind != FileKind::Weights && !(isOfTorch && mayBeTorch(start))) {
        return refusalOf(
            path, tr("%1 has no weights of a model. Its content: %2.").arg(path, content.name),
            hintFor(content));
    }
    if (!QFileInfo::exists(info.absolutePath() + QStringLiteral("/config.json"))) {
        return refusalOf(
            path, tr("%1 has weights, but no config.json beside it says of which model.").arg(path),
            tr("Open a model folder, in which both are."));
    }
    return std::nullopt;
}

} // namespace depthscope::panels
