// SPDX-License-Identifier: MIT
#include "widgets/panels/main_window.h"

#include "widgets/instruments/token_axis.h"
#include "widgets/panels/banner.h"
#include "widgets/panels/form_scroll.h"
#include "widgets/panels/generate_form.h"
#include "widgets/panels/lab_controller.h"
#include "widgets/panels/panel_dock.h"
#include "widgets/panels/prompt_panel.h"
#include "widgets/panels/routing_form.h"
#include "widgets/panels/status_strip.h"
#include "widgets/panels/theme_style.h"
#include "widgets/panels/toast.h"
#include "widgets/panels/train_controller.h"
#include "widgets/panels/train_panel.h"

#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QLabel>
#include <QMimeData>
#include <QStyle>
#include <QTimer>
#include <QToolBar>
#include <QToolButton>
#include <algorithm>
#include <cmath>
#include <string_view>

namespace depthscope::panels {

namespace {

constexpr std::string_view kTrainingId = "panel.training";

bool sharesAxis(const InstrumentPanel& panel) {
    const QString id = panel.id();
    return id == QLatin1String("panel.depth") || id == QLatin1String("panel.kv") ||
           id == QLatin1String("panel.transport");
}

} // namespace

MainWindow::MainWindow(LabController& lab, const scene::TextService& text, WindowOptions options)
    : m_lab(lab)
    , m_text(text)
    , m_options(options)
    , m_instruments(instruments::makeInstruments()) {
    readSettings();
    // Before any widget is made: widgets that exist take a new application font only while the
    // event loop runs.
    applyTheme(*qApp, chosenTheme());
    setWindowTitle(tr("Depthscope"));
    setObjectName(QStringLiteral("window"));
    setDockNestingEnabled(true);
    setAnimated(false);
    setAcceptDrops(true);
    setContextMenuPolicy(Qt::NoContextMenu);
    buildDocks(text);
    buildFileMenu();
    buildEditMenu();
    buildViewMenu();
    buildRunMenu();
    buildHelpMenu();
    buildKeys();
    buildToolBar();
    buildBanner();
    setStatusBar(new StatusStrip(m_lab, text, this));
    connectLab();
    resize(1500, 950);
    resetLayout();
    restoreLayout();
    applyThemeChoice();
    refreshModelMenu();
    refreshRun();
    refreshBadge();
}

MainWindow::~MainWindow() = default;

InstrumentPanel* MainWindow::panel(const QString& id) const {
    const auto found = std::find_if(m_panels.begin(), m_panels.end(),
                                    [&](const InstrumentPanel* p) { return p->id() == id; });
    return found == m_panels.end() ? nullptr : *found;
}

PanelDock* MainWindow::dock(const char* id) const {
    return findChild<PanelDock*>(QStringLiteral("dock.") + QString::fromLatin1(id));
}

PanelDock* MainWindow::addDock(const QString& id, const QString& title, QWidget* content) {
    auto* dock = new PanelDock(id, title, this);
    dock->setWidget(content);
    m_docks.push_back(dock);
    return dock;
}

void MainWindow::buildDocks(const scene::TextService& text) {
    m_prompt = new PromptPanel(m_lab, this);
    m_routing = new RoutingForm(m_lab, this);
    addDock(QStringLiteral("prompt"), tr("Prompt"), m_prompt);
    addDock(QStringLiteral("routing"), tr("Routing"), new FormScroll(m_routing, this));
    addDock(QStringLiteral("generate"), tr("Generate"),
            new FormScroll(new GenerateForm(m_lab, this), this));
    for (const auto& instrument : m_instruments) {
        if (instrument->id() == kTrainingId) {
            continue; // a part of the Train dock
        }
        auto* panel = new InstrumentPanel(m_lab, *instrument, text, this);
        PanelDock* dock = addDock(panel->id(), panel->title(), panel);
        QToolButton* more = dock->addButton(Icon::More, tr("Menu of %1").arg(panel->title()));
        QToolButton* table = dock->addButton(Icon::Table, tr("%1 as a table").arg(panel->title()));
        table->setCheckable(true);
        connect(table, &QToolButton::toggled, panel, &InstrumentPanel::setTableShown);
        connect(panel, &InstrumentPanel::tableToggled, table, &QToolButton::setChecked);
        connect(more, &QToolButton::clicked, panel, [panel, more] {
            auto* menu = new QMenu(panel);
            menu->setAttribute(Qt::WA_DeleteOnClose);
            panel->fillMenu(*menu);
            menu->popup(more->mapToGlobal(QPoint(0, more->height())));
        });
        connectPanel(*panel);
    }
    if (InstrumentPanel* depth = panel(QStringLiteral("panel.depth"))) {
        connect(&depth->host(), &host::InstrumentHost::resized, this, &MainWindow::shareWidth);
    }
    buildTrainDock(text);
}

void MainWindow::connectPanel(InstrumentPanel& panel) {
    connect(&panel, &InstrumentPanel::saveRequested, this, &MainWindow::askExport);
    connect(&panel, &InstrumentPanel::explainRequested, this, &MainWindow::explain);
    connect(&panel, &InstrumentPanel::actionTriggered, this, &MainWindow::triggerPanelAction);
    connect(&panel.host(), &host::InstrumentHost::viewStateChanged, this,
            [this, &panel](const instruments::ViewState& state) { shareAxis(panel, state); });
    panel.host().setAsleep(true);
    m_panels.push_back(&panel);
}

void MainWindow::buildTrainDock(const scene::TextService& text) {
    const auto found = std::find_if(m_instruments.begin(), m_instruments.end(),
                                    [](const auto& one) { return one->id() == kTrainingId; });
    auto* curves = new InstrumentPanel(m_lab, **found, text, this);
    m_train = new TrainPanel(m_lab, *curves, m_text, this);
    addDock(QStringLiteral("train"), tr("Train"), m_train);
    connectPanel(*curves);
    connect(&m_lab, &LabController::trainingChanged, curves, &InstrumentPanel::refresh);
    connect(m_train, &TrainPanel::openRequested, this, &MainWindow::openModel);
}

void MainWindow::connectLab() {
    connect(&m_lab, &LabController::modelChanged, this, &MainWindow::refreshModelMenu);
    connect(&m_lab, &LabController::modelChanged, this, &MainWindow::refreshRun);
    connect(&m_lab, &LabController::modelChanged, this, &MainWindow::refreshPanels);
    connect(&m_lab, &LabController::activityChanged, this, &MainWindow::refreshRun);
    connect(&m_lab, &LabController::sourceChanged, this, &MainWindow::refreshBadge);
    connect(&m_lab, &LabController::traceChanged, this, &MainWindow::refreshBadge);
    connect(&m_lab, &LabController::errorRaised, m_banner, &Banner::showError);
    connect(&m_lab, &LabController::errorSettled, m_banner, &Banner::retract);
    connect(&m_lab, &LabController::noticeRaised, m_toast, &Toast::showMessage);
    connect(&m_lab, &LabController::recordingSaved, this, [this](const QString& file) {
        m_toast->showMessage(tr("Saved %1.").arg(QFileInfo(file).fileName()));
    });
    connect(m_prompt, &PromptPanel::failed, m_banner, &Banner::showError);
    connect(m_train, &TrainPanel::failed, m_banner, &Banner::showError);
    connect(&m_train->controller(), &TrainController::settled, m_banner, &Banner::retract);
    connect(m_prompt, &PromptPanel::fileDropped, this, &MainWindow::openPath);
}

void MainWindow::setThemeChoice(ThemeChoice choice) {
    m_options.theme = choice;
    applyThemeChoice();
}

void MainWindow::setZoom(double zoom) {
    m_zoom = std::clamp(zoom, 0.7, 2.5);
    applyThemeChoice();
}

scene::Theme MainWindow::chosenTheme() const {
    const bool dark = m_options.theme == ThemeChoice::Dark ||
                      (m_options.theme == ThemeChoice::System && m_options.systemIsDark);
    const auto zoom = static_cast<float>(m_zoom);
    return dark ? scene::darkTheme(zoom) : scene::lightTheme(zoom);
}

void MainWindow::applyThemeChoice() {
    m_theme = chosenTheme();
    applyTheme(*qApp, m_theme);
    for (InstrumentPanel* panel : m_panels) {
        panel->setTheme(m_theme);
    }
    for (PanelDock* dock : m_docks) {
        dock->setTheme(m_theme);
    }
    m_banner->setTheme(m_theme);
    m_train->setTheme(m_theme);
    shareWidth();
    m_prompt->edit().setFont(monoFont(m_theme));
    scene::Theme inverse = m_theme;
    inverse.text = m_theme.surface;
    m_runButton->setIcon(icon(Icon::Run, inverse));
    m_stopButton->setIcon(icon(Icon::Stop, m_theme));
    m_themeButton->setIcon(icon(Icon::Theme, m_theme));
    m_helpButton->setIcon(icon(Icon::Help, m_theme));
    const int side = static_cast<int>(std::lround(16 * m_zoom));
    m_tools->setIconSize({side, side});
    for (QAction* choice : m_themeGroup->actions()) {
        choice->setChecked(choice->data().toInt() == static_cast<int>(m_options.theme));
    }
}

void MainWindow::refreshRun() {
    m_stopButton->setEnabled(m_lab.shownActivity() != Activity::Idle);
    setWindowTitle(m_lab.model()
                       ? tr("%1 - Depthscope").arg(QString::fromStdString(m_lab.model()->name))
                       : tr("Depthscope"));
}

void MainWindow::refreshPanels() {
    const auto model = m_lab.model();
    const bool experts = model && model->experts > 0;
    PanelDock* expertDock = dock("panel.experts");
    PanelDock* routerDock = dock("panel.router");
    if (experts == m_expertsShown || !expertDock || !routerDock) {
        return;
    }
    m_expertsShown = experts;
    // What stands there by the user's wish stays: only the pair changes places.
    expertDock->setVisible(experts);
    routerDock->setVisible(!experts);
    resizeSheets();
}

void MainWindow::refreshBadge() {
    const bool live = m_lab.live();
    const QString state = !live                       ? QStringLiteral("recorded")
                          : m_lab.store().view().main ? QStringLiteral("live")
                                                      : QStringLiteral("empty");
    if (m_badge->property("state") == state) {
        return;
    }
    m_badgeAction->setVisible(state != QLatin1String("empty"));
    m_badge->setText(live ? tr("LIVE") : tr("RECORDED"));
    m_badge->setToolTip(
        live ? tr("What you see is computed now by the engine.")
             : tr("What you see was recorded earlier. Run > Go live computes it anew."));
    m_badge->setProperty("state", state);
    m_badge->style()->unpolish(m_badge);
    m_badge->style()->polish(m_badge);
    m_goLive->setEnabled(!live);
}

void MainWindow::escape() {
    if (m_lab.activity() != Activity::Idle) {
        m_lab.stop();
    } else {
        m_lab.pin({});
    }
}

void MainWindow::triggerPanelAction(const QString& name) {
    const QString key = name == QLatin1String("graded.new") ? QStringLiteral("file.graded") : name;
    if (QAction* found = findChild<QAction*>(key)) {
        found->trigger();
    }
}

void MainWindow::moveCursor(CursorMove move) {
    const trace::TraceView view = m_lab.store().view();
    const int tokens = view.main ? static_cast<int>(view.main->tokens()) : 0;
    if (tokens == 0) {
        return;
    }
    const int now = m_lab.cursor().token().value_or(move == CursorMove::Next ? -1 : 0);
    int next = 0;
    if (move == CursorMove::Last) {
        next = tokens - 1;
    } else if (move != CursorMove::First) {
        next = now + (move == CursorMove::Next ? 1 : -1);
    }
    m_lab.pin({std::clamp(next, 0, tokens - 1), m_lab.cursor().recursion()});
    setFollowLive(move == CursorMove::Last);
}

void MainWindow::setFollowLive(bool follow) {
    for (InstrumentPanel* each : m_panels) {
        instruments::ViewState state = each->host().viewState();
        // Where following has brought the zoomed panels is where they stay.
        if (!follow && sharesAxis(*each)) {
            state.firstToken =
                instruments::tokenAxis(state, m_lab.store().view().main, each->host().viewport())
                    .first;
        }
        state.followLive = follow;
        each->host().setViewState(state);
    }
}

void MainWindow::shareWidth() {
    InstrumentPanel* depth = panel(QStringLiteral("panel.depth"));
    InstrumentPanel* transport = panel(QStringLiteral("panel.transport"));
    if (depth && transport) {
        instruments::ViewState state = transport->host().viewState();
        state.axisWidth = instruments::plotFrame(depth->host().viewport()).width;
        transport->host().setViewState(state);
    }
}

void MainWindow::shareAxis(const InstrumentPanel& source, const instruments::ViewState& state) {
    // Panels with the token axis stay aligned; each keeps its own scroll position.
    if (m_sharing || !sharesAxis(source)) {
        return;
    }
    m_sharing = true;
    for (InstrumentPanel* each : m_panels) {
        if (each != &source && sharesAxis(*each)) {
            instruments::ViewState next = each->host().viewState();
            next.cellWidth = state.cellWidth;
            next.firstToken = state.firstToken;
            next.followLive = state.followLive;
            each->host().setViewState(next);
        }
    }
    m_sharing = false;
}

void MainWindow::openPath(const QString& path) {
    const QFileInfo info(path);
    if (info.isDir()) {
        openModel(path);
    } else if (info.suffix() == QLatin1String("depthscope")) {
        m_lab.openRecording(path);
    } else {
        m_prompt->openTextFile(path);
    }
}

bool MainWindow::openModel(const QString& nameOrFolder) {
    const QString folder = m_lab.catalog().find(nameOrFolder);
    if (folder.isEmpty()) {
        QStringList names;
        for (const ModelEntry& entry : m_lab.catalog().bundled()) {
            names << entry.name;
        }
        m_banner->showError(
            tr("There is no such model"),
            tr("%1 is neither a bundled model nor a folder with a config.json").arg(nameOrFolder),
            names.isEmpty() ? tr("Choose a model folder.")
                            : tr("Bundled models: %1.").arg(names.join(QStringLiteral(", "))));
        return false;
    }
    rememberModel(folder);
    m_lab.goLive();
    m_lab.loadModel(folder);
    return true;
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls()) {
        event->acceptProposedAction();
    }
}

void MainWindow::dropEvent(QDropEvent* event) {
    for (const QUrl& url : event->mimeData()->urls()) {
        if (url.isLocalFile()) {
            openPath(url.toLocalFile());
            event->acceptProposedAction();
            return;
        }
    }
}

void MainWindow::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    if (m_awake == 0) {
        QTimer::singleShot(0, this, &MainWindow::wakeNextPanel);
    }
}

// One an event-loop turn: between two first frames the window answers.
void MainWindow::wakeNextPanel() {
    if (m_awake < m_panels.size()) {
        m_panels[m_awake++]->host().setAsleep(false);
        QTimer::singleShot(0, this, &MainWindow::wakeNextPanel);
    }
}

void MainWindow::closeEvent(QCloseEvent* event) {
    saveLayout();
    event->accept();
}

} // namespace depthscope::panels
