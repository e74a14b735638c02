// SPDX-License-Identifier: MIT
#include "engine/nn/kv_cache.h"

#include "engine/nn/memory.h"

#include <ATen/ops/empty.h>

namespace depthscope::nn {

namespace {

/// Head room when a slot grows: a quarter, in steps of 32 tokens. The first filling is exact, so
/// that a pass without generation reserves just what it uses.
std::int64_t grownCapacity(std::int64_t present, std::int64_t needed) {
    if (present == 0) {
        return needed;
    }
    constexpr std::int64_t kStep = 32;
    const std::int64_t wanted = needed + needed / 4;
    return (wanted + kStep - 1) / kStep * kStep;
}

} // namespace

void KvSlot::grow(const at::Tensor& like, std::int64_t needed) {
    const std::int64_t present = m_keys.defined() ? m_keys.size(2) : 0;
    if (needed <= present) {
        return;
    }
    const MemoryScope scope(MemoryTag::Kv);
    const std::int64_t capacity = grownCapacity(present, needed);
    at::Tensor keys = at::empty({1, like.size(1), capacity, like.size(3)}, like.options());
    at::Tensor values = at::empty_like(keys);
    if (m_length > 0) {
        keys.narrow(2, 0, m_length).copy_(this->keys());
        values.narrow(2, 0, m_length).copy_(this->values());
    }
    m_keys = std::move(keys);
    m_values = std::move(values);
}

void KvSlot::append(const at::Tensor& k, const at::Tensor& v) {
    const std::int64_t count = k.size(2);
    grow(k, m_length + count);
    m_keys.narrow(2, m_length, count).copy_(k);
    m_values.narrow(2, m_length, count).copy_(v);
    m_length += count;
}

at::Tensor KvSlot::keys() const {
    return m_keys.narrow(2, 0, m_length);
}

at::Tensor KvSlot::values() const {
    return m_values.narrow(2, 0, m_length);
}

std::int64_t KvSlot::usedBytes() const {
    if (!m_keys.defined()) {
        return 0;
    }
    const std::int64_t perToken =
        m_keys.size(1) * m_keys.size(3) * static_cast<std::int64_t>(m_keys.element_size());
    return 2 * perToken * m_length;
}

std::int64_t KvSlot::reservedBytes() const {
    return m_keys.defined() ? static_cast<std::int64_t>(m_keys.nbytes() + m_values.nbytes()) : 0;
}

std::int64_t KvCache::usedBytes() const {
    std::int64_t bytes = 0;
    for (const KvSlot& slot : m_slots) {
        bytes += slot.usedBytes();
    }
    return bytes;
}

std::int64_t KvCache::reservedBytes() const {
    std::int64_t bytes = 0;
    for (const KvSlot& slot : m_slots) {
        bytes += slot.reservedBytes();
    }
    return bytes;
}

} // namespace depthscope::nn
