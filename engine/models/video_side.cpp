// SPDX-License-Identifier: MIT
#include "engine/models/video_side.h"

#include <ATen/ATen.h>

namespace depthscope::models {

std::int64_t ContextMemory::bytes() const {
    const auto bytesOf = [](const at::Tensor& tensor) {
        return tensor.defined() ? static_cast<std::int64_t>(tensor.nbytes()) : 0;
    };
    std::int64_t sum = bytesOf(lastFrame);
    for (const SeenKeys& slot : m_slots) {
        sum += bytesOf(slot.kv.keys) + bytesOf(slot.kv.values) + bytesOf(slot.valid);
    }
    return sum;
}

SeenKeys SideKv::take(const SeenKeys& own) {
    const std::size_t place = m_place++;
    if (m_written != nullptr) {
        m_written->append(own);
    }
    return m_given != nullptr ? m_given->slot(place) : SeenKeys{};
}

SeenKeys SideKv::seen(const SeenKeys& own) {
    const SeenKeys before = take(own);
    if (!before.kv.keys.defined()) {
        return own;
    }
    constexpr int kTokens = 2;
    SeenKeys both{{at::cat({before.kv.keys, own.kv.keys}, kTokens),
                   at::cat({before.kv.values, own.kv.values}, kTokens)},
                  {}};
    if (before.valid.defined() || own.valid.defined()) {
        const auto validOf = [](const SeenKeys& part) {
            const at::Tensor& keys = part.kv.keys;
            return part.valid.defined()
                       ? part.valid
                       : at::ones({keys.size(0), keys.size(kTokens)},
                                  keys.options().dtype(at::kBool).requires_grad(false));
        };
        both.valid = at::cat({validOf(before), validOf(own)}, 1);
    }
    return both;
}

void SideKv::skip(std::int64_t places) {
    for (std::int64_t i = 0; i < places; ++i) {
        static_cast<void>(take({}));
    }
}

at::Tensor SideKv::frameBefore(const at::Tensor& own) {
    if (m_written != nullptr) {
        m_written->lastFrame = own;
    }
    return m_given != nullptr ? m_given->lastFrame : at::Tensor();
}

} // namespace depthscope::models
