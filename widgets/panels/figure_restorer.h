// SPDX-License-Identifier: MIT
// Brings back what a figure was made of, or a session, step by step as the engine gets on: the
// model, then text and settings, then the generation, at last cursor and views. A newer figure
// replaces an older one; what the user types meanwhile ends it. GUI thread; the window owns it.
#pragma once

#include "widgets/panels/figure_recipe.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class FigureRestorer : public QObject {
    Q_OBJECT

public:
    /// `lab` outlives it.
    explicit FigureRestorer(lab::LabController& lab, QObject* parent = nullptr);

    void start(FigureRecipe recipe);

    /// The same of a session, all at once: a window that has just opened shows nothing else. A
    /// generation is not repeated. `recording`: it is shown, and the model is for what the user
    /// changes next; empty: live. `folder` of the model.
    void resume(FigureRecipe recipe, const QString& recording, const QString& folder);

    [[nodiscard]] bool isRunning() const { return m_timer.isActive(); }

Q_SIGNALS:
    /// The model is there: its docks are shown.
    void layoutDue(const depthscope::panels::FigureRecipe& recipe);
    /// Everything is there: views are set.
    void restored(const depthscope::panels::FigureRecipe& recipe);
    void modelMissing(const QString& model);

private:
    enum class Stage { Model, Pass, Generation };

    void advance();
    void applySettings();
    void finish();
    [[nodiscard]] bool isQuiet() const;

    lab::LabController& m_lab;
    FigureRecipe m_recipe;
    Stage m_stage = Stage::Model;
    QTimer m_timer;
    QElapsedTimer m_since;
};

} // namespace depthscope::panels
