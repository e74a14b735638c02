// SPDX-License-Identifier: MIT
// What every stage of a video transformer works on: one SIDE of a clip at a time. The context side
// has the clean frames (noise level 0), which attend among themselves; the target side has the
// noisy frames, which attend to the context's keys and values and to their own. So the context's
// are computed once for a clip and reused in every denoising step (docs/video_models.md). Engine
// thread. Letters: B clips, N tokens of the side, D width, H heads, E head width, S given keys.
#pragma once

#include "engine/nn/layers.h"
#include "engine/spec/video_spec.h"
#include "engine/spec/video_weights.h"

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace depthscope::models {

/// The keys and values of one place where a block attends.
struct SeenKeys {
    nn::KeysValues kv; ///< undefined: none
    at::Tensor valid;  ///< [B, S] bool, false for pads; undefined: all are valid
};

/// Keys (with their rotation) and values of the context side, [B, H, S, E], one slot for each
/// place where a block attends, in the order in which the places are reached: entry blocks, Stage
/// 1, recursion 1 with the blocks of the stack, recursion 2, .., exit blocks. The context side
/// appends, the target side reads them back in the same order.
class ContextMemory {
public:
    void append(SeenKeys entry) { m_slots.push_back(std::move(entry)); }

    [[nodiscard]] const SeenKeys& slot(std::size_t place) const { return m_slots.at(place); }

    [[nodiscard]] std::size_t places() const { return m_slots.size(); }

    /// What Stage 1 read of the last frame, [B, X' Y', D]; undefined without Stage 1. The frame
    /// after it is compared with it.
    at::Tensor lastFrame;

    /// Bytes of all that is kept.
    [[nodiscard]] std::int64_t bytes() const;

private:
    std::vector<SeenKeys> m_slots;
};

/// Which way a side goes through the places where blocks attend.
class SideKv {
public:
    /// Attends among itself; what it makes is kept in `written`, or nowhere (null).
    [[nodiscard]] static SideKv context(ContextMemory* written) { return {written, nullptr}; }

    /// Attends to `given` and itself; null: itself only.
    [[nodiscard]] static SideKv target(const ContextMemory* given) { return {nullptr, given}; }

    /// The keys and values that the side's tokens see at the next place, theirs made there being
    /// `own` [B, H, K, E]: own alone, or the context's before it. Takes one place.
    [[nodiscard]] nn::KeysValues seen(const nn::KeysValues& own) { return seen({own, {}}).kv; }

    /// The same for rows of different lengths.
    [[nodiscard]] SeenKeys seen(const SeenKeys& own);

    /// The same in its two parts, for who masks or gathers them: undefined tensors where there are
    /// none given. Takes one place.
    [[nodiscard]] nn::KeysValues given(const nn::KeysValues& own) { return take({own, {}}).kv; }

    /// Places at which this side attends to nothing.
    void skip(std::int64_t places);

    /// Keeps the side's own last frame at Stage 1; returns the context's, undefined without.
    [[nodiscard]] at::Tensor frameBefore(const at::Tensor& own);

private:
    SideKv(ContextMemory* written, const ContextMemory* given)
        : m_written(written)
        , m_given(given) {}

    [[nodiscard]] SeenKeys take(const SeenKeys& own);

    ContextMemory* m_written;
    const ContextMemory* m_given;
    std::size_t m_place = 0;
};

/// What a side's tokens have in common, made once for a forward pass.
struct Side {
    spec::Extent3 grid{};        ///< frames, rows and columns of tokens; N is their product
    std::int64_t firstFrame = 0; ///< of the grid, in frames of tokens of the clip
    at::Tensor condition{};      ///< c = e_t + e_y [B, D]: clean or noisy, its own modulation set
    at::Tensor shared{};         ///< [B, 6 D] of Modulation::Single; undefined otherwise
    /// Makes `shared` of another c than the side's.
    const spec::LinearWeights<at::Tensor>* sharedProjection = nullptr;
    nn::Rotary rotary{}; ///< [1, N, E/2]; undefined without rotary positions
    at::Tensor noise{};  ///< t [B] float, 0 on the context side
    SideKv kv = SideKv::target(nullptr);
    bool isContext = false;
};

} // namespace depthscope::models
