// SPDX-License-Identifier: MIT
#include "engine/nn/memory.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/nn/weight_arena.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>

namespace depthscope::nn {

namespace {

/// Stands in front of every allocation; as long as a cache line, so that the data stays aligned.
struct Header {
    std::uint64_t bytes;
    WeightArena::Chunk* chunk; ///< null: from the heap
    MemoryTag tag;
};

constexpr std::size_t kAlignment = 64;
static_assert(sizeof(Header) <= kAlignment);

// Counters belong to the process as its heap does; the allocator interface leaves no other place
// for them.
std::array<std::atomic<std::int64_t>, kMemoryTags> g_bytes{};
std::atomic<std::int64_t> g_total{0};
std::atomic<std::int64_t> g_peak{0};
thread_local MemoryTag t_tag = MemoryTag::Activations;

void count(MemoryTag tag, std::int64_t bytes) {
    g_bytes[static_cast<std::size_t>(tag)].fetch_add(bytes, std::memory_order_relaxed);
    const std::int64_t total = g_total.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    std::int64_t peak = g_peak.load(std::memory_order_relaxed);
    while (total > peak && !g_peak.compare_exchange_weak(peak, total, std::memory_order_relaxed)) {
    }
}

void release(void* data) {
    if (data == nullptr) {
        return;
    }
    void* block = static_cast<char*>(data) - kAlignment;
    Header header{};
    std::memcpy(&header, block, sizeof header);
    count(header.tag, -static_cast<std::int64_t>(header.bytes));
    if (header.chunk != nullptr) {
        WeightArena::release(header.chunk);
    } else {
        std::free(block);
    }
}

/// Bytes from the arena where they are weights, else from the heap; data is null without memory.
WeightArena::Piece blockOf(WeightArena& weights, std::size_t bytes) {
    if (t_tag == MemoryTag::Weights) {
        return weights.allocate(bytes, kAlignment);
    }
    WeightArena::Piece piece;
    if (::posix_memalign(&piece.data, kAlignment, bytes) != 0) {
        piece.data = nullptr;
    }
    return piece;
}

class CountingAllocator final : public c10::Allocator {
public:
    c10::DataPtr allocate(std::size_t bytes) override {
        const WeightArena::Piece block = bytes > SIZE_MAX - kAlignment
                                             ? WeightArena::Piece{}
                                             : blockOf(m_weights, bytes + kAlignment);
        if (block.data == nullptr) {
            throw Error(ErrorCode::OutOfMemory,
                        fmt::format("out of memory: {} MiB could not be allocated", bytes >> 20U),
                        "Choose a smaller model or a shorter text, or close other programs.");
        }
        const Header header{bytes, block.chunk, t_tag};
        std::memcpy(block.data, &header, sizeof header);
        count(header.tag, static_cast<std::int64_t>(bytes));
        void* data = static_cast<char*>(block.data) + kAlignment;
        return {data, data, &release, c10::Device(c10::DeviceType::CPU)};
    }

    [[nodiscard]] c10::DeleterFnPtr raw_deleter() const override { return &release; }

    void copy_data(void* destination, const void* source, std::size_t bytes) const override {
        default_copy_data(destination, source, bytes);
    }

private:
    WeightArena m_weights;
};

} // namespace

MemoryScope::MemoryScope(MemoryTag tag)
    : m_outer(t_tag) {
    t_tag = tag;
}

MemoryScope::~MemoryScope() {
    t_tag = m_outer;
}

void installCountingAllocator() {
    static CountingAllocator
        allocator; // lives as long as the last tensor, which may outlive every owner
    constexpr std::uint8_t kPriority = 100;
    c10::SetCPUAllocator(&allocator, kPriority);
}

std::int64_t allocatedBytes(MemoryTag tag) {
    return g_bytes[static_cast<std::size_t>(tag)].load();
}

MemoryUse memoryUse(c10::Device device) {
    if (device.is_cpu()) {
        return {g_total.load(), g_total.load(), g_peak.load()};
    }
    c10::DeviceAllocator* allocator = c10::getDeviceAllocator(device.type());
    if (!allocator->initialized()) {
        return {}; // before the first tensor
    }
    const auto stats = allocator->getDeviceStats(device.index());
    constexpr auto kAll = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
    return {stats.allocated_bytes[kAll].current, stats.reserved_bytes[kAll].current,
            stats.allocated_bytes[kAll].peak};
}

void resetPeakMemory(c10::Device device) {
    if (device.is_cpu()) {
        g_peak.store(g_total.load());
    } else if (auto* allocator = c10::getDeviceAllocator(device.type()); allocator->initialized()) {
        allocator->resetPeakStats(device.index());
    }
}

double physicalBytes(c10::Device device) {
    if (device.is_cpu()) {
        return static_cast<double>(::sysconf(_SC_PHYS_PAGES)) *
               static_cast<double>(::sysconf(_SC_PAGESIZE));
    }
    auto* allocator = c10::getDeviceAllocator(device.type());
    return static_cast<double>(allocator->getMemoryInfo(device.index()).second);
}

void releaseCaches(c10::Device device) {
    if (!device.is_cpu()) {
        c10::getDeviceAllocator(device.type())->emptyCache();
    }
}

} // namespace depthscope::nn
