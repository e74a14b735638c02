// SPDX-License-Identifier: MIT
// Runs the bodies of our kernels (engine/ops/cuda/block.h) without a GPU: the threads of a block
// are contexts that take turns, and wait for each other where a GPU's would. Shared memory is
// exactly as large as the launch says and starts as NaN. A thread that does not come to a meeting
// is a fault.
#pragma once

#include "engine/ops/cuda/block.h"

#include <ucontext.h>

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace depthscope::tests {

class BlockEmulator;

/// A block's thread, as bodies see it.
class EmulatedThread {
public:
    EmulatedThread(BlockEmulator& block, int index)
        : m_block(block)
        , m_index(index) {}

    [[nodiscard]] int block() const;
    [[nodiscard]] int blocks() const;
    [[nodiscard]] int slot() const;

    [[nodiscard]] int index() const { return m_index; }

    [[nodiscard]] int count() const;
    void sync();
    [[nodiscard]] float across(float value, int mask);
    [[nodiscard]] float* shared();

private:
    BlockEmulator& m_block;
    int m_index;
};

using EmulatedBody = std::function<void(EmulatedThread&)>;

class BlockEmulator {
public:
    /// Runs a grid, block after block. Throws std::logic_error where threads miss each other.
    static void run(const ops::cuda::Grid& grid, const EmulatedBody& body) {
        for (unsigned slot = 0; slot < grid.slots; ++slot) {
            for (unsigned block = 0; block < grid.blocks; ++block) {
                BlockEmulator(grid, static_cast<int>(block), static_cast<int>(slot), body).run();
            }
        }
    }

private:
    friend class EmulatedThread;

    enum class State : char { Runs, Syncs, Exchanges, Done };

    static constexpr std::size_t kStack = 64 * 1024;

    BlockEmulator(const ops::cuda::Grid& grid, int block, int slot, const EmulatedBody& body)
        : m_grid(grid)
        , m_block(block)
        , m_slot(slot)
        , m_body(body)
        , m_states(grid.threads, State::Runs)
        , m_given(grid.threads)
        , m_taken(grid.threads)
        , m_contexts(grid.threads)
        , m_stacks(new char[grid.threads * kStack])
        , m_shared(grid.sharedBytes / sizeof(float), std::numeric_limits<float>::quiet_NaN()) {}

    static void enter(unsigned high, unsigned low, int index) {
        auto* self = reinterpret_cast<BlockEmulator*>((static_cast<std::uintptr_t>(high) << 32U) |
                                                      static_cast<std::uintptr_t>(low));
        EmulatedThread thread(*self, index);
        self->m_body(thread);
        self->leave(index, State::Done);
    }

    void run() {
        const auto self = reinterpret_cast<std::uintptr_t>(this);
        for (std::size_t i = 0; i < m_contexts.size(); ++i) {
            ::getcontext(&m_contexts[i]);
            m_contexts[i].uc_stack.ss_sp = m_stacks.get() + i * kStack;
            m_contexts[i].uc_stack.ss_size = kStack;
            m_contexts[i].uc_link = nullptr;
            ::makecontext(&m_contexts[i], reinterpret_cast<void (*)()>(&BlockEmulator::enter), 3,
                          static_cast<unsigned>(self >> 32U), static_cast<unsigned>(self),
                          static_cast<int>(i));
        }
        while (!all(0, m_states.size(), State::Done)) {
            for (std::size_t i = 0; i < m_states.size(); ++i) {
                if (m_states[i] == State::Runs) {
                    ::swapcontext(&m_scheduler, &m_contexts[i]);
                }
            }
            release();
        }
    }

    void leave(int index, State state) {
        const auto i = static_cast<std::size_t>(index);
        m_states[i] = state;
        ::swapcontext(&m_contexts[i], &m_scheduler);
    }

    [[nodiscard]] bool all(std::size_t from, std::size_t to, State state) const {
        for (std::size_t i = from; i < to; ++i) {
            if (m_states[i] != state) {
                return false;
            }
        }
        return true;
    }

    void set(std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i) {
            m_states[i] = State::Runs;
            m_taken[i] = m_given[i];
        }
    }

    /// Nobody can run: warps that exchange go on, or a block that is whole at a meeting.
    void release() {
        bool any = false;
        for (std::size_t warp = 0; warp < m_states.size(); warp += ops::cuda::kWarp) {
            if (all(warp, warp + ops::cuda::kWarp, State::Exchanges)) {
                set(warp, warp + ops::cuda::kWarp);
                any = true;
            }
        }
        if (!any && all(0, m_states.size(), State::Syncs)) {
            set(0, m_states.size());
            any = true;
        }
        if (!any && !all(0, m_states.size(), State::Done)) {
            throw std::logic_error("threads of a block wait for others that do not come");
        }
    }

    const ops::cuda::Grid& m_grid;
    int m_block, m_slot;
    const EmulatedBody& m_body;
    std::vector<State> m_states;
    std::vector<float> m_given, m_taken; // of an exchange
    std::vector<::ucontext_t> m_contexts;
    ::ucontext_t m_scheduler{};
    std::unique_ptr<char[]> m_stacks;
    std::vector<float> m_shared;
};

inline int EmulatedThread::block() const {
    return m_block.m_block;
}

inline int EmulatedThread::blocks() const {
    return static_cast<int>(m_block.m_grid.blocks);
}

inline int EmulatedThread::slot() const {
    return m_block.m_slot;
}

inline int EmulatedThread::count() const {
    return static_cast<int>(m_block.m_grid.threads);
}

inline void EmulatedThread::sync() {
    m_block.leave(m_index, BlockEmulator::State::Syncs);
}

inline float EmulatedThread::across(float value, int mask) {
    const auto i = static_cast<std::size_t>(m_index);
    m_block.m_given[i] = value;
    m_block.leave(m_index, BlockEmulator::State::Exchanges);
    return m_block.m_taken[i ^ static_cast<std::size_t>(mask)];
}

inline float* EmulatedThread::shared() {
    return m_block.m_shared.data();
}

} // namespace depthscope::tests
