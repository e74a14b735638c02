// SPDX-License-Identifier: MIT
// Frames of a run's clip with what the run spent on their patches drawn over them, or that alone,
// for a file: the overlay of the Video panel, sharp at the size of the file. GUI thread.
#pragma once

#include "engine/trace/trace_store.h"
#include "widgets/instruments/view_state.h"
#include "widgets/lab/clip_export.h"

#include <QString>

namespace depthscope::host {
class InstrumentHost;
}

namespace depthscope::panels {

class OverlayPictures {
public:
    /// Both outlive it. `picture` is the Video panel, whose overlay is drawn.
    OverlayPictures(const trace::TraceStore& store, const host::InstrumentHost& picture)
        : m_store(store)
        , m_picture(picture) {}

    /// The clip is of a run on screen that the panel's overlay has something to say of.
    [[nodiscard]] bool isFor(const trace::ClipView& clip) const;

    /// "tint by depth, 35 %".
    [[nodiscard]] QString text() const;

    /// Draws the frames of the choice, which has an overlay. Their scenes are made now, so that the
    /// file shows what is on screen now. `isClear`: nothing lies behind an overlay alone, else
    /// black.
    [[nodiscard]] lab::FrameDrawing drawing(const lab::ExportChoice& choice, bool isClear) const;

private:
    /// Off is drawn as a tint: whoever asks for an overlay means to see one.
    [[nodiscard]] instruments::ViewState state() const;

    const trace::TraceStore& m_store;
    const host::InstrumentHost& m_picture;
};

} // namespace depthscope::panels
