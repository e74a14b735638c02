// SPDX-License-Identifier: MIT
// How two clips of the Video dock are shown against each other: wipe, split, blink, difference; and
// which run stands beside the one that is shown, and what is the same in both. Is shown while there
// is a second clip, or a run that could be one. Widget; parents own it; GUI thread.
#pragma once

#include "widgets/instruments/view_state.h"
#include "widgets/lab/model_catalog.h"
#include "widgets/scene/theme.h"

#include <QTimer>
#include <QWidget>
#include <array>
#include <string>

class QHBoxLayout;
class QLabel;
class QToolButton;

namespace depthscope::host {
class InstrumentHost;
}

namespace depthscope::lab {
class ClipPlayer;
class LabController;
class RunClips;
} // namespace depthscope::lab

namespace depthscope::panels {

class ChoiceBox;

class ComparisonBar : public QWidget {
    Q_OBJECT

public:
    /// All outlive the bar.
    ComparisonBar(lab::LabController& lab,
                  lab::ClipPlayer& player,
                  lab::RunClips& runs,
                  host::InstrumentHost& picture,
                  QWidget* parent);

    void setTheme(const scene::Theme& theme);
    /// The clip has changed.
    void refresh();

    /// Milliseconds between two pictures of a blink.
    [[nodiscard]] int blinkInterval() const { return m_blink.interval(); }

private:
    ChoiceBox* choice(QHBoxLayout& row, const char* name, const QString& title);
    void fillBeside();
    void chooseBeside(int index);
    void refreshName();
    [[nodiscard]] QString runText(const std::string& run) const;
    [[nodiscard]] QString controlText() const;
    void close();
    void apply();
    void blink();

    lab::LabController& m_lab;
    lab::ClipPlayer& m_player;
    lab::RunClips& m_runs;
    host::InstrumentHost& m_picture;
    ChoiceBox* m_beside = nullptr;
    ChoiceBox* m_mode = nullptr;
    ChoiceBox* m_gain = nullptr;
    ChoiceBox* m_rate = nullptr;
    QLabel* m_name = nullptr;        ///< of a file that stands beside
    QLabel* m_control = nullptr;     ///< of a run: what it is and what is equal
    QList<lab::ModelEntry> m_models; ///< that could make a run to stand beside
    QToolButton* m_close = nullptr;
    QTimer m_blink;
    bool m_compares = false;
    bool m_isRun = false;
    std::array<int, 2> m_modes{}; ///< chosen for files, and for runs
};

} // namespace depthscope::panels
