// SPDX-License-Identifier: MIT
#include "widgets/panels/session_file.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/text.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonObject>
#include <filesystem>

namespace depthscope::panels {

namespace {

constexpr int kFormat = 1; ///< of the key "session"
constexpr std::uintmax_t kMostBytes = 16 * 1024 * 1024;
constexpr std::size_t kMostItems = 1000;

QString qt(const std::string& text) {
    return QString::fromStdString(text);
}

std::filesystem::path pathOf(const QString& file) {
    return QFile::encodeName(file).toStdString();
}

QJsonObject textsJson(const std::map<QString, QString>& texts) {
    QJsonObject object;
    for (const auto& [name, text] : texts) {
        object.insert(name, text);
    }
    return object;
}

std::map<QString, QString> textsOf(const JsonField& field) {
    if (field.value().size() > kMostItems) {
        field.fail(fmt::format("must not have more than {} entries", kMostItems));
    }
    std::map<QString, QString> texts;
    for (const auto& [name, value] : field.value().items()) {
        texts[qt(name)] = qt(field.child(value, name).string());
    }
    return texts;
}

QJsonObject trainingJson(const runtime::TrainRequest& request) {
    QJsonArray changes;
    for (const settings::RecipeChange& change : request.recipe) {
        changes.append(QJsonObject{{QStringLiteral("name"), qt(change.name)},
                                   {QStringLiteral("value"), qt(change.value)}});
    }
    return {{QStringLiteral("preset"), qt(request.preset)},
            {QStringLiteral("out"), qt(request.outFolder)},
            {QStringLiteral("text"), qt(request.textFile)},
            {QStringLiteral("corpus"), qt(request.corpus)},
            {QStringLiteral("steps"), request.steps},
            {QStringLiteral("changes"), changes}};
}

runtime::TrainRequest trainingOf(const JsonField& field) {
    constexpr int kMostSteps = 100'000'000;
    runtime::TrainRequest request;
    request.preset = field.string("preset", {});
    request.outFolder = field.string("out", {});
    request.textFile = field.string("text", {});
    request.corpus = field.string("corpus", {});
    if (const auto steps = field.find("steps")) {
        request.steps = static_cast<int>(steps->integer(0, kMostSteps));
    }
    if (const auto changes = field.find("changes")) {
        for (std::size_t i = 0, count = changes->arraySize(kMostItems); i < count; ++i) {
            const JsonField change = changes->item(i);
            request.recipe.push_back({change.at("name").string(), change.at("value").string()});
        }
    }
    return request;
}

Session sessionOf(const JsonField& root) {
    const JsonField format = root.at("session");
    if (format.integer() != kFormat) {
        format.fail(fmt::format("must be {}", kFormat), "Another version of Depthscope wrote it.");
    }
    Session session;
    session.model = qt(root.string("model", {}));
    session.recording = qt(root.string("recording", {}));
    session.view = readFigure(root.object("view"));
    session.training = trainingOf(root.object("training"));
    session.trainingStopped = root.boolean("training_stopped", false);
    session.choices = textsOf(root.object("choices"));
    session.references = textsOf(root.object("references"));
    return session;
}

} // namespace

QByteArray toJson(const Session& session) {
    return inAscii({{QStringLiteral("session"), kFormat},
                    {QStringLiteral("model"), session.model},
                    {QStringLiteral("recording"), session.recording},
                    {QStringLiteral("view"), figureJson(session.view)},
                    {QStringLiteral("training"), trainingJson(session.training)},
                    {QStringLiteral("training_stopped"), session.trainingStopped},
                    {QStringLiteral("choices"), textsJson(session.choices)},
                    {QStringLiteral("references"), textsJson(session.references)}});
}

Session parseSession(const QByteArray& json, const QString& name) {
    const JsonFile file(std::string_view(json.constData(), static_cast<std::size_t>(json.size())),
                        name.toStdString());
    return sessionOf(file.root());
}

Session readSession(const QString& file) {
    return sessionOf(JsonFile(pathOf(file), kMostBytes).root());
}

void writeSession(const QString& file, const QByteArray& json) {
    makeFolder(pathOf(QFileInfo(file).absolutePath()));
    AtomicFile target(pathOf(file));
    target.write(json.constData(), static_cast<std::size_t>(json.size()));
    target.commit();
}

QString setAside(const QString& file) {
    constexpr int kMost = 100; // then the last one is replaced
    const QFileInfo info(file);
    QString name;
    for (int number = 1; number <= kMost; ++number) {
        name = QStringLiteral("%1/%2-damaged-%3.%4")
                   .arg(info.absolutePath(), info.completeBaseName())
                   .arg(number)
                   .arg(info.suffix());
        if (!QFileInfo::exists(name)) {
            break;
        }
    }
    QFile::remove(name);
    return QFile::rename(file, name) ? name : QString();
}

} // namespace depthscope::panels
