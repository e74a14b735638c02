// SPDX-License-Identifier: MIT
// Video models in the table of families. Engine thread.
#pragma once

#include "engine/models/video_model.h"
#include "engine/session/family.h"
#include "engine/spec/video_spec.h"

#include <memory>
#include <optional>
#include <string>

namespace depthscope::session {

struct VideoSlot final : ModelSlot {
    std::unique_ptr<models::VideoModel> model;
};

/// Throws Error{Usage} where nothing is loaded, or no video model.
[[nodiscard]] std::shared_ptr<const VideoSlot> requireVideo(const Workspace& workspace,
                                                            runtime::ModelRole role);

/// spec::PatternMode by name; empty: as trained. Throws Error{Usage} for an unknown one.
[[nodiscard]] std::optional<spec::PatternMode> expertsOf(const std::string& name);

/// Routing or experts are not those that the model was trained with.
[[nodiscard]] bool leavesTraining(const spec::VideoSpec& spec,
                                  const settings::RoutingSettings& routing,
                                  const std::string& experts);

/// Throws Error{Usage} for settings that a model without a router, or without pattern experts,
/// cannot follow.
void requirePossible(const VideoSlot& slot,
                     const settings::RoutingSettings& routing,
                     const std::string& experts);

/// Family::load.
[[nodiscard]] std::shared_ptr<ModelSlot> loadVideo(const Workspace& workspace,
                                                   const std::filesystem::path& folder,
                                                   const std::function<void(double)>& progress);

/// Family::pass. A pass is over a text: throws Error{Usage} that names the requests of clips.
[[nodiscard]] std::unique_ptr<runtime::Job> passVideo(Workspace& workspace,
                                                      runtime::JobId id,
                                                      const runtime::PassRequest& request,
                                                      const runtime::Publish& publish);

} // namespace depthscope::session
