// SPDX-License-Identifier: MIT
#include "engine/evaluate/clip_regret.h"

#include "engine/evaluate/depth_search.h"
#include "engine/generate/clip_sampler.h"
#include "engine/models/flow.h"
#include "engine/models/patchify.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace depthscope::evaluate {

namespace {

constexpr int kTime = 2;

} // namespace

/// A clip of the source, its target side noised.
struct ClipRegretMeter::Noised {
    at::Tensor context; ///< patches of the clean frames [1, N', P]; undefined: none
    at::Tensor clean;   ///< patches of the target [1, N, P]
    at::Tensor noisy;
    at::Tensor base; ///< of a residual output; undefined: none
    std::uint64_t seed = 0;
};

ClipRegretMeter::ClipRegretMeter(const models::VideoModel& model,
                                 ClipSource source,
                                 ClipRegretting regretting)
    : m_model(model)
    , m_source(std::move(source))
    , m_regretting(regretting) {}

/// One row for each row of depths; undefined: the router's, one row.
models::SidePass ClipRegretMeter::passOver(const Noised& clip, const at::Tensor& depths) const {
    const std::int64_t rows = depths.defined() ? depths.size(0) : 1;
    const auto repeated = [rows](const at::Tensor& one) { return one.expand({rows, -1, -1}); };
    models::SideInput target;
    target.noise = at::full({rows}, m_regretting.noiseLevel, clip.clean.options());
    target.patches = repeated(clip.noisy);
    target.patterns.seeds.assign(static_cast<std::size_t>(rows), clip.seed);
    target.recursion.seeds = target.patterns.seeds;
    models::ContextMemory memory;
    if (clip.context.defined()) {
        models::SideInput context = target;
        context.noise = at::zeros_like(target.noise);
        context.patches = repeated(clip.context);
        static_cast<void>(m_model.runContext(context, memory));
    }
    target.recursion.forcedDepth = depths;
    return m_model.runTarget(target, clip.context.defined() ? &memory : nullptr);
}

/// Of each row, summed over its tokens.
std::vector<double> ClipRegretMeter::errorsOf(const Noised& clip, const at::Tensor& depths) const {
    constexpr std::int64_t kRows = 32; // as many at once as fit a cache
    std::vector<double> sums;
    for (std::int64_t begin = 0; begin < depths.size(0); begin += kRows) {
        const std::int64_t count = std::min(kRows, depths.size(0) - begin);
        const models::SidePass pass = passOver(clip, depths.narrow(0, begin, count));
        const auto repeated = [count](const at::Tensor& one) {
            return one.defined() ? one.expand({count, -1, -1}) : one;
        };
        const at::Tensor t = at::full({count}, m_regretting.noiseLevel, clip.clean.options());
        const at::Tensor clean = models::cleanOf(
            m_model.spec(), {pass.output, repeated(clip.noisy), t, repeated(clip.base)});
        const at::Tensor errors =
            (clean - clip.clean).square().mean(-1).sum(1).to(at::kDouble).cpu().contiguous();
        const std::span<const double> made(errors.const_data_ptr<double>(),
                                           static_cast<std::size_t>(count));
        sums.insert(sums.end(), made.begin(), made.end());
    }
    return sums;
}

bool ClipRegretMeter::step() {
    if (m_done >= m_regretting.clips) {
        return false;
    }
    const c10::NoGradGuard noGrad;
    const spec::VideoSpec& spec = m_model.spec();
    const std::uint64_t number = m_regretting.firstClip + static_cast<std::uint64_t>(m_done);
    const at::Tensor pixels = batchOf(m_source, std::array{number}).pixels.to(m_model.device());
    const std::int64_t given = spec.contextFrames, wanted = spec.clip.frames - given;
    Noised clip;
    clip.seed = m_regretting.seed + number;
    clip.clean = models::patchify(pixels.narrow(kTime, given, wanted), spec.patch);
    const at::Tensor noise =
        models::patchify(generate::clipNoise({wanted, spec.clip.rows, spec.clip.columns}, clip.seed)
                             .unsqueeze(0)
                             .to(m_model.device()),
                         spec.patch);
    clip.noisy = models::noised(clip.clean, noise,
                                at::full({1}, m_regretting.noiseLevel, clip.clean.options()));
    if (given > 0) {
        const at::Tensor context = pixels.narrow(kTime, 0, given);
        clip.context = models::patchify(context, spec.patch);
        clip.base = spec.residual ? models::lastFramePatches(spec, context, wanted) : clip.base;
    }
    const at::Tensor own = passOver(clip, {}).routed.depth.clamp_min(1);
    constexpr double kRounding = 1e-6; // of the error: sums in fp32
    const double scale = errorsOf(clip, own).front();
    const DepthSearch found = searchDepths(
        own, {.recursions = spec.recursions(),
              .losses = [&](const at::Tensor& depths) { return errorsOf(clip, depths); },
              .rounding = kRounding * scale});
    m_regret.tokens += own.size(1);
    m_regret.routedSum += found.routed.loss;
    m_regret.bestSum += found.best.loss;
    m_regret.equalCostSum += found.equalCost.loss;
    m_regret.routedDepthSum += static_cast<double>(found.routed.steps);
    m_regret.bestDepthSum += static_cast<double>(found.best.steps);
    ++m_done;
    return m_done < m_regretting.clips;
}

} // namespace depthscope::evaluate
