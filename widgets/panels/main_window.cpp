// SPDX-License-Identifier: MIT
#include "widgets/panels/main_window.h"

#include "widgets/lab/lab_controller.h"
#include "widgets/lab/unsaved_result.h"
#include "widgets/panels/banner.h"
#include "widgets/panels/clip_commands.h"
#include "widgets/panels/clip_form.h"
#include "widgets/panels/closing_question.h"
#include "widgets/panels/file_commands.h"
#include "widgets/panels/form_scroll.h"
#include "widgets/panels/generate_form.h"
#include "widgets/panels/guide.h"
#include "widgets/panels/kept_folder.h"
#include "widgets/panels/label_help.h"
#include "widgets/panels/measure_dialog.h"
#include "widgets/panels/model_picker.h"
#include "widgets/panels/panel_dock.h"
#include "widgets/panels/presenter.h"
#include "widgets/panels/prompt_panel.h"
#include "widgets/panels/routing_form.h"
#include "widgets/panels/sample_form.h"
#include "widgets/panels/status_strip.h"
#include "widgets/panels/theme_style.h"
#include "widgets/panels/toast.h"
#include "widgets/panels/train_controller.h"
#include "widgets/panels/train_panel.h"
#include "widgets/panels/training_offer.h"
#include "widgets/panels/video_panel.h"
#include "widgets/panels/window_actions.h"

#include <QActionGroup>
#include <QApplication>
#include <QLabel>
#include <QPainter>
#include <QStyle>
#include <QToolBar>
#include <QToolButton>
#include <algorithm>
#include <cmath>

