// SPDX-License-Identifier: MIT
// What the official code makes of a looped model's fixture, and the ids to ask for the same.
#pragma once

#include "tests/app/cli_answer.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QString>
#include <QStringList>

namespace depthscope::test {

struct FixtureAnswers {
    QJsonObject expected; ///< expected.json; empty: it is not there
    QString ids;          ///< of its first sequence, as `--ids` takes them
};

[[nodiscard]] inline FixtureAnswers fixtureAnswers(const QString& folder) {
    FixtureAnswers answers;
    answers.expected =
        QJsonDocument::fromJson(bytesOf(folder + QStringLiteral("/expected.json"))).object();
    QStringList words;
    for (const QJsonValue& id : answers.expected["ids"].toArray()[0].toArray()) {
        words << QString::number(id.toInt());
    }
    answers.ids = words.join(QLatin1Char(','));
    return answers;
}

} // namespace depthscope::test
