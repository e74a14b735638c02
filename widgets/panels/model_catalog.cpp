// SPDX-License-Identifier: MIT
#include "widgets/panels/model_catalog.h"

#include <QDir>
#include <QFileInfo>
#include <utility>

namespace depthscope::panels {

namespace {

bool isModel(const QString& folder) {
    return QFileInfo::exists(QDir(folder).filePath(QStringLiteral("config.json")));
}

std::optional<ModelEntry> neighbour(const QString& folder, const QString& name) {
    const QString path = QDir(folder).absoluteFilePath(QStringLiteral("../") + name);
    const QString clean = QDir::cleanPath(path);
    if (clean == QDir::cleanPath(folder) || !isModel(clean)) {
        return std::nullopt;
    }
    return ModelEntry{name, clean};
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
        const QDir models(root + QStringLiteral("/models"));
        for (const QFileInfo& info :
             models.entryInfoList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) {
            if (isModel(info.absoluteFilePath())) {
                entries << ModelEntry{info.fileName(), info.absoluteFilePath()};
            }
        }
        if (!entries.isEmpty()) {
            break;
        }
    }
    return entries;
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
                                                trace::RouterKind kind) const {
    QString name = QFileInfo(folder).fileName();
    const QString expert = QStringLiteral("-expert");
    const QString token = QStringLiteral("-token");
    if (kind == trace::RouterKind::Token && name.endsWith(expert)) {
        return neighbour(folder, name.replace(name.size() - expert.size(), expert.size(), token));
    }
    if (kind == trace::RouterKind::Expert && name.endsWith(token)) {
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
    return neighbour(folder, name.left(dash) + QStringLiteral("-vanilla"));
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

} // namespace depthscope::panels
