// SPDX-License-Identifier: MIT
// Memory for weights: many tensors in few blocks that the system may back with large pages. Reading
// a model once per token is memory-bound, and in a virtual machine the page lookup for every 4 KiB
// costs a third of the bandwidth. Any thread.
#pragma once

#include <cstddef>
#include <mutex>

namespace depthscope::nn {

class WeightArena {
public:
    struct Chunk;

    struct Piece {
        void* data = nullptr;   ///< null: out of memory
        Chunk* chunk = nullptr; ///< for release()
    };

    WeightArena() = default;
    ~WeightArena();
    WeightArena(const WeightArena&) = delete;
    WeightArena& operator=(const WeightArena&) = delete;

    /// Aligned to `alignment`, a power of two up to a page.
    [[nodiscard]] Piece allocate(std::size_t bytes, std::size_t alignment);

    /// Gives a piece back; its block is freed with the last of its pieces.
    static void release(Chunk* chunk);

private:
    std::mutex m_mutex;
    Chunk* m_current = nullptr; ///< takes pieces while it has room
};

} // namespace depthscope::nn
