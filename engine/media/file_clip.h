// SPDX-License-Identifier: MIT
// A file that a playback has open: its reader, what its index says of it. Internal to engine/media;
// one owner, one thread. Throws Error as Reader does.
#pragma once

#include "engine/media/open_clip.h"
#include "engine/media/reader.h"
#include "engine/media/rgb.h"

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace depthscope::media {

class FileClip final : public OpenClip {
public:
    /// Takes as long as finding the frames does.
    FileClip(std::filesystem::path path, ReaderOptions options, const std::stop_token& stop);

    bool learn(trace::ClipView& view) override;

    [[nodiscard]] ClipPicture
    picture(std::int64_t number, const PictureWay& way, const std::stop_token& stop) override;

    [[nodiscard]] std::int64_t keyBefore(std::int64_t number) const override;

    [[nodiscard]] const std::vector<double>& times() const override { return m_times; }

    [[nodiscard]] bool take(const ClipSource&) override { return false; }

    [[nodiscard]] const FileClip* file() const override { return this; }

    /// As learn() told it.
    [[nodiscard]] const std::shared_ptr<const MediaIndex>& index() const { return m_index; }

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

} // namespace depthscope::media
