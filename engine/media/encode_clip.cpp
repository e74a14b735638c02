// SPDX-License-Identifier: MIT
#include "engine/media/encode_clip.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/media/encoder.h"
#include "engine/media/encoding_format.h"
#include "engine/media/reader.h"

#include <algorithm>
#include <cmath>

namespace depthscope::media {

namespace {

/// The times agree with the rate that the file claims: then numbers of frames are times enough.
bool hasRateOf(const MediaIndex& index) {
    const std::int64_t count = index.frameCount();
    const trace::Ratio& rate = index.facts().frameRate;
    if (index.hasVariableRate() || rate.over <= 0 || rate.under <= 0) {
        return false;
    }
    if (count < 2) {
        return true;
    }
    const double seconds = index.seconds(count - 1) - index.seconds(0);
    const double claimed = static_cast<double>(count - 1) * rate.under / rate.over;
    constexpr double kTolerance = 0.005;
    return std::abs(seconds - claimed) <= kTolerance * claimed;
}

EncodeSettings settingsFor(const ClipEncoding& job, const MediaIndex& index) {
    EncodeSettings settings = job.settings;
    const ClipFacts& facts = index.facts();
    settings.sampleAspect = facts.sampleAspect;
    settings.keepsTimes = !job.rate && !hasRateOf(index);
    settings.rate = job.rate.value_or(facts.frameRate);
    const EncodingFormat* format = settings.format.empty() ? &encodingFormatOf(job.target)
                                                           : findEncodingFormat(settings.format);
    constexpr int kQuarter = 90;
    if (format != nullptr && format->isShared && facts.rotation % kQuarter == 0) {
        settings.turn = facts.rotation;
    }
    return settings;
}

struct Range {
    std::int64_t first = 0;
    std::int64_t last = 0; ///< included
};

Range rangeOf(const ClipEncoding& job, const MediaIndex& index) {
    const std::int64_t last = index.frameCount() - 1;
    const Range range{job.first, job.last.value_or(std::max(job.first, last))};
    if (range.first < 0 || range.first > range.last || range.last > last) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: frames {} to {} not found; the file has {} frames",
                                job.source.string(), range.first, range.last, last + 1),
                    fmt::format("Frames count from 0 to {}.", last));
    }
    return range;
}

/// Nothing where the file turned out to have other frames than its index says.
std::optional<EncodedClip> encodeOnce(const ClipEncoding& job,
                                      Reader& reader,
                                      const EncodeProgress& progress,
                                      const std::stop_token& stop) {
    const auto index = reader.index();
    const Range range = rangeOf(job, *index);
    const std::int64_t total = range.last - range.first + 1;
    Encoder encoder(job.target, settingsFor(job, *index));
    for (std::int64_t number = range.first; number <= range.last; ++number) {
        if (stop.stop_requested()) {
            throw Error(ErrorCode::Interrupted, job.target.string() + ": encoding was stopped");
        }
        const trace::Frame frame = reader.frame(number, stop);
        if (reader.index() != index) {
            return std::nullopt;
        }
        encoder.add(frame);
        if (progress) {
            progress(encoder.frames(), total);
        }
    }
    return encoder.finish(stop);
}

} // namespace

EncodedClip
encodeClip(const ClipEncoding& job, const EncodeProgress& progress, const std::stop_token& stop) {
    ReaderOptions options;
    options.index = job.index;
    constexpr std::size_t kSteppingBack = std::size_t{16} << 20U; // frames are asked for once
    options.cacheBytes = kSteppingBack;
    Reader reader(job.source, options, stop);
    std::optional<EncodedClip> clip;
    while (!clip) {
        clip = encodeOnce(job, reader, progress, stop);
    }
    return *clip;
}

} // namespace depthscope::media
