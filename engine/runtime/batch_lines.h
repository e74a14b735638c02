// SPDX-License-Identifier: MIT
// Prompts and answers of texts that are generated together, as lines of a file: read and written
// alike by the command line and the window. Any thread.
#pragma once

#include "engine/runtime/batch_request.h"

#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

namespace depthscope::runtime {

/// A line that is no prompt.
struct BadPrompt {
    std::size_t number = 0; ///< from 0, as of BatchPrompt
    Error error;
};

struct PromptFile {
    BatchPrompts good;
    std::vector<BadPrompt> bad;
};

/// Of a file whose name ends in .txt every line is a prompt, empty ones are passed over. Of any
/// other a line is a JSON object that has `text` or `ids`, and may have `tokens` and `seed`;
/// without them prompt i has those of `generation`, its seed plus i. Throws Error{BadInput} where
/// the file cannot be read, is larger than 1 GiB, or has no line or more than a million,
/// Error{Interrupted} once `stop` is asked for.
[[nodiscard]] PromptFile readPrompts(const std::string& file,
                                     const settings::GenerationSettings& generation,
                                     const std::stop_token& stop = {});

/// {"request": .., "tokens": [..], "text": .., "depth": [..]}, or with the error and its remedy.
[[nodiscard]] std::string answerLine(const BatchAnswer& answer);

/// {"request": .., "error": ..}
[[nodiscard]] std::string errorLine(std::size_t number, const Error& error);

} // namespace depthscope::runtime
