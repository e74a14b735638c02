// SPDX-License-Identifier: MIT
// What the sentencepiece library believes of a file and must not: its normalisation rules are a
// double-array trie (Darts) that it walks without looking at the end. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace depthscope::tokenizers {

/// Reason why the rules of a serialized model would be read past their end, as a complete sentence
/// without a full stop; empty for a model without rules or with sound ones.
[[nodiscard]] std::string errorInRules(std::string_view model);

} // namespace depthscope::tokenizers
