// SPDX-License-Identifier: MIT
// Video autoencoders in the table of families. Engine thread.
#pragma once

#include "engine/data/procedural_clips.h"
#include "engine/models/autoencoder.h"
#include "engine/session/family.h"

#include <cstdint>
#include <memory>
#include <string>

namespace depthscope::session {

struct AutoencoderSlot final : ModelSlot {
    std::unique_ptr<models::Autoencoder> model;
};

/// Null where another kind of model is loaded. Throws Error{Usage} where none is.
[[nodiscard]] std::shared_ptr<const AutoencoderSlot> autoencoderIn(const Workspace& workspace,
                                                                   runtime::ModelRole role);

/// Throws Error{Usage} for settings that a model without a router cannot follow.
void requireNoRouting(const AutoencoderSlot& slot, const settings::RoutingSettings& routing);

/// The named clips of the model's size. Throws Error{Usage} for an unknown name.
[[nodiscard]] std::shared_ptr<const data::ProceduralClips>
proceduralClips(const std::string& name, const spec::AutoencoderSpec& spec, std::uint64_t seed);

/// Family::load.
[[nodiscard]] std::shared_ptr<ModelSlot>
loadAutoencoder(const Workspace& workspace,
                const std::filesystem::path& folder,
                const std::function<void(double)>& progress);

/// Family::pass. A pass is over a text: throws Error{Usage} that names the requests of clips.
[[nodiscard]] std::unique_ptr<runtime::Job> passAutoencoder(Workspace& workspace,
                                                            runtime::JobId id,
                                                            const runtime::PassRequest& request,
                                                            const runtime::Publish& publish);

} // namespace depthscope::session
