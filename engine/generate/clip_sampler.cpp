// SPDX-License-Identifier: MIT
#include "engine/generate/clip_sampler.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/models/patchify.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <utility>

namespace depthscope::generate {

namespace {

constexpr int kMostSteps = 1000;

void checkStart(const spec::VideoSpec& spec, const ClipSampling& sampling, const ClipStart& start) {
    if (sampling.steps < 1 || sampling.steps > kMostSteps) {
        throw Error(ErrorCode::Usage, fmt::format("steps is {}", sampling.steps),
                    fmt::format("Must be from 1 to {}.", kMostSteps));
    }
    if ((start.labels.defined() || sampling.guidance != 1) && spec.classes == 0) {
        throw Error(ErrorCode::Usage, "the model has no classes, so there is nothing to guide to",
                    "Leave class and guidance out, or train a model with classes.");
    }
    if (!start.context.defined()) {
        return;
    }
    const at::Tensor& context = start.context;
    if (context.size(3) != spec.clip.rows || context.size(4) != spec.clip.columns) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("the context is {} x {} pixels; the model takes {} x {}",
                                context.size(4), context.size(3), spec.clip.columns,
                                spec.clip.rows),
                    "Give frames of the model's size.");
    }
    if (context.size(2) < 1 || context.size(2) >= spec.clip.frames ||
        context.size(2) % spec.patch.frames != 0 || context.size(2) > spec.contextFrames) {
        throw Error(
            ErrorCode::BadInput, fmt::format("{} context frames", context.size(2)),
            fmt::format("The model was trained with {}; give as many, or fewer in multiples of {}.",
                        spec.contextFrames, spec.patch.frames));
    }
}

} // namespace

at::Tensor clipNoise(const spec::Extent3& pixels, std::uint64_t seed) {
    auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    return at::randn({spec::kColours, pixels.frames, pixels.rows, pixels.columns}, generator,
                     at::TensorOptions(at::kFloat));
}

ClipSampler::ClipSampler(const models::VideoModel& model, ClipSampling sampling, ClipStart start)
    : m_model(model)
    , m_sampling(std::move(sampling))
    , m_start(std::move(start)) {
    const spec::VideoSpec& spec = model.spec();
    checkStart(spec, m_sampling, m_start);
    m_sampling.patterns.seeds = m_sampling.recursion.seeds = m_start.seeds;
    const std::int64_t given = m_start.context.defined() ? m_start.context.size(2) : 0;
    spec::Extent3 pixels = spec.clip;
    pixels.frames -= given;
    m_grid = spec.gridOf(pixels.frames);
    std::vector<at::Tensor> noise;
    for (const std::uint64_t seed : m_start.seeds) {
        noise.push_back(clipNoise(pixels, seed));
    }
    m_x = models::patchify(at::stack(noise).to(model.device()), spec.patch);
    if (spec.residual && given > 0) {
        m_base = models::lastFramePatches(spec, m_start.context, pixels.frames);
    }
}

double ClipSampler::noiseLevel() const {
    return 1.0 - static_cast<double>(m_done) / m_sampling.steps;
}

void ClipSampler::readContext(models::ContextMemory& memory, const at::Tensor& labels) {
    if (!m_start.context.defined() || (m_sampling.keepsContext && memory.places() > 0)) {
        return;
    }
    memory = {};
    models::SideInput input;
    input.patches = models::patchify(m_start.context, m_model.spec().patch);
    input.noise = at::zeros({m_x.size(0)}, m_x.options());
    input.labels = labels;
    input.patterns = m_sampling.patterns;
    input.recursion = m_sampling.recursion;
    input.recursion.forcedDepth = input.recursion.rankBy = at::Tensor();
    m_context.clear();
    m_context.push_back(m_model.runContext(input, memory));
    m_madeContext = true;
}

at::Tensor ClipSampler::evaluate(const at::Tensor& x, const at::Tensor& t, bool withLabels) {
    models::ContextMemory& memory = withLabels ? m_memory : m_free;
    models::SideInput input;
    input.patches = x;
    input.noise = t;
    if (withLabels) {
        input.labels = m_start.labels;
    }
    input.patterns = m_sampling.patterns;
    input.recursion = m_sampling.recursion;
    readContext(memory, input.labels);
    m_last.clear();
    m_last.push_back(m_model.runTarget(input, m_start.context.defined() ? &memory : nullptr));
    ++m_evaluations;
    const models::FlowOutput flow{m_last.back().output, x, t, m_base};
    m_expected = models::cleanOf(m_model.spec(), flow);
    return models::velocityOf(m_model.spec(), flow);
}

at::Tensor ClipSampler::velocity(const at::Tensor& x, double t) {
    const at::Tensor level = at::full({x.size(0)}, t, x.options());
    if (!m_start.labels.defined() || m_sampling.guidance == 0) {
        return evaluate(x, level, false);
    }
    if (m_sampling.guidance == 1) {
        return evaluate(x, level, true);
    }
    const at::Tensor free = evaluate(x, level, false);
    return at::lerp(free, evaluate(x, level, true), m_sampling.guidance);
}

void ClipSampler::step() {
    const c10::NoGradGuard noGrad;
    m_madeContext = false;
    const double t = noiseLevel();
    const double next = 1.0 - static_cast<double>(m_done + 1) / m_sampling.steps;
    m_x = flowStep(m_sampling.solver, m_x, t, m_done + 1 == m_sampling.steps ? 0.0 : next,
                   [this](const at::Tensor& x, double level) { return velocity(x, level); });
    ++m_done;
}

at::Tensor ClipSampler::frames() const {
    return models::unpatchify(m_x, m_grid, m_model.spec().patch);
}

at::Tensor ClipSampler::expectedFrames() const {
    return m_expected.defined() ? models::unpatchify(m_expected, m_grid, m_model.spec().patch)
                                : at::Tensor();
}

const models::SidePass* ClipSampler::lastContext() const {
    return m_context.empty() ? nullptr : &m_context.back();
}

const models::SidePass* ClipSampler::lastPass() const {
    return m_last.empty() ? nullptr : &m_last.back();
}

} // namespace depthscope::generate
