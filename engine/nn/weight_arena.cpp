// SPDX-License-Identifier: MIT
#include "engine/nn/weight_arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

namespace depthscope::nn {

namespace {

constexpr std::size_t kLargePage = 2U << 20U;
constexpr std::size_t kChunk = 32U << 20U;

std::size_t roundedUp(std::size_t bytes, std::size_t step) {
    return (bytes + step - 1) / step * step;
}

} // namespace

struct WeightArena::Chunk {
    std::atomic<std::size_t> references{1}; ///< its pieces, and the arena that fills it
    char* memory = nullptr;
    std::size_t size = 0;
    std::size_t used = 0;

    [[nodiscard]] bool hasRoom(std::size_t bytes, std::size_t alignment) const {
        const std::size_t at = roundedUp(used, alignment);
        return at <= size && bytes <= size - at;
    }

    static Chunk* make(std::size_t size) {
        void* memory = nullptr;
        auto* chunk = new (std::nothrow) Chunk;
        if (chunk == nullptr || ::posix_memalign(&memory, kLargePage, size) != 0) {
            delete chunk;
            return nullptr;
        }
        ::madvise(memory, size, MADV_HUGEPAGE); // a wish: refused, it is as before
        chunk->memory = static_cast<char*>(memory);
        chunk->size = size;
        return chunk;
    }
};

WeightArena::~WeightArena() {
    release(m_current);
}

WeightArena::Piece WeightArena::allocate(std::size_t bytes, std::size_t alignment) {
    if (bytes > SIZE_MAX - kLargePage) {
        return {};
    }
    const std::lock_guard lock(m_mutex);
    if (m_current == nullptr || !m_current->hasRoom(bytes, alignment)) {
        Chunk* fresh = Chunk::make(std::max(kChunk, roundedUp(bytes, kLargePage)));
        if (fresh == nullptr) {
            return {};
        }
        release(std::exchange(m_current, fresh));
    }
    const std::size_t at = roundedUp(m_current->used, alignment);
    m_current->used = at + bytes;
    m_current->references.fetch_add(1);
    return {m_current->memory + at, m_current};
}

void WeightArena::release(Chunk* chunk) {
    if (chunk != nullptr && chunk->references.fetch_sub(1) == 1) {
        std::free(chunk->memory);
        delete chunk;
    }
}

} // namespace depthscope::nn
