// SPDX-License-Identifier: MIT
#include "widgets/lab/model_card.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QStringList>

namespace depthscope::lab {

namespace {

constexpr qint64 kMostBytes = 16 * 1024; // the first paragraph stands at the top
constexpr qsizetype kMostCharacters = 240;

/// Without the header that model hubs read.
QStringList bodyOf(const QString& text) {
    QStringList lines = text.split(QLatin1Char('\n'));
    const QString fence = QStringLiteral("---");
    if (lines.first().trimmed() != fence) {
        return lines;
    }
    for (qsizetype i = 1; i < lines.size(); ++i) {
        if (lines[i].trimmed() == fence) {
            return lines.mid(i + 1);
        }
    }
    return {}; // it does not end
}

} // namespace

QString purposeOf(const QString& folder) {
    QFile file(QDir(folder).filePath(QStringLiteral("README.md")));
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    QStringList paragraph;
    for (const QString& line : bodyOf(QString::fromUtf8(file.read(kMostBytes)))) {
        const QString words = line.trimmed();
        if (words.isEmpty() && !paragraph.isEmpty()) {
            break;
        }
        if (!words.isEmpty() && !words.startsWith(QLatin1Char('#'))) {
            paragraph << words;
        }
    }
    static const QRegularExpression marks(QStringLiteral("[*_`]{1,3}"));
    QString purpose = paragraph.join(QLatin1Char(' ')).remove(marks);
    if (purpose.size() > kMostCharacters) {
        purpose = purpose.left(kMostCharacters - 1) + QChar(0x2026);
    }
    return purpose;
}

} // namespace depthscope::lab
