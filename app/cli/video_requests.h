// SPDX-License-Identifier: MIT
// What the commands that work on a video model share. Main thread.
#pragma once

#include "app/cli/client.h"
#include "app/cli/options.h"
#include "engine/runtime/event.h"
#include "engine/runtime/request.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace depthscope::cli {

void showVideoProgress(const runtime::JobProgress& progress);

/// Loads the model, performs the request, returns its report. `onEvent` sees every event of the
/// request.
template <class Report, class Request>
Report askVideoModel(const Common& common,
                     const std::string& folder,
                     const Request& request,
                     const std::function<void(const runtime::Event&)>& onEvent = {}) {
    Client client(common.engine);
    client.perform(runtime::LoadRequest{folder, runtime::ModelRole::Main});
    std::optional<Report> found;
    client.perform(request, [&](const runtime::Event& event) {
        if (onEvent) {
            onEvent(event);
        }
        if (const auto* report = std::get_if<Report>(&event)) {
            found = *report;
        } else if (const auto* progress = std::get_if<runtime::JobProgress>(&event)) {
            showVideoProgress(*progress);
        }
    });
    return *found;
}

[[nodiscard]] bool seedIsGiven(const Common& common);

/// --steps and --solver of sample and score.
struct SolverOptions {
    std::string solver = "euler";
    std::int64_t steps = 8;

    /// Both throw Error{Usage}.
    [[nodiscard]] bool wantsHeun() const;
    [[nodiscard]] int stepCount() const;
};

void addSolver(CLI::App& app, SolverOptions& options);

/// The routing options of `run`, --keys, which says of a video model what --kv says of others, and
/// --experts.
void addVideoRouting(CLI::App& app, settings::RoutingSettings& routing, std::string& experts);

/// What was asked of the routing: `rule capacity max_depth keys experts`.
[[nodiscard]] nlohmann::json routingJson(const settings::RoutingSettings& routing,
                                         const std::string& experts);

[[nodiscard]] nlohmann::json namedJson(const std::vector<runtime::NamedValue>& values);

} // namespace depthscope::cli
