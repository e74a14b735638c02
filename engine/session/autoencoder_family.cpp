// SPDX-License-Identifier: MIT
#include "engine/session/autoencoder_family.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/io/autoencoder_folder.h"
#include "engine/session/video_clips.h"

namespace depthscope::session {

std::shared_ptr<const AutoencoderSlot> autoencoderIn(const Workspace& workspace,
                                                     runtime::ModelRole role) {
    return std::dynamic_pointer_cast<const AutoencoderSlot>(workspace.require(role));
}

void requireNoRouting(const AutoencoderSlot& slot, const settings::RoutingSettings& routing) {
    if (routing != settings::RoutingSettings{}) {
        throw Error(ErrorCode::Usage,
                    fmt::format("{} is an autoencoder without a router, so routing settings have "
                                "no effect",
                                slot.info->name),
                    "Leave them out, or open a more_dit.");
    }
}

std::shared_ptr<const data::ProceduralClips>
proceduralClips(const std::string& name, const spec::AutoencoderSpec& spec, std::uint64_t seed) {
    const spec::ClipSize size{static_cast<std::int32_t>(spec.clip.frames),
                              static_cast<std::int32_t>(spec.clip.rows),
                              static_cast<std::int32_t>(spec.clip.columns)};
    return std::make_shared<const data::ProceduralClips>(spec::findClipPreset(name), size, seed);
}

std::shared_ptr<ModelSlot> loadAutoencoder(const Workspace& workspace,
                                           const std::filesystem::path& folder,
                                           const std::function<void(double)>& progress) {
    io::LoadedAutoencoder loaded =
        io::loadAutoencoder(folder, {workspace.dtype, workspace.device, progress});
    auto slot = std::make_shared<AutoencoderSlot>();
    slot->model = std::move(loaded.model);
    loaded.info->clip->clips = trainedClips(loaded.info->recipe);
    slot->info = std::move(loaded.info);
    return slot;
}

std::unique_ptr<runtime::Job> passAutoencoder(Workspace& workspace,
                                              runtime::JobId /*id*/,
                                              const runtime::PassRequest& request,
                                              const runtime::Publish& /*publish*/) {
    const std::shared_ptr<const ModelSlot> slot = workspace.require(request.role);
    throw Error(
        ErrorCode::Usage,
        fmt::format("{} is a video autoencoder, which does not process text", slot->info->name),
        "Use video sample, video score or video probe.");
}

} // namespace depthscope::session
