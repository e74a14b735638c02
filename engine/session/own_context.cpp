// SPDX-License-Identifier: MIT
#include "engine/session/own_context.h"

#include "engine/media/clip_stretch.h"

#include <chrono>
#include <system_error>
#include <utility>

namespace depthscope::session {

namespace {

std::filesystem::file_time_type writtenAt(const std::string& file) {
    std::error_code none; // a pattern of images has no time of its own
    const auto time = std::filesystem::last_write_time(file, none);
    return none ? std::filesystem::file_time_type::min() : time;
}

std::shared_ptr<const OwnContext> readContext(const runtime::ClipFile& file,
                                              const spec::VideoSpec& spec,
                                              const media::IndexOptions& options,
                                              const std::stop_token& stop) {
    auto context = std::make_shared<OwnContext>();
    context->source = file;
    context->written = writtenAt(file.file);
    context->context = spec.contextFrames;
    media::SmallClip clip = media::readClipStretch(
        media::clipStretch(file.file, file.first, file.every, {spec.clip, spec.contextFrames}),
        options, stop);
    context->frames = {std::filesystem::path(file.file).filename().string(), clip.frames,
                       spec.clip.rows, spec.clip.columns, std::move(clip.rgb)};
    context->rate = clip.rate;
    return context;
}

} // namespace

bool OwnContext::isOf(const runtime::ClipFile& file, const spec::VideoSpec& spec) const {
    return source == file && frames.height == spec.clip.rows && frames.width == spec.clip.columns &&
           context == spec.contextFrames && frames.frames <= spec.clip.frames &&
           written == writtenAt(file.file);
}

OwnContextReader::OwnContextReader(const runtime::ClipFile& file, const spec::VideoSpec& spec) {
    std::promise<std::shared_ptr<const OwnContext>> promise;
    m_result = promise.get_future();
    m_thread = std::jthread(
        [this, file, spec, promise = std::move(promise)](const std::stop_token& stop) mutable {
            try {
                media::IndexOptions options;
                options.progress = [this](double share) { m_progress = share; };
                promise.set_value(readContext(file, spec, options, stop));
            } catch (...) {
                promise.set_exception(std::current_exception());
            }
        });
}

bool OwnContextReader::isDone() const {
    constexpr std::chrono::milliseconds kMoment(50);
    return m_result.wait_for(kMoment) == std::future_status::ready;
}

} // namespace depthscope::session
