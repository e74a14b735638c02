// SPDX-License-Identifier: MIT
// A clip that a playback has open: its reader, what its index says of it, and pictures of its
// frames. Internal to engine/media; one owner, one thread. Throws Error as Reader does.
#pragma once

#include "engine/media/reader.h"
#include "engine/media/rgb.h"
#include "engine/trace/clip_view.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace depthscope::media {

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
    /// Takes as long as finding the frames does.
    OpenClip(std::filesystem::path path, ReaderOptions options, const std::stop_token& stop);

    /// Writes what the index says of the clip into `view`. False where it says what it said before.
    bool learn(trace::ClipView& view);

    [[nodiscard]] ClipPicture
    picture(std::int64_t number, const PictureWay& way, const std::stop_token& stop);

    /// As learn() told it.
    [[nodiscard]] const std::shared_ptr<const MediaIndex>& index() const { return m_index; }

    /// When each frame begins, and when the last one ends (growingTimes()).
    [[nodiscard]] const std::vector<double>& times() const { return m_times; }

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

    /// As SoundReader describes it; empty: none, or a folder of images.
    [[nodiscard]] std::string sound() const;

private:
    std::filesystem::path m_path;
    Limits m_limits;
    Reader m_reader;
    RgbConverter m_converter;
    std::shared_ptr<const MediaIndex> m_index;
    std::vector<double> m_times;
};

/// Shows a picture in a view: the frame, its pixels, and what they are made of.
void showIn(trace::ClipView& view, ClipPicture picture, std::uint64_t generation);

/// |a - b| x `gain` in each channel, at most 255. Null where their sizes differ.
[[nodiscard]] RgbPicturePtr differenceOf(const RgbPicture& a, const RgbPicture& b, int gain);

} // namespace depthscope::media