namespace depthscope::panels {

namespace {

// Of a model with three recursions, and its amber line.
constexpr instruments::Height kRoutingHeight{.fixed = 312};
constexpr int kPromptLeast = 120; // two lines of it, and their count
constexpr instruments::Height kGenerateHeight{.fixed = 240};
constexpr instruments::Height kTrainHeight{.share = 60, .least = 230};

} // namespace

MainWindow::MainWindow(lab::LabController& lab,
                       const scene::TextService& text,
                       WindowOptions options)
    : m_lab(lab)
    , m_text(text)
    , m_options(options) {
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
    new LabelHelp(this);
    new KeptFolders(*this, m_options.remembers);
    buildForms();
    buildInstruments();
    buildTrainDock();
    m_files = new FileCommands(m_lab, *m_prompt, this);
    m_closing = new ClosingQuestion(m_lab, m_train->controller(), *m_files, this);
    m_status = new StatusStrip(m_lab, text, this);
    setStatusBar(m_status);
    buildFileMenu();
    buildEditMenu();
    buildViewMenu();
    buildRunMenu();
    buildHelpMenu();
    buildKeys();
    buildToolBar();
    buildBanner();
    connectAll();
    resize(1500, 950);
    m_docks->setTheme(chosenTheme()); // heights are of its zoom
    resetLayout();
    restoreLayout();
    applyThemeChoice();
    refreshRun();
    refreshBadge();
}

// Docks are hidden while the base class ends, when the members of this one are gone.
MainWindow::~MainWindow() {
    for (PanelDock* dock : m_docks->docks()) {
        dock->disconnect(&m_lab);
    }
    if (m_video) {
        m_video->disconnect(this);
        m_docks->find(QStringLiteral("video"))->toggleViewAction()->disconnect(this);
    }
}

void MainWindow::buildForms() {
    using instruments::Column;
    m_docks = new DockBoard(*this);
    m_presenter = new Presenter(*this, *m_docks);
    m_prompt = new PromptPanel(m_lab, this);
    m_routing = new RoutingForm(m_lab, this);
    const auto isText = [](const spec::ModelInfo& model) { return !model.clip; };
    const auto isVideo = [](const spec::ModelInfo& model) { return model.clip.has_value(); };
    m_docks->add({QStringLiteral("prompt"),
                  tr("Prompt"),
                  m_prompt,
                  Column::Left,
                  {.least = kPromptLeast},
                  isText});
    auto* clipForm = new ClipForm(m_lab, this);
    connect(clipForm, &ClipForm::showRequested, this, &MainWindow::openVideo);
    auto* clip = new FormScroll(clipForm, this);
    m_docks->add({QStringLiteral("clip"), tr("Clip"), clip, Column::Left, {}, isVideo});
    m_docks->add({QStringLiteral("routing"), tr("Routing"), new FormScroll(m_routing, this),
                  Column::Left, kRoutingHeight});
    m_docks->add({QStringLiteral("generate"), tr("Generate"),
                  new FormScroll(new GenerateForm(m_lab, this), this), Column::Left,
                  kGenerateHeight, isText});
    m_docks->add({QStringLiteral("sample"), tr("Sample"),
                  new FormScroll(new SampleForm(m_lab, this), this), Column::Left, kGenerateHeight,
                  isVideo});
}

void MainWindow::buildInstruments() {
    m_board = new PanelBoard(m_lab, m_text, this);
    buildVideoDock(); // above the others of its column
    for (InstrumentPanel* panel : m_board->panels()) {
        const instruments::Traits traits = panel->instrument().traits();
        if (traits.column == instruments::Column::Embedded) {
            continue;
        }
        PanelDock& dock = m_docks->add({panel->id(), panel->title(), panel, traits.column,
                                        traits.height, traits.isFor, !traits.startsClosed,
                                        traits.axis == instruments::Axis::Overview});
        addHeadButtons(dock, *panel);
        if (traits.needsConvergence) {
            connect(&dock, &QDockWidget::visibilityChanged, &m_lab,
                    &lab::LabController::wantConvergence);
        }
    }
}

void MainWindow::addHeadButtons(PanelDock& dock, InstrumentPanel& panel) {
    QToolButton* more = dock.addButton(Icon::More, tr("Menu of %1").arg(panel.title()));
    QToolButton* table = dock.addButton(Icon::Table, tr("%1 as a table").arg(panel.title()));
    table->setCheckable(true);
    connect(table, &QToolButton::toggled, &panel, &InstrumentPanel::setTableShown);
    connect(&panel, &InstrumentPanel::tableToggled, table, &QToolButton::setChecked);
    connect(more, &QToolButton::clicked, &panel, [&panel, more] {
        auto* menu = new QMenu(&panel);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        panel.fillMenu(*menu);
        menu->popup(more->mapToGlobal(QPoint(0, more->height())));
    });
}

void MainWindow::buildTrainDock() {
    InstrumentPanel& curves = *m_board->find(QStringLiteral("panel.training"));
    m_train = new TrainPanel(m_lab, curves, m_text, this);
    if (m_options.remembers) {
        m_train->remember();
    }
    m_docks->add({QStringLiteral("train"), tr("Train"), m_train, instruments::Column::Center,
                  kTrainHeight, nullptr, false});
    connect(&m_lab, &lab::LabController::trainingChanged, &curves, &InstrumentPanel::refresh);
}

void MainWindow::connectAll() {
    using lab::LabController;
    connect(&m_lab, &LabController::modelChanged, this, &MainWindow::refreshRun);
    connect(&m_lab, &LabController::modelChanged, this, &MainWindow::followModel);
    connect(&m_lab, &LabController::activityChanged, this, &MainWindow::refreshRun);
    connect(&m_lab, &LabController::sourceChanged, this, &MainWindow::refreshBadge);
    connect(&m_lab, &LabController::traceChanged, this, &MainWindow::refreshBadge);
    connect(&m_lab, &LabController::errorRaised, m_banner, &Banner::showError);
    connect(&m_lab, &LabController::errorSettled, m_banner, &Banner::retract);
    connect(&m_lab, &LabController::noticeRaised, this,
            [this](const QString& message) { m_toast->showMessage(message); });
    connect(&m_lab, &LabController::recordingSaved, this, [this](const QString& file) {
        m_toast->showSaved(file);
        refreshBadge();
    });
    connect(m_offer, &TrainingOffer::accepted, this, [this](const runtime::TrainRequest& request) {
        PanelDock* dock = m_docks->find(QStringLiteral("train"));
        dock->show();
        dock->raise();
        m_train->goOn(request);
    });
    connect(m_prompt, &PromptPanel::failed, m_banner, &Banner::showError);
    connect(m_prompt, &PromptPanel::fileDropped, this, &MainWindow::openPath);
    if (m_clips) {
        connect(m_clips, &ClipCommands::progress, m_status, &StatusStrip::showProgress);
        connect(m_clips, &ClipCommands::ended, m_status, &StatusStrip::showActivity);
    }
    connect(m_train, &TrainPanel::failed, m_banner, &Banner::showError);
    connect(m_train, &TrainPanel::openRequested, this, &MainWindow::openModel);
    connect(&m_train->controller(), &TrainController::settled, m_banner, &Banner::retract);
    connect(m_models, &ModelPicker::failed, m_banner, &Banner::showError);
    connect(m_files, &FileCommands::failed, m_banner, &Banner::showError);
    connectFigures();
    if (m_clips) {
        connect(m_clips, &ClipCommands::failed, m_banner, &Banner::showError);
        connect(m_clips, &ClipCommands::saved, this, &MainWindow::tellSaved);
    }
    connect(m_board, &PanelBoard::explainRequested, this, &MainWindow::explain);
    connect(m_board, &PanelBoard::actionTriggered, this, &MainWindow::triggerPanelAction);
    connect(m_board, &PanelBoard::saveRequested, this, [this](const QString& panelId) {
        if (InstrumentPanel* source = panel(panelId)) {
            askExport(*source);
        }
    });
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
    m_board->setTheme(m_theme);
    m_docks->setTheme(m_theme);
    m_models->setTheme(m_theme);
    m_banner->setTheme(m_theme);
    m_train->setTheme(m_theme);
    if (m_video) {
        m_video->setTheme(m_theme);
    }
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
    m_stopButton->setEnabled(m_lab.shownActivity() != lab::Activity::Idle);
    setWindowTitle(m_lab.model()
                       ? tr("%1[*] - Depthscope").arg(QString::fromStdString(m_lab.model()->name))
                       : tr("Depthscope[*]"));
}

void MainWindow::refreshBadge() {
    const bool live = m_lab.live();
    const bool unsaved = lab::unsavedSeconds(m_lab).has_value();
    const QString state = unsaved                     ? QStringLiteral("unsaved")
                          : !live                     ? QStringLiteral("recorded")
                          : m_lab.store().view().main ? QStringLiteral("live")
                                                      : QStringLiteral("empty");
    if (m_badge->property("state") == state) {
        return;
    }
    m_badgeAction->setVisible(state != QLatin1String("empty"));
    m_badge->setText(unsaved ? tr("LIVE · NOT SAVED") : live ? tr("LIVE") : tr("RECORDED"));
    m_badge->setToolTip(
        unsaved ? tr("What you see is computed live and is in no file. File > Save recording "
                     "keeps it.")
        : live  ? tr("What you see is computed live by the engine.")
                : tr("What you see was recorded earlier. Run > Go live computes it again."));
    setWindowModified(unsaved);
    m_badge->setProperty("state", state);
    m_badge->style()->unpolish(m_badge);
    m_badge->style()->polish(m_badge);
    allow(*m_goLive, !live, tr("What you see is live"));
}

void MainWindow::escape() {
    if (m_presenter->isOn()) {
        m_presenter->setOn(false);
    } else if (m_lab.activity() != lab::Activity::Idle) {
        m_lab.stop();
    } else {
        m_lab.pin({});
    }
}

void MainWindow::triggerPanelAction(const QString& name) {
    if (name == QLatin1String("convergence.show")) {
        PanelDock* dock = m_docks->find(QStringLiteral("panel.convergence"));
        dock->show();
        dock->raise();
        return;
    }
    const QString key = name == QLatin1String("graded.new") ? QStringLiteral("file.graded") : name;
    if (QAction* found = findChild<QAction*>(key)) {
        found->trigger();
    }
}

void MainWindow::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    m_board->wake();
}

