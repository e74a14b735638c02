// SPDX-License-Identifier: MIT
// Measured figures beside the machine's limits, taken through the same runtime that the window
// uses.
#include "app/cli/bench_batch.h"
#include "app/cli/bench_live.h"
#include "app/cli/bench_media.h"
#include "app/cli/bench_prompt.h"
#include "app/cli/client.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "engine/base/quantile.h"
#include "engine/base/text.h"

#include <CLI/App.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <thread>

namespace depthscope::cli {

using nlohmann::json;

namespace {

using runtime::BenchCase;

struct Machine {
    double gflops = 0;
    double bandwidth = 0;
    int threads = 0;
    std::string device;
    std::vector<BenchCase> cases;
};

Machine measureMachine(Client& client) {
    Machine machine;
    client.perform(runtime::BenchRequest{"machine"}, [&](const runtime::Event& event) {
        if (const auto* report = std::get_if<runtime::BenchReport>(&event)) {
            machine.cases = report->cases;
            machine.gflops = report->cases.at(0).value;
            machine.bandwidth = report->cases.at(1).value;
            machine.threads = report->threads;
            machine.device = report->device;
        }
    });
    return machine;
}

struct Decoded {
    double tokensPerSecond = 0;
    double meanDepth = 0;
    std::shared_ptr<const spec::ModelInfo> model;
};

Decoded decode(Client& client, const runtime::Prompt& prompt, int tokens, bool traced) {
    runtime::GenerateRequest request;
    request.prompt = prompt;
    request.generation.count = tokens;
    request.trace = traced;
    Decoded decoded;
    double milliseconds = 0;
    int count = 0;
    client.perform(std::move(request), [&](const runtime::Event& event) {
        const auto* step = std::get_if<runtime::StepPublished>(&event);
        if (step != nullptr && step->step->kind == trace::StepKind::Decode) {
            milliseconds += step->step->routing.cost.milliseconds;
            decoded.meanDepth +=
                step->step->routing.depth.empty() ? 0 : step->step->routing.depth[0];
            decoded.model = step->step->model;
            ++count;
        }
    });
    decoded.tokensPerSecond = count * 1000.0 / milliseconds;
    decoded.meanDepth /= count;
    return decoded;
}

/// Bytes of weights that one decoded token reads at this mean depth.
double weightBytes(const spec::ModelInfo& model, double meanDepth) {
    double parameters = 0;
    for (const spec::ParameterPart& part : model.parts) {
        parameters += static_cast<double>(part.count) * (!part.sharedBy.empty() ? meanDepth : 1.0);
    }
    return parameters * (model.dtype == "bfloat16" ? 2.0 : 4.0);
}

std::vector<BenchCase>
benchGenerate(Client& client, const std::string& folder, const Machine& machine) {
    const runtime::Prompt prompt = gradedTokens(client, folder, 64);
    static_cast<void>(decode(client, prompt, 32, true));
    std::vector<double> rates;
    Decoded last;
    for (int i = 0; i < 5; ++i) {
        last = decode(client, prompt, 256, true);
        rates.push_back(last.tokensPerSecond);
    }
    const double limit = machine.bandwidth * 1e9 / weightBytes(*last.model, last.meanDepth);
    return {{"decode, 256 tokens after 64", "tokens/s", quantile(rates, 0.5), limit,
             "limit: weights read at the memory bandwidth"},
            {"share of that limit", "%", 100.0 * quantile(rates, 0.5) / limit, 0,
             fmt::format("mean depth {:f}", last.meanDepth)}};
}

/// Pairs of runs with and without tracing, so that a drift of the machine falls on both.
std::vector<BenchCase>
benchTrace(Client& client, const std::string& folder, const Machine& /*machine*/) {
    const runtime::Prompt prompt = gradedTokens(client, folder, 64);
    static_cast<void>(decode(client, prompt, 32, true));
    std::vector<double> costs;
    for (int i = 0; i < 60; ++i) { // many short ones, each kind first in turn
        const bool tracedFirst = i % 2 == 1;
        const double first = decode(client, prompt, 64, tracedFirst).tokensPerSecond;
        const double second = decode(client, prompt, 64, !tracedFirst).tokensPerSecond;
        costs.push_back(100.0 * (tracedFirst ? second / first - 1.0 : first / second - 1.0));
    }
    return {{"tracing on against off, generate, median of 60 pairs", "%", quantile(costs, 0.5), 3.0,
             "limit: the requirement"},
            {"the same, 25th and 75th percentile spread", "%",
             quantile(costs, 0.75) - quantile(costs, 0.25), 0, ""}};
}

/// Models of published shapes with random weights: the engine measures them, the limits come from
/// this run's machine figures.
std::vector<BenchCase>
benchShapes(Client& client, const std::string& suite, const Machine& machine) {
    std::vector<BenchCase> cases;
    client.perform(runtime::BenchRequest{suite}, [&](const runtime::Event& event) {
        if (const auto* report = std::get_if<runtime::BenchReport>(&event)) {
            cases = report->cases;
        }
    });
    for (BenchCase& one : cases) {
        if (one.bytes > 0) {
            one.limit = machine.bandwidth * 1e9 / one.bytes;
            one.note += ", limit: weights read at the memory bandwidth";
        } else if (one.flops > 0) {
            one.limit = machine.gflops * 1e9 / one.flops;
            one.note += ", limit: its FLOPs at the f32 matrix rate";
        }
    }
    return cases;
}

bool isShapeSuite(const std::string& suite) {
    return suite == "more" || suite == "llama" || suite == "mor" || suite == "train" ||
           suite == "video";
}

json casesJson(const std::vector<BenchCase>& cases) {
    json rows = json::array();
    for (const BenchCase& one : cases) {
        const char* key = one.unit == "ms"         ? "milliseconds"
                          : one.unit == "tokens/s" ? "tokens_per_second"
                                                   : "value";
        rows.push_back({{"case", one.name},
                        {key, finiteOrNull(one.value)},
                        {"unit", one.unit},
                        {"limit", one.limit > 0 ? json(one.limit) : json(nullptr)},
                        {"note", one.note}});
    }
    return rows;
}

struct BenchOptions {
    std::string suite;
    std::string folder;
    BatchBench batch;
    bool hasBatch = false; ///< one of its options was given
};

void printCases(const std::vector<BenchCase>& cases) {
    for (const BenchCase& one : cases) {
        std::array<char, 256> line{};
        std::snprintf(line.data(), line.size(), "%-60s %10.3f %s", one.name.c_str(), one.value,
                      one.unit.c_str());
        std::string text = line.data();
        if (one.limit > 0) {
            std::snprintf(line.data(), line.size(), "   limit %.3f", one.limit);
            text += line.data();
        }
        printLine(text + (one.note.empty() ? "" : fmt::format("   ({})", one.note)));
    }
}

/// Needs neither model nor engine.
void benchVideo(const Common& common) {
    refuseEngineOptions(common, "bench media");
    const std::vector<BenchCase> cases = benchMedia();
    if (common.json) {
        printJson({{"name", "media"},
                   {"device", "cpu"},
                   {"threads", std::thread::hardware_concurrency()},
                   {"results", casesJson(cases)}});
        return;
    }
    printCases(cases);
}

void bench(const Common& common, const BenchOptions& options) {
    const std::string& suite = options.suite;
    if (options.hasBatch && suite != "batch") {
        throw Error(ErrorCode::Usage, "--requests and --batch are options of bench batch",
                    "Omit them.");
    }
    options.batch.check();
    const bool needsNoModel = isShapeSuite(suite) || suite == "media";
    if (needsNoModel && !options.folder.empty()) {
        throw Error(ErrorCode::Usage,
                    fmt::format("bench {} takes no model: {}", suite, options.folder), "Omit it.");
    }
    if (suite == "media") {
        benchVideo(common);
        return;
    }
    const std::string folder =
        options.folder.empty() ? "resources/models/demo-mor-expert" : options.folder;
    using Suite =
        std::function<std::vector<BenchCase>(Client&, const std::string&, const Machine&)>;
    const Suite benchTogether = [&](Client& with, const std::string& model, const Machine&) {
        constexpr std::size_t kTokens = 3000;
        return benchBatch(with, gradedTokens(with, model, kTokens).ids, options.batch);
    };
    const Suite live = [](Client& with, const std::string& model, const Machine& machine) {
        return benchLive(with, model, machine.gflops);
    };
    const std::array<std::pair<const char*, Suite>, 4> suites{{{"live", live},
                                                               {"generate", benchGenerate},
                                                               {"trace", benchTrace},
                                                               {"batch", benchTogether}}};
    const auto* found = std::find_if(suites.begin(), suites.end(),
                                     [&](const auto& entry) { return suite == entry.first; });
    if (found == suites.end() && !isShapeSuite(suite)) {
        throw Error(
            ErrorCode::Usage, fmt::format("unknown suite: {}", suite),
            "Valid suites: live, generate, trace, batch, more, llama, mor, train, video, media.");
    }
    Client client(common.engine);
    if (found != suites.end()) {
        client.perform(runtime::LoadRequest{folder, runtime::ModelRole::Main});
    }
    const Machine machine = measureMachine(client);
    std::vector<BenchCase> cases = found != suites.end() ? found->second(client, folder, machine)
                                                         : benchShapes(client, suite, machine);
    cases.insert(cases.end(), machine.cases.begin(), machine.cases.end());
    if (common.json) {
        printJson({{"name", suite},
                   {"device", machine.device},
                   {"threads", machine.threads},
                   {"results", casesJson(cases)}});
        return;
    }
    printCases(cases);
}

void selftest(const Common& common) {
    runtime::SelftestReport report;
    Client(common.engine).perform(runtime::SelftestRequest{}, [&](const runtime::Event& event) {
        if (const auto* made = std::get_if<runtime::SelftestReport>(&event)) {
            report = *made;
        }
    });
    bool good = true;
    json rows = json::array();
    for (const auto& check : report.checks) {
        good = good && check.passed;
        rows.push_back({{"name", check.name}, {"passed", check.passed}, {"detail", check.detail}});
        if (!common.json) {
            printLine(fmt::format("{}{}: {}", check.passed ? "ok      " : "FAILED  ", check.name,
                                  check.detail));
        }
    }
    if (common.json) {
        printJson({{"passed", good}, {"checks", rows}});
    }
    if (!good) {
        throw Error(ErrorCode::Device, "the engine failed its selftest",
                    "Reinstall it, or report the output above.");
    }
}

} // namespace

Action declareBench(CLI::App& app) {
    auto options = std::make_shared<BenchOptions>();
    addWord(app, "SUITE", options->suite,
            "live, generate, trace, batch, more, llama, mor, train, video or media");
    addWord(app, "MODEL", options->folder,
            "Model for live, generate, trace and batch; default: the demo", false);
    const auto batchOption = [&](const char* name, std::int64_t& target, const char* help) {
        addIntegerTo(
            app, name,
            [options = options.get(), &target](std::int64_t value) {
                options->hasBatch = true;
                target = value;
            },
            help);
    };
    batchOption("requests", options->batch.requests, "Texts of batch (default 64)");
    batchOption("batch", options->batch.rows, "Tokens in a batch of batch (default 16)");
    return [options](const Common& common) { bench(common, *options); };
}

Action declareSelftest(CLI::App&) {
    return [](const Common& common) { selftest(common); };
}

} // namespace depthscope::cli
