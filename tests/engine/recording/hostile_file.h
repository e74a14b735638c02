// SPDX-License-Identifier: MIT
// A recording from a stranger: any bytes, or sound ones changed by SQL, and what reading says of
// it. For tests of recording.
#pragma once

#include "engine/base/error.h"
#include "engine/recording/reader.h"

#include <sqlite3.h>

#include <QByteArray>
#include <QFile>
#include <QString>
#include <QTest>
#include <string>

namespace depthscope::tests {

inline void writeFile(const QString& path, const QByteArray& content) {
    QFile target(path);
    QVERIFY(target.open(QIODevice::WriteOnly));
    QCOMPARE(target.write(content), qint64(content.size()));
}

[[nodiscard]] inline QByteArray bytesOfFile(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Sound content, changed by SQL as a stranger could.
inline void writeChangedBy(const QByteArray& sql, const QByteArray& sound, const QString& path) {
    writeFile(path, sound);
    sqlite3* database = nullptr;
    QCOMPARE(sqlite3_open(path.toUtf8().constData(), &database), SQLITE_OK);
    char* message = nullptr;
    const int code = sqlite3_exec(database, sql.constData(), nullptr, nullptr, &message);
    const QByteArray reason(message);
    sqlite3_free(message);
    sqlite3_close(database);
    QVERIFY2(code == SQLITE_OK, reason.constData());
}

/// Empty where the file was read, else the fault. An error without file or hint begins with BAD.
[[nodiscard]] inline std::string errorInReading(const QString& path) {
    try {
        (void)recording::readRecording(path.toStdString());
        return {};
    } catch (const Error& error) {
        if (error.code() != ErrorCode::BadInput || error.hint().empty() ||
            error.message().find(path.toStdString()) == std::string::npos) {
            return "BAD ERROR: " + error.message();
        }
        return error.message();
    }
}

/// The file is refused, and the message names what is wrong.
inline void verifyRefused(const QString& path, const QByteArray& names) {
    const std::string error = errorInReading(path);
    QVERIFY2(error.find(names.toStdString()) != std::string::npos, error.c_str());
    QVERIFY2(!error.starts_with("BAD"), error.c_str());
    QVERIFY(!error.empty());
}

} // namespace depthscope::tests
