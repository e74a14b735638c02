// SPDX-License-Identifier: MIT
// Menus, keys and toolbar of the lab window. Every action has an object name, which scripts use.
#include "widgets/panels/banner.h"
#include "widgets/panels/lab_controller.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/panel_dock.h"
#include "widgets/panels/routing_form.h"
#include "widgets/panels/theme_style.h"
#include "widgets/panels/toast.h"

#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenuBar>
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
    add("file.open-text", tr("&Open text …"), QKeySequence::Open, &MainWindow::askText);
    add("file.graded", tr("New &graded text …"), QKeySequence::New, &MainWindow::askGradedText);
    menu->addSeparator();
    add("file.open-recording", tr("Open &recording …"), QKeySequence(tr("Ctrl+Shift+O")),
        &MainWindow::askRecording);
    add("file.save-recording", tr("&Save recording …"), QKeySequence::Save,
        &MainWindow::askSaveRecording);
    menu->addSeparator();
    add("file.open-model", tr("Open &model folder …"), QKeySequence(tr("Ctrl+M")),
        &MainWindow::askModelFolder);
    m_recentMenu = menu->addMenu(tr("Re&cent models"));
    menu->addSeparator();
    QMenu* exports = menu->addMenu(tr("&Export panel"));
    for (InstrumentPanel* panel : m_panels) {
        QAction* item = exports->addAction(tr("%1 …").arg(panel->title()));
        item->setObjectName(QStringLiteral("file.export.") + panel->id());
        connect(item, &QAction::triggered, this, [this, panel] { askExport(panel->id()); });
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
        for (InstrumentPanel* panel : m_panels) {
            const QString value = panel->valueText();
            if (!value.isEmpty()) {
                QApplication::clipboard()->setText(value);
                return;
            }
        }
        m_toast->showMessage(tr("Point at a token first."));
    });
}

void MainWindow::buildViewMenu() {
    QMenu* menu = menuBar()->addMenu(tr("&View"));
    for (PanelDock* dock : m_docks) {
        QAction* toggle = dock->toggleViewAction();
        toggle->setObjectName(QStringLiteral("view.") + dock->objectName());
        menu->addAction(toggle);
    }
    menu->addSeparator();
    QAction* reset = action("view.reset-layout", tr("&Reset layout"));
    connect(reset, &QAction::triggered, this, &MainWindow::resetLayout);
    menu->addAction(reset);
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
}

void MainWindow::buildRunMenu() {
    QMenu* menu = menuBar()->addMenu(tr("&Run"));
    m_run = action("run.run", tr("&Run"), QKeySequence(tr("Ctrl+Return")));
    m_run->setShortcuts({QKeySequence(tr("Ctrl+Return")), QKeySequence(tr("Ctrl+Enter"))});
    m_generate = action("run.generate", tr("&Generate"), QKeySequence(tr("Ctrl+G")));
    m_stop = action("run.stop", tr("&Stop"));
    m_goLive = action("run.live", tr("Go &live"), QKeySequence(tr("Ctrl+L")));
    connect(m_run, &QAction::triggered, &m_lab, &LabController::run);
    connect(m_generate, &QAction::triggered, &m_lab, &LabController::generate);
    connect(m_stop, &QAction::triggered, &m_lab, &LabController::stop);
    connect(m_goLive, &QAction::triggered, &m_lab, &LabController::goLive);
    QAction* measure = action("run.measure", tr("&Measure routing …"), QKeySequence(tr("Ctrl+R")));
    connect(measure, &QAction::triggered, this, &MainWindow::showMeasure);
    menu->addActions({m_run, m_generate, m_stop});
    menu->addSeparator();
    menu->addAction(measure);
    menu->addSeparator();
    menu->addAction(m_goLive);
}

