// SPDX-License-Identifier: MIT
// A video diffusion transformer ready to run: patches -> entry blocks -> [Stage 1] -> [Stage 2] ->
// exit blocks -> head, one side of a clip at a time (video_side.h, docs/video_models.md). Const
// after loading: a pass carries all state. Engine thread; gradients flow where grad mode is on.
// Letters: B clips, N tokens of a side, D width, P values of a patch.
#pragma once

#include "engine/models/dit_block.h"
#include "engine/models/pattern_experts.h"
#include "engine/models/video_recursion.h"
#include "engine/models/video_side.h"
#include "engine/models/video_weights.h"
#include "engine/spec/video_spec.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace depthscope::models {

/// What a side is made of.
struct SideInput {
    at::Tensor patches;        ///< [B, N, P] (patchify.h)
    at::Tensor noise;          ///< t [B] float: 1 is noise; 0 on the context side
    at::Tensor labels{};       ///< [B] int64, spec.classes stands for none; undefined: none of all
    PatternRequest patterns{}; ///< of Stage 1
    RecursionRequest recursion{}; ///< of Stage 2
};

/// One side on its way through the network.
struct SidePass {
    Side side;
    at::Tensor x;             ///< [B, N, D]
    at::Tensor output;        ///< [B, N, P] of the head; undefined on the context side
    PatternChoice patterns{}; ///< what Stage 1 chose
    RoutedState routed{};     ///< what Stage 2 did
};

class VideoModel {
public:
    VideoModel(spec::VideoSpec spec, VideoWeights weights);

    [[nodiscard]] const spec::VideoSpec& spec() const { return m_spec; }

    [[nodiscard]] VideoWeights& weights() { return m_weights; }

    [[nodiscard]] const VideoWeights& weights() const { return m_weights; }

    [[nodiscard]] at::Device device() const { return m_weights.patch.weight.device(); }

    [[nodiscard]] at::ScalarType dtype() const { return m_weights.patch.weight.scalar_type(); }

    /// The clean frames at the beginning of the clips, into `memory` (empty before). No head.
    SidePass runContext(const SideInput& input, ContextMemory& memory) const;

    /// The noisy frames behind a context whose keys and values are `memory`, or all frames (null).
    [[nodiscard]] SidePass runTarget(const SideInput& input, const ContextMemory* memory) const;

private:
    [[nodiscard]] SidePass begin(const SideInput& input, std::int64_t firstFrame, SideKv kv) const;
    void runBlocks(SidePass& pass,
                   const std::vector<DitBlock>& blocks,
                   std::int64_t first,
                   bool endsContext) const;
    void runAll(SidePass& pass, const SideInput& input) const;
    void finish(SidePass& pass) const;

    spec::VideoSpec m_spec;
    VideoWeights m_weights;
    nn::Rotary m_rotary; ///< of the whole clip; undefined without
    at::Tensor m_places; ///< sine-cosine of row and column [1, X' Y', D]; undefined without
    at::Tensor m_times;  ///< of the frame [T', D]; undefined without
    mutable PatternLists m_lists; ///< made when a shape is seen first
};

} // namespace depthscope::models
