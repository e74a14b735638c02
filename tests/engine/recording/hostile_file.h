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

/// The columns of a test whose rows are changes by SQL, and a row: what its error must name.
inline void addColumns() {
    QTest::addColumn<QByteArray>("sql");
    QTest::addColumn<QByteArray>("names");
}

inline void row(const char* name, const char* sql, const char* names) {
    QTest::newRow(name) << QByteArray(sql) << QByteArray(names);
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

/// The change of the present row, made to sound content, is refused.
inline void verifyChangeRefused(const QByteArray& sound, const QString& path) {
    QFETCH(QByteArray, sql);
    QFETCH(QByteArray, names);
    writeChangedBy(sql, sound, path);
    verifyRefused(path, names);
}

} // namespace depthscope::tests