void MainWindow::resetLayout() {
    m_presenter->setOn(false);
    m_docks->reset(m_lab.model().get());
}

MeasureDialog& MainWindow::measureDialog() {
    if (!m_measure) {
        m_measure = new MeasureDialog(m_lab, this);
        m_measure->setProperty("guide", QStringLiteral("instruments.md#measure-routing"));
    }
    return *m_measure;
}

void MainWindow::showMeasure() {
    MeasureDialog& measure = measureDialog();
    measure.show();
    measure.raise();
    measure.activateWindow();
}

void MainWindow::explain(const QString& panelId) {
    const QWidget* about = panelId.isEmpty() ? QApplication::focusWidget() : panel(panelId);
    const QString where = guideOf(about);
    if (!showGuide(this, m_theme, where)) {
        m_toast->showMessage(tr("docs/%1 is not installed with this program.")
                                 .arg(where.section(QLatin1Char('#'), 0, 0)));
    }
}

QImage MainWindow::picture() {
    m_board->wakeAll();
    QImage image = grab().toImage();
    QPainter painter(&image);
    for (QDialog* dialog : findChildren<QDialog*>()) {
        if (dialog->isVisible()) {
            painter.drawPixmap(mapFromGlobal(dialog->mapToGlobal(QPoint())), dialog->grab());
        }
    }
    return image;
}

} // namespace depthscope::panels
