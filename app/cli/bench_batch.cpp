// SPDX-License-Identifier: MIT
#include "app/cli/bench_batch.h"

#include "app/cli/output.h"
#include "engine/base/error.h"
#include "engine/base/quantile.h"
#include "engine/base/text.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace depthscope::cli {

namespace {

using runtime::BatchReport;
using runtime::BenchCase;
using settings::Batching;

struct Way {
    std::string name;
    Batching batching;
    int rows;
    std::vector<double> whole, layers; ///< tokens/s of each round
    std::vector<double> bound;         ///< of the layers alone, by the costs of the same round
    BatchReport last;
};

/// Prompts of 8 to 64 tokens and texts of 32 to 128, in no order.
std::shared_ptr<const runtime::BatchPrompts> somePrompts(const std::vector<std::int32_t>& ids,
                                                         std::int64_t requests) {
    auto prompts = std::make_shared<runtime::BatchPrompts>();
    std::size_t at = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(requests); ++i) {
        runtime::BatchPrompt& prompt = prompts->emplace_back();
        prompt.number = i;
        for (std::size_t t = 0; t < 8 + i * 23 % 57; ++t) {
            prompt.prompt.ids.push_back(ids[at++ % ids.size()]);
        }
        prompt.tokens = static_cast<int>(32 + i * 37 % 97);
        prompt.seed = i + 1;
    }
    return prompts;
}

using Texts = std::map<std::size_t, std::vector<std::int32_t>>;

/// One round; the texts by their number.
Texts run(Client& client,
          const std::shared_ptr<const runtime::BatchPrompts>& prompts,
          const Way& way,
          BatchReport& report) {
    runtime::BatchRequest request;
    request.prompts = prompts;
    request.batch.batching = way.batching;
    request.batch.rows = way.rows;
    Texts texts;
    client.perform(std::move(request), [&](const runtime::Event& event) {
        if (const auto* answer = std::get_if<runtime::BatchAnswer>(&event)) {
            if (answer->error) {
                throw Error(*answer->error);
            }
            texts[answer->number] = answer->tokens;
        } else if (const auto* ended = std::get_if<BatchReport>(&event)) {
            report = *ended;
        }
    });
    return texts;
}

/// What the depths allow: every token of each part at the cost that it has in a full batch.
double boundOf(const BatchReport& report) {
    double seconds = static_cast<double>(report.between.tokens) * report.fullBetweenSeconds;
    for (const runtime::BatchFill& fill : report.recursions) {
        seconds += static_cast<double>(fill.tokens) * report.fullRecursionSeconds;
    }
    return seconds > 0 ? static_cast<double>(report.tokens) / seconds : 0;
}

void note(Way& way, const BatchReport& report) {
    const auto tokens = static_cast<double>(report.tokens);
    way.whole.push_back(tokens / report.seconds);
    way.layers.push_back(tokens / report.layerSeconds);
    way.bound.push_back(boundOf(report));
    way.last = report;
}

std::vector<Way> waysOf(int rows, bool recurs) {
    std::vector<Way> ways{
        {"one text at a time", Batching::Sequence, 1, {}, {}, {}, {}},
        {fmt::format("{} texts together", rows), Batching::Sequence, rows, {}, {}, {}, {}}};
    if (recurs) {
        const int inFlight = 2 * rows - 1;
        ways.push_back({fmt::format("{} texts together", inFlight),
                        Batching::Sequence,
                        inFlight,
                        {},
                        {},
                        {},
                        {}});
        ways.push_back({fmt::format("depth-wise, batches of {}", rows),
                        Batching::Depth,
                        rows,
                        {},
                        {},
                        {},
                        {}});
    }
    return ways;
}

void addCases(std::vector<BenchCase>& cases, const Way& way, const Way& control) {
    const double bound = quantile(way.bound, 0.5);
    cases.push_back(
        {way.name + ", end to end", "tokens/s", quantile(way.whole, 0.5), 0,
         fmt::format("{:.2f}x of {}; prompts, routing, head and sampling included; KV {}",
                     quantile(way.whole, 0.5) / quantile(control.whole, 0.5), control.name,
                     humanBytes(way.last.kvReservedBytes))});
    cases.push_back(
        {way.name + ", layers alone", "tokens/s", quantile(way.layers, 0.5),
         way.rows > 1 ? bound : 0,
         "time in the layers of decoding" +
             std::string(way.rows > 1 ? "; limit: every token at the cost of a full batch's"
                                      : "")});
    for (std::size_t r = 0; way.rows > 1 && r < way.last.recursions.size(); ++r) {
        const runtime::BatchFill& fill = way.last.recursions[r];
        cases.push_back({fmt::format("{}, fill of recursion {}", way.name, r + 1), "tokens",
                         fill.meanRows, static_cast<double>(way.rows),
                         fmt::format("in a batch; {} tokens ran it", fill.tokens)});
    }
    if (way.rows > 1) {
        cases.push_back({way.name + ", fill of the other layers", "tokens",
                         way.last.between.meanRows, static_cast<double>(way.rows), "in a batch"});
    }
}

} // namespace

void BatchBench::check() const {
    constexpr std::int64_t kMostRequests = 100'000;
    if (requests < 1 || requests > kMostRequests) {
        throw Error(ErrorCode::Usage, fmt::format("--requests must be 1 to {}", kMostRequests),
                    "64 is the default.");
    }
    if (rows < 2 || rows > settings::kMostBatchRows / 2) {
        throw Error(ErrorCode::Usage,
                    fmt::format("--batch must be 2 to {}", settings::kMostBatchRows / 2),
                    "16 is the default.");
    }
}

std::vector<BenchCase>
benchBatch(Client& client, const std::vector<std::int32_t>& ids, const BatchBench& bench) {
    constexpr int kRounds = 3;
    const auto prompts = somePrompts(ids, bench.requests);
    BatchReport first;
    const std::vector<Way> alone = waysOf(static_cast<int>(bench.rows), false);
    const Texts wanted = run(client, prompts, alone.back(), first); // warms up, too
    std::vector<Way> ways = waysOf(static_cast<int>(bench.rows), !first.recursions.empty());
    for (int round = 0; round < kRounds; ++round) { // by turns: a drift falls on all
        for (Way& way : ways) {
            BatchReport report;
            if (run(client, prompts, way, report) != wanted) {
                throw Error(ErrorCode::Internal,
                            way.name + ": the texts differ from those of others",
                            "This is a bug: report it with the command.");
            }
            note(way, report);
        }
    }
    std::vector<BenchCase> cases;
    for (const Way& way : ways) {
        addCases(cases, way, ways[1]);
    }
    return cases;
}

} // namespace depthscope::cli
