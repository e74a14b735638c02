// SPDX-License-Identifier: MIT
// A Runtime without an engine: answers passes and generations with step traces made of the prompt's
// words. Routing is by fixed scores and the exact capacities, so that every figure can be checked
// by hand. One thread.
#pragma once

#include "engine/runtime/runtime.h"
#include "engine/trace/graded_classes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace depthscope::test {

inline std::shared_ptr<spec::ModelInfo>
fakeModel(const std::string& folder, spec::RouterKind router = spec::RouterKind::Expert) {
    auto model = std::make_shared<spec::ModelInfo>();
    model->folder = folder;
    model->name = folder.substr(folder.find_last_of('/') + 1);
    model->family = router == spec::RouterKind::None ? "llama" : "mor_llama";
    model->dtype = "float32";
    model->device = "cpu";
    model->kernels = "none";
    model->router = router;
    model->routerFunction = router == spec::RouterKind::None ? "" : "sigmoid";
    model->parameters = router == spec::RouterKind::None ? 3'300'000 : 1'840'000;
    model->layers = 8;
    model->recursions = router == spec::RouterKind::None ? 1 : 3;
    model->blockLayers = 2;
    model->unsharedLayers = 2;
    model->contextLength = 512;
    model->vocabulary = 1024;
    model->hasTokenizer = true;
    if (router == spec::RouterKind::Expert) {
        model->trainedCapacity = {{1, 1}, {2, 3}, {1, 3}};
        model->kvPolicies = {settings::KvPolicy::Recursion, settings::KvPolicy::Hybrid};
    }
    using settings::Rule;
    switch (router) {
    case spec::RouterKind::Expert:
        model->passRules = {{Rule::TopK, Rule::Threshold, Rule::Fixed, Rule::Random}, Rule::TopK};
        model->generationRules = {{Rule::Threshold, Rule::Fixed}, Rule::Threshold};
        break;
    case spec::RouterKind::Token:
        model->passRules = {{Rule::Token, Rule::Fixed, Rule::Random}, Rule::Token};
        model->generationRules = {{Rule::Token, Rule::Fixed}, Rule::Token};
        break;
    case spec::RouterKind::Exit:
        model->passRules = {{Rule::Exit, Rule::Fixed, Rule::Weighted}, Rule::Exit};
        model->generationRules = model->passRules;
        model->kvPolicies = {settings::KvPolicy::Recursion, settings::KvPolicy::Latest,
                             settings::KvPolicy::Skip, settings::KvPolicy::Last};
        break;
    case spec::RouterKind::Change:
        model->passRules = {{Rule::Fixed, Rule::Latent, Rule::Kl, Rule::Argmax}, Rule::Fixed};
        model->generationRules = model->passRules;
        model->kvPolicies = {settings::KvPolicy::Recursion, settings::KvPolicy::Latest,
                             settings::KvPolicy::Skip};
        break;
    case spec::RouterKind::None:
        model->passRules = {{Rule::Fixed}, Rule::Fixed};
        model->generationRules = model->passRules;
        break;
    }
    if (model->name.ends_with("-dit")) {
        model->family = router == spec::RouterKind::None ? "video_dit" : "more_dit";
        model->hasTokenizer = false;
        model->clip = spec::ClipTraits{{4, 8, 8}, {2, 4, 4}, 2, 0, "moving-shapes"};
        model->contextLength = 8;
        model->vocabulary = 0;
        model->generationRules = {};
    }
    model->hasTokenizer = model->hasTokenizer && model->name != "demo-ids";
    if (model->name == "demo-more") {
        model->family = "more";
        model->recursions = 3;
        model->experts = 4;
        model->expertsPerToken = 2;
    }
    return model;
}

class FakeRuntime : public runtime::Runtime {
public:
    explicit FakeRuntime(runtime::Wake wake)
        : m_wake(std::move(wake)) {}

    /// Off: jobs wait for answer().
    bool automatic = true;
    /// What the next passes end with instead of a step.
    std::optional<Error> passError;
    /// Passes of a text with this character end with an error; 0: none do.
    char unreadable = 0;
    /// What was asked for, oldest first.
    std::vector<std::pair<runtime::JobId, runtime::Request>> requests;
    std::vector<runtime::JobId> stopped;

