// SPDX-License-Identifier: MIT
#include "engine/evaluate/depth_probe.h"

#include "engine/data/patch_truth.h"
#include "engine/generate/clip_sampler.h"
#include "engine/models/flow.h"
#include "engine/models/patchify.h"
#include "engine/trace/statistics.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

namespace depthscope::evaluate {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr int kTime = 2;

data::PatchShape patchOf(const spec::VideoSpec& spec) {
    return {static_cast<std::int32_t>(spec.patch.frames),
            static_cast<std::int32_t>(spec.patch.rows),
            static_cast<std::int32_t>(spec.patch.columns)};
}

} // namespace

double aucOf(const std::vector<std::vector<std::int64_t>>& counts, std::size_t of) {
    std::vector<std::int64_t> others(counts[of].size(), 0);
    for (std::size_t other = 0; other < counts.size(); ++other) {
        if (other != of) {
            std::ranges::transform(others, counts[other], others.begin(), std::plus<>());
        }
    }
    return trace::areaUnderCurve(counts[of], others);
}

DepthProbe::DepthProbe(const models::VideoModel& model, ClipSource source, DepthProbing probing)
    : m_model(model)
    , m_source(std::move(source))
    , m_probing(std::move(probing)) {
    for (std::vector<std::int64_t>& depths : m_counts) {
        depths.assign(static_cast<std::size_t>(model.spec().recursions()) + 1, 0);
    }
}

models::SidePass DepthProbe::passOver(const at::Tensor& pixels) const {
    const spec::VideoSpec& spec = m_model.spec();
    const std::int64_t given = spec.contextFrames, clips = pixels.size(0);
    spec::Extent3 extent = spec.clip;
    extent.frames -= given;
    std::vector<at::Tensor> noise;
    std::vector<std::uint64_t> seeds;
    for (std::int64_t k = 0; k < clips; ++k) {
        seeds.push_back(m_probing.seed + static_cast<std::uint64_t>(m_done + k));
        noise.push_back(generate::clipNoise(extent, seeds.back()));
    }
    models::SideInput target;
    target.noise = at::full({clips}, m_probing.noiseLevel).to(m_model.device(), at::kFloat);
    target.patches = models::noised(
        models::patchify(pixels.narrow(kTime, given, extent.frames), spec.patch),
        models::patchify(at::stack(noise).to(m_model.device()), spec.patch), target.noise);
    target.patterns = m_probing.patterns;
    target.recursion = m_probing.recursion;
    target.patterns.seeds = target.recursion.seeds = seeds;
    models::ContextMemory memory;
    if (given > 0) {
        models::SideInput context = target;
        context.recursion.forcedDepth = context.recursion.rankBy = at::Tensor();
        context.noise = at::zeros_like(target.noise);
        context.patches = models::patchify(pixels.narrow(kTime, 0, given), spec.patch);
        static_cast<void>(m_model.runContext(context, memory));
    }
    return m_model.runTarget(target, given > 0 ? &memory : nullptr);
}

void DepthProbe::count(const models::SidePass& pass, const std::vector<data::Clip>& clips) {
    const spec::VideoSpec& spec = m_model.spec();
    const std::int64_t tokens = pass.side.grid.count();
    const at::Tensor depth =
        pass.routed.depth.defined()
            ? pass.routed.depth.cpu().contiguous()
            : at::ones({static_cast<std::int64_t>(clips.size()), tokens}, at::kLong);
    const auto* depths = depth.const_data_ptr<std::int64_t>();
    for (const data::Clip& clip : clips) {
        const std::vector<std::uint8_t> classes = data::patchClassesOf(clip, patchOf(spec));
        for (std::int64_t i = 0; i < tokens; ++i, ++depths) {
            // The target side has the last patches of the clip.
            const std::size_t kind =
                classes.empty() ? trace::kPatchClasses
                                : classes[classes.size() - static_cast<std::size_t>(tokens - i)];
            ++m_counts.at(kind).at(static_cast<std::size_t>(*depths));
        }
    }
    if (pass.patterns.expert.defined()) {
        const at::Tensor expert = pass.patterns.expert.cpu().contiguous();
        const auto* chosen = expert.const_data_ptr<std::int64_t>();
        std::for_each_n(chosen, expert.numel(),
                        [this](std::int64_t e) { m_experts.at(static_cast<std::size_t>(e)) += 1; });
    }
}

bool DepthProbe::step() {
    const c10::NoGradGuard noGrad;
    const std::int64_t count = std::min(m_probing.batch, m_probing.clips - m_done);
    std::vector<data::Clip> clips;
    for (std::int64_t k = 0; k < count; ++k) {
        clips.push_back(m_source(static_cast<std::uint64_t>(m_done + k)));
    }
    this->count(passOver(batchOf(std::span<const data::Clip>(clips)).pixels.to(m_model.device())),
                clips);
    m_done += count;
    return m_done < m_probing.clips;
}

double DepthProbe::fraction() const {
    return static_cast<double>(m_done) / static_cast<double>(m_probing.clips);
}

DepthFigures DepthProbe::figures() const {
    DepthFigures figures;
    std::vector<std::int64_t> all(m_counts.front().size(), 0);
    for (const std::vector<std::int64_t>& depths : m_counts) {
        std::ranges::transform(all, depths, all.begin(), std::plus<>());
    }
    figures.tokens = std::accumulate(all.begin(), all.end(), std::int64_t{0});
    for (const std::int64_t count : all) {
        figures.depthShares.push_back(static_cast<double>(count) /
                                      static_cast<double>(figures.tokens));
    }
    const std::vector<std::vector<std::int64_t>> known(m_counts.begin(),
                                                       m_counts.begin() + trace::kPatchClasses);
    const bool isRouted = std::ranges::count_if(all, [](std::int64_t n) { return n > 0; }) > 1;
    for (std::size_t kind = 0; kind < known.size(); ++kind) {
        double sum = 0, patches = 0;
        for (std::size_t d = 0; d < known[kind].size(); ++d) {
            sum += static_cast<double>(d) * static_cast<double>(known[kind][d]);
            patches += static_cast<double>(known[kind][d]);
        }
        figures.depthByClass.at(kind) = patches > 0 ? sum / patches : kUnknown;
        figures.auc.at(kind) = isRouted ? aucOf(known, kind) : kUnknown;
    }
    const double choices = std::accumulate(m_experts.begin(), m_experts.end(), 0.0);
    for (std::size_t e = 0; e < m_experts.size(); ++e) {
        figures.expertShares.at(e) = choices > 0 ? m_experts.at(e) / choices : kUnknown;
    }
    return figures;
}

} // namespace depthscope::evaluate
