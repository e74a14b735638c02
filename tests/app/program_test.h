// SPDX-License-Identifier: MIT
// What the tests of the programs share.
#pragma once

#include <QByteArray>
#include <QFile>
#include <QString>

namespace depthscope::test {

/// How long a program may take, ms.
inline constexpr int kPatience = 120'000;

/// Empty where the file cannot be read.
[[nodiscard]] inline QByteArray bytesOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace depthscope::test
