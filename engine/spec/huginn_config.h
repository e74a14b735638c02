// SPDX-License-Identifier: MIT
// What a Huginn's config.json says of its mathematics, of which there is one kind
// (docs/looped.md 5). Any thread.
#pragma once

#include "engine/base/json.h"

#include <nlohmann/json_fwd.hpp>

namespace depthscope::spec {

/// Throws Error{BadInput} naming the field where it asks for another block, norm, injection, ...
void refuseOtherMathematics(const JsonField& config);

/// The fields that refuseOtherMathematics accepts.
void writeMathematics(nlohmann::json& config);

} // namespace depthscope::spec
