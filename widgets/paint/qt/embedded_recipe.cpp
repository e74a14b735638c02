// SPDX-License-Identifier: MIT
#include "widgets/paint/qt/embedded_recipe.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <QFile>
#include <QFileInfo>
#include <QImageReader>
#include <QXmlStreamReader>

namespace depthscope::paint::qt {

namespace {

constexpr qint64 kMostBytes = 256LL << 20;

[[noreturn]] void refuse(const QString& path, const QString& reason, const char* remedy) {
    throw Error(
        ErrorCode::BadInput,
        fmt::format("{}: {}", QFileInfo(path).fileName().toStdString(), reason.toStdString()),
        remedy);
}

std::optional<QString> given(const QString& text) {
    return text.isEmpty() ? std::nullopt : std::optional(text);
}

QString damage(const QXmlStreamReader& xml) {
    return QStringLiteral("the figure is damaged at line %1: %2")
        .arg(xml.lineNumber())
        .arg(xml.errorString());
}

/// The description of the document itself, not of a part of it.
std::optional<QString> ofSvg(QFile& file, const QString& path) {
    QXmlStreamReader xml(&file);
    if (xml.readNextStartElement() && xml.name() == QLatin1String("svg")) {
        while (xml.readNextStartElement()) {
            if (xml.name() == QLatin1String("desc")) {
                const QString text = xml.readElementText();
                if (!xml.hasError()) {
                    return given(text);
                }
            } else {
                xml.skipCurrentElement();
            }
        }
    }
    if (xml.hasError()) {
        refuse(path, damage(xml), "Export the figure again.");
    }
    return std::nullopt;
}

/// The metadata stands uncompressed in the file, between its markers.
std::optional<QString> ofPdf(QFile& file, const QString& path) {
    const QByteArray bytes = file.readAll();
    if (!bytes.startsWith("%PDF-")) {
        refuse(path, QStringLiteral("this is not a PDF file"), "Export the figure again.");
    }
    const qsizetype begin = bytes.indexOf("<x:xmpmeta");
    if (begin < 0) {
        return std::nullopt;
    }
    const qsizetype end = bytes.indexOf("<?xpacket end", begin);
    QXmlStreamReader xml(bytes.mid(begin, end < 0 ? -1 : end - begin));
    bool described = false;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement) {
            continue;
        }
        described = described || xml.qualifiedName() == QLatin1String("dc:description");
        if (described && xml.name() == QLatin1String("li")) {
            const QString text = xml.readElementText();
            if (!xml.hasError()) {
                return given(text);
            }
        }
    }
    if (xml.hasError()) {
        refuse(path, damage(xml), "Export the figure again.");
    }
    return std::nullopt;
}

} // namespace

bool mayHoldRecipe(const QString& path) {
    const QString suffix = QFileInfo(path).suffix().toLower();
    return suffix == QLatin1String("svg") || suffix == QLatin1String("pdf") ||
           suffix == QLatin1String("png");
}

std::optional<QString> embeddedRecipe(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        refuse(path, file.errorString(), "Check that it exists and is readable.");
    }
    if (file.size() > kMostBytes) {
        refuse(path, QStringLiteral("figures must not be larger than 256 MiB"),
               "Export a smaller figure.");
    }
    const QString suffix = QFileInfo(path).suffix().toLower();
    if (suffix == QLatin1String("svg")) {
        return ofSvg(file, path);
    }
    if (suffix == QLatin1String("pdf")) {
        return ofPdf(file, path);
    }
    return given(QImageReader(&file, "png").text(QStringLiteral("depthscope")));
}

} // namespace depthscope::paint::qt
