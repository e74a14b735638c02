// SPDX-License-Identifier: MIT
#include "widgets/lab/sample_prompts.h"

#include <algorithm>

namespace depthscope::lab {

runtime::Prompt sampleIds(const spec::ModelInfo& model) {
    constexpr int kMost = 24;
    constexpr std::int64_t kStride = 7919; // a prime above most vocabularies' steps
    const int count = model.contextLength > 0 ? std::min(kMost, model.contextLength) : kMost;
    runtime::Prompt prompt;
    for (std::int64_t i = 0; i < count; ++i) {
        prompt.ids.push_back(static_cast<std::int32_t>((1 + i * kStride) % model.vocabulary));
    }
    return prompt;
}

runtime::Prompt plainText() {
    runtime::Prompt prompt;
    prompt.text = "To be, or not to be, that is the question: whether the king will hear us.";
    return prompt;
}

} // namespace depthscope::lab
