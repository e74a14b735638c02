// SPDX-License-Identifier: MIT
#include "app/cli/video_requests.h"

#include "app/cli/output.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/spec/video_spec.h"

#include <CLI/App.hpp>

#include <algorithm>
#include <array>

namespace depthscope::cli {

using nlohmann::json;
using settings::KvPolicy;
using spec::RecursionKeys;

namespace {

constexpr std::array kKeys{RecursionKeys::Active, RecursionKeys::Frozen, RecursionKeys::Mixed};

KvPolicy policyNamed(const std::string& text) {
    if (text == "model") {
        return KvPolicy::Model;
    }
    const auto found = std::ranges::find(
        kKeys, text, [](RecursionKeys keys) { return std::string(spec::toString(keys)); });
    if (found == kKeys.end()) {
        throw Error(ErrorCode::Usage, fmt::format("--keys: unknown value \"{}\"", text),
                    "Valid values: model, active, frozen, mixed.");
    }
    return spec::policyOf(*found);
}

} // namespace

void showVideoProgress(const runtime::JobProgress& progress) {
    std::string line = fmt::format("video: {} ({:.0f} %)", progress.what, 100 * progress.fraction);
    if (progress.secondsLeft >= 1) {
        line += fmt::format(", {} left", minutesAndSeconds(progress.secondsLeft));
    }
    printStatus(line);
}

bool seedIsGiven(const Common& common) {
    return std::ranges::find(common.given, "seed") != common.given.end();
}

bool SolverOptions::wantsHeun() const {
    if (solver != "euler" && solver != "heun") {
        throw Error(ErrorCode::Usage, fmt::format("unknown solver: {}", solver),
                    "Valid values: euler, heun.");
    }
    return solver == "heun";
}

int SolverOptions::stepCount() const {
    constexpr std::int64_t kMost = 1000;
    if (steps < 1 || steps > kMost) {
        throw Error(ErrorCode::Usage, fmt::format("--steps is {}", steps),
                    fmt::format("Must be from 1 to {}.", kMost));
    }
    return static_cast<int>(steps);
}

void addSolver(CLI::App& app, SolverOptions& options) {
    addInteger(app, "steps", options.steps, "Denoising steps; default: 8");
    addText(app, "solver", "euler|heun", options.solver, "How a step is taken");
}

void addVideoRouting(CLI::App& app, settings::RoutingSettings& routing, std::string& experts) {
    addRouting(app, routing);
    app.add_option_function<std::string>(
           "--keys", [&routing](const std::string& text) { routing.kv = policyNamed(text); },
           "What a token attends to at later recursions: the active tokens, all in their state at "
           "the "
           "first recursion, or all in their present state; --kv recursion, share, hybrid mean the "
           "same")
        ->type_name("model|active|frozen|mixed")
        ->group("Routing");
    app.add_option("--experts", experts,
                   "How patches reach the four pattern experts; default: as trained")
        ->type_name("token|expert|soft|layer|random")
        ->group("Routing");
}

json routingJson(const settings::RoutingSettings& routing, const std::string& experts) {
    std::string rule(settings::toString(routing.rule));
    if (routing.rule == settings::Rule::Fixed) {
        rule += fmt::format(":{}", routing.fixedDepth);
    } else if (settings::comparesWithTau(routing.rule)) {
        rule += fmt::format(":{}", routing.tau);
    }
    json out{{"rule", rule},
             {"capacity", settings::toString(routing.capacity)},
             {"max_depth", routing.maxDepth}};
    out["keys"] = routing.kv == KvPolicy::Model
                      ? "model"
                      : spec::toString(spec::keysOf(routing.kv, RecursionKeys::Active));
    out["experts"] = experts.empty() ? "model" : experts;
    return out;
}

json namedJson(const std::vector<runtime::NamedValue>& values) {
    json out = json::object();
    for (const runtime::NamedValue& value : values) {
        out[value.name] = finiteOrNull(value.value);
    }
    return out;
}

} // namespace depthscope::cli
