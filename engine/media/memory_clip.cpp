// SPDX-License-Identifier: MIT
#include "engine/media/memory_clip.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <algorithm>
#include <utility>

namespace depthscope::media {

namespace {

void check(const MadeClip& clip) {
    const auto refuse = [&](const std::string& what) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: {}", clip.name, what), "Run it again.");
    };
    if (clip.pictures.empty()) {
        refuse("it has no frames");
    }
    if (clip.rate.over <= 0 || clip.rate.under <= 0) {
        refuse("its frame rate must be above 0");
    }
    for (const RgbPicturePtr& picture : clip.pictures) {
        const bool isWhole = picture && picture->width > 0 && picture->height > 0 &&
                             picture->bytes.size() == static_cast<std::size_t>(picture->width) * 3 *
                                                          static_cast<std::size_t>(picture->height);
        if (!isWhole || picture->width != clip.pictures.front()->width ||
            picture->height != clip.pictures.front()->height) {
            refuse("its pictures must be whole and of one size");
        }
    }
}

double secondsOf(const MadeClip& clip, std::size_t frame) {
    return static_cast<double>(frame) * clip.rate.under / clip.rate.over;
}

/// At most this many, evenly over the clip.
std::shared_ptr<const std::vector<trace::Thumbnail>> thumbnailsOf(const MadeClip& clip) {
    constexpr std::size_t kMost = 48;
    auto list = std::make_shared<std::vector<trace::Thumbnail>>();
    const std::size_t all = clip.pictures.size();
    const std::size_t count = std::min(all, kMost);
    for (std::size_t n = 0; n < count; ++n) {
        const std::size_t frame = n * all / count;
        list->push_back({static_cast<std::int64_t>(frame), clip.pictures[frame]});
    }
    return list;
}

} // namespace

MemoryClip::MemoryClip(MadeClipPtr clip)
    : m_clip(std::move(clip)) {
    check(*m_clip);
    for (std::size_t frame = 0; frame <= m_clip->pictures.size(); ++frame) {
        m_times.push_back(secondsOf(*m_clip, frame));
    }
}

bool MemoryClip::learn(trace::ClipView& view) {
    if (!std::exchange(m_isNew, false)) {
        return false;
    }
    view.name = m_clip->name;
    view.run = m_clip->run;
    view.contextFrames = m_clip->contextFrames;
    view.frameRate = m_clip->rate;
    view.frameCount = std::ssize(m_clip->pictures);
    view.duration = m_times.back();
    view.thumbnails = thumbnailsOf(*m_clip);
    return true;
}

ClipPicture
MemoryClip::picture(std::int64_t number, const PictureWay& /*way*/, const std::stop_token&) {
    const auto at = static_cast<std::size_t>(
        std::clamp<std::int64_t>(number, 0, std::ssize(m_clip->pictures) - 1));
    ClipPicture picture;
    picture.rgb = m_clip->pictures[at];
    trace::Frame& frame = picture.frame;
    frame.number = static_cast<std::int64_t>(at);
    frame.width = picture.rgb->width;
    frame.height = picture.rgb->height;
    frame.pts = frame.number;
    frame.timeBase = {m_clip->rate.under, m_clip->rate.over};
    frame.seconds = secondsOf(*m_clip, at);
    frame.key = true;
    return picture;
}

bool MemoryClip::take(const ClipSource& newer) {
    const auto* made = std::get_if<MadeClipPtr>(&newer);
    if (made == nullptr || (*made)->pictures.size() != m_clip->pictures.size() ||
        (*made)->rate != m_clip->rate) {
        return false;
    }
    check(**made);
    m_clip = *made;
    m_isNew = true;
    return true;
}

} // namespace depthscope::media
