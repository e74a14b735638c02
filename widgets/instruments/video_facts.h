// SPDX-License-Identifier: MIT
// What is said of a clip and its frame: shared by the line below the picture, the tooltip and the
// table, so that all agree. Pure, any thread. Frames count from 0, as on the command line.
#pragma once

#include "engine/trace/clip_view.h"
#include "widgets/instruments/instrument.h"
#include "widgets/instruments/video_layout.h"

#include <string>

namespace depthscope::instruments {

/// "29.97 fps", "variable rate"
[[nodiscard]] std::string rateText(const trace::ClipView& clip, const scene::TextService& text);

/// Of the frame on screen.
[[nodiscard]] std::string timecodeText(const trace::ClipView& clip);

/// "decoding frame 77; key frame 50 stands in", "finding the frames, 40 %"; empty: nothing.
[[nodiscard]] std::string waitText(const trace::ClipView& clip, const scene::TextService& text);

/// Position, RGB, and the values as they were decoded, of the pixels under a point; with two clips
/// those of both and their difference. Empty: there are none.
[[nodiscard]] std::string pixelText(const trace::ClipView* clip,
                                    const VideoLayout::Under& under,
                                    const scene::TextService& text);

/// Why A and B cannot be compared as is asked, or not pixel by pixel; empty: they can.
[[nodiscard]] std::string comparisonTrouble(const trace::ClipView& clip,
                                            const ViewState& state,
                                            const scene::TextService& text);

/// One or two sentences.
[[nodiscard]] std::string videoSummary(const trace::ClipView& clip, const scene::TextService& text);

/// A row for each fact.
[[nodiscard]] Table videoTable(const trace::ClipView* clip, const scene::TextService& text);

} // namespace depthscope::instruments
