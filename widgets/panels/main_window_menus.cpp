// SPDX-License-Identifier: MIT
// Menus, keys and toolbar of the lab window. Every action has an object name, which scripts use.
#include "widgets/lab/lab_controller.h"
#include "widgets/panels/action_finder.h"
#include "widgets/panels/banner.h"
#include "widgets/panels/file_commands.h"
#include "widgets/panels/guide.h"
#include "widgets/panels/keyboard_dialog.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/many_dialog.h"
#include "widgets/panels/model_picker.h"
#include "widgets/panels/pane_walk.h"
#include "widgets/panels/panel_dock.h"
#include "widgets/panels/presenter.h"
#include "widgets/panels/reference_chooser.h"
#include "widgets/panels/routing_form.h"
#include "widgets/panels/status_strip.h"
#include "widgets/panels/theme_style.h"
#include "widgets/panels/toast.h"
#include "widgets/panels/training_offer.h"
#include "widgets/panels/welcome.h"
#include "widgets/panels/window_actions.h"

#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenuBar>
#include <QSettings>
#include <QToolBar>
#include <QToolButton>

namespace depthscope::panels {

QAction* MainWindow::action(const char* name, const QString& text, const QKeySequence& keys) {
    auto* result = new QAction(text, this);
    result->setObjectName(QString::fromLatin1(name));
    if (!keys.isEmpty()) {
        result->setShortcut(keys);
    }
    addAction(result);
    return result;
}

void MainWindow::buildFileMenu() {
    QMenu* menu = menuBar()->addMenu(tr("&File"));
    const auto add = [&](const char* name, const QString& text, const QKeySequence& keys,
                         auto slot) {
        QAction* item = action(name, text, keys);
        connect(item, &QAction::triggered, this, slot);
        menu->addAction(item);
    };
    add("file.open-text", tr("&Open text…"), QKeySequence::Open, [this] { m_files->askText(); });
    QMenu* texts = menu->addMenu(tr("Recent te&xts"));
    texts->setObjectName(QStringLiteral("file.recent-texts"));
    add("file.graded", tr("New &graded text…"), QKeySequence::New,
        [this] { m_files->askGradedText(); });
    menu->addSeparator();
    add("file.open-recording", tr("Open &recording…"), QKeySequence(tr("Ctrl+Shift+O")),
        [this] { m_files->askRecording(); });
    QMenu* recordings = menu->addMenu(tr("Recent recordi&ngs"));
    recordings->setObjectName(QStringLiteral("file.recent-recordings"));
    m_files->listRecent(*texts, *recordings, m_options.remembers);
    add("file.save-recording", tr("&Save recording…"), QKeySequence::Save,
        [this] { m_files->askSaveRecording(); });
    menu->addSeparator();
    add("file.open-model", tr("Open &model folder…"), QKeySequence(tr("Ctrl+M")),
        [this] { m_models->askFolder(); });
    m_recentMenu = menu->addMenu(tr("Re&cent models"));
    menu->addSeparator();
    if (m_video) {
        buildVideoFileMenu(*menu);
        menu->addSeparator();
    }
    QMenu* exports = menu->addMenu(tr("&Export panel"));
    for (InstrumentPanel* panel : m_board->panels()) {
        QAction* item = exports->addAction(tr("%1…").arg(panel->title()));
        item->setObjectName(QStringLiteral("file.export.") + panel->id());
        connect(item, &QAction::triggered, this, [this, panel] { askExport(*panel); });
    }
    menu->addSeparator();
    add("file.quit", tr("&Quit"), QKeySequence::Quit, [this] { close(); });
}

void MainWindow::buildEditMenu() {
    QMenu* menu = menuBar()->addMenu(tr("&Edit"));
    QAction* undo = m_lab.undoStack().createUndoAction(this, tr("Undo"));
    undo->setObjectName(QStringLiteral("edit.undo"));
    undo->setShortcuts(QKeySequence::Undo);
    QAction* redo = m_lab.undoStack().createRedoAction(this, tr("Redo"));
    redo->setObjectName(QStringLiteral("edit.redo"));
    redo->setShortcuts({QKeySequence(tr("Ctrl+Shift+Z")), QKeySequence(tr("Ctrl+Y"))});
    menu->addAction(undo);
    menu->addAction(redo);
    menu->addSeparator();
    QAction* copy = action("edit.copy", tr("&Copy value"), QKeySequence(tr("Ctrl+Shift+C")));
    menu->addAction(copy);
    connect(copy, &QAction::triggered, this, [this] {
        const QString value = m_board->valueText();
        if (value.isEmpty()) {
            m_toast->showMessage(tr("Point at a token first."));
        } else {
            QApplication::clipboard()->setText(value);
        }
    });
}

void MainWindow::buildViewMenu() {
    QMenu* menu = menuBar()->addMenu(tr("&View"));
    for (PanelDock* dock : m_docks->docks()) {
        QAction* toggle = dock->toggleViewAction();
        toggle->setObjectName(QStringLiteral("view.") + dock->objectName());
        menu->addAction(toggle);
    }
    menu->addSeparator();
    QAction* reset = action("view.reset-layout", tr("&Reset layout"));
    connect(reset, &QAction::triggered, this, &MainWindow::resetLayout);
    menu->addAction(reset);
    QAction* presenter = action("view.presenter", tr("&Presenter"), QKeySequence(Qt::Key_F11));
    presenter->setCheckable(true);
    presenter->setToolTip(
        tr("Text, depth, saved and sliders alone, on the whole screen; Esc goes back"));
    connect(presenter, &QAction::toggled, m_presenter, &Presenter::setOn);
    connect(m_presenter, &Presenter::changed, presenter, &QAction::setChecked);
    connect(m_presenter, &Presenter::changed, this, [this](bool on) {
        if (on) {
            m_toast->showMessage(tr("Presenter. Esc or F11 goes back."));
        }
    });
    menu->addAction(presenter);
    addPaneKeys(*menu);
    menu->addSeparator();
    m_themeGroup = new QActionGroup(this);
    const auto choice = [&](const char* name, const QString& text, ThemeChoice theme) {
        QAction* item = action(name, text);
        item->setCheckable(true);
        item->setData(static_cast<int>(theme));
        m_themeGroup->addAction(item);
        menu->addAction(item);
        connect(item, &QAction::triggered, this, [this, theme] { setThemeChoice(theme); });
    };
    choice("view.theme-light", tr("&Light"), ThemeChoice::Light);
    choice("view.theme-dark", tr("&Dark"), ThemeChoice::Dark);
    choice("view.theme-system", tr("&Follow the system"), ThemeChoice::System);
    menu->addSeparator();
    const auto zoom = [&](const char* name, const QString& text, const QList<QKeySequence>& keys,
                          double factor) {
        QAction* item = action(name, text);
        item->setShortcuts(keys);
        menu->addAction(item);
        connect(item, &QAction::triggered, this,
                [this, factor] { setZoom(factor > 0 ? m_zoom * factor : 1.0); });
    };
    zoom("view.zoom-in", tr("Zoom &in"), {QKeySequence(tr("Ctrl++")), QKeySequence(tr("Ctrl+="))},
         1.1);
    zoom("view.zoom-out", tr("Zoom &out"), {QKeySequence(tr("Ctrl+-"))}, 1 / 1.1);
    zoom("view.zoom-reset", tr("&Normal size"), {QKeySequence(tr("Ctrl+0"))}, 0);
    menu->addSeparator();
    menu->addAction(&m_status->developerFigures());
    if (m_options.remembers) {
        m_status->remember();
    }
}

/// The keyboard focus goes from panel to panel.
void MainWindow::addPaneKeys(QMenu& menu) {
    auto* walk = new PaneWalk(*this);
    const auto add = [&](const char* name, const QString& text, const QString& keys, int by) {
        QAction* item = action(name, text, QKeySequence(keys));
        connect(item, &QAction::triggered, walk, [walk, by] { walk->walk(by); });
        menu.addAction(item);
    };
    add("view.next-panel", tr("Ne&xt panel"), QStringLiteral("F6"), 1);
    add("view.previous-panel", tr("Pre&vious panel"), QStringLiteral("Shift+F6"), -1);
}

namespace {

/// It stays open, and its texts stay in it.
void showManyTexts(MainWindow& window) {
    ManyDialog& dialog = ManyDialog::of(window, window.lab());
    dialog.show();
    dialog.raise();
    dialog.activateWindow();
}

} // namespace

void MainWindow::buildRunMenu() {
    QMenu* menu = menuBar()->addMenu(tr("&Run"));
    m_run = action("run.run", tr("&Run"), QKeySequence(tr("Ctrl+Return")));
    m_run->setShortcuts({QKeySequence(tr("Ctrl+Return")), QKeySequence(tr("Ctrl+Enter"))});
    m_generate = action("run.generate", tr("&Generate"), QKeySequence(tr("Ctrl+G")));
    m_stop = action("run.stop", tr("&Stop"));
    m_goLive = action("run.live", tr("Go &live"), QKeySequence(tr("Ctrl+L")));
    connect(m_run, &QAction::triggered, &m_lab, &lab::LabController::run);
    connect(m_generate, &QAction::triggered, &m_lab, &lab::LabController::generate);
    connect(m_stop, &QAction::triggered, &m_lab, &lab::LabController::stop);
    connect(m_goLive, &QAction::triggered, &m_lab, &lab::LabController::goLive);
    QAction* measure = action("run.measure", tr("&Measure routing…"), QKeySequence(tr("Ctrl+R")));
    connect(measure, &QAction::triggered, this, &MainWindow::showMeasure);
    QAction* many =
        action("run.many", tr("Generate man&y texts…"), QKeySequence(tr("Ctrl+Shift+G")));
    connect(many, &QAction::triggered, this, [this] { showManyTexts(*this); });
    menu->addActions({m_run, m_generate, many, m_stop});
    menu->addSeparator();
    menu->addAction(measure);
    addReference(*menu);
    menu->addSeparator();
    menu->addAction(m_goLive);
    if (m_video) {
        menu->addSeparator();
        buildVideoMenu(*menu->addMenu(tr("&Video")));
    }
}

/// What LOST compares with, where the neighbour of a model is not it.
void MainWindow::addReference(QMenu& menu) {
    auto* chooser = new ReferenceChooser(m_lab, this);
    connect(chooser, &ReferenceChooser::failed, this,
            [this](const QString& title, const QString& message, const QString& hint) {
                m_banner->showError(title, message, hint);
            });
    QAction* choose = action("run.reference", tr("Choose re&ference…"));
    choose->setToolTip(tr("The model that SAVED / LOST compares with, of the same vocabulary"));
    connect(choose, &QAction::triggered, chooser, &ReferenceChooser::ask);
    QAction* neighbour =
        action("run.reference-neighbour", tr("Compare with the &bundled model again"));
    connect(neighbour, &QAction::triggered, chooser, [chooser] { chooser->choose({}); });
    menu.addActions({choose, neighbour});
    connect(&menu, &QMenu::aboutToShow, chooser, [chooser, neighbour] {
        allow(*neighbour, chooser->isChosen(), tr("No reference was chosen"));
    });
}

void MainWindow::buildHelpMenu() {
    QMenu* menu = menuBar()->addMenu(tr("&Help"));
    QAction* guide =
        action("help.instruments", tr("&Guide to what has the focus"), QKeySequence::HelpContents);
    guide->setShortcutContext(Qt::ApplicationShortcut); // in dialogs too
    connect(guide, &QAction::triggered, this, [this] { explain({}); });
    QAction* aboutItem = action("help.about", tr("&About Depthscope"));
    connect(aboutItem, &QAction::triggered, this, [this] { showAbout(this); });
    QAction* welcome = action("help.welcome", tr("&Welcome"));
    connect(welcome, &QAction::triggered, this, &MainWindow::showWelcome);
    QAction* find =
        action("help.find-action", tr("&Find an action…"), QKeySequence(tr("Ctrl+Shift+P")));
    connect(find, &QAction::triggered, this, [this] { (new ActionFinder(*this))->open(); });
    QAction* keys = action("help.keyboard", tr("&Keyboard"));
    connect(keys, &QAction::triggered, this, [this] {
        auto* page = new KeyboardDialog(*this);
        connect(page, &KeyboardDialog::guideRequested, this,
                [this](const QString& where) { showGuide(this, m_theme, where); });
        page->show();
    });
    menu->addActions({welcome, find, keys, guide, aboutItem});
}

void MainWindow::showWelcome() {
    auto* welcome = findChild<Welcome*>();
    if (welcome == nullptr) {
        welcome = new Welcome(lab::examples(m_lab.catalog()), this);
        connect(welcome, &Welcome::chosen, this, &MainWindow::openExample);
        connect(welcome, &Welcome::guideRequested, this,
                [this] { showGuide(this, m_theme, QStringLiteral("instruments.md")); });
    }
    welcome->show();
    welcome->raise();
    welcome->activateWindow();
}

/// The recording at once, and what to look for.
void MainWindow::openExample(const lab::Example& example) {
    if (example.goesLive) {
        m_lab.openDemo(example.recording, example.modelFolder);
    } else {
        m_lab.openRecording(example.recording);
        if (!example.modelFolder.isEmpty()) {
            m_lab.loadModel(example.modelFolder); // for what the user changes next
        }
    }
    m_toast->showMessage(example.hint, tr("More examples"), [this] { showWelcome(); });
}

void MainWindow::buildKeys() {
    QAction* release =
        action("edit.escape", tr("Stop, or release the pin"), QKeySequence(Qt::Key_Escape));
    connect(release, &QAction::triggered, this, &MainWindow::escape);
    const auto walk = [&](const char* name, const QString& text, PanelBoard::Move move) {
        connect(action(name, text), &QAction::triggered, this,
                [this, move] { m_board->moveCursor(move); });
    };
    walk("cursor.first", tr("First token"), PanelBoard::Move::First);
    walk("cursor.prev", tr("Previous token"), PanelBoard::Move::Previous);
    walk("cursor.next", tr("Next token"), PanelBoard::Move::Next);
    walk("cursor.last", tr("Last token"), PanelBoard::Move::Last);
    connect(action("view.follow", tr("Follow live")), &QAction::triggered, this,
            [this] { m_board->toggleFollow(); });
    const auto stepBy = [&](const char* name, const QString& text, const QString& keys, int by) {
        connect(action(name, text, QKeySequence(keys)), &QAction::triggered, this,
                [this, by] { m_lab.moveStep(by); });
    };
    stepBy("step.prev", tr("Previous step of the run"), QStringLiteral(","), -1);
    stepBy("step.next", tr("Next step of the run"), QStringLiteral("."), 1);
    const auto nudge = [&](const char* name, const QString& text, const QString& keys,
                           int perMille) {
        QAction* item = action(name, text, QKeySequence(keys));
        connect(item, &QAction::triggered, this, [this, perMille] { m_routing->nudge(perMille); });
    };
    nudge("routing.less", tr("Capacity -1 %"), QStringLiteral("["), -10);
    nudge("routing.more", tr("Capacity +1 %"), QStringLiteral("]"), 10);
    nudge("routing.much-less", tr("Capacity -10 %"), QStringLiteral("Shift+["), -100);
    nudge("routing.much-more", tr("Capacity +10 %"), QStringLiteral("Shift+]"), 100);
}

void MainWindow::buildToolBar() {
    m_tools = addToolBar(tr("Tools"));
    m_tools->setObjectName(QStringLiteral("tools"));
    m_tools->setMovable(false);
    m_tools->toggleViewAction()->setVisible(false);
    m_tools->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    const auto button = [this](const QString& name, QAction* triggers) {
        auto* result = new QToolButton(m_tools);
        result->setAccessibleName(name);
        result->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        if (triggers) {
            result->setText(name);
            connect(result, &QToolButton::clicked, triggers, &QAction::trigger);
        }
        return result;
    };
    m_models = new ModelPicker(m_lab, m_text, m_tools);
    if (m_options.remembers) {
        m_models->setRecent(QSettings().value(QStringLiteral("models/recent")).toStringList());
    }
    m_models->fillRecent(*m_recentMenu);
    m_runButton = button(tr("Run"), m_run);
    m_runButton->setObjectName(QStringLiteral("primary"));
    m_runButton->setToolTip(tr("Route the prompt again (Ctrl+Enter)"));
    m_stopButton = button(tr("Stop"), m_stop);
    m_stopButton->setToolTip(tr("Stop what is running (Esc)"));
    m_badge = new QLabel(m_tools);
    m_badge->setObjectName(QStringLiteral("badge"));
    m_badge->setAccessibleName(tr("Live or recorded"));
    m_themeButton = button(tr("Light or dark"), nullptr);
    m_themeButton->setToolTip(tr("Light or dark"));
    connect(m_themeButton, &QToolButton::clicked, this,
            [this] { setThemeChoice(m_theme.dark ? ThemeChoice::Light : ThemeChoice::Dark); });
    m_helpButton = button(tr("Help"), nullptr);
    m_helpButton->setToolTip(tr("What the panel with the focus shows (F1)"));
    connect(m_helpButton, &QToolButton::clicked, this, [this] { explain({}); });
    auto* spacer = new QWidget(m_tools);
    spacer->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    m_tools->addWidget(m_models);
    m_tools->addWidget(m_runButton);
    m_tools->addWidget(m_stopButton);
    m_tools->addWidget(spacer);
    m_badgeAction = m_tools->addWidget(m_badge);
    m_tools->addWidget(m_themeButton);
    m_tools->addWidget(m_helpButton);
}

void MainWindow::buildBanner() {
    m_banner = new Banner(this);
    m_toast = new Toast(this);
    addToolBarBreak();
    m_bannerBar = addToolBar(tr("Messages"));
    m_bannerBar->setObjectName(QStringLiteral("messages"));
    m_bannerBar->setMovable(false);
    m_bannerBar->toggleViewAction()->setVisible(false);
    m_bannerBar->setContentsMargins(0, 0, 0, 0);
    m_banner->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    m_bannerBar->addWidget(m_banner);
    m_bannerBar->hide();
    connect(m_banner, &Banner::shown, m_bannerBar, &QToolBar::setVisible);
    addToolBarBreak();
    m_offer = new TrainingOffer(this);
    addToolBar(m_offer);
    m_offer->hide();
}

} // namespace depthscope::panels
