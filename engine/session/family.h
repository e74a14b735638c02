// SPDX-License-Identifier: MIT
// A family of models as the session runs it: how a folder becomes a model in memory, and how that
// runs a pass. One row for each model_type; engine/spec/families.h holds what needs no torch.
// Engine thread.
#pragma once

#include "engine/runtime/session.h"
#include "engine/session/workspace.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace depthscope::session {

struct Family {
    std::string_view modelType; ///< of config.json

    /// Reads weights and what belongs to them into memory, ready to run. `progress` is called with
    /// 0..1 and throws to interrupt. Throws Error{BadInput} naming file and field,
    /// Error{OutOfMemory}.
    std::shared_ptr<ModelSlot> (*load)(const Workspace& workspace,
                                       const std::filesystem::path& folder,
                                       const std::function<void(double)>& progress);

    /// The job that runs a pass of such a model and publishes its steps.
    std::unique_ptr<runtime::Job> (*pass)(Workspace& workspace,
                                          runtime::JobId id,
                                          const runtime::PassRequest& request,
                                          const runtime::Publish& publish);
};

[[nodiscard]] std::span<const Family> builtInFamilies();

/// A session that can load these families, which outlive it. Throws Error{Device} and Error{Usage}
/// for options that cannot be had.
[[nodiscard]] std::unique_ptr<runtime::Session> makeSession(const runtime::EngineOptions& options,
                                                            std::span<const Family> families);

} // namespace depthscope::session
