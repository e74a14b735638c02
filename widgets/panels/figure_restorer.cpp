// SPDX-License-Identifier: MIT
#include "widgets/panels/figure_restorer.h"

#include "widgets/lab/lab_controller.h"

#include <utility>

namespace depthscope::panels {

namespace {

// Short: between two stages nothing is outstanding, and nobody may take that for the end.
constexpr int kAskMilliseconds = 10;
constexpr qint64 kPatience = 600'000;

} // namespace

FigureRestorer::FigureRestorer(lab::LabController& lab, QObject* parent)
    : QObject(parent)
    , m_lab(lab) {
    m_timer.setInterval(kAskMilliseconds);
    connect(&m_timer, &QTimer::timeout, this, &FigureRestorer::advance);
    connect(&m_lab, &lab::LabController::errorRaised, &m_timer, &QTimer::stop);
}

void FigureRestorer::start(FigureRecipe recipe) {
    m_recipe = std::move(recipe);
    m_stage = Stage::Model;
    m_lab.goLive();
    const auto loaded = m_lab.model();
    const std::string wanted = m_recipe.model.toStdString();
    if (!wanted.empty() && (!loaded || loaded->name != wanted)) {
        const QString folder = m_lab.catalog().find(m_recipe.model);
        if (folder.isEmpty()) {
            Q_EMIT modelMissing(m_recipe.model);
            m_recipe.model.clear(); // text and settings come with the present one
        } else {
            m_lab.loadModel(folder);
        }
    }
    m_since.start();
    m_timer.start();
    advance();
}

void FigureRestorer::resume(FigureRecipe recipe, const QString& recording, const QString& folder) {
    m_recipe = std::move(recipe);
    m_recipe.generated = false;
    applySettings();
    m_lab.undoStack().clear();
    if (!recording.isEmpty()) {
        m_lab.openRecording(recording);
    }
    if (!folder.isEmpty()) {
        m_lab.loadModel(folder);
    }
    m_since.start();
    m_timer.start();
}

bool FigureRestorer::isQuiet() const {
    return m_lab.activity() == lab::Activity::Idle && m_lab.revisionInForce() == m_lab.revision();
}

void FigureRestorer::advance() {
    if (m_since.elapsed() > kPatience) {
        m_timer.stop();
        return;
    }
    if (m_stage == Stage::Model) {
        const auto loaded = m_lab.model();
        const bool isThere =
            m_recipe.model.isEmpty() || (loaded && loaded->name == m_recipe.model.toStdString());
        if (isThere && m_lab.activity() != lab::Activity::Loading) {
            applySettings();
        }
        return;
    }
    if (m_lab.prompt() != m_recipe.prompt) {
        m_timer.stop(); // the user goes on with another text
        return;
    }
    if (!isQuiet()) {
        return;
    }
    if (m_stage == Stage::Pass && m_recipe.generated) {
        m_stage = Stage::Generation;
        m_lab.generate();
        return;
    }
    finish();
}

void FigureRestorer::applySettings() {
    m_stage = Stage::Pass;
    Q_EMIT layoutDue(m_recipe);
    m_lab.edit(tr("Open figure"), -1, [this](settings::LabSettings& settings) {
        if (m_recipe.hasView) {
            settings = m_recipe.settings;
        } else {
            settings.routing = m_recipe.settings.routing;
        }
    });
    m_lab.setPrompt(m_recipe.prompt);
}

void FigureRestorer::finish() {
    m_timer.stop();
    if (!m_lab.live()) { // a recording brings its own settings; these do not touch its run
        m_lab.edit(tr("Settings"), -1, [this](settings::LabSettings& settings) {
            settings.generation = m_recipe.settings.generation;
        });
        m_lab.undoStack().clear();
    }
    instruments::Cursor cursor = m_recipe.cursor;
    if (!cursor.frame) {
        cursor.frame = m_lab.cursor().frame;
    }
    m_lab.setCursor(cursor);
    Q_EMIT restored(m_recipe);
}

} // namespace depthscope::panels
