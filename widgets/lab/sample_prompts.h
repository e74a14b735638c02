// SPDX-License-Identifier: MIT
// What a model is shown before the user has given it anything. Pure; GUI thread.
#pragma once

#include "engine/runtime/request.h"
#include "engine/spec/model_info.h"

namespace depthscope::lab {

/// Token ids spread over the vocabulary, the same each time, for a model without tokenizer. The
/// vocabulary must not be empty.
[[nodiscard]] runtime::Prompt sampleIds(const spec::ModelInfo& model);

/// Letters, spaces and marks that every vocabulary of English text has, without digits.
[[nodiscard]] runtime::Prompt plainText();

} // namespace depthscope::lab
