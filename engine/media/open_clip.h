// SPDX-License-Identifier: MIT
// A clip that a playback has open: what is known of it, and pictures of its frames. Internal to
// engine/media; one owner, one thread.
#pragma once

#include "engine/media/made_clip.h"
#include "engine/trace/clip_view.h"

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <vector>

namespace depthscope::media {

class FileClip;

/// How a frame becomes a picture.
struct PictureWay {
    bool quick = false; ///< RgbConverter::convertQuickly()
    PictureSize room;   ///< of a quick one; 0: as large as the frame
};

struct ClipPicture {
    trace::Frame frame;
    RgbPicturePtr rgb;
    bool quick = false;
    std::string codec; ///< and, in brackets, the device that decoded it, if that was one

    [[nodiscard]] std::size_t bytes() const { return frame.byteCount + rgb->bytes.size(); }
};

class OpenClip {
public:
    OpenClip() = default;
    virtual ~OpenClip() = default;
    OpenClip(const OpenClip&) = delete;
    OpenClip& operator=(const OpenClip&) = delete;

    /// Writes what is known of the clip into `view`. False where that is what it wrote before.
    virtual bool learn(trace::ClipView& view) = 0;

    /// A file's throws Error as Reader does.
    [[nodiscard]] virtual ClipPicture
    picture(std::int64_t number, const PictureWay& way, const std::stop_token& stop) = 0;

    /// The last frame at or before this one that decoding can begin at.
    [[nodiscard]] virtual std::int64_t keyBefore(std::int64_t number) const = 0;

    /// When each frame begins, and when the last one ends (growingTimes()).
    [[nodiscard]] virtual const std::vector<double>& times() const = 0;

    /// Shows newer pictures instead of its own, where the clip has as many frames at the same rate.
    /// False: it is another clip.
    [[nodiscard]] virtual bool take(const ClipSource& newer) = 0;

    /// Null: a clip in memory.
    [[nodiscard]] virtual const FileClip* file() const { return nullptr; }
};

/// Shows a picture in a view: the frame, its pixels, and what they are made of.
void showIn(trace::ClipView& view, ClipPicture picture, std::uint64_t generation);

/// |a - b| x `gain` in each channel, at most 255. Null where their sizes differ.
[[nodiscard]] RgbPicturePtr differenceOf(const RgbPicture& a, const RgbPicture& b, int gain);

} // namespace depthscope::media