void MainWindow::buildHelpMenu() {
    QMenu* menu = menuBar()->addMenu(tr("&Help"));
    QAction* guide = action("help.instruments", tr("&Instruments"), QKeySequence::HelpContents);
    connect(guide, &QAction::triggered, this, [this] { explain({}); });
    QAction* aboutItem = action("help.about", tr("&About Depthscope"));
    connect(aboutItem, &QAction::triggered, this, &MainWindow::about);
    menu->addActions({guide, aboutItem});
}

void MainWindow::buildKeys() {
    QAction* release =
        action("edit.escape", tr("Stop, or release the pin"), QKeySequence(Qt::Key_Escape));
    connect(release, &QAction::triggered, this, &MainWindow::escape);
    const auto walk = [&](const char* name, const QString& text, CursorMove move) {
        connect(action(name, text), &QAction::triggered, this, [this, move] { moveCursor(move); });
    };
    walk("cursor.first", tr("First token"), CursorMove::First);
    walk("cursor.prev", tr("Previous token"), CursorMove::Previous);
    walk("cursor.next", tr("Next token"), CursorMove::Next);
    walk("cursor.last", tr("Last token"), CursorMove::Last);
    connect(action("view.follow", tr("Follow live")), &QAction::triggered, this, [this] {
        InstrumentPanel* transport = panel(QStringLiteral("panel.transport"));
        setFollowLive(!transport || !transport->host().viewState().followLive);
    });
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
    m_model = button(tr("Model"), nullptr);
    m_model->setObjectName(QStringLiteral("modelPicker"));
    m_model->setToolButtonStyle(Qt::ToolButtonTextOnly);
    m_model->setPopupMode(QToolButton::InstantPopup);
    m_modelMenu = new QMenu(m_model);
    m_model->setMenu(m_modelMenu);
    m_runButton = button(tr("Run"), m_run);
    m_runButton->setObjectName(QStringLiteral("primary"));
    m_runButton->setToolTip(tr("Route the prompt anew (Ctrl+Enter)"));
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
    m_helpButton->setToolTip(tr("What the instruments show (F1)"));
    connect(m_helpButton, &QToolButton::clicked, this, [this] { explain({}); });
    auto* spacer = new QWidget(m_tools);
    spacer->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    m_tools->addWidget(m_model);
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
}

void MainWindow::refreshModelMenu() {
    m_modelMenu->clear();
    m_recentMenu->clear();
    const QList<ModelEntry> bundled = m_lab.catalog().bundled();
    const QFont headFont = titleFont(m_theme);
    for (const QString& family : ModelCatalog::familiesOf(bundled)) {
        QAction* head = m_modelMenu->addAction(ModelCatalog::headOf(family));
        head->setEnabled(false);
        head->setFont(headFont);
        for (const ModelEntry& entry : bundled) {
            if (entry.family == family) {
                QAction* item = m_modelMenu->addAction(entry.name);
                connect(item, &QAction::triggered, this,
                        [this, entry] { openModel(entry.folder); });
            }
        }
    }
    m_modelMenu->addSeparator();
    for (const QString& folder : m_recent) {
        const QString name = QFileInfo(folder).fileName();
        for (QMenu* menu : {m_modelMenu, m_recentMenu}) {
            QAction* item = menu->addAction(name);
            item->setToolTip(folder);
            item->setEnabled(QFileInfo::exists(folder));
            connect(item, &QAction::triggered, this, [this, folder] { openModel(folder); });
        }
    }
    m_recentMenu->setEnabled(!m_recent.isEmpty());
    m_modelMenu->addSeparator();
    connect(m_modelMenu->addAction(tr("Open folder …")), &QAction::triggered, this,
            &MainWindow::askModelFolder);
    const auto model = m_lab.model();
    QString label = tr("Choose a model");
    if (model) {
        label = QStringLiteral("%1   %2").arg(QString::fromStdString(model->name),
                                              QString::fromStdString(scene::formatCount(
                                                  m_text, static_cast<double>(model->parameters))));
    }
    m_model->setText(label + QStringLiteral("  ▾"));
    m_model->setAccessibleDescription(label);
}

} // namespace depthscope::panels