    runtime::JobId submit(runtime::Request request) override {
        const runtime::JobId job = ++m_lastJob;
        requests.emplace_back(job, request);
        replaceOlder(request);
        m_waiting.emplace_back(job, std::move(request));
        push(runtime::JobStarted{job});
        // Tasks are told by tell(): they have no end of their own here.
        const runtime::Request& requested = requests.back().second;
        if (automatic && !std::holds_alternative<runtime::TrainRequest>(requested) &&
            !std::holds_alternative<runtime::ScoreRequest>(requested)) {
            answer(job);
        }
        return job;
    }

    void stop(runtime::JobId job) override {
        stopped.push_back(job);
        std::erase_if(m_waiting, [&](const auto& waiting) {
            if (waiting.first != job) {
                return false;
            }
            push(runtime::JobEnded{job, false, Error(ErrorCode::Interrupted, "stopped")});
            return true;
        });
    }

    void stopAll() override {
        while (!m_waiting.empty()) {
            stop(m_waiting.back().first);
        }
    }

    [[nodiscard]] std::vector<runtime::Event> drain() override {
        return std::exchange(m_events, {});
    }

    [[nodiscard]] std::size_t waiting() const { return m_waiting.size(); }

    /// Finishes a waiting job.
    void answer(runtime::JobId job) {
        const auto found = std::find_if(m_waiting.begin(), m_waiting.end(),
                                        [&](const auto& w) { return w.first == job; });
        if (found == m_waiting.end()) {
            return;
        }
        const runtime::Request request = std::move(found->second);
        m_waiting.erase(found);
        std::optional<Error> error;
        if (const auto* load = std::get_if<runtime::LoadRequest>(&request)) {
            error = this->load(job, *load);
        } else if (const auto* pass = std::get_if<runtime::PassRequest>(&request)) {
            error = passError;
            if (unreadable != 0 && pass->prompt.text.find(unreadable) != std::string::npos) {
                error = Error(ErrorCode::BadInput, "not in the vocabulary");
            }
            if (!error) {
                publish(job, *pass);
            }
        } else if (const auto* generate = std::get_if<runtime::GenerateRequest>(&request)) {
            publish(job, *generate);
        } else if (const auto* sample = std::get_if<runtime::VideoSampleRequest>(&request)) {
            error = passError;
            if (!error) {
                publish(job, *sample);
            }
        } else if (std::holds_alternative<runtime::GradedTextRequest>(request)) {
            push(runtime::GradedTextReport{
                job, {"copy: abc = abc", {}, {trace::gradedClasses(), {{0, 5, 6}, {6, 15, 1}}}}});
        } else if (const auto* clips = std::get_if<runtime::ClipRequest>(&request)) {
            publish(job, *clips);
        }
        push(runtime::JobEnded{job, false, error});
    }

    /// What the engine would say of a job that goes on.
    void tell(runtime::Event event) { push(std::move(event)); }

    void answerAll() {
        while (!m_waiting.empty()) {
            answer(m_waiting.front().first);
        }
    }

private:
    void push(runtime::Event event) {
        m_events.push_back(std::move(event));
        m_wake();
    }

    void replaceOlder(const runtime::Request& request) {
        std::erase_if(m_waiting, [&](const auto& waiting) {
            const bool same = std::visit(
                [&](const auto& requested) {
                    const auto* older =
                        std::get_if<std::remove_cvref_t<decltype(requested)>>(&waiting.second);
                    return older != nullptr && requested.replaces(*older);
                },
                request);
            if (same) {
                push(runtime::JobEnded{waiting.first, true, {}});
            }
            return same;
        });
    }

