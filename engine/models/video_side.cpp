// SPDX-License-Identifier: MIT
#include "engine/models/video_side.h"

#include <ATen/ATen.h>

namespace depthscope::models {

std::int64_t ContextMemory::bytes() const {
    std::int64_t sum = 0;
    for (const nn::KeysValues& slot : m_slots) {
        sum += static_cast<std::int64_t>(slot.keys.nbytes() + slot.values.nbytes());
    }
    return sum;
}

nn::KeysValues SideKv::given(const nn::KeysValues& own) {
    const std::size_t place = m_place++;
    if (m_written != nullptr) {
        m_written->append(own);
    }
    return m_given != nullptr ? m_given->slot(place) : nn::KeysValues{};
}

nn::KeysValues SideKv::seen(const nn::KeysValues& own) {
    const nn::KeysValues before = given(own);
    if (!before.keys.defined()) {
        return own;
    }
    constexpr int kTokens = 2;
    return {at::cat({before.keys, own.keys}, kTokens),
            at::cat({before.values, own.values}, kTokens)};
}

} // namespace depthscope::models
