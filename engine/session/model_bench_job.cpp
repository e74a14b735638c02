// SPDX-License-Identifier: MIT
// Speed of whole models of published shapes with random weights: decoding, prefill, training, each
// beside what it must read and compute. A case a step.
#include "engine/base/error.h"
#include "engine/base/quantile.h"
#include "engine/base/text.h"
#include "engine/nn/memory.h"
#include "engine/session/bench_job.h"
#include "engine/session/jobs.h"
#include "engine/session/threads.h"
#include "engine/spec/flops.h"
#include "engine/train/language_objective.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <chrono>
#include <functional>

namespace depthscope::session {

namespace {

using Clock = std::chrono::steady_clock;
using models::LanguageModel;
using runtime::BenchCase;
using spec::LanguageSpec;

/// A GPU works on after a call has returned: waited for, so that the time holds all of the work.
double secondsSince(Clock::time_point start, at::Device device) {
    if (!device.is_cpu()) {
        c10::impl::VirtualGuardImpl(device.type()).synchronizeDevice(device.index());
    }
    return std::chrono::duration<double>(Clock::now() - start).count();
}

LanguageModel randomModel(const LanguageSpec& config, at::Device device, at::ScalarType dtype) {
    const nn::MemoryScope scope(nn::MemoryTag::Weights);
    models::Weights weights = models::randomWeights(config, 1);
    models::convertWeights(config, weights, device, dtype);
    return {config, std::move(weights)};
}

/// Decodes one sequence with a cache; depths are given, so that a mean depth can be set exactly.
class Decoder {
public:
    explicit Decoder(const LanguageModel& model)
        : m_model(model)
        , m_routing(spec::resolveRouting(model.config(), {}, spec::RoutingUse::Generation))
        , m_cache(model.makeCache()) {}

    void run(const std::vector<std::int64_t>& ids, const std::vector<std::int64_t>& depths) {
        models::Pass pass;
        pass.ids = at::tensor(ids, at::kLong).unsqueeze(0).to(m_model.device());
        pass.firstPosition = m_length;
        pass.routing = m_routing;
        pass.cache = &m_cache;
        pass.trace = false;
        pass.lastLogitsOnly = true;
        if (!depths.empty()) {
            pass.forcedDepth = at::tensor(depths, at::kLong).unsqueeze(0).to(m_model.device());
        }
        m_model.run(pass);
        m_length += static_cast<std::int64_t>(ids.size());
    }

private:
    const LanguageModel& m_model;
    spec::ResolvedRouting m_routing;
    nn::KvCache m_cache;
    std::int64_t m_length = 0;
};

std::vector<std::int64_t> someIds(std::int64_t count, std::int64_t vocabulary) {
    std::vector<std::int64_t> ids;
    for (std::int64_t i = 0; i < count; ++i) {
        ids.push_back((i * 7919 + 13) % vocabulary);
    }
    return ids;
}

/// Tokens a second over `tokens` decoded ones, the median of `rounds`. `pattern`: depths in turn.
double decodeRate(const LanguageModel& model,
                  int tokens,
                  int rounds,
                  const std::vector<std::int64_t>& pattern = {}) {
    std::vector<double> rates;
    for (int round = 0; round < rounds; ++round) {
        Decoder decoder(model);
        constexpr int kPrompt = 8;
        decoder.run(someIds(kPrompt, model.config().vocabulary),
                    pattern.empty() ? pattern : std::vector<std::int64_t>(kPrompt, 1));
        const Clock::time_point start = Clock::now();
        for (int i = 0; i < tokens; ++i) {
            const auto turn = static_cast<std::size_t>(i);
            decoder.run({i % model.config().vocabulary},
                        pattern.empty()
                            ? pattern
                            : std::vector<std::int64_t>{pattern[turn % pattern.size()]});
        }
        rates.push_back(tokens / secondsSince(start, model.device()));
    }
    return quantile(std::move(rates), 0.5);
}

/// Bytes of weights that one token reads when it runs `depth` recursions on average.
double bytesPerToken(const LanguageModel& model, double depth) {
    models::Weights weights = model.weights();
    double parameters = 0;
    for (const auto& part : models::countParameters(model.config(), weights)) {
        const auto count = static_cast<double>(part.count);
        parameters += !part.sharedBy.empty() ? count * depth : count;
    }
    return parameters * static_cast<double>(c10::elementSize(model.dtype()));
}

LanguageSpec llama135() {
    return spec::findPreset("mor-135m").model;
}

LanguageSpec vanilla135() {
    LanguageSpec config = llama135();
    config.family = spec::Family::Llama;
    config.layers = 30;
    return config;
}

class ModelBenchJob final : public BenchJob {
public:
    ModelBenchJob(Workspace& workspace, JobId id, runtime::BenchRequest request, Publish publish)
        : BenchJob(workspace, id, request.suite, std::move(publish)) {
        plan(request.suite);
    }

private:
    void plan(const std::string& suite) {
        if (suite == "more") {
            setCases({[this] { generateMore("more-shakespeare", "MORE published config"); },
                      [this] { generateMore("more-baseline-shakespeare", "MORE baseline"); }});
        } else if (suite == "train") {
            setCases({[this] { training("more-shakespeare", false); },
                      [this] { training("more-shakespeare", true); },
                      [this] { training("more-baseline-shakespeare", false); },
                      [this] { training("demo-mor-expert", false); },
                      [this] { training("demo-vanilla", false); }});
        } else if (suite == "llama") {
            setCases({[this] { llama(at::kBFloat16); }, [this] { llama(at::kFloat); }});
        } else {
            setCases({[this] { recursions(at::kBFloat16); }, [this] { recursions(at::kFloat); }});
        }
    }

