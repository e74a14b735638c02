// SPDX-License-Identifier: MIT
// How two clips of the Video dock are shown against each other: wipe, split, blink, difference. Is
// shown while there is a second clip. Widget; parents own it; GUI thread.
#pragma once

#include "widgets/instruments/view_state.h"
#include "widgets/scene/theme.h"

#include <QTimer>
#include <QWidget>

class QHBoxLayout;
class QLabel;
class QToolButton;

namespace depthscope::host {
class InstrumentHost;
}

namespace depthscope::lab {
class ClipPlayer;
}

namespace depthscope::panels {

class ChoiceBox;

class ComparisonBar : public QWidget {
    Q_OBJECT

public:
    /// Both outlive the bar.
    ComparisonBar(lab::ClipPlayer& player, host::InstrumentHost& picture, QWidget* parent);

    void setTheme(const scene::Theme& theme);
    /// The clip has changed.
    void refresh();

    /// Milliseconds between two pictures of a blink.
    [[nodiscard]] int blinkInterval() const { return m_blink.interval(); }

private:
    ChoiceBox* choice(QHBoxLayout& row, const char* name, const QString& title);
    void apply();
    void blink();

    lab::ClipPlayer& m_player;
    host::InstrumentHost& m_picture;
    ChoiceBox* m_mode = nullptr;
    ChoiceBox* m_gain = nullptr;
    ChoiceBox* m_rate = nullptr;
    QLabel* m_name = nullptr;
    QToolButton* m_close = nullptr;
    QTimer m_blink;
};

} // namespace depthscope::panels
