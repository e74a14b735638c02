// SPDX-License-Identifier: MIT
// Whether a model can stand beside another as what it is compared with. Reads files; throws
// nothing; any thread.
#pragma once

#include "engine/base/error.h"
#include "engine/spec/model_info.h"

#include <optional>

namespace depthscope::lab {

/// Why losses of `reference` cannot be compared with those of `model`, with what to do; nothing:
/// they can. Video models must make the same clips. Language models must have the same vocabulary:
/// of equal size, and where both folders have a tokenizer, the same pieces under the same ids.
[[nodiscard]] std::optional<Error> whyNotReference(const spec::ModelInfo& model,
                                                   const spec::ModelInfo& reference);

} // namespace depthscope::lab
