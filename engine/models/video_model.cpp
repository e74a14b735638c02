// SPDX-License-Identifier: MIT
#include "engine/models/video_model.h"

#include "engine/models/video_positions.h"
#include "engine/nn/linear.h"

#include <ATen/ATen.h>

#include <utility>

namespace depthscope::models {

namespace {

at::Tensor linear(const at::Tensor& x, const spec::LinearWeights<at::Tensor>& weights) {
    return nn::linear(x, weights.weight, weights.bias);
}

/// c = e_t + e_y (docs/video_models.md). [B, D]
at::Tensor
conditionOf(const spec::VideoSpec& spec, const VideoWeights& weights, const SideInput& input) {
    const at::Tensor wave = timeSinusoid(input.noise).to(weights.time1.weight.scalar_type());
    at::Tensor c = linear(at::silu(linear(wave, weights.time1)), weights.time2);
    if (spec.classes > 0) {
        const at::Tensor rows = input.labels.defined() ? input.labels
                                                       : at::full({c.size(0)}, spec.classes,
                                                                  c.options().dtype(at::kLong));
        c = c + at::embedding(weights.labels, rows);
    }
    return c;
}

} // namespace

VideoModel::VideoModel(spec::VideoSpec spec, VideoWeights weights)
    : m_spec(std::move(spec))
    , m_weights(std::move(weights)) {
    const spec::Extent3 grid = m_spec.grid();
    if (m_spec.positions != spec::VideoPositions::Sincos) {
        m_rotary = rotary3d(grid, m_spec.headWidth(), dtype());
        m_rotary = {m_rotary.cosine.to(device()), m_rotary.sine.to(device())};
    }
    if (m_spec.positions != spec::VideoPositions::Rope3d) {
        m_places = sincos2d(grid, m_spec.width).to(device(), dtype()).unsqueeze(0);
        m_times = sincos(grid.frames, m_spec.width).to(device(), dtype());
    }
}

SidePass VideoModel::begin(const SideInput& input, std::int64_t firstFrame, SideKv kv) const {
    const std::int64_t places = m_spec.grid().rows * m_spec.grid().columns;
    const std::int64_t frames = input.patches.size(1) / places;
    Side side{.grid = {frames, m_spec.grid().rows, m_spec.grid().columns},
              .firstFrame = firstFrame,
              .condition = conditionOf(m_spec, m_weights, input),
              .sharedProjection = &m_weights.modulation,
              .noise = input.noise,
              .kv = kv};
    if (m_spec.modulation == spec::Modulation::Single) {
        side.shared = linear(at::silu(side.condition), m_weights.modulation);
    }
    if (m_rotary.cosine.defined()) {
        const std::int64_t first = firstFrame * places, count = frames * places;
        side.rotary = {m_rotary.cosine.narrow(1, first, count),
                       m_rotary.sine.narrow(1, first, count)};
    }
    at::Tensor x = linear(input.patches.to(dtype()), m_weights.patch);
    if (m_places.defined()) {
        x = x + m_places.repeat({1, frames, 1});
    }
    return {std::move(side), std::move(x), {}, {}, {}};
}

void VideoModel::runBlocks(SidePass& pass,
                           const std::vector<DitBlock>& blocks,
                           std::int64_t first,
                           bool endsContext) const {
    const bool factorises = m_spec.attention == spec::VideoAttention::Factorised;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const std::int64_t index = first + static_cast<std::int64_t>(i);
        // Latte adds the positions in time before the first block along time.
        if (m_times.defined() && index == (factorises ? 1 : 0)) {
            const Side& side = pass.side;
            pass.x = pass.x + m_times.narrow(0, side.firstFrame, side.grid.frames)
                                  .repeat_interleave(side.grid.rows * side.grid.columns, 0);
        }
        BlockTokens tokens;
        tokens.rotary = pass.side.rotary;
        tokens.factor = factorises ? static_cast<int>(index % 2) : -1;
        tokens.keysOnly = endsContext && i + 1 == blocks.size();
        const ModulatedBlock block{blocks[i], modulationOf(blocks[i].modulation, pass.side)};
        pass.x = runDitBlock(m_spec, block, pass.side, tokens, pass.x);
    }
}

void VideoModel::runAll(SidePass& pass, const SideInput& input) const {
    const bool isContext = pass.side.isContext;
    runBlocks(pass, m_weights.entry, 0, isContext && m_weights.exit.empty() && !m_spec.isMore());
    if (m_spec.patterns) {
        pass.x = runPatternExperts({m_spec, m_weights.patterns, m_lists}, pass.side, input.patterns,
                                   pass.x, pass.patterns);
    }
    if (m_spec.recursion) {
        pass.x = runVideoRecursion({m_spec, m_weights.recursion}, pass.side, input.recursion,
                                   pass.x, pass.routed);
    }
    runBlocks(pass, m_weights.exit, m_spec.entryBlocks, isContext);
}

void VideoModel::finish(SidePass& pass) const {
    const at::Tensor both = linear(at::silu(pass.side.condition), m_weights.headModulation);
    const auto vectors = both.unsqueeze(1).chunk(2, -1);
    pass.output = linear(modulatedNorm(pass.x, vectors[0], vectors[1]), m_weights.head);
}

SidePass VideoModel::runContext(const SideInput& input, ContextMemory& memory) const {
    SidePass pass = begin(input, 0, SideKv::context(&memory));
    pass.side.isContext = true;
    runAll(pass, input);
    return pass;
}

SidePass VideoModel::runTarget(const SideInput& input, const ContextMemory* memory) const {
    const std::int64_t places = m_spec.grid().rows * m_spec.grid().columns;
    const std::int64_t first =
        memory == nullptr ? 0 : m_spec.grid().frames - input.patches.size(1) / places;
    SidePass pass = begin(input, first, SideKv::target(memory));
    runAll(pass, input);
    finish(pass);
    return pass;
}

} // namespace depthscope::models
