// SPDX-License-Identifier: MIT
// The Video dock: the picture (an instrument panel) above, the seek bar and the controls below. Its
// actions are those of the menu and the keys. GUI thread; parents own.
#pragma once

#include "widgets/panels/icons.h"
#include "widgets/scene/theme.h"

#include <QList>
#include <QWidget>
#include <utility>
#include <vector>

class QAction;
class QHBoxLayout;
class QKeySequence;
class QLabel;
class QSpinBox;

namespace depthscope::lab {
class ClipPlayer;
class LabController;
class RunClips;
} // namespace depthscope::lab

namespace depthscope::panels {

class ChoiceBox;
class ComparisonBar;
class InstrumentPanel;
class OverlayBar;
class PictureControls;
class SeekBar;

class VideoPanel : public QWidget {
    Q_OBJECT

public:
    /// `lab` outlives the panel; `picture` becomes a child.
    VideoPanel(lab::LabController& lab, InstrumentPanel& picture, QWidget* parent = nullptr);

    [[nodiscard]] lab::ClipPlayer& player() { return m_player; }

    void setTheme(const scene::Theme& theme);

    /// For the window's menu and keys, in the order of the menu; a null is a separator.
    [[nodiscard]] const QList<QAction*>& commands() const { return m_commands; }

    /// For the File menu as well.
    [[nodiscard]] QAction& exporting() const { return *m_export; }

    /// A clip is open and on screen: its keys work.
    [[nodiscard]] bool isActive() const { return m_isActive; }

    /// Keeps what the user prefers from one start to the next.
    void remember();

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void activeChanged(bool active);
    /// A second clip is to be chosen.
    void compareRequested();
    void exportRequested();

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    QAction* command(const char* name, const QString& text, Icon which, const QKeySequence& key);
    void buildCommands();
    void buildControls(QHBoxLayout& row);
    void addButton(QHBoxLayout& row, QAction* action);
    void refreshOverlay();
    void refresh();
    void refreshActive();
    void tellRoom();

    lab::ClipPlayer& m_player;
    lab::RunClips& m_runs;
    InstrumentPanel& m_picture;
    scene::Theme m_theme;
    QList<QAction*> m_commands;
    std::vector<std::pair<QAction*, Icon>> m_icons;
    QAction* m_first = nullptr;
    QAction* m_previous = nullptr;
    QAction* m_play = nullptr;
    QAction* m_next = nullptr;
    QAction* m_last = nullptr;
    QAction* m_in = nullptr;
    QAction* m_out = nullptr;
    QAction* m_clear = nullptr;
    QAction* m_loop = nullptr;
    SeekBar* m_seek = nullptr;
    QSpinBox* m_frame = nullptr;
    QLabel* m_lastFrame = nullptr;
    ChoiceBox* m_speed = nullptr;
    PictureControls* m_look = nullptr;
    ComparisonBar* m_comparison = nullptr;
    OverlayBar* m_overlay = nullptr;
    QAction* m_compare = nullptr;
    QAction* m_nextOverlay = nullptr;
    QAction* m_export = nullptr;
    bool m_isActive = false;
};

} // namespace depthscope::panels
