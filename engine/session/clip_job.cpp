// SPDX-License-Identifier: MIT
// Draws procedural clips, one a step.
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/data/procedural_clips.h"
#include "engine/session/jobs.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace depthscope::session {

namespace {

/// Values that no size can have stay outside its bounds, which name the field.
std::int32_t fitted(std::int64_t value) {
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(
        value, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
}

data::ProceduralClips clipsOf(const runtime::ClipRequest& request) {
    const std::string& name = request.clips.name;
    const spec::ClipPreset& preset =
        name.empty() ? spec::clipPresets().front() : spec::findClipPreset(name);
    return {preset,
            {fitted(request.frames), fitted(request.height), fitted(request.width)},
            request.clips.seed};
}

void checkCount(const runtime::ClipRequest& request) {
    // Sizes were checked: the product is far below 2^63.
    const std::int64_t most =
        runtime::kMostClipBytes / (3 * request.frames * request.height * request.width);
    if (request.count < 1 || request.count > most) {
        throw Error(ErrorCode::Usage,
                    fmt::format("clips: count must be 1 to {} at {} frames of {} x {}, not {}",
                                most, request.frames, request.width, request.height, request.count),
                    "Ask for fewer clips at a time; `first` numbers the next ones.");
    }
}

class ClipJob final : public Job {
public:
    ClipJob(JobId id, runtime::ClipRequest request, Publish publish)
        : m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish))
        , m_clips(clipsOf(m_request)) {
        checkCount(m_request);
    }

    bool step() override {
        const std::uint64_t number = m_request.clips.first + static_cast<std::uint64_t>(m_done);
        data::Clip clip = m_clips.clip(number);
        m_publish(runtime::ClipReport{m_id, number, clip.size.frames, clip.size.height,
                                      clip.size.width, std::move(clip.rgb)});
        ++m_done;
        return m_done < m_request.count;
    }

private:
    JobId m_id;
    runtime::ClipRequest m_request;
    Publish m_publish;
    data::ProceduralClips m_clips;
    std::int64_t m_done = 0;
};

} // namespace

std::unique_ptr<Job> makeClipJob(JobId id, runtime::ClipRequest request, Publish publish) {
    return std::make_unique<ClipJob>(id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
