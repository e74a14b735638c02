// SPDX-License-Identifier: MIT
#include "engine/session/video_clips.h"

#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/text.h"
#include "engine/spec/clip_preset.h"

#include <utility>

namespace depthscope::session {

std::shared_ptr<const data::ProceduralClips>
proceduralClips(const std::string& name, const spec::VideoSpec& spec, std::uint64_t seed) {
    const spec::ClipSize size{static_cast<std::int32_t>(spec.clip.frames),
                              static_cast<std::int32_t>(spec.clip.rows),
                              static_cast<std::int32_t>(spec.clip.columns)};
    return std::make_shared<const data::ProceduralClips>(spec::findClipPreset(name), size, seed);
}

std::shared_ptr<const data::ProceduralClips> clipsOf(const VideoSlot& slot,
                                                     const runtime::ClipChoice& choice) {
    const std::string& trained = slot.info->clip->clips;
    return proceduralClips(choice.name.empty() ? trained : choice.name, slot.model->spec(),
                           choice.seed);
}

void requireCount(std::int64_t count) {
    constexpr std::int64_t kMostClips = 4096;
    if (count < 1 || count > kMostClips) {
        throw Error(ErrorCode::Usage, fmt::format("count is {}", count),
                    fmt::format("Must be from 1 to {}.", kMostClips));
    }
}

evaluate::ClipSource sourceOf(std::shared_ptr<const data::ProceduralClips> clips) {
    return [clips = std::move(clips)](std::uint64_t index) { return clips->clip(index); };
}

std::string trainedClips(const std::string& trainingJson) {
    const std::string standard(spec::clipPresets().front().name);
    if (trainingJson.empty()) {
        return standard;
    }
    try {
        const JsonFile file(trainingJson, "training.json");
        return file.root().object("recipe").string("clips", standard);
    } catch (const Error&) {
        return standard;
    }
}

} // namespace depthscope::session
