// SPDX-License-Identifier: MIT
// What a tokenizer's files put in front of a prompt: a beginning-of-text token. End-of-text tokens
// and second sequences do not apply to prompts. Any thread. Throws Error{BadInput} naming file and
// field.
#pragma once

#include "engine/base/json.h"

#include <cstdint>
#include <vector>

namespace depthscope::tokenizers {

/// Ids before "$A" in the "single" template of a tokenizer.json's post_processor, alone or in a
/// Sequence; none without one. `size`: ids of the tokenizer.
[[nodiscard]] std::vector<std::int32_t> promptStartOf(const JsonField& root, std::int32_t size);

} // namespace depthscope::tokenizers
