// SPDX-License-Identifier: MIT
// Where models and the demo recording are: beside the program, in the source tree, or in the folder
// that DEPTHSCOPE_RESOURCES names. A value made once by the program; GUI thread; reads folders,
// throws nothing.
#pragma once

#include "engine/spec/model_info.h"

#include <QList>
#include <QString>
#include <QStringList>
#include <optional>

namespace depthscope::lab {

struct ModelEntry {
    QString name;
    QString folder; ///< absolute
    QString family; ///< model_type of its config; empty where the file does not say
};

class ModelCatalog {
public:
    /// `roots`: resource folders, each with models/ and perhaps demo.depthscope; the first that has
    /// it wins.
    explicit ModelCatalog(QStringList roots = {});

    /// $DEPTHSCOPE_RESOURCES, then what a build tree and an installation have relative to the
    /// program.
    [[nodiscard]] static QStringList rootsFor(const QString& programFolder);

    /// Sorted by name.
    [[nodiscard]] QList<ModelEntry> bundled() const;

    /// The families of a list in the order of the picker, adaptive ones first.
    [[nodiscard]] static QStringList familiesOf(const QList<ModelEntry>& entries);
    /// "Mixture of recursions", "Baselines", .. as the picker heads its groups.
    [[nodiscard]] static QString headOf(const QString& family);

    /// A bundled name or any folder with a config.json; empty when it is neither.
    [[nodiscard]] QString find(const QString& nameOrFolder) const;

    /// The checkpoint of the same recipe with the other kind of router ("x-expert" beside
    /// "x-token").
    [[nodiscard]] std::optional<ModelEntry> sibling(const QString& folder,
                                                    spec::RouterKind kind) const;

    /// The vanilla model of the same data ("demo-vanilla" beside "demo-mor-expert", "demo-dit"
    /// beside "demo-more-dit"), never `folder` itself.
    [[nodiscard]] std::optional<ModelEntry> vanilla(const QString& folder) const;

    /// Bundled video models and those beside `model`, other than itself, that make the same clips.
    /// Reads their configurations.
    [[nodiscard]] QList<ModelEntry> comparable(const spec::ModelInfo& model) const;

    /// The bundled recording; empty when there is none.
    [[nodiscard]] QString demoRecording() const;

    /// Empty: not installed.
    [[nodiscard]] QString bundledClip() const;

private:
    QStringList m_roots;
};

} // namespace depthscope::lab
