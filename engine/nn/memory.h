// SPDX-License-Identifier: MIT
// Real bytes on the CPU: LibTorch's own allocator keeps no statistics, so ours counts what it hands
// out, by purpose. Installed once by the session before any tensor exists. Counters may be read
// from any thread.
#pragma once

#include <cstdint>

namespace depthscope::nn {

enum class MemoryTag : std::uint8_t { Activations, Weights, Kv, Optimiser };

inline constexpr int kMemoryTags = 4;

/// Tensors allocated by this thread while the scope lives count under `tag`. Scopes nest.
class MemoryScope {
public:
    explicit MemoryScope(MemoryTag tag);
    ~MemoryScope();
    MemoryScope(const MemoryScope&) = delete;
    MemoryScope& operator=(const MemoryScope&) = delete;

private:
    MemoryTag m_outer;
};

/// Replaces LibTorch's CPU allocator by the counting one. Later calls do nothing.
void installCountingAllocator();

[[nodiscard]] std::int64_t allocatedBytes(MemoryTag tag);
[[nodiscard]] std::int64_t allocatedBytes();
[[nodiscard]] std::int64_t peakAllocatedBytes();
void resetPeakAllocatedBytes();

} // namespace depthscope::nn
