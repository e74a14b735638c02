// SPDX-License-Identifier: MIT
#include "engine/media/file_clip.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/media/play_schedule.h"
#include "engine/media/sound_reader.h"

#include <utility>

namespace depthscope::media {

FileClip::FileClip(std::filesystem::path path, ReaderOptions options, const std::stop_token& stop)
    : m_path(std::move(path))
    , m_limits(options.index.limits)
    , m_reader(m_path, std::move(options), stop) {}

bool FileClip::learn(trace::ClipView& view) {
    const std::shared_ptr<const MediaIndex> index = m_reader.index();
    if (index == m_index) {
        return false;
    }
    m_index = index;
    const ClipFacts& facts = index->facts();
    view.container = facts.container;
    view.codec = facts.codec;
    view.rotation = facts.rotation;
    view.sampleAspect = facts.sampleAspect;
    view.frameRate = facts.frameRate;
    view.variableRate = index->hasVariableRate();
    view.frameCount = index->frameCount();
    view.range.reset();
    std::vector<double> seconds;
    auto damaged = std::make_shared<std::vector<std::int64_t>>();
    for (std::int64_t n = 0; n < index->frameCount(); ++n) {
        seconds.push_back(index->seconds(n));
        if (index->frame(n).damaged) {
            damaged->push_back(n);
        }
    }
    const bool hasRate = facts.frameRate.over > 0 && facts.frameRate.under > 0;
    constexpr double kSomeStep = 0.04;
    m_times = growingTimes(
        std::move(seconds),
        hasRate ? static_cast<double>(facts.frameRate.under) / facts.frameRate.over : kSomeStep);
    view.duration = m_times.back();
    view.damaged = damaged->empty() ? nullptr : std::move(damaged);
    return true;
}

std::int64_t FileClip::keyBefore(std::int64_t number) const {
    while (number > 0 && !m_index->frame(number).key) {
        --number;
    }
    return number;
}

std::string FileClip::sound() const {
    try {
        return SoundReader(m_path, m_limits, {}).description();
    } catch (const Error&) {
        return {}; // a folder or a pattern of images
    }
}

ClipPicture
FileClip::picture(std::int64_t number, const PictureWay& way, const std::stop_token& stop) {
    ClipPicture picture;
    picture.frame = m_reader.frame(number, stop);
    picture.quick = way.quick;
    picture.codec = m_index->facts().codec;
    if (const std::string_view device = m_reader.device(); !device.empty()) {
        picture.codec += fmt::format(" ({})", device);
    }
    picture.rgb = std::make_shared<const RgbPicture>(
        way.quick ? m_converter.convertQuickly(picture.frame, way.room)
                  : m_converter.convert(picture.frame));
    return picture;
}

} // namespace depthscope::media
