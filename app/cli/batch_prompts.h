// SPDX-License-Identifier: MIT
// The file of `generate --prompts`: a JSON object a line. Main thread.
#pragma once

#include "engine/runtime/batch_request.h"

#include <cstddef>
#include <string>
#include <vector>

namespace depthscope::cli {

/// A line that is no prompt.
struct BadPrompt {
    std::size_t number = 0; ///< from 0, as of BatchPrompt
    Error error;
};

struct PromptFile {
    runtime::BatchPrompts good;
    std::vector<BadPrompt> bad;
};

/// A line has `text` or `ids`, and may have `tokens` and `seed`; without them prompt i has those of
/// `generation`, its seed plus i. Throws Error{BadInput} where the file cannot be read or has no
/// line.
[[nodiscard]] PromptFile readPrompts(const std::string& file,
                                     const settings::GenerationSettings& generation);

} // namespace depthscope::cli
