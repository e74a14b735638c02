// SPDX-License-Identifier: MIT
// What a file is by its first bytes, where its ending says something else, and why it cannot be
// opened as what its ending says. Reads one file; any thread.
#pragma once

#include <QByteArray>
#include <QString>
#include <optional>

namespace depthscope::panels {

enum class FileKind { Text, Weights, Other };

struct FileContent {
    FileKind kind = FileKind::Text;
    QString name;   ///< in words: "PNG image"
    QString ending; ///< that it usually has: "png"; empty: not known
};

/// `start`: the first bytes of a file of `size` bytes, as many as kContentBytes where it has them.
[[nodiscard]] FileContent contentOf(const QByteArray& start, qint64 size);

inline constexpr qint64 kContentBytes = 4096;

/// By its ending: .safetensors, .pt, ..
[[nodiscard]] bool isWeightFile(const QString& path);

/// What is said of a file that is not opened.
struct Refusal {
    QString title;
    QString message;
    QString hint;
};

/// Nothing: it can be read as text, if it can be read at all.
[[nodiscard]] std::optional<Refusal> refusalAsText(const QString& path);

/// Of a file of weights: nothing where it has some, with a config.json beside it.
[[nodiscard]] std::optional<Refusal> refusalAsWeights(const QString& path);

} // namespace depthscope::panels
