// SPDX-License-Identifier: MIT
// Language models in the table of families: Llama, its recursive and Mixture-of-Recursions forms,
// MORE and its baseline. Engine thread.
#pragma once

#include "engine/session/family.h"

namespace depthscope::session {

/// Family::load.
[[nodiscard]] std::shared_ptr<ModelSlot> loadLanguage(const Workspace& workspace,
                                                      const std::filesystem::path& folder,
                                                      const std::function<void(double)>& progress);

/// Family::pass.
[[nodiscard]] std::unique_ptr<runtime::Job> passLanguage(Workspace& workspace,
                                                         runtime::JobId id,
                                                         const runtime::PassRequest& request,
                                                         const runtime::Publish& publish);

} // namespace depthscope::session
