// SPDX-License-Identifier: MIT
#include "engine/nn/kv_cache.h"

#include "engine/nn/memory.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <numeric>

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

/// shape: [B, G, entries needed, E].
void KvSlot::grow(at::IntArrayRef shape, const at::TensorOptions& options) {
    const std::int64_t needed = shape[2];
    const std::int64_t present = m_keys.defined() ? m_keys.size(2) : 0;
    if (needed <= present) {
        return;
    }
    const std::int64_t capacity = grownCapacity(present, needed);
    at::Tensor keys, values;
    {
        // The bytes of these two are the KV figure on screen; positions are bookkeeping.
        const MemoryScope scope(MemoryTag::Kv);
        // Padding of a ragged batch looks at unused entries with weight: they must be finite.
        const bool mustBeFinite = m_entryPositions == EntryPositions::Kept;
        const std::vector<std::int64_t> grown{shape[0], shape[1], capacity, shape[3]};
        keys = mustBeFinite ? at::zeros(grown, options) : at::empty(grown, options);
        values = mustBeFinite ? at::zeros_like(keys) : at::empty_like(keys);
    }
    at::Tensor positions;
    if (m_entryPositions == EntryPositions::Kept) {
        positions = at::full({shape[0], capacity}, kNoPosition, options.dtype(at::kLong));
    }
    if (m_length > 0) {
        keys.narrow(2, 0, m_length).copy_(this->keys());
        values.narrow(2, 0, m_length).copy_(this->values());
        if (positions.defined()) {
            positions.narrow(1, 0, m_length).copy_(this->positions());
        }
    }
    m_keys = std::move(keys);
    m_values = std::move(values);
    m_positions = std::move(positions);
}

void KvSlot::appendRow(std::int64_t row,
                       std::int64_t count,
                       const at::Tensor& k,
                       const at::Tensor& v,
                       const at::Tensor& positions) {
    std::int64_t& length = m_lengths[static_cast<std::size_t>(row)];
    m_keys[row].narrow(1, length, count).copy_(k[row].narrow(1, 0, count));
    m_values[row].narrow(1, length, count).copy_(v[row].narrow(1, 0, count));
    m_positions[row].narrow(0, length, count).copy_(positions[row].narrow(0, 0, count));
    length += count;
}

void KvSlot::append(const at::Tensor& k,
                    const at::Tensor& v,
                    const at::Tensor& positions,
                    std::span<const std::int64_t> counts) {
    const std::int64_t count = k.size(2);
    grow({k.size(0), k.size(1), m_length + count, k.size(3)}, k.options());
    m_lengths.resize(static_cast<std::size_t>(k.size(0)), 0);
    if (counts.empty() && !ragged()) {
        m_keys.narrow(2, m_length, count).copy_(k);
        m_values.narrow(2, m_length, count).copy_(v);
        if (m_positions.defined()) {
            m_positions.narrow(1, m_length, count).copy_(positions);
        }
        m_length += count;
        std::fill(m_lengths.begin(), m_lengths.end(), m_length);
        return;
    }
    TORCH_CHECK(m_entryPositions == EntryPositions::Kept, "ragged rows need entry positions");
    for (std::int64_t row = 0; row < k.size(0); ++row) {
        const std::int64_t own = counts.empty() ? count : counts[static_cast<std::size_t>(row)];
        appendRow(row, own, k, v, positions);
    }
    m_length = *std::max_element(m_lengths.begin(), m_lengths.end());
}

void KvSlot::appendRoom(std::int64_t heads,
                        std::int64_t headDim,
                        const at::Tensor& position,
                        const at::TensorOptions& options) {
    grow({1, heads, m_length + 1, headDim}, options);
    if (m_positions.defined()) {
        m_positions.narrow(1, m_length, 1).copy_(position);
    }
    m_lengths.assign(1, ++m_length);
}

void KvSlot::dropLast() {
    m_lengths.assign(1, --m_length);
}

bool KvSlot::ragged() const {
    return std::any_of(m_lengths.begin(), m_lengths.end(),
                       [this](std::int64_t length) { return length != m_length; });
}

at::Tensor KvSlot::keys() const {
    return m_keys.narrow(2, 0, m_length);
}

at::Tensor KvSlot::values() const {
    return m_values.narrow(2, 0, m_length);
}

at::Tensor KvSlot::positions() const {
    return m_positions.narrow(1, 0, m_length);
}

std::int64_t KvSlot::usedBytes() const {
    if (!m_keys.defined()) {
        return 0;
    }
    const std::int64_t perToken =
        m_keys.size(1) * m_keys.size(3) * static_cast<std::int64_t>(m_keys.element_size());
    return 2 * perToken * std::accumulate(m_lengths.begin(), m_lengths.end(), std::int64_t{0});
}

std::int64_t KvSlot::reservedBytes() const {
    return m_keys.defined() ? static_cast<std::int64_t>(m_keys.nbytes() + m_values.nbytes()) : 0;
}

void KvCache::addStopped(std::size_t recursion, const at::Tensor& entries) {
    m_stopped.resize(std::max(m_stopped.size(), recursion + 1));
    at::Tensor& all = m_stopped[recursion];
    all = all.defined() ? at::cat({all, entries}) : entries;
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
