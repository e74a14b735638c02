// SPDX-License-Identifier: MIT
// What lies over the pictures of a run in the Video dock: how patches are marked, by what, how
// strongly. The panel's view state holds it. While H is held anywhere but in a text field, nothing
// lies over them. Widget; parents own it; GUI thread.
#pragma once

#include "widgets/instruments/view_state.h"

#include <QWidget>

namespace depthscope::host {
class InstrumentHost;
}

namespace depthscope::panels {

class ChoiceBox;
class RatioSlider;

class OverlayBar : public QWidget {
    Q_OBJECT

public:
    /// `picture` outlives the bar.
    explicit OverlayBar(host::InstrumentHost& picture, QWidget* parent = nullptr);
    ~OverlayBar() override;

    /// Reads the choices from the user's settings, and writes them there from now on.
    void remember();

    /// Off, tint, contour, dim, off, ..
    void cycle();

    [[nodiscard]] bool eventFilter(QObject* watched, QEvent* event) override;

private:
    ChoiceBox* choice(const char* name, const QString& title, const QString& tip);
    void apply();
    void showState();
    void hideOverlay(bool hidden);

    host::InstrumentHost& m_picture;
    ChoiceBox* m_overlay = nullptr;
    ChoiceBox* m_by = nullptr;
    RatioSlider* m_opacity = nullptr;
    bool m_remembers = false;
};

} // namespace depthscope::panels
