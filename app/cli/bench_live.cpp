// SPDX-License-Identifier: MIT
#include "app/cli/bench_live.h"

#include "app/cli/bench_prompt.h"
#include "engine/base/error.h"
#include "engine/base/quantile.h"
#include "engine/base/text.h"

#include <chrono>
#include <functional>
#include <memory>

namespace depthscope::cli {

namespace {

using Clock = std::chrono::steady_clock;
using runtime::BenchCase;

constexpr int kRounds = 200;
constexpr int kWarmUp = 10;
constexpr std::size_t kTokens = 256;

std::shared_ptr<const spec::ModelInfo> loaded(Client& client, const std::string& folder) {
    std::shared_ptr<const spec::ModelInfo> model;
    client.perform(runtime::LoadRequest{folder, runtime::ModelRole::Main},
                   [&](const runtime::Event& event) {
                       if (const auto* news = std::get_if<runtime::ModelLoaded>(&event)) {
                           model = news->model;
                       }
                   });
    return model;
}

/// Graded text, or ids where the model has no tokenizer.
runtime::Prompt promptFor(Client& client, const spec::ModelInfo& model) {
    if (model.hasTokenizer) {
        return gradedTokens(client, model.folder, kTokens);
    }
    runtime::Prompt prompt;
    for (std::size_t i = 0; i < kTokens; ++i) {
        prompt.ids.push_back(static_cast<std::int32_t>((i * 7919 + 13) %
                                                       static_cast<std::size_t>(model.vocabulary)));
    }
    return prompt;
}

/// The first recursion keeps all; the later ones move a little with every round, never growing.
std::vector<Fraction> movedCapacity(int recursions, int round) {
    std::vector<Fraction> capacity{{1, 1}};
    for (int r = 1; r < recursions; ++r) {
        capacity.push_back(nearestPerMille((0.4 + 0.002 * (round % kRounds)) / r));
    }
    return capacity;
}

struct Moved {
    std::vector<double> latency; ///< milliseconds
    double flops = 0;            ///< of the last pass
};

Moved timed(Client& client,
            const runtime::Prompt& prompt,
            const std::function<settings::RoutingSettings(int)>& routing) {
    Moved moved;
    for (int i = 0; i < kRounds + kWarmUp; ++i) {
        runtime::PassRequest pass;
        pass.prompt = prompt;
        pass.routing = routing(i);
        const Clock::time_point start = Clock::now();
        double seen = 0;
        client.perform(std::move(pass), [&](const runtime::Event& event) {
            if (const auto* step = std::get_if<runtime::StepPublished>(&event)) {
                seen = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
                moved.flops = step->step->routing.cost.flops;
            }
        });
        if (i >= kWarmUp) {
            moved.latency.push_back(seen);
        }
    }
    return moved;
}

std::vector<BenchCase>
casesOf(const Moved& moved, const std::string& what, double bound, const std::string& note) {
    return {{fmt::format("{} moved to new depths, {} tokens, median", what, kTokens), "ms",
             quantile(moved.latency, 0.5), bound, note},
            {fmt::format("{} moved to new depths, {} tokens, 99th percentile", what, kTokens), "ms",
             quantile(moved.latency, 0.99), bound, fmt::format("of {}", kRounds)}};
}

} // namespace

std::vector<BenchCase> benchLive(Client& client, const std::string& folder, double gflops) {
    const std::shared_ptr<const spec::ModelInfo> model = loaded(client, folder);
    if (model->router == spec::RouterKind::Expert) {
        const Moved moved = timed(client, promptFor(client, *model), [&](int round) {
            settings::RoutingSettings routing;
            routing.capacity = movedCapacity(model->recursions, round);
            return routing;
        });
        return casesOf(moved, "capacity", moved.flops / gflops / 1e6,
                       "limit: FLOPs of the whole pass at the matrix rate; the part before the "
                       "first choice is reused");
    }
    if (model->router == spec::RouterKind::Exit) {
        const Moved moved = timed(client, promptFor(client, *model), [](int round) {
            settings::RoutingSettings routing;
            routing.rule = settings::Rule::Exit;
            // To and fro over all thresholds, never the same twice.
            routing.exit = 0.001 + 0.998 * ((round * 89) % kRounds) / kRounds;
            return routing;
        });
        constexpr double kAsked = 16; // a picture of 60 a second
        return casesOf(moved, "exit threshold", kAsked,
                       "limit: what is asked for; all recursions have run, each token's loss after "
                       "each of them is worked out once");
    }
    throw Error(ErrorCode::Usage, fmt::format("{} must have capacities or exits to change", folder),
                "bench live needs an expert-choice model, or a looped one with an exit gate.");
}

} // namespace depthscope::cli
