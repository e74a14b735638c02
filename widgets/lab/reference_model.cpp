// SPDX-License-Identifier: MIT
#include "widgets/lab/reference_model.h"

#include "engine/base/text.h"
#include "widgets/lab/rules.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QString>

namespace depthscope::lab {

namespace {

constexpr qint64 kMostBytes = 64LL * 1024 * 1024;

/// The files that hold the pieces of a vocabulary.
constexpr const char* kFiles[] = {"tokenizer.json", "tokenizer.model", "vocabulary.json"};

/// Empty: there is none that can be read.
QByteArray contentOf(const std::string& folder, const char* name) {
    QFile file(QDir(QString::fromStdString(folder)).filePath(QString::fromLatin1(name)));
    return file.size() <= kMostBytes && file.open(QIODevice::ReadOnly) ? file.readAll()
                                                                       : QByteArray();
}

/// The pieces and ids of a tokenizer.json; the rest of it says how text is cut.
QJsonValue piecesOf(const QByteArray& json) {
    const QJsonObject model =
        QJsonDocument::fromJson(json).object().value(QLatin1String("model")).toObject();
    return model.value(QLatin1String("vocab"));
}

bool sameTokenizer(const spec::ModelInfo& model, const spec::ModelInfo& reference) {
    for (const char* name : kFiles) {
        const QByteArray one = contentOf(model.folder, name);
        const QByteArray other = contentOf(reference.folder, name);
        if (one.isEmpty() && other.isEmpty()) {
            continue;
        }
        if (one == other) {
            return true;
        }
        const QJsonValue pieces = piecesOf(one);
        return !pieces.isUndefined() && pieces == piecesOf(other);
    }
    return true; // token ids alone
}

Error otherClips(const spec::ModelInfo& model, const spec::ModelInfo& reference) {
    const spec::ClipTraits& wanted = *model.clip;
    return {ErrorCode::BadInput,
            fmt::format("{}: must make clips of {} frames of {} x {} pixels, {} given, in patches "
                        "of {} x {} x {}, as {} does",
                        reference.folder, wanted.size.frames, wanted.size.width, wanted.size.height,
                        wanted.contextFrames, wanted.patch.frames, wanted.patch.width,
                        wanted.patch.height, model.name),
            "Choose a video model of the same clips."};
}

} // namespace

std::optional<Error> whyNotReference(const spec::ModelInfo& model,
                                     const spec::ModelInfo& reference) {
    if (model.clip) {
        return makeSameClips(model, reference) ? std::optional<Error>()
                                               : otherClips(model, reference);
    }
    constexpr const char* kHint =
        "Losses per token compare only over the same tokens: choose a model that was trained with "
        "the same tokenizer.";
    if (reference.clip || reference.vocabulary != model.vocabulary) {
        return Error(ErrorCode::BadInput,
                     fmt::format("{}: must have a vocabulary of {} entries, as {} has; it has {}",
                                 reference.folder, model.vocabulary, model.name,
                                 reference.clip ? 0 : reference.vocabulary),
                     kHint);
    }
    if (!sameTokenizer(model, reference)) {
        return Error(ErrorCode::BadInput,
                     fmt::format("{}: must have the tokenizer of {}: its vocabulary has other "
                                 "entries",
                                 reference.folder, model.name),
                     kHint);
    }
    return std::nullopt;
}

} // namespace depthscope::lab
