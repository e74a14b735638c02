// SPDX-License-Identifier: MIT
// Real bytes of tensors. On the CPU LibTorch's own allocator keeps no statistics, so ours counts
// what it hands out, by purpose; installed once by the session before any tensor exists. A GPU's
// allocator counts by itself. Counters may be read from any thread.
#pragma once

#include <c10/core/Device.h>

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

/// Of this process on the CPU.
[[nodiscard]] std::int64_t allocatedBytes(MemoryTag tag);

/// Bytes of this process on one device.
struct MemoryUse {
    std::int64_t used = 0;     ///< by tensors
    std::int64_t reserved = 0; ///< taken from the system, at least `used`
    std::int64_t peak = 0;     ///< most used since resetPeakMemory
};

[[nodiscard]] MemoryUse memoryUse(c10::Device device);
void resetPeakMemory(c10::Device device);

/// Memory that the device or machine has, in bytes.
[[nodiscard]] double physicalBytes(c10::Device device);

/// Gives back what a GPU's allocator holds and no tensor uses.
void releaseCaches(c10::Device device);

} // namespace depthscope::nn