    /// A rate has no limit here: the command measures those of the machine in the same run.
    void add(runtime::BenchCase result) { report().cases.push_back(std::move(result)); }

    static double flopsPerToken(const LanguageSpec& config, std::int64_t position) {
        spec::StepWork work;
        work.unshared = spec::causalWork(1, position);
        work.headTokens = 1;
        return spec::stepFlops(config, spec::fullWork(config, work));
    }

    void generateMore(const char* preset, const char* name) {
        const LanguageModel model =
            randomModel(spec::findPreset(preset).model, workspace().device, at::kFloat);
        useThreads(decodingThreads(model.config(), workspace().interactiveThreads));
        static_cast<void>(decodeRate(model, 10, 1));
        add({.name = fmt::format("{}, generate 100 tokens", name),
             .unit = "tokens/s",
             .value = decodeRate(model, 100, 25),
             .note = "fp32, cached, one sequence",
             .flops = flopsPerToken(model.config(), 50)});
    }

    void training(const char* name, bool autocast) {
        spec::Preset preset = spec::findPreset(name);
        preset.autocast = autocast;
        data::Corpus corpus;
        for (std::int64_t i = 0; i < 20'000; ++i) {
            corpus.train.ids.push_back(
                static_cast<std::int32_t>((i * 7919 + i / 7) % preset.model.vocabulary));
        }
        corpus.validation = corpus.train;
        const c10::AutoGradMode grad(true);
        nn::resetPeakMemory(workspace().device);
        train::LanguageObjective objective(preset, corpus, workspace().device);
        train::Trainer trainer(train::trainerSettings(preset), objective);
        trainer.step();
        std::vector<double> rates;
        for (int i = 0; i < 5; ++i) {
            const Clock::time_point start = Clock::now();
            trainer.step();
            rates.push_back(static_cast<double>(trainer.tokensPerStep()) /
                            secondsSince(start, workspace().device));
        }
        const double flops = trainer.evaluate().flops /
                             static_cast<double>(trainer.stepsDone() * trainer.tokensPerStep());
        add({.name = fmt::format("{}, train{}", name, autocast ? ", bfloat16 products" : ""),
             .unit = "tokens/s",
             .value = quantile(rates, 0.5),
             .note = fmt::format("peak {} MiB", nn::memoryUse(workspace().device).peak >> 20U),
             .flops = flops});
    }

    void llama(at::ScalarType dtype) {
        const std::string type = dtype == at::kFloat ? "f32" : "bf16";
        const LanguageModel model = randomModel(vanilla135(), workspace().device, dtype);
        static_cast<void>(decodeRate(model, 4, 1));
        add({.name = fmt::format("llama 135M shape, decode {}", type),
             .unit = "tokens/s",
             .value = decodeRate(model, 48, 3),
             .note = "one sequence",
             .bytes = bytesPerToken(model, 1)});
        const std::vector<std::int64_t> ids = someIds(512, model.config().vocabulary);
        std::vector<double> rates;
        for (int i = 0; i < 3; ++i) {
            Decoder decoder(model);
            const Clock::time_point start = Clock::now();
            decoder.run(ids, {});
            rates.push_back(512 / secondsSince(start, model.device()));
        }
        add({.name = fmt::format("llama 135M shape, prefill 512 {}", type),
             .unit = "tokens/s",
             .value = quantile(rates, 0.5),
             .note = "logits of the last token",
             .flops = flopsPerToken(model.config(), 256)});
    }

    void recursions(at::ScalarType dtype) {
        const std::string type = dtype == at::kFloat ? "f32" : "bf16";
        const LanguageModel vanilla = randomModel(vanilla135(), workspace().device, dtype);
        const LanguageModel mor = randomModel(llama135(), workspace().device, dtype);
        static_cast<void>(decodeRate(vanilla, 4, 1));
        static_cast<void>(decodeRate(mor, 4, 1, {1}));
        const std::vector<std::pair<double, std::vector<std::int64_t>>> depths{{2.0, {1, 2, 3}},
                                                                               {1.5, {1, 2}}};
        for (const auto& [mean, pattern] : depths) {
            std::vector<double> ratios;
            double rate = 0;
            for (int i = 0; i < 3; ++i) { // pairs, so that a drift falls on both
                const double base = decodeRate(vanilla, 24, 1);
                rate = decodeRate(mor, 24, 1, pattern);
                ratios.push_back(rate / base);
            }
            const std::string name = fmt::format("MoR 135M 1+9x3+1, decode {}, mean depth {}", type,
                                                 std::to_string(mean).substr(0, 3));
            add({.name = name,
                 .unit = "tokens/s",
                 .value = rate,
                 .note = "depths given",
                 .bytes = bytesPerToken(mor, mean)});
            add({.name = fmt::format("{}, against our vanilla", name),
                 .unit = "x",
                 .value = quantile(ratios, 0.5),
                 .limit = bytesPerToken(vanilla, 1) / bytesPerToken(mor, mean),
                 .note = "limit: its own traffic"});
        }
    }
};

} // namespace

std::unique_ptr<Job>
makeModelBenchJob(Workspace& workspace, JobId id, runtime::BenchRequest request, Publish publish) {
    return std::make_unique<ModelBenchJob>(workspace, id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
