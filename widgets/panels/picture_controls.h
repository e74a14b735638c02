// SPDX-License-Identifier: MIT
// How the picture of the Video dock is looked at: its zoom, and whether its pixels are sharp or
// smooth. The panel's view state holds both. Widget; parents own it; GUI thread.
#pragma once

#include "widgets/instruments/view_state.h"

#include <QWidget>

namespace depthscope::host {
class InstrumentHost;
}

namespace depthscope::panels {

class ChoiceBox;

class PictureControls : public QWidget {
    Q_OBJECT

public:
    /// `picture` outlives the controls.
    explicit PictureControls(host::InstrumentHost& picture, QWidget* parent = nullptr);

    /// Reads the filter from the user's settings, and writes it there from now on.
    void remember();

private:
    void zoomTo(double scale);
    void chooseFilter(instruments::PixelFilter filter);
    void showState();

    host::InstrumentHost& m_picture;
    ChoiceBox* m_filter = nullptr;
    ChoiceBox* m_zoom = nullptr;
    bool m_remembers = false;
};

} // namespace depthscope::panels
