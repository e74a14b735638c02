// SPDX-License-Identifier: MIT
// What is said of a clip and its frame: shared by the line below the picture, the tooltip and the
// table, so that all agree. Pure, any thread. Frames count from 0, as on the command line.
#pragma once

#include "engine/trace/clip_view.h"
#include "widgets/instruments/instrument.h"
#include "widgets/instruments/patch_grid.h"
#include "widgets/instruments/video_layout.h"

#include <cstdint>
#include <optional>
#include <string>

namespace depthscope::instruments {

/// How the pictures of a run are called, e.g. "prediction"; a message id. A run without a name of
/// its own is called by its key.
[[nodiscard]] std::string runName(const trace::RunKey& run);

/// A clip in a comparison: the name of its run; of a file `letter`.
[[nodiscard]] std::string
tagOf(const trace::ClipView& clip, const char* letter, const scene::TextService& text);

/// "B: other.mp4", "beside: truth"
[[nodiscard]] std::string besideText(const trace::ClipView& clip, const scene::TextService& text);

/// Of a frame of a run: it was not predicted, and has no PSNR.
[[nodiscard]] bool isGivenFrame(const trace::ClipView& clip, std::int64_t frame);

/// Of a frame of a run: "given" or "predicted".
[[nodiscard]] std::string
partText(const trace::ClipView& clip, std::int64_t frame, const scene::TextService& text);

/// "PSNR 24.1 dB, copy-last 17.6 dB" of the run whose pictures are shown; empty: no truth is known.
[[nodiscard]] std::string psnrText(const trace::TraceView& view, const scene::TextService& text);

/// "29.97 fps", "variable rate"
[[nodiscard]] std::string rateText(const trace::ClipView& clip, const scene::TextService& text);

/// Of the frame on screen.
[[nodiscard]] std::string timecodeText(const trace::ClipView& clip);

/// "decoding frame 77; key frame 50 stands in", "finding the frames, 40 %"; empty: nothing.
[[nodiscard]] std::string waitText(const trace::ClipView& clip, const scene::TextService& text);

/// Position, RGB, and the values as they were decoded, of the pixels under a point; with two clips
/// those of both and their difference. Of a run also the patch that they are part of. Empty: there
/// are none.
[[nodiscard]] std::string pixelText(const trace::TraceView& view,
                                    const VideoLayout::Under& under,
                                    const std::optional<PatchUnder>& patch,
                                    const scene::TextService& text);

/// Why A and B cannot be compared as is asked, or not pixel by pixel; empty: they can.
[[nodiscard]] std::string comparisonTrouble(const trace::ClipView& clip,
                                            const ViewState& state,
                                            const scene::TextService& text);

/// One or two sentences.
[[nodiscard]] std::string videoSummary(const trace::ClipView& clip, const scene::TextService& text);

/// A row for each fact.
[[nodiscard]] Table videoTable(const trace::TraceView& view, const scene::TextService& text);

} // namespace depthscope::instruments
