// SPDX-License-Identifier: MIT
#include "widgets/lab/model_catalog.h"

#include "engine/base/error.h"
#include "engine/spec/families.h"
#include "engine/spec/model_type.h"
#include "widgets/lab/rules.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QSet>
#include <algorithm>
#include <filesystem>
#include <utility>

namespace depthscope::lab {

namespace {

bool isModel(const QString& folder) {
    return QFileInfo::exists(QDir(folder).filePath(QStringLiteral("config.json")));
}

QString familyOf(const QString& folder) {
    return QString::fromStdString(spec::modelTypeOf(std::filesystem::path(folder.toStdString())));
}

/// Sorted by name.
QList<ModelEntry> modelsIn(const QString& folder) {
    constexpr qsizetype kMost = 256; // a folder of something else may be large
    QList<ModelEntry> entries;
    if (folder.isEmpty()) {
        return entries;
    }
    for (const QFileInfo& info :
         QDir(folder).entryInfoList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) {
        if (entries.size() < kMost && isModel(info.absoluteFilePath())) {
            entries << ModelEntry{info.fileName(), info.absoluteFilePath(),
                                  familyOf(info.absoluteFilePath())};
        }
    }
    return entries;
}

/// False too where its configuration cannot be read.
bool makesClipsOf(const QString& folder, const spec::ModelInfo& model) {
    try {
        return makeSameClips(model, spec::describeFolder(folder.toStdString()));
    } catch (const Error&) {
        return false;
    }
}

std::optional<ModelEntry> neighbour(const QString& folder, const QString& name) {
    const QString path = QDir(folder).absoluteFilePath(QStringLiteral("../") + name);
    const QString clean = QDir::cleanPath(path);
    if (clean == QDir::cleanPath(folder) || !isModel(clean)) {
        return std::nullopt;
    }
    return ModelEntry{name, clean, familyOf(clean)};
}

} // namespace

ModelCatalog::ModelCatalog(QStringList roots)
    : m_roots(std::move(roots)) {}

QStringList ModelCatalog::rootsFor(const QString& programFolder) {
    QStringList roots;
    const QString named = qEnvironmentVariable("DEPTHSCOPE_RESOURCES");
    if (!named.isEmpty()) {
        roots << QDir::cleanPath(named);
    }
    const QDir program(programFolder);
    for (const char* relative : {"../../resources", "../share/depthscope"}) {
        roots << QDir::cleanPath(program.absoluteFilePath(QString::fromLatin1(relative)));
    }
    return roots;
}

QList<ModelEntry> ModelCatalog::bundled() const {
    QList<ModelEntry> entries;
    for (const QString& root : m_roots) {
        entries = modelsIn(root + QStringLiteral("/models"));
        if (!entries.isEmpty()) {
            break;
        }
    }
    return entries;
}

QList<ModelEntry> ModelCatalog::comparable(const spec::ModelInfo& model) const {
    QList<ModelEntry> found;
    if (!model.clip) {
        return found;
    }
    const QString own = QDir::cleanPath(QString::fromStdString(model.folder));
    QSet<QString> seen{own, QString()};
    const QString beside = model.folder.empty() ? QString() : QFileInfo(own).absolutePath();
    for (const ModelEntry& entry : bundled() + modelsIn(beside)) {
        if (!seen.contains(entry.folder) && makesClipsOf(entry.folder, model)) {
            found << entry;
        }
        seen.insert(entry.folder);
    }
    return found;
}

QStringList ModelCatalog::familiesOf(const QList<ModelEntry>& entries) {
    QStringList families;
    for (const spec::FamilyRow& row : spec::families()) {
        const QString family = QString::fromStdString(std::string(row.modelType));
        if (std::any_of(entries.begin(), entries.end(),
                        [&](const ModelEntry& entry) { return entry.family == family; })) {
            families << family;
        }
    }
    for (const ModelEntry& entry : entries) {
        if (!families.contains(entry.family)) {
            families << entry.family;
        }
    }
    return families;
}

QString ModelCatalog::headOf(const QString& family) {
    if (const spec::FamilyRow* row = spec::findFamily(family.toStdString())) {
        return QCoreApplication::translate("ModelCatalog", row->title);
    }
    return family.isEmpty() ? QCoreApplication::translate("ModelCatalog", "Other models") : family;
}

QString ModelCatalog::find(const QString& nameOrFolder) const {
    for (const ModelEntry& entry : bundled()) {
        if (entry.name == nameOrFolder) {
            return entry.folder;
        }
    }
    return isModel(nameOrFolder) ? QFileInfo(nameOrFolder).absoluteFilePath() : QString();
}

std::optional<ModelEntry> ModelCatalog::sibling(const QString& folder,
                                                spec::RouterKind kind) const {
    QString name = QFileInfo(folder).fileName();
    const QString expert = QStringLiteral("-expert");
    const QString token = QStringLiteral("-token");
    if (kind == spec::RouterKind::Token && name.endsWith(expert)) {
        return neighbour(folder, name.replace(name.size() - expert.size(), expert.size(), token));
    }
    if (kind == spec::RouterKind::Expert && name.endsWith(token)) {
        return neighbour(folder, name.replace(name.size() - token.size(), token.size(), expert));
    }
    return std::nullopt;
}

std::optional<ModelEntry> ModelCatalog::vanilla(const QString& folder) const {
    const QString name = QFileInfo(folder).fileName();
    const qsizetype dash = name.indexOf(QLatin1Char('-'));
    if (dash <= 0) {
        return std::nullopt;
    }
    const QString more = QStringLiteral("-more-dit");
    if (const qsizetype at = name.indexOf(more); at > 0) {
        return neighbour(folder, name.left(at) + QStringLiteral("-dit"));
    }
    if (familyOf(folder) == QLatin1String("more")) {
        return neighbour(folder, name.left(dash) + QStringLiteral("-baseline") + name.mid(dash));
    }
    return neighbour(folder, name.left(dash) + QStringLiteral("-vanilla"));
}

QString ModelCatalog::bundledClip() const {
    for (const QString& root : m_roots) {
        const QString file = root + QStringLiteral("/clips/counting.mp4");
        if (QFileInfo::exists(file)) {
            return file;
        }
    }
    return {};
}

QString ModelCatalog::demoRecording() const {
    for (const QString& root : m_roots) {
        const QString file = root + QStringLiteral("/demo.depthscope");
        if (QFileInfo::exists(file)) {
            return file;
        }
    }
    return {};
}

} // namespace depthscope::lab
