// SPDX-License-Identifier: MIT
// The lab window: puts panels, forms, menus, toolbar and messages together around a LabController,
// and keeps theme and layout. GUI thread; the program owns it and what it refers to.
#pragma once

#include "widgets/panels/dock_board.h"
#include "widgets/panels/panel_board.h"

#include <QMainWindow>
#include <QStringList>
#include <optional>
#include <vector>

class QActionGroup;
class QLabel;
class QMenu;
class QToolBar;
class QToolButton;

namespace depthscope::lab {
class LabController;
struct Example;
} // namespace depthscope::lab

namespace depthscope::panels {

class Banner;
class ClipCommands;
class ClosingQuestion;
class FigureDialog;
class FigureRestorer;
class FileCommands;
class MeasureDialog;
class ModelPicker;
class Presenter;
class PromptPanel;
class RecentFiles;
class RoutingForm;
class StatusStrip;
class Toast;
class TrainingOffer;
class TrainPanel;
class VideoPanel;

enum class ThemeChoice { System, Light, Dark };

struct WindowOptions {
    bool remembers = true; ///< reads and writes layout, theme and recent files
    ThemeChoice theme = ThemeChoice::System;
    bool systemIsDark = false;
};

class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    /// `lab` and `text` outlive the window.
    MainWindow(lab::LabController& lab, const scene::TextService& text, WindowOptions options);
    ~MainWindow() override;

    [[nodiscard]] lab::LabController& lab() { return m_lab; }

    [[nodiscard]] const std::vector<InstrumentPanel*>& panels() const { return m_board->panels(); }

    [[nodiscard]] InstrumentPanel* panel(const QString& id) const { return m_board->find(id); }

    [[nodiscard]] PromptPanel& prompt() { return *m_prompt; }

    [[nodiscard]] Banner& banner() { return *m_banner; }

    [[nodiscard]] const scene::Theme& theme() const { return m_theme; }

    void setThemeChoice(ThemeChoice choice);
    void setZoom(double zoom);

    [[nodiscard]] double zoom() const { return m_zoom; }

    void resetLayout();
    /// Writes it to the user's settings, with theme and zoom; while presenting, what was before.
    void keepLayout();
    /// What a figure and a session keep of the window, without its layout.
    [[nodiscard]] FigureRecipe lookedAt() const;
    [[nodiscard]] MeasureDialog& measureDialog();

    /// A recording, a figure of Depthscope, a video or an image, or a text; a folder is a model, or
    /// images.
    void openPath(const QString& path);
    /// Throws Error naming the file, or its ending.
    void exportPanel(InstrumentPanel& panel, const QString& path, const FigureOptions& options);
    /// Shows the Video dock in the place of the text panels; at a frame, where one is given.
    void openVideo(const QString& path, std::optional<qint64> frame = std::nullopt);
    /// Shows a second video against the one that is open; opens it where none is. A model runs
    /// beside the one that is loaded; false with a banner where it cannot.
    bool compareVideo(const QString& path);
    /// Nothing was kept from an earlier start, so that the welcome is due.
    [[nodiscard]] bool isFirstStart() const;
    void showWelcome();
    /// A bundled name or a folder; false with a banner when it is neither.
    bool openModel(const QString& nameOrFolder);
    /// The window with what its GL panels show, and open dialogs over it.
    [[nodiscard]] QImage picture();

protected:
    void showEvent(QShowEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    bool event(QEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    QAction* action(const char* name, const QString& text, const QKeySequence& keys = {});
    void buildForms();
    void buildInstruments();
    void buildTrainDock();
    void buildVideoDock();
    void addHeadButtons(PanelDock& dock, InstrumentPanel& panel);
    void buildVideoFileMenu(QMenu& menu);
    void buildVideoMenu(QMenu& menu);
    void buildFileMenu();
    void buildEditMenu();
    void buildViewMenu();
    void buildRunMenu();
    void addReference(QMenu& menu);
    void addPaneKeys(QMenu& menu);
    void buildHelpMenu();
    void buildKeys();
    void buildToolBar();
    void buildBanner();
    void connectAll();

    [[nodiscard]] scene::Theme chosenTheme() const;
    void applyThemeChoice();
    void refreshRun();
    void refreshBadge();
    void escape();
    void triggerPanelAction(const QString& name);
    void showMeasure();
    void askExport(InstrumentPanel& panel);
    [[nodiscard]] FigureRecipe recipe(const InstrumentPanel& panel) const;
    /// False: the file is none.
    bool openFigure(const QString& path);
    void connectFigures();
    void showLayout(const FigureRecipe& recipe);
    void showViews(const FigureRecipe& recipe);
    [[nodiscard]] QByteArray layoutState() const;
    bool restoreLayoutState(const QByteArray& state, const QStringList& needed);
    void explain(const QString& panelId);
    void followModel();
    void giveRoomBack();
    void swapVideo(bool shown);
    void tellSaved(const QString& file, const QString& facts);
    void askForComparison();
    void openExample(const lab::Example& example);
    void openBundledPrediction();
    void readSettings();
    void restoreLayout();

    lab::LabController& m_lab;
    const scene::TextService& m_text;
    WindowOptions m_options;
    scene::Theme m_theme;
    double m_zoom = 1;
    QVariantMap m_kept; ///< in the user's settings
    DockBoard* m_docks = nullptr;
    Presenter* m_presenter = nullptr;
    PanelBoard* m_board = nullptr;
    PromptPanel* m_prompt = nullptr;
    RoutingForm* m_routing = nullptr;
    TrainPanel* m_train = nullptr;
    VideoPanel* m_video = nullptr;   ///< null in a program without video
    ClipCommands* m_clips = nullptr; ///< the same
    QStringList m_madeRoom;          ///< docks that stand back while the Video dock is shown
    RecentFiles* m_recentVideos = nullptr;
    FileCommands* m_files = nullptr;
    ClosingQuestion* m_closing = nullptr;
    MeasureDialog* m_measure = nullptr; ///< made when it is first asked for
    FigureDialog* m_figures = nullptr;  ///< the same
    FigureRestorer* m_restorer = nullptr;
    ModelPicker* m_models = nullptr;
    StatusStrip* m_status = nullptr;
    Banner* m_banner = nullptr;
    Toast* m_toast = nullptr;
    TrainingOffer* m_offer = nullptr;
    QToolBar* m_bannerBar = nullptr;
    QToolBar* m_tools = nullptr;
    QToolButton* m_runButton = nullptr;
    QToolButton* m_stopButton = nullptr;
    QToolButton* m_themeButton = nullptr;
    QToolButton* m_helpButton = nullptr;
    QLabel* m_badge = nullptr;
    QAction* m_badgeAction = nullptr;
    QMenu* m_recentMenu = nullptr;
    QActionGroup* m_themeGroup = nullptr;
    QAction* m_run = nullptr;
    QAction* m_stop = nullptr;
    QAction* m_generate = nullptr;
    QAction* m_goLive = nullptr;
};

} // namespace depthscope::panels
