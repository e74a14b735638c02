// SPDX-License-Identifier: MIT
#include "app/desktop/script.h"

#include "engine/base/error.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <array>

namespace depthscope::desktop {

namespace {

constexpr qint64 kMostBytes = 4 * 1024 * 1024;

struct Shape {
    const char* key;
    Step::Kind kind;
    std::array<const char*, 1> extras; ///< other keys that the step may have
    bool extraNeeded;
};

constexpr std::array<Shape, 13> kShapes{{
    {"set", Step::Kind::Set, {"to"}, true},
    {"text", Step::Kind::Text, {nullptr}, false},
    {"press", Step::Kind::Press, {nullptr}, false},
    {"click", Step::Kind::Click, {"at"}, false},
    {"action", Step::Kind::Action, {nullptr}, false},
    {"wait", Step::Kind::Wait, {"seconds"}, false},
    {"picture", Step::Kind::Picture, {nullptr}, false},
    {"export", Step::Kind::Export, {"to"}, true},
    {"dump", Step::Kind::Dump, {"to"}, true},
    {"open", Step::Kind::Open, {nullptr}, false},
    {"compare", Step::Kind::Compare, {nullptr}, false},
    {"save", Step::Kind::Save, {nullptr}, false},
    {"model", Step::Kind::Model, {nullptr}, false},
}};

[[noreturn]] void refuse(const QString& file, qsizetype step, const QString& error) {
    const QString where = step < 0 ? file : QStringLiteral("%1: step %2").arg(file).arg(step);
    throw Error(
        ErrorCode::Usage, QStringLiteral("%1: %2").arg(where, error).toStdString(),
        "A script is a JSON list of steps such as {\"text\": \"..\"} or {\"wait\": \"idle\"}.");
}

void readExtra(Step& step, const QJsonObject& object, const QString& file, qsizetype index) {
    if (object.contains(QLatin1String("to"))) {
        step.to = object.value(QLatin1String("to"));
        if (step.kind != Step::Kind::Set && !step.to.isString()) {
            refuse(file, index, QStringLiteral("\"to\" must be a file name"));
        }
        if (!step.to.isString() && !step.to.isDouble() && !step.to.isBool()) {
            refuse(file, index, QStringLiteral("\"to\" must be a string, a number or a boolean"));
        }
    }
    if (object.contains(QLatin1String("seconds"))) {
        step.seconds = object.value(QLatin1String("seconds")).toDouble(-1);
        if (!(step.seconds >= 0 && step.seconds <= 86400)) {
            refuse(file, index, QStringLiteral("\"seconds\" must be a number from 0 to 86400"));
        }
    }
    if (object.contains(QLatin1String("at"))) {
        const QJsonArray at = object.value(QLatin1String("at")).toArray();
        step.column = at.size() == 2 ? at.at(0).toInt(-1) : -1;
        step.row = at.size() == 2 ? at.at(1).toInt(-1) : -1;
        if (step.column < 0 || step.row < 0) {
            refuse(file, index, QStringLiteral("\"at\" must be [column, row]"));
        }
    }
}

bool isFigureOption(const QString& key) {
    return std::any_of(panels::kFigureOptions.begin(), panels::kFigureOptions.end(),
                       [&key](const panels::FigureOptionInfo& option) {
                           return key == QLatin1String(option.name);
                       });
}

/// Numbers may be given as such.
void readFigure(Step& step, const QJsonObject& object, const QString& file, qsizetype index) {
    for (const QString& key : object.keys()) {
        if (!isFigureOption(key)) {
            continue;
        }
        const QJsonValue value = object.value(key);
        try {
            panels::setFigureOption(step.figure, key, value.toVariant().toString());
        } catch (const Error& error) {
            refuse(file, index, QString::fromStdString(error.message() + ". " + error.hint()));
        }
    }
}

Step parseStep(const QJsonValue& value, const QString& file, qsizetype index) {
    if (!value.isObject()) {
        refuse(file, index, QStringLiteral("must be an object"));
    }
    const QJsonObject object = value.toObject();
    const Shape* found = nullptr;
    for (const Shape& shape : kShapes) {
        if (object.contains(QLatin1String(shape.key))) {
            if (found) {
                refuse(file, index,
                       QStringLiteral("has both \"%1\" and \"%2\"")
                           .arg(QLatin1String(found->key), QLatin1String(shape.key)));
            }
            found = &shape;
        }
    }
    for (const QString& key : object.keys()) {
        const bool figures = found && found->kind == Step::Kind::Export && isFigureOption(key);
        const bool known =
            figures || (found && (key == QLatin1String(found->key) ||
                                  (found->extras[0] && key == QLatin1String(found->extras[0]))));
        if (!known) {
            refuse(file, index, QStringLiteral("unknown key \"%1\"").arg(key));
        }
    }
    if (!found) {
        refuse(file, index, QStringLiteral("must not be empty"));
    }
    const QJsonValue subject = object.value(QLatin1String(found->key));
    if (!subject.isString()) {
        refuse(file, index,
               QStringLiteral("\"%1\" must be a string").arg(QLatin1String(found->key)));
    }
    if (found->extraNeeded && !object.contains(QLatin1String(found->extras[0]))) {
        refuse(file, index,
               QStringLiteral("\"%1\" is missing").arg(QLatin1String(found->extras[0])));
    }
    Step step;
    step.kind = found->kind;
    step.subject = subject.toString();
    if (step.kind == Step::Kind::Wait && step.subject != QLatin1String("idle") &&
        step.subject != QLatin1String("tasks")) {
        refuse(file, index, QStringLiteral("\"wait\" must be \"idle\" or \"tasks\""));
    }
    if (step.kind == Step::Kind::Dump && step.subject != QLatin1String("state")) {
        refuse(file, index, QStringLiteral("\"dump\" must be \"state\""));
    }
    readExtra(step, object, file, index);
    if (step.kind == Step::Kind::Export) {
        readFigure(step, object, file, index);
    }
    return step;
}

} // namespace

std::vector<Step> parseScript(const QByteArray& json, const QString& file) {
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (error.error != QJsonParseError::NoError) {
        refuse(file, -1,
               QStringLiteral("%1 at byte %2").arg(error.errorString()).arg(error.offset));
    }
    if (!document.isArray()) {
        refuse(file, -1, QStringLiteral("must be a list"));
    }
    std::vector<Step> steps;
    const QJsonArray list = document.array();
    for (qsizetype i = 0; i < list.size(); ++i) {
        steps.push_back(parseStep(list.at(i), file, i));
    }
    return steps;
}

std::vector<Step> readScript(const QString& file) {
    QFile source(file);
    if (!source.open(QIODevice::ReadOnly)) {
        refuse(file, -1, source.errorString());
    }
    if (source.size() > kMostBytes) {
        refuse(file, -1, QStringLiteral("must not be larger than 4 MiB"));
    }
    return parseScript(source.readAll(), file);
}

} // namespace depthscope::desktop