    std::optional<Error> load(runtime::JobId job, const runtime::LoadRequest& request) {
        if (request.folder.find("broken") != std::string::npos) {
            return Error(ErrorCode::BadInput, request.folder + "/model.safetensors: truncated",
                         "Copy the file again.");
        }
        spec::RouterKind router = spec::RouterKind::Expert;
        if (request.folder.find("token") != std::string::npos) {
            router = spec::RouterKind::Token;
        } else if (request.folder.find("refined") != std::string::npos) {
            router = spec::RouterKind::Change;
        } else if (request.folder.find("looped") != std::string::npos) {
            router = spec::RouterKind::Exit;
        } else if (request.folder.find("demo-more-dit") != std::string::npos) {
            router = spec::RouterKind::Expert;
        } else if (request.folder.find("vanilla") != std::string::npos ||
                   request.folder.find("demo-dit") != std::string::npos ||
                   request.folder.find("demo-more") != std::string::npos) {
            router = spec::RouterKind::None;
        }
        const auto model = fakeModel(request.folder, router);
        (request.role == runtime::ModelRole::Main ? m_main : m_vanilla) = model;
        push(runtime::EngineStatus{"cpu", 1, 24 << 20, 32 << 20, 1, 0});
        push(runtime::ModelLoaded{job, request.role, model});
        return std::nullopt;
    }

    /// Words with the space before them; ids are a hash, so that equal words are equal tokens.
    static std::vector<std::string> piecesOf(const std::string& text) {
        std::vector<std::string> pieces;
        for (const char c : text) {
            if (pieces.empty() || c == ' ' || c == '\n') {
                pieces.emplace_back();
            }
            pieces.back() += c;
        }
        return pieces;
    }

    std::shared_ptr<trace::StepTrace> stepOf(const std::vector<std::string>& pieces,
                                             const std::vector<std::int32_t>& ids,
                                             const settings::RoutingSettings& routing,
                                             runtime::ModelRole role = runtime::ModelRole::Main) {
        auto step = std::make_shared<trace::StepTrace>();
        step->run = m_run;
        step->model = role == runtime::ModelRole::Main ? m_main : m_vanilla;
        step->settings = routing;
        trace::TextContent& text = step->makeText();
        const std::size_t count = ids.empty() ? pieces.size() : ids.size();
        for (std::size_t t = 0; t < count; ++t) {
            std::int32_t id = 0;
            if (ids.empty()) {
                id = static_cast<std::int32_t>(std::hash<std::string>{}(pieces[t]) % 1024);
                m_pieces[static_cast<std::size_t>(id)] = pieces[t];
            } else {
                id = ids[t];
            }
            text.ids.push_back(id);
            text.text += m_pieces[static_cast<std::size_t>(id)];
            text.pieceEnds.push_back(static_cast<std::uint32_t>(text.text.size()));
            text.nll.push_back(t == 0 ? std::numeric_limits<float>::quiet_NaN()
                                      : 1.5F + scoreOf(id, static_cast<int>(t % 3)));
        }
        step->routing.layout.columns = static_cast<std::int32_t>(count);
        route(*step);
        return step;
    }

    static float scoreOf(std::int32_t id, int recursion) {
        return static_cast<float>((id * 37 + recursion * 101) % 97) / 97.0F;
    }

