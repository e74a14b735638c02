// SPDX-License-Identifier: MIT
// Speed of video models with random weights: MoRE-DiT beside plain ones, measured in turns so that
// other load on the machine falls on both, each ratio beside what the multiply-accumulates allow. A
// case a step.
#include "engine/base/quantile.h"
#include "engine/base/text.h"
#include "engine/data/procedural_clips.h"
#include "engine/generate/clip_sampler.h"
#include "engine/models/patchify.h"
#include "engine/nn/memory.h"
#include "engine/session/bench_job.h"
#include "engine/session/expected_clip.h"
#include "engine/session/jobs.h"
#include "engine/session/threads.h"
#include "engine/session/video_clips.h"
#include "engine/spec/video_macs.h"
#include "engine/train/flow_objective.h"
#include "engine/train/trainer.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

namespace depthscope::session {

namespace {

using Clock = std::chrono::steady_clock;
using models::VideoModel;

constexpr double kForwardAndBackward = 3.0;
constexpr double kOperations = 2.0;

/// Two kinds of work by turns.
struct Turns {
    double first = 0, second = 0; ///< seconds of one, medians
    double ratio = 0;             ///< of first to second, the median of pairs
    double spread = 0;            ///< of the ratio: 75th percentile less 25th
};

class Timer {
public:
    explicit Timer(at::Device device)
        : m_device(device) {}

    /// Seconds of one of `repeats` calls.
    [[nodiscard]] double seconds(const std::function<void()>& work, int repeats) const {
        const Clock::time_point start = Clock::now();
        for (int i = 0; i < repeats; ++i) {
            work();
        }
        if (!m_device.is_cpu()) {
            c10::impl::VirtualGuardImpl(m_device.type()).synchronizeDevice(m_device.index());
        }
        return std::chrono::duration<double>(Clock::now() - start).count() / repeats;
    }

    /// Turns of at least `slot` seconds; which is first alternates.
    [[nodiscard]] Turns turns(const std::function<void()>& first,
                              const std::function<void()>& second,
                              int rounds,
                              double slot) const {
        const auto repeatsOf = [&](const std::function<void()>& work) {
            static_cast<void>(seconds(work, 1));
            constexpr double kMost = 1000;
            return static_cast<int>(std::clamp(slot / seconds(work, 2), 1.0, kMost));
        };
        const int repeats = repeatsOf(first), others = repeatsOf(second);
        std::vector<double> a, b, ratios;
        for (int round = 0; round < rounds; ++round) {
            double one = 0, two = 0;
            if (round % 2 == 0) {
                one = seconds(first, repeats);
                two = seconds(second, others);
            } else {
                two = seconds(second, others);
                one = seconds(first, repeats);
            }
            a.push_back(one);
            b.push_back(two);
            ratios.push_back(one / two);
        }
        constexpr double kQuarter = 0.25;
        return {quantile(a, 2 * kQuarter), quantile(b, 2 * kQuarter),
                quantile(ratios, 2 * kQuarter),
                quantile(ratios, 3 * kQuarter) - quantile(ratios, kQuarter)};
    }

private:
    at::Device m_device;
};

/// A forward pass over whole noisy clips, and one denoising step behind a kept context.
class Forward {
public:
    Forward(const char* preset, std::int64_t clips, at::Device device)
        : m_model(modelOf(spec::findVideoPreset(preset)->model, device)) {
        const spec::VideoSpec& spec = m_model.spec();
        m_whole = inputOf(spec.clip.frames, clips, 0.5);
        m_context = inputOf(spec.contextFrames, clips, 0);
        m_target = inputOf(spec.clip.frames - spec.contextFrames, clips, 0.5);
        static_cast<void>(m_model.runContext(m_context, m_memory));
    }

    [[nodiscard]] const spec::VideoSpec& spec() const { return m_model.spec(); }

    [[nodiscard]] double wholeMacs() const {
        return spec::videoMacs(spec(), spec::wholeClip(spec())).total();
    }

    [[nodiscard]] double targetMacs() const {
        return spec::videoMacs(spec(), spec::targetSide(spec())).total();
    }

    [[nodiscard]] double contextMacs() const {
        return spec::videoMacs(spec(), spec::contextSide(spec())).total();
    }

    void runWhole() const { static_cast<void>(m_model.runTarget(m_whole, nullptr)); }

    void runTarget() const { static_cast<void>(m_model.runTarget(m_target, &m_memory)); }

