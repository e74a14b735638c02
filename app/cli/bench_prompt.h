// SPDX-License-Identifier: MIT
// The text that benches of a model run over.
#pragma once

#include "app/cli/client.h"

#include <cstddef>
#include <string>

namespace depthscope::cli {

/// `count` tokens of graded text in the model's own pieces; `folder` has a tokenizer.
[[nodiscard]] runtime::Prompt
gradedTokens(Client& client, const std::string& folder, std::size_t count);

} // namespace depthscope::cli
