// SPDX-License-Identifier: MIT
// The lab window: menus, toolbar, docks, status bar, banner, theme and layout around a
// LabController. GUI thread; the program owns it and what it refers to.
#pragma once

#include "widgets/instruments/instrument.h"
#include "widgets/panels/instrument_panel.h"

#include <QMainWindow>
#include <memory>
#include <vector>

class QActionGroup;
class QLabel;
class QMenu;
class QToolBar;
class QToolButton;

namespace depthscope::panels {

class Banner;
class LabController;
class PanelDock;
class PromptPanel;
class RoutingForm;
class Toast;
class MeasureDialog;
class TrainPanel;

enum class ThemeChoice { System, Light, Dark };

struct WindowOptions {
    bool remembers = true; ///< reads and writes layout, theme and recent models
    ThemeChoice theme = ThemeChoice::System;
    bool systemIsDark = false;
};

class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    /// `lab` and `text` outlive the window.
    MainWindow(LabController& lab, const scene::TextService& text, WindowOptions options);
    ~MainWindow() override;

    [[nodiscard]] LabController& lab() { return m_lab; }

    [[nodiscard]] const std::vector<InstrumentPanel*>& panels() const { return m_panels; }

    [[nodiscard]] InstrumentPanel* panel(const QString& id) const;
    [[nodiscard]] PanelDock* dock(const char* id) const;

    [[nodiscard]] PromptPanel& prompt() { return *m_prompt; }

    [[nodiscard]] Banner& banner() { return *m_banner; }

    [[nodiscard]] const scene::Theme& theme() const { return m_theme; }

    void setThemeChoice(ThemeChoice choice);
    void setZoom(double zoom);
    void resetLayout();

    /// A recording or a text, by its ending; a folder is a model.
    void openPath(const QString& path);
    /// A bundled name or a folder; false with a banner when it is neither.
    bool openModel(const QString& nameOrFolder);
    /// The window with what its GL panels show, and open dialogs over it.
    [[nodiscard]] QImage picture();

protected:
    void showEvent(QShowEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    QAction* action(const char* name, const QString& text, const QKeySequence& keys = {});
    void buildDocks(const scene::TextService& text);
    PanelDock* addDock(const QString& id, const QString& title, QWidget* content);
    void buildFileMenu();
    void buildEditMenu();
    void buildViewMenu();
    void buildRunMenu();
    void buildHelpMenu();
    void buildKeys();
    void buildToolBar();
    void buildBanner();
    void connectLab();

    [[nodiscard]] scene::Theme chosenTheme() const;
    void applyThemeChoice();
    void refreshModelMenu();
    void refreshRun();
    /// Panels that mean something for the model take the place of those that do not.
    void refreshPanels();
    void resizeSheets();
    void refreshBadge();
    void escape();
    void triggerPanelAction(const QString& name);
    enum class CursorMove { First, Previous, Next, Last };
    void moveCursor(CursorMove move);
    void setFollowLive(bool follow);
    /// The transport outlines what the zoomed panels show, whatever its own width.
    void shareWidth();
    void wakeNextPanel();
    void buildTrainDock(const scene::TextService& text);
    void connectPanel(InstrumentPanel& panel);
    void shareAxis(const InstrumentPanel& source, const instruments::ViewState& state);

    void askText();
    void askGradedText();
    void showMeasure();
    void askRecording();
    void askSaveRecording();
    void askModelFolder();
    void askExport(const QString& panelId);
    void explain(const QString& panelId);
    void about();
    void rememberModel(const QString& folder);
    void readSettings();
    void restoreLayout();
    void saveLayout();

    LabController& m_lab;
    const scene::TextService& m_text;
    WindowOptions m_options;
    scene::Theme m_theme;
    double m_zoom = 1;
    bool m_sharing = false;
    std::size_t m_awake = 0; ///< panels that paint
    std::vector<std::unique_ptr<instruments::Instrument>> m_instruments;
    std::vector<InstrumentPanel*> m_panels;
    std::vector<PanelDock*> m_docks;
    PromptPanel* m_prompt = nullptr;
    RoutingForm* m_routing = nullptr;
    TrainPanel* m_train = nullptr;
    MeasureDialog* m_measure = nullptr; ///< made when it is first asked for
    Banner* m_banner = nullptr;
    Toast* m_toast = nullptr;
    QToolBar* m_bannerBar = nullptr;
    QToolBar* m_tools = nullptr;
    QToolButton* m_model = nullptr;
    QToolButton* m_runButton = nullptr;
    QToolButton* m_stopButton = nullptr;
    QToolButton* m_themeButton = nullptr;
    QToolButton* m_helpButton = nullptr;
    QLabel* m_badge = nullptr;
    QAction* m_badgeAction = nullptr;
    QMenu* m_modelMenu = nullptr;
    QMenu* m_recentMenu = nullptr;
    QActionGroup* m_themeGroup = nullptr;
    QAction* m_run = nullptr;
    QAction* m_stop = nullptr;
    QAction* m_generate = nullptr;
    QAction* m_goLive = nullptr;
    QStringList m_recent;
    bool m_expertsShown = false; ///< the layout is that of a model with experts
};

} // namespace depthscope::panels