    /// Eight denoising steps from the context on. `previews`: after each, the pictures of the clip
    /// as it is expected to end, as a run on screen has them.
    void sample(bool keepsContext, bool previews = false) const {
        generate::ClipSampling sampling;
        sampling.keepsContext = keepsContext;
        generate::ClipStart start;
        start.context = m_pixels;
        start.seeds.resize(static_cast<std::size_t>(m_pixels.size(0)));
        generate::ClipSampler sampler(m_model, sampling, start);
        const ExpectedClip expected(previews ? m_pixels[0] : at::Tensor(), spec().contextFrames);
        while (!sampler.isDone()) {
            sampler.step();
            if (previews) {
                const at::Tensor made =
                    sampler.isDone() ? sampler.frames() : sampler.expectedFrames();
                static_cast<void>(expected.content(made[0]));
            }
        }
    }

private:
    static VideoModel modelOf(const spec::VideoSpec& spec, at::Device device) {
        const nn::MemoryScope scope(nn::MemoryTag::Weights);
        models::VideoWeights weights = models::randomVideoWeights(spec, 1);
        models::convertWeights(spec, weights, device, at::kFloat);
        return {spec, std::move(weights)};
    }

    models::SideInput inputOf(std::int64_t frames, std::int64_t clips, double noise) {
        const spec::VideoSpec& spec = m_model.spec();
        const at::Tensor pixels = at::randn(
            {clips, spec::kColours, frames, spec.clip.rows, spec.clip.columns}, at::kFloat);
        models::SideInput input;
        input.patches = models::patchify(pixels, spec.patch).to(m_model.device());
        input.noise = at::full({clips}, noise, at::kFloat).to(m_model.device());
        if (frames == spec.contextFrames) {
            m_pixels = pixels.to(m_model.device());
        }
        return input;
    }

    VideoModel m_model;
    at::Tensor m_pixels; ///< of the context
    models::SideInput m_whole, m_context, m_target;
    models::ContextMemory m_memory;
};

/// Training steps of a preset on procedural clips, from random weights, whole clips only.
class Training {
public:
    Training(const char* name, std::int64_t batch, at::Device device)
        : m_objective(presetOf(name, batch), clipsOf(presetOf(name, batch)), device)
        , m_trainer(train::trainerSettings(m_objective.preset()), m_objective) {}

    [[nodiscard]] double macs() const {
        const spec::VideoPreset& preset = m_objective.preset();
        return kForwardAndBackward * static_cast<double>(preset.batch) *
               spec::videoMacs(preset.model, spec::wholeClip(preset.model)).total();
    }

    void step() { m_trainer.step(); }

private:
    static spec::VideoPreset presetOf(const char* name, std::int64_t batch) {
        spec::VideoPreset preset = *spec::findVideoPreset(name);
        preset.batch = batch;
        preset.contextShare = 0;
        return preset;
    }

    static train::ClipSets clipsOf(const spec::VideoPreset& preset) {
        const evaluate::ClipSource source =
            sourceOf(proceduralClips(preset.clips, preset.model, preset.seed));
        return {.training = source, .validation = source, .name = preset.clips};
    }

    train::FlowObjective m_objective;
    train::Trainer m_trainer;
};

class VideoBenchJob final : public BenchJob {
public:
    VideoBenchJob(Workspace& workspace, JobId id, runtime::BenchRequest request, Publish publish)
        : BenchJob(workspace, id, std::move(request.suite), std::move(publish))
        , m_timer(workspace.device) {
        constexpr std::int64_t kBatch = 8;
        setCases({[this] { forward("tiny", "tiny-more-dit", "tiny-dit", 1); },
                  [this] { forward("tiny", "tiny-more-dit", "tiny-dit", kBatch); },
                  [this] { training("tiny", "tiny-more-dit", "tiny-dit", kBatch); },
                  [this] { perMac(1); }, [this] { perMac(kBatch); },
                  [this] { training("demo", "demo-more-dit", "demo-dit", 4 * kBatch); },
                  [this] { context("demo-more-dit"); }, [this] { context("demo-dit"); },
                  [this] { preview("demo-more-dit"); }});
    }

private:
    static constexpr int kRounds = 15;
    static constexpr double kSlot = 0.1; // s

    void add(std::string name, double rate, double macs, const char* note) {
        report().cases.push_back({std::move(name), "clips/s", rate, 0, note});
        report().cases.back().flops = kOperations * macs;
    }

    void addRatio(std::string name, double value, double limit, std::string note) {
        report().cases.push_back({std::move(name), "x", value, limit, std::move(note)});
    }

    static std::string batchText(std::int64_t clips) {
        return clips == 1 ? "one clip" : fmt::format("{} clips", clips);
    }

    static std::string spreadText(const Turns& turns) {
        return fmt::format("in turns, quartiles {:.0f} % apart", 100 * turns.spread / turns.ratio);
    }

