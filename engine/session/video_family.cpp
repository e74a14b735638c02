// SPDX-License-Identifier: MIT
#include "engine/session/video_family.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/generate/clip_sampler.h"
#include "engine/io/video_folder.h"
#include "engine/session/threads.h"
#include "engine/session/video_clips.h"

namespace depthscope::session {

namespace {

/// The first pass pays for code and memory that the process touches for the first time.
void warmUp(const models::VideoModel& model, int threads) {
    useThreads(threads);
    generate::ClipSampling sampling;
    sampling.steps = 1;
    generate::ClipStart start;
    start.seeds = {0};
    generate::ClipSampler sampler(model, sampling, start);
    sampler.step();
}

} // namespace

std::shared_ptr<const VideoSlot> requireVideo(const Workspace& workspace, runtime::ModelRole role) {
    const std::shared_ptr<const ModelSlot> held = workspace.require(role);
    auto video = std::dynamic_pointer_cast<const VideoSlot>(held);
    if (video == nullptr) {
        throw Error(ErrorCode::Usage,
                    fmt::format("{} is of family {}, which does not make clips", held->info->name,
                                held->info->family),
                    "Open a video model.");
    }
    return video;
}

std::optional<spec::PatternMode> expertsOf(const std::string& name) {
    return name.empty() ? std::nullopt : std::optional(spec::parsePatternMode(name));
}

bool leavesTraining(const spec::VideoSpec& spec,
                    const settings::RoutingSettings& routing,
                    const std::string& experts) {
    if (spec.patterns && expertsOf(experts).value_or(spec.patterns->mode) != spec.patterns->mode) {
        return true;
    }
    if (!spec.recursion) {
        return false;
    }
    const spec::VideoRecursionSpec& trained = *spec.recursion;
    const bool isOtherRule = routing.rule != settings::Rule::Model && routing.rule != trained.rule;
    const bool isCapped = routing.maxDepth > 0 && routing.maxDepth < trained.recursions;
    const bool isOtherKv = routing.kv != settings::KvPolicy::Model &&
                           spec::keysOf(routing.kv, trained.keys) != trained.keys;
    return isOtherRule || isCapped || isOtherKv ||
           (!routing.capacity.empty() && routing.capacity != trained.capacity);
}

void requirePossible(const VideoSlot& slot,
                     const settings::RoutingSettings& routing,
                     const std::string& experts) {
    if (expertsOf(experts) && !slot.model->spec().patterns) {
        throw Error(ErrorCode::Usage,
                    fmt::format("{} has no pattern experts, so choosing how patches reach them has "
                                "no effect",
                                slot.info->name),
                    "Omit it, or open a more_dit model.");
    }
    if (slot.info->router == spec::RouterKind::None && routing != settings::RoutingSettings{}) {
        throw Error(
            ErrorCode::Usage,
            fmt::format("{} has no router, so routing settings have no effect", slot.info->name),
            "Leave them out, or open a more_dit.");
    }
    if (routing.exitStops()) {
        throw Error(
            ErrorCode::Usage,
            fmt::format("exit: {} has no exit gate, so nothing stops at it", slot.info->name),
            "Omit it, or choose a looped model.");
    }
}

std::shared_ptr<ModelSlot> loadVideo(const Workspace& workspace,
                                     const std::filesystem::path& folder,
                                     const std::function<void(double)>& progress) {
    io::LoadedVideoModel loaded =
        io::loadVideoModel(folder, {workspace.dtype, workspace.device, progress});
    auto slot = std::make_shared<VideoSlot>();
    warmUp(*loaded.model, workspace.interactiveThreads);
    slot->model = std::move(loaded.model);
    loaded.info->clip->clips = trainedClips(loaded.info->recipe);
    slot->info = std::move(loaded.info);
    return slot;
}

std::unique_ptr<runtime::Job> passVideo(Workspace& workspace,
                                        runtime::JobId /*id*/,
                                        const runtime::PassRequest& request,
                                        const runtime::Publish& /*publish*/) {
    const std::shared_ptr<const VideoSlot> slot = requireVideo(workspace, request.role);
    throw Error(ErrorCode::Usage,
                fmt::format("{} is of family {}, which does not process text", slot->info->name,
                            slot->info->family),
                "Use video sample, video score or video probe.");
}

} // namespace depthscope::session
