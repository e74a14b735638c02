// SPDX-License-Identifier: MIT
// The part of the lab window that exports panels as figures and brings figures back.
#include "widgets/instruments/place_axis.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/paint/qt/embedded_recipe.h"
#include "widgets/panels/figure_dialog.h"
#include "widgets/panels/figure_restorer.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/panel_export.h"
#include "widgets/panels/toast.h"

#include <QCoreApplication>
#include <QFileInfo>

namespace depthscope::panels {

namespace {

double plotWidth(InstrumentPanel& panel) {
    return double{instruments::plotFrame(panel.host().viewport()).width};
}

} // namespace

FigureRecipe MainWindow::recipe(const InstrumentPanel& panel) const {
    FigureRecipe recipe = lookedAt();
    recipe.panel = panel.id();
    if (!panel.instrument().traits().needsVideo) {
        recipe.clipFile.clear();
    }
    recipe.layout = layoutState();
    recipe.neededDocks = m_docks->needed();
    return recipe;
}

FigureRecipe MainWindow::lookedAt() const {
    const trace::TraceView view = m_lab.store().view();
    FigureRecipe recipe;
    recipe.software = QStringLiteral("Depthscope %1").arg(QCoreApplication::applicationVersion());
    if (const auto model = m_lab.model()) {
        recipe.model = QString::fromStdString(model->name);
    }
    recipe.prompt = m_lab.prompt();
    recipe.settings = m_lab.settings();
    recipe.generated =
        view.main && view.main->isText() && view.main->places() > view.main->promptPlaces;
    recipe.cursor = m_lab.cursor();
    recipe.cursor.hoverPlace.reset();
    recipe.cursor.hoverRecursion.reset();
    if (view.clip && view.clip->run.empty()) {
        recipe.clipFile = QString::fromStdString(view.clip->file);
    }
    for (InstrumentPanel* each : m_board->panels()) {
        recipe.views[each->id()] = {each->host().viewState(), plotWidth(*each)};
    }
    recipe.hasView = true;
    return recipe;
}

void MainWindow::exportPanel(InstrumentPanel& panel,
                             const QString& path,
                             const FigureOptions& options) {
    panel.exportTo(path, options, recipe(panel));
}

void MainWindow::askExport(InstrumentPanel& panel) {
    if (!m_figures) {
        m_figures = new FigureDialog(
            [this](InstrumentPanel& source, const QString& path, const FigureOptions& options) {
                exportPanel(source, path, options);
            },
            this);
        connect(m_figures, &FigureDialog::saved, this,
                [this](const QString& file) { m_toast->showSaved(file); });
    }
    m_figures->showFor(panel, captionOf(m_lab.store().view(), recipe(panel)));
}

bool MainWindow::openFigure(const QString& path) {
    if (!paint::qt::mayHoldRecipe(path)) {
        return false;
    }
    const QString name = QFileInfo(path).fileName();
    const bool isPicture = QFileInfo(path).suffix().toLower() == QLatin1String("png");
    try {
        const std::optional<QString> embedded = paint::qt::embeddedRecipe(path);
        if (!embedded) {
            if (!isPicture) { // a picture may be looked at as a clip
                Q_EMIT m_lab.errorRaised(
                    tr("%1 could not be opened").arg(name),
                    tr("It does not say how it was made: Depthscope did not export it, or another "
                       "program has rewritten it."),
                    tr("Open a figure as Depthscope exported it, or a recording."));
            }
            return !isPicture;
        }
        m_restorer->start(parseFigureRecipe(embedded->toUtf8()));
    } catch (const Error& error) {
        Q_EMIT m_lab.errorRaised(tr("%1 could not be opened").arg(name),
                                 QString::fromStdString(error.message()),
                                 QString::fromStdString(error.hint()));
    }
    return true;
}

void MainWindow::connectFigures() {
    m_restorer = new FigureRestorer(m_lab, this);
    connect(m_restorer, &FigureRestorer::layoutDue, this, &MainWindow::showLayout);
    connect(m_restorer, &FigureRestorer::restored, this, &MainWindow::showViews);
    connect(m_restorer, &FigureRestorer::modelMissing, this, [this](const QString& model) {
        Q_EMIT m_lab.errorRaised(
            tr("Model %1 not found").arg(model),
            tr("Text, routing and layout of the figure are shown with the model "
               "that is loaded."),
            tr("Open the model's folder, then open the figure again."));
    });
}

void MainWindow::showLayout(const FigureRecipe& recipe) {
    if (!recipe.layout.isEmpty()) {
        restoreLayoutState(recipe.layout, recipe.neededDocks);
    }
    if (!recipe.clipFile.isEmpty()) {
        openVideo(recipe.clipFile);
    }
}

/// Cells are as wide as they were where the plot is, else the same places are in sight.
void MainWindow::showViews(const FigureRecipe& recipe) {
    for (InstrumentPanel* panel : m_board->panels()) {
        const auto found = recipe.views.find(panel->id());
        if (found == recipe.views.end()) {
            continue;
        }
        const double before = found->second.plotWidth;
        const double now = plotWidth(*panel);
        instruments::ViewState state = panel->host().viewState();
        const instruments::ViewState& wanted = found->second.state;
        state.cellWidth = wanted.cellWidth;
        if (before > 0 && now > 0 && before != now) {
            state.cellWidth *= now / before;
        }
        state.firstPlace = wanted.firstPlace;
        state.scrollY = wanted.scrollY;
        state.followLive = wanted.followLive;
        state.byStep = wanted.byStep;
        state.quantity = wanted.quantity;
        state.part = wanted.part;
        panel->host().setViewState(state);
    }
    if (!recipe.panel.isEmpty()) {
        m_toast->showMessage(tr("The figure's model, text, routing and layout are back."));
    }
}

} // namespace depthscope::panels