    static void route(trace::StepTrace& step) {
        const std::vector<std::int32_t>& ids = step.text()->ids;
        const std::size_t count = ids.size();
        trace::RoutingStep& made = step.routing;
        made.recursions = step.model->recursions;
        const auto recursions = static_cast<std::size_t>(made.recursions);
        made.depth.assign(count, 1);
        made.scores.assign(count * recursions, std::numeric_limits<float>::quiet_NaN());
        if (step.settings.rule == settings::Rule::Model) {
            const bool routed = step.model->router != spec::RouterKind::None;
            step.settings.rule = routed ? settings::Rule::TopK : settings::Rule::Fixed;
        }
        if (step.settings.rule == settings::Rule::TopK && step.settings.capacity.empty()) {
            step.settings.capacity = step.model->trainedCapacity;
        }
        step.causal = step.settings.rule != settings::Rule::TopK;
        step.offDistribution = step.settings.rule == settings::Rule::TopK &&
                               step.settings.capacity != step.model->trainedCapacity;
        std::vector<std::size_t> alive(count);
        std::iota(alive.begin(), alive.end(), 0);
        for (std::size_t r = 0; r < recursions; ++r) {
            for (const std::size_t t : alive) {
                made.scores[r * count + t] = scoreOf(ids[t], static_cast<int>(r));
            }
            std::size_t keep = alive.size();
            if (step.settings.rule == settings::Rule::TopK && r < step.settings.capacity.size()) {
                keep = static_cast<std::size_t>(
                    step.settings.capacity[r].of(static_cast<std::int64_t>(count)));
            } else if (step.settings.rule == settings::Rule::Threshold) {
                keep = static_cast<std::size_t>(
                    std::count_if(alive.begin(), alive.end(), [&](std::size_t t) {
                        return static_cast<double>(made.scores[r * count + t]) > step.settings.tau;
                    }));
            }
            std::stable_sort(alive.begin(), alive.end(), [&](std::size_t a, std::size_t b) {
                return made.scores[r * count + a] > made.scores[r * count + b];
            });
            alive.resize(std::min(keep, alive.size()));
            for (const std::size_t t : alive) {
                made.depth[t] = static_cast<std::uint8_t>(r + 1);
            }
            made.kv.groups.push_back(
                {static_cast<int>(r + 1), 1024, static_cast<std::int64_t>(alive.size())});
        }
        if (step.model->experts > 0) {
            chooseExperts(step);
        }
        const auto tokens = static_cast<std::int64_t>(count);
        made.kv.groups.insert(made.kv.groups.begin(), {0, 1024, tokens});
        for (const trace::KvGroup& group : made.kv.groups) {
            made.kv.measuredBytes += group.bytesPerToken * group.entries;
            made.kv.fullBytes += group.bytesPerToken * tokens;
        }
        made.kv.predictedBytes = made.kv.measuredBytes;
        made.kv.reservedBytes = made.kv.measuredBytes;
        made.cost = {2.4e6 * static_cast<double>(made.kv.measuredBytes) / 1024,
                     2.4e6 * static_cast<double>(made.kv.fullBytes) / 1024,
                     8.5,
                     1,
                     true,
                     0,
                     0,
                     0,
                     {}};
    }

    static void chooseExperts(trace::StepTrace& step) {
        const auto& model = *step.model;
        step.routing.scores.assign(step.routing.scores.size(),
                                   std::numeric_limits<float>::quiet_NaN());
        step.routing.kv.groups.clear();
        for (int layer = 0; layer < 2; ++layer) {
            trace::ExpertChoices choices{layer, model.experts};
            for (const std::int32_t id : step.text()->ids) {
                const int first = (id + layer * 3) % (model.experts - layer);
                choices.index.push_back(static_cast<std::uint8_t>(first));
                choices.index.push_back(
                    static_cast<std::uint8_t>((first + 1) % (model.experts - layer)));
                const float weight = 0.5F + 0.5F * scoreOf(id, layer);
                choices.weight.push_back(weight);
                choices.weight.push_back(1 - weight);
                choices.endPlace();
            }
            step.routing.experts.push_back(std::move(choices));
        }
    }

    /// No generator's clip: bytes that depend on their place.
    void publish(runtime::JobId job, const runtime::ClipRequest& request) {
        runtime::ClipReport report{
            job, request.clips.first, request.frames, request.height, request.width, {}};
        for (std::int64_t i = 0; i < 3 * request.frames * request.height * request.width; ++i) {
            report.rgb.push_back(static_cast<std::uint8_t>(i * 7 % 251));
        }
        push(std::move(report));
    }

    void publish(runtime::JobId job, const runtime::PassRequest& request) {
        ++m_run;
        auto step = stepOf(piecesOf(request.prompt.text), request.prompt.ids, request.routing,
                           request.role);
        step->key = request.run;
        step->revision = request.revision;
        if (request.timedWith) {
            step->routing.cost.rounds = 9;
            step->routing.cost.roundsSpread = 2.5F;
            step->routing.cost.routedMilliseconds = 0.5 * step->routing.cost.milliseconds;
        }
        push(runtime::StepPublished{job, step});
    }

