// SPDX-License-Identifier: MIT
#include "engine/media/clip_stretch.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/media/reader.h"

#include <cstdint>
#include <utility>

namespace depthscope::media {

namespace {

void checkNumbers(const ClipStretch& stretch) {
    constexpr std::int64_t kMostEvery = 1000;
    if (stretch.first < 0) {
        throw Error(ErrorCode::Usage,
                    fmt::format("{}: the first frame is {}", stretch.file.string(), stretch.first),
                    "Frames count from 0.");
    }
    if (stretch.every < 1 || stretch.every > kMostEvery) {
        throw Error(ErrorCode::Usage,
                    fmt::format("{}: every is {}", stretch.file.string(), stretch.every),
                    fmt::format("Must be from 1 to {}.", kMostEvery));
    }
}

[[noreturn]] void refuseShort(const ClipStretch& stretch, std::int64_t there) {
    throw Error(ErrorCode::BadInput,
                fmt::format("{}: has {} frames; taking 1 of {} from frame {} on, {} are needed",
                            stretch.file.string(), there, stretch.every, stretch.first,
                            stretch.least),
                "Choose a longer video, begin earlier, or leave out fewer frames.");
}

/// Of the frames taken; 25 where the file does not say.
trace::Ratio rateOf(const ClipFacts& facts, std::int64_t every) {
    const trace::Ratio& all = facts.frameRate;
    const std::int64_t under = all.under * every;
    if (all.over <= 0 || all.under <= 0 || under > INT32_MAX) {
        return {25, 1};
    }
    return {all.over, static_cast<std::int32_t>(under)};
}

} // namespace

FrameScaler::FrameScaler(PictureSize size, const ClipFacts& facts)
    : m_quarters((facts.rotation + 45) / 90 % 4)
    , m_size{size.width, size.height, facts.sampleAspect} {
    if (m_quarters % 2 != 0) {
        std::swap(m_size.width, m_size.height);
    }
    if (facts.sampleAspect.over <= 0 || facts.sampleAspect.under <= 0) {
        m_size.sampleAspect = {1, 1};
    }
}

RgbImage FrameScaler::scaled(const trace::Frame& frame) {
    return turned(cutAndScaled(m_converter.convert(frame), m_size), m_quarters);
}

ClipStretch clipStretch(std::filesystem::path file,
                        std::int64_t first,
                        std::int64_t every,
                        const FramesWanted& wanted) {
    return {.file = std::move(file),
            .size = {static_cast<std::int32_t>(wanted.clip.columns),
                     static_cast<std::int32_t>(wanted.clip.rows)},
            .first = first,
            .every = every,
            .least = wanted.least,
            .most = wanted.clip.frames};
}

SmallClip readClipStretch(const ClipStretch& stretch,
                          const IndexOptions& options,
                          const std::stop_token& stop) {
    checkNumbers(stretch);
    ReaderOptions reading;
    reading.index = options;
    Reader reader(stretch.file, reading, stop);
    FrameScaler scaler(stretch.size, reader.index()->facts());
    SmallClip clip;
    clip.rate = rateOf(reader.index()->facts(), stretch.every);
    for (std::int64_t n = 0; n < stretch.most; ++n) {
        const std::int64_t number = stretch.first + n * stretch.every;
        if (number >= reader.index()->frameCount()) {
            if (n < stretch.least) {
                refuseShort(stretch, reader.index()->frameCount());
            }
            break;
        }
        const auto index = reader.index();
        const trace::Frame frame = reader.frame(number, stop);
        if (reader.index() != index) { // the numbers have moved: begin again
            clip.rgb.clear();
            clip.frames = 0;
            n = -1;
            continue;
        }
        if (frame.damaged) {
            if (n < stretch.least) {
                throw Error(ErrorCode::BadInput,
                            fmt::format("{}: frame {} is damaged", stretch.file.string(), number),
                            "Begin at another frame.");
            }
            break;
        }
        const RgbImage image = scaler.scaled(frame);
        clip.rgb.insert(clip.rgb.end(), image.bytes.begin(), image.bytes.end());
        ++clip.frames;
    }
    return clip;
}

} // namespace depthscope::media
