// SPDX-License-Identifier: MIT
// The recursion-wise KV cache (routing.md 3.7): one slot for each unrolled layer, each with the
// keys and values of just those tokens that passed it. Keys are stored rotated by their original
// position. Owned by a pass or a generation; engine thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace depthscope::nn {

/// Keys and values of one unrolled layer: [1, G, capacity, E] each, `length` entries in use.
class KvSlot {
public:
    /// Appends k, v [1, G, n, E]; returns nothing: read keys() and values() after it.
    void append(const at::Tensor& k, const at::Tensor& v);

    [[nodiscard]] at::Tensor keys() const;   // [1, G, length, E]
    [[nodiscard]] at::Tensor values() const; // [1, G, length, E]

    [[nodiscard]] std::int64_t length() const { return m_length; }

    [[nodiscard]] std::int64_t usedBytes() const;
    [[nodiscard]] std::int64_t reservedBytes() const;

private:
    void grow(const at::Tensor& like, std::int64_t needed);

    at::Tensor m_keys;
    at::Tensor m_values;
    std::int64_t m_length = 0;
};

/// All slots of a sequence, indexed by unrolled layer.
class KvCache {
public:
    explicit KvCache(std::int64_t layers)
        : m_slots(static_cast<std::size_t>(layers)) {}

    [[nodiscard]] KvSlot& slot(std::int64_t layer) {
        return m_slots.at(static_cast<std::size_t>(layer));
    }

    [[nodiscard]] const KvSlot& slot(std::int64_t layer) const {
        return m_slots.at(static_cast<std::size_t>(layer));
    }

    [[nodiscard]] std::int64_t usedBytes() const;
    [[nodiscard]] std::int64_t reservedBytes() const;

private:
    std::vector<KvSlot> m_slots;
};

} // namespace depthscope::nn
