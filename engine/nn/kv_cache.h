// SPDX-License-Identifier: MIT
// The KV cache (docs/routing.md 3.7): one slot for each unrolled layer, each with the keys and
// values of only those tokens that passed it and keep their own. Keys are stored rotated by their
// original position. Rows of a batch may hold different numbers of entries. Owned by a pass or a
// generation; engine thread. Letters: B rows, G key-value heads, E head_dim, S entries of the
// fullest row.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace depthscope::nn {

/// Whether a slot remembers the position of each entry: ragged rows and hybrid sharing need it.
enum class EntryPositions : std::uint8_t { Forgotten, Kept };

/// Position of an unused entry: after every query but those of padding.
inline constexpr std::int64_t kNoPosition = INT64_MAX;

struct PreparedLayers; // layer_run.h

/// Keys and values of one unrolled layer: [B, G, capacity, E] each.
class KvSlot {
public:
    explicit KvSlot(EntryPositions entryPositions = EntryPositions::Forgotten)
        : m_entryPositions(entryPositions) {}

    /// Appends the first counts[b] of row b's n entries (all where counts is empty). k, v
    /// [B, G, n, E]; positions [B, n] int64.
    void append(const at::Tensor& k,
                const at::Tensor& v,
                const at::Tensor& positions,
                std::span<const std::int64_t> counts);

    /// Makes room for one more entry of the only row; its key and value [1, G, 1, E] are for the
    /// caller to write, at length() - 1 of the storage.
    void appendRoom(std::int64_t heads,
                    std::int64_t headDim,
                    const at::Tensor& position,
                    const at::TensorOptions& options);

    /// Forgets the last entry of the only row.
    void dropLast();

    /// All that is allocated, [B, G, capacity, E].
    [[nodiscard]] const at::Tensor& keyStorage() const { return m_keys; }

    [[nodiscard]] const at::Tensor& valueStorage() const { return m_values; }

    [[nodiscard]] at::Tensor keys() const;      // [B, G, S, E]
    [[nodiscard]] at::Tensor values() const;    // [B, G, S, E]
    [[nodiscard]] at::Tensor positions() const; // [B, S] int64, kNoPosition where unused

    /// Entries of the fullest row, and of row b.
    [[nodiscard]] std::int64_t length() const { return m_length; }

    [[nodiscard]] std::int64_t length(std::size_t row) const {
        return m_lengths.empty() ? 0 : m_lengths[row];
    }

    /// Some rows hold fewer entries than others.
    [[nodiscard]] bool ragged() const;

    [[nodiscard]] std::int64_t usedBytes() const;
    [[nodiscard]] std::int64_t reservedBytes() const;

    /// What was prepared for the layers of which this slot is the first's; null: nothing.
    [[nodiscard]] std::shared_ptr<PreparedLayers>& prepared() { return m_prepared; }

private:
    void grow(at::IntArrayRef shape, const at::TensorOptions& options);
    void appendRow(std::int64_t row,
                   std::int64_t count,
                   const at::Tensor& k,
                   const at::Tensor& v,
                   const at::Tensor& positions);

    EntryPositions m_entryPositions;
    at::Tensor m_keys;
    at::Tensor m_values;
    at::Tensor m_positions;
    std::int64_t m_length = 0;
    std::vector<std::int64_t> m_lengths;
    std::shared_ptr<PreparedLayers> m_prepared;
};

/// All slots of a batch of sequences, indexed by unrolled layer.
class KvCache {
public:
    explicit KvCache(std::int64_t layers, EntryPositions positions = EntryPositions::Forgotten)
        : m_slots(static_cast<std::size_t>(layers), KvSlot(positions)) {}

    [[nodiscard]] KvSlot& slot(std::int64_t layer) {
        return m_slots.at(static_cast<std::size_t>(layer));
    }

    [[nodiscard]] const KvSlot& slot(std::int64_t layer) const {
        return m_slots.at(static_cast<std::size_t>(layer));
    }

    /// Entries of a recursion's slots whose tokens went no further: [n] int64, in any order;
    /// undefined: none. For policies that read them at later recursions.
    [[nodiscard]] at::Tensor stopped(std::size_t recursion) const {
        return recursion < m_stopped.size() ? m_stopped[recursion] : at::Tensor();
    }

    void addStopped(std::size_t recursion, const at::Tensor& entries);

    [[nodiscard]] std::int64_t usedBytes() const;
    [[nodiscard]] std::int64_t reservedBytes() const;

private:
    std::vector<KvSlot> m_slots;
    std::vector<at::Tensor> m_stopped;
};

} // namespace depthscope::nn
