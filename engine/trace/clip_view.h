// SPDX-License-Identifier: MIT
// What is on screen of a clip: the frame that is shown, where it stands, and what the player is
// about. An immutable value that a player makes; any thread.
#pragma once

#include "engine/base/rgb_picture.h"
#include "engine/trace/frame.h"
#include "engine/trace/run_key.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::trace {

/// Where a frame keeps one component of a pixel.
struct PixelComponent {
    std::string_view name;        ///< "Y", "R"; of a constant
    std::size_t plane = 0;        ///< in Frame::planes
    std::size_t step = 1;         ///< bytes to the next pixel of the row
    std::size_t offset = 0;       ///< bytes before the first one
    unsigned shift = 0;           ///< bits below the value
    unsigned depth = 8;           ///< bits of the value
    unsigned columnsPerValue = 0; ///< as a power of two: 1 where two pixels of a row share one
    unsigned rowsPerValue = 0;
};

/// The value of a component at a pixel of the frame as it was decoded, before any turning. Nothing
/// outside the frame.
[[nodiscard]] std::optional<std::uint32_t>
valueAt(const Frame& frame, const PixelComponent& component, std::int64_t column, std::int64_t row);

/// Frames from `first` to `last`, both included.
struct FrameRange {
    std::int64_t first = 0;
    std::int64_t last = 0;

    [[nodiscard]] bool operator==(const FrameRange&) const = default;
};

/// A frame made small, for a seek bar.
struct Thumbnail {
    std::int64_t frame = 0;
    RgbPicturePtr picture;
};

struct ClipView {
    std::string file; ///< empty: made by a model
    std::string name; ///< of the file, without its folder; or of the run, e.g. "prediction"
    RunKey run;       ///< whose pictures these are; empty: a file's
    std::int32_t contextFrames = 0; ///< of a run: the first ones, which were given
    // Of the clip; known once `frameCount` is above 0.
    std::string container;
    std::string codec;
    std::int32_t rotation = 0; ///< degrees clockwise that it is shown turned by
    Ratio sampleAspect{1, 1};  ///< width to height of a pixel
    Ratio frameRate{25, 1};
    bool variableRate = false;
    std::int64_t frameCount = 0;
    double duration = 0;                                      ///< seconds
    std::shared_ptr<const std::vector<std::int64_t>> damaged; ///< numbers, growing; null: none
    std::string sound;                      ///< "aac, 2 channels, 48000 Hz"; empty: none
    bool hasSoundDevice = false;            ///< else a clip with sound is silent
    std::vector<PixelComponent> components; ///< empty: native values cannot be shown
    // On screen.
    std::optional<Frame> frame;
    RgbPicturePtr picture;        ///< of `frame`
    std::uint64_t generation = 0; ///< of `picture`: another one with each
    bool exact = true;            ///< false: a key frame stands in until `target` is there
    bool quick = false; ///< `picture` is smaller or rougher than `frame` is, as while playing
    // Of a comparison with a second clip, B.
    std::shared_ptr<const ClipView> other; ///< B at the same frame number; null: no comparison
    int differenceGain = 0;                ///< 1 to 16; 0: none was asked for
    RgbPicturePtr difference; ///< |A - B| x gain in each channel; null where sizes differ
    std::uint64_t differenceGeneration = 0;
    // Made in the background.
    std::shared_ptr<const std::vector<Thumbnail>> thumbnails; ///< by frame number; null: none yet
    // What the player is about.
    std::int64_t target = 0; ///< the frame that was asked for
    bool busy = false;       ///< something asked for is not on screen yet; playing is not busy
    bool playing = false;
    double speed = 1; ///< below 0: backwards
    bool looping = false;
    std::optional<FrameRange> range; ///< between the marks; nothing: all
    std::int64_t shown = 0;          ///< frames since the start of playing
    std::int64_t missed = 0;         ///< of them: due at 1x or slower and never seen
    std::optional<double> indexing;  ///< 0 to 1 while the frames are being found
    std::string error;               ///< empty: none
    std::string hint;

    [[nodiscard]] FrameRange played() const {
        return range.value_or(FrameRange{0, frameCount > 0 ? frameCount - 1 : 0});
    }
};

using ClipPtr = std::shared_ptr<const ClipView>;

/// "00:01:02:07": hours, minutes, seconds and frames of a second that has as many as the rate
/// rounds to, none dropped; "00:01:02.280" where the rate is variable.
[[nodiscard]] std::string timecode(const ClipView& clip, std::int64_t number, double seconds);

} // namespace depthscope::trace