    void publish(runtime::JobId job, const runtime::GenerateRequest& request) {
        ++m_run;
        auto step = stepOf(piecesOf(request.prompt.text), request.prompt.ids, request.routing);
        step->revision = request.revision;
        step->kind = trace::StepKind::Prefill;
        push(runtime::StepPublished{job, step});
        auto first = static_cast<std::int32_t>(step->routing.places());
        for (int i = 0; i < request.generation.count; ++i) {
            auto next = stepOf({" word" + std::to_string(i % 7)}, {}, request.routing);
            next->revision = request.revision;
            next->kind = trace::StepKind::Decode;
            next->step = static_cast<std::uint32_t>(i + 1);
            next->routing.firstPlace = first++;
            next->routing.layout.columns = first;
            push(runtime::StepPublished{job, next});
        }
    }

    /// A denoising step of a clip of 4 frames of 8 x 8 pixels, 2 x 2 x 2 patches.
    std::shared_ptr<trace::StepTrace>
    stepOf(const runtime::VideoSampleRequest& request, const trace::RunKey& key, int number) {
        auto step = std::make_shared<trace::StepTrace>();
        step->key = key;
        step->run = m_run;
        step->step = static_cast<std::uint32_t>(number);
        step->revision = request.revision;
        step->model = request.role == runtime::ModelRole::Main ? m_main : m_vanilla;
        step->settings = request.routing;
        step->causal = false;
        trace::RoutingStep& routing = step->routing;
        routing.layout = {2, 2, 2};
        routing.recursions = key == trace::kTruthRun ? 1 : step->model->recursions;
        for (int n = 0; n < 8; ++n) {
            routing.depth.push_back(static_cast<std::uint8_t>(1 + n % routing.recursions));
        }
        routing.cost = {1e6, 2e6, 4, 0, true, 0, 0, 0, {}};
        routing.noiseLevel = 1.0 - static_cast<double>(number) / request.steps;
        trace::ClipContent clip;
        clip.rate = {8, 1};
        clip.contextFrames = 2;
        const std::string& clips = request.clips.name;
        clip.source = (clips.empty() ? step->model->clip->clips : clips) + " " +
                      std::to_string(request.clips.first);
        clip.psnr = 20.0 + number;
        clip.psnrCopyLast = 17.5;
        for (int f = 0; f < 4; ++f) {
            clip.pictures.push_back(std::make_shared<const RgbPicture>(RgbPicture{
                8, 8, std::vector<std::uint8_t>(192, static_cast<std::uint8_t>(40 * f + number))}));
        }
        step->content = std::move(clip);
        return step;
    }

    void publish(runtime::JobId job, const runtime::VideoSampleRequest& request) {
        ++m_run;
        if (request.run == trace::kMainRun) {
            push(runtime::StepPublished{job, stepOf(request, trace::kTruthRun, 0)});
        }
        for (int number = 0; number < request.steps; ++number) {
            push(runtime::StepPublished{job, stepOf(request, request.run, number)});
        }
    }

    runtime::Wake m_wake;
    runtime::JobId m_lastJob = 0;
    std::uint64_t m_run = 0;
    std::vector<std::pair<runtime::JobId, runtime::Request>> m_waiting;
    std::vector<runtime::Event> m_events;
    std::shared_ptr<const spec::ModelInfo> m_main;
    std::shared_ptr<const spec::ModelInfo> m_vanilla;
    std::vector<std::string> m_pieces = std::vector<std::string>(1024);
};

/// Publishes given steps as a recording would.
class FakeReplay : public runtime::Runtime {
public:
    FakeReplay(std::vector<trace::StepPtr> steps, std::optional<Error> error, runtime::Wake wake) {
        m_events.emplace_back(runtime::JobStarted{1});
        for (const trace::StepPtr& step : steps) {
            m_events.emplace_back(runtime::StepPublished{1, step});
        }
        m_events.emplace_back(runtime::JobEnded{1, false, std::move(error)});
        wake();
    }

    runtime::JobId submit(runtime::Request) override { return 2; }

    void stop(runtime::JobId) override {}

    void stopAll() override {}

    [[nodiscard]] std::vector<runtime::Event> drain() override {
        return std::exchange(m_events, {});
    }

private:
    std::vector<runtime::Event> m_events;
};

} // namespace depthscope::test
