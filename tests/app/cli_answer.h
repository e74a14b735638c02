// SPDX-License-Identifier: MIT
// A run of depthscope-cli to its end, and what it answered.
#pragma once

#include "tests/app/program_test.h"

#include <QByteArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStringList>

namespace depthscope::test {

struct Answer {
    int code = -1; ///< exit code; -1: it was killed, or never ended
    QByteArray out;
    QByteArray err;

    [[nodiscard]] QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
};

[[nodiscard]] inline Answer cli(const QStringList& words) {
    QProcess process;
    process.start(QStringLiteral(DEPTHSCOPE_BIN_DIR "/depthscope-cli"), words);
    if (!process.waitForFinished(kPatience)) {
        return {};
    }
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            process.readAllStandardOutput(), process.readAllStandardError()};
}

} // namespace depthscope::test
