// SPDX-License-Identifier: MIT
// A made clip that a playback has open: nothing is decoded, its pictures are what is shown.
// Internal to engine/media; one owner, one thread.
#pragma once

#include "engine/media/open_clip.h"

#include <stop_token>
#include <vector>

namespace depthscope::media {

class MemoryClip final : public OpenClip {
public:
    /// Throws Error{BadInput} that names the clip where it has no frames, a picture is missing or
    /// of another size than the first, or its bytes do not match its size.
    explicit MemoryClip(MadeClipPtr clip);

    bool learn(trace::ClipView& view) override;

    [[nodiscard]] ClipPicture
    picture(std::int64_t number, const PictureWay& way, const std::stop_token& stop) override;

    [[nodiscard]] std::int64_t keyBefore(std::int64_t number) const override { return number; }

    [[nodiscard]] const std::vector<double>& times() const override { return m_times; }

    [[nodiscard]] bool take(const ClipSource& newer) override;

private:
    MadeClipPtr m_clip;
    std::vector<double> m_times;
    bool m_isNew = true;
};

} // namespace depthscope::media