    void forward(const char* size, const char* more, const char* plain, std::int64_t clips) {
        const Forward a(more, clips, workspace().device), b(plain, clips, workspace().device);
        const Turns turns =
            m_timer.turns([&] { a.runWhole(); }, [&] { b.runWhole(); }, kRounds, kSlot);
        const auto count = static_cast<double>(clips);
        const std::string what = fmt::format("forward, {}", batchText(clips));
        add(fmt::format("{} MoRE-DiT, {}", size, what), count / turns.first, a.wholeMacs(),
            "random weights");
        add(fmt::format("{} DiT-{}, {}", size, b.spec().entryBlocks, what), count / turns.second,
            b.wholeMacs(), "random weights");
        addRatio(fmt::format("{} MoRE-DiT against DiT-{}, {}", size, b.spec().entryBlocks, what),
                 1 / turns.ratio, b.wholeMacs() / a.wholeMacs(),
                 spreadText(turns) + ", limit: by multiply-accumulates");
    }

    void training(const char* size, const char* more, const char* plain, std::int64_t batch) {
        const c10::AutoGradMode grad(true);
        Training a(more, batch, workspace().device), b(plain, batch, workspace().device);
        constexpr int kSteps = 7;
        const Turns turns = m_timer.turns([&] { a.step(); }, [&] { b.step(); }, kSteps, kSlot);
        const auto count = static_cast<double>(batch);
        const auto blocks = spec::findVideoPreset(plain)->model.entryBlocks;
        add(fmt::format("{} MoRE-DiT, training step of {}", size, batchText(batch)),
            count / turns.first, a.macs() / count, "whole clips");
        add(fmt::format("{} DiT-{}, training step of {}", size, blocks, batchText(batch)),
            count / turns.second, b.macs() / count, "whole clips");
        addRatio(fmt::format("{} MoRE-DiT against DiT-{}, training step of {}", size, blocks,
                             batchText(batch)),
                 1 / turns.ratio, b.macs() / a.macs(),
                 spreadText(turns) + ", limit: by multiply-accumulates");
    }

    /// The rate of multiply-accumulates of the demo beside that of the plain model of its blocks.
    void perMac(std::int64_t clips) {
        const Forward a("demo-more-dit", clips, workspace().device);
        const Forward b("demo-dit", clips, workspace().device);
        const Turns whole =
            m_timer.turns([&] { a.runWhole(); }, [&] { b.runWhole(); }, kRounds, kSlot);
        const auto count = static_cast<double>(clips);
        const std::string what = batchText(clips);
        add(fmt::format("demo MoRE-DiT, forward, {}", what), count / whole.first, a.wholeMacs(),
            "random weights");
        add(fmt::format("demo DiT-4, forward, {}", what), count / whole.second, b.wholeMacs(),
            "random weights");
        addRatio(
            fmt::format("demo MoRE-DiT per multiply-accumulate against DiT-4, forward, {}", what),
            a.wholeMacs() / b.wholeMacs() / whole.ratio, 1, spreadText(whole));
        const Turns target =
            m_timer.turns([&] { a.runTarget(); }, [&] { b.runTarget(); }, kRounds, kSlot);
        addRatio(fmt::format("the same, a denoising step behind a kept context, {}", what),
                 a.targetMacs() / b.targetMacs() / target.ratio, 1, spreadText(target));
    }

    void context(const char* preset) {
        const Forward model(preset, 1, workspace().device);
        const Turns turns = m_timer.turns([&] { model.sample(false); }, [&] { model.sample(true); },
                                          kRounds, kSlot);
        constexpr double kSteps = 8, kMilliseconds = 1000;
        report().cases.push_back({fmt::format("{}, 8 steps, context kept", preset), "ms",
                                  turns.second * kMilliseconds, 0, "random weights"});
        addRatio(fmt::format("{}, context made in every step against kept, 8 steps", preset),
                 turns.ratio,
                 kSteps * (model.contextMacs() + model.targetMacs()) /
                     (model.contextMacs() + kSteps * model.targetMacs()),
                 spreadText(turns) + ", limit: by multiply-accumulates");
    }

    void preview(const char* preset) {
        const Forward model(preset, 1, workspace().device);
        const Turns turns = m_timer.turns([&] { model.sample(true, true); },
                                          [&] { model.sample(true); }, 2 * kRounds, kSlot);
        addRatio(fmt::format("{}, 8 steps with pictures of each against none", preset), turns.ratio,
                 0, spreadText(turns));
    }

    Timer m_timer;
};

} // namespace

std::unique_ptr<Job>
makeVideoBenchJob(Workspace& workspace, JobId id, runtime::BenchRequest request, Publish publish) {
    return std::make_unique<VideoBenchJob>(workspace, id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
