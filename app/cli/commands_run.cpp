// SPDX-License-Identifier: MIT
#include "app/cli/client.h"
#include "app/cli/commands.h"
#include "app/cli/convergence_output.h"
#include "app/cli/output.h"
#include "app/cli/recorder.h"
#include "engine/base/text.h"

#include <CLI/App.hpp>

#include <memory>
#include <vector>

namespace depthscope::cli {

namespace {

std::string depthLine(const trace::StepTrace& step) {
    std::string line;
    for (std::size_t t = 0; t < step.routing.places(); ++t) {
        const std::string piece = step.text() != nullptr ? printable(step.text()->piece(t)) : "";
        line += fmt::format("{}[{}]", piece, step.routing.depth[t]);
    }
    return line;
}

void printPass(const trace::StepTrace& step) {
    printLine(depthLine(step));
    const trace::RoutingStep& routing = step.routing;
    std::vector<int> counts(static_cast<std::size_t>(routing.recursions) + 1, 0);
    for (const std::uint8_t depth : routing.depth) {
        ++counts.at(depth);
    }
    for (std::size_t d = counts.front() > 0 ? 0 : 1; d < counts.size(); ++d) {
        printLine(fmt::format("depth {}: {} of {}", d, counts[d], routing.places()));
    }
    printLine(fmt::format("routing {}{}{}", settings::toString(step.settings.rule),
                          step.causal ? "" : " (sees later tokens)",
                          step.offDistribution ? " (outside training)" : ""));
    printLine(fmt::format("{}FLOP of {}FLOP at full depth, KV {} of {}",
                          humanCount(routing.cost.flops), humanCount(routing.cost.fullFlops),
                          humanBytes(static_cast<double>(routing.kv.measuredBytes)),
                          humanBytes(static_cast<double>(routing.kv.fullBytes))));
}

struct RunOptions {
    std::string folder;
    PromptOptions prompt;
    runtime::PassRequest pass;
    std::string record;
    bool convergence = false;
};

/// What the model would answer after each recursion of the same input.
trace::ConvergencePtr convergenceOf(Client& client, const runtime::PassRequest& pass) {
    trace::ConvergencePtr convergence;
    client.perform(runtime::ConvergenceRequest{pass.prompt, pass.routing},
                   [&](const runtime::Event& event) {
                       if (const auto* report = std::get_if<runtime::ConvergenceReport>(&event)) {
                           convergence = report->convergence;
                       }
                   });
    return convergence;
}

void runPass(const Common& common, const RunOptions& options) {
    runtime::PassRequest pass = options.pass;
    pass.prompt = options.prompt.take();
    Recorder recorder(options.record);

    Client client(common.engine);
    client.perform(runtime::LoadRequest{options.folder, runtime::ModelRole::Main});
    recorder.begin(pass.prompt, {pass.routing, {}, {}});
    trace::StepPtr step;
    client.perform(pass, [&](const runtime::Event& event) {
        recorder.see(event);
        if (const auto* published = std::get_if<runtime::StepPublished>(&event)) {
            step = published->step;
        }
    });
    recorder.close();
    const trace::ConvergencePtr convergence =
        options.convergence ? convergenceOf(client, pass) : nullptr;
    if (!step->notice.empty()) {
        printStatus(fmt::format("depthscope-cli: {}", step->notice));
    }
    if (common.json) {
        nlohmann::json json = passJson(*step, pass.logits, pass.losses);
        if (convergence) {
            json["convergence"] = convergenceJson(*convergence);
            json["predictions"] = predictionsJson(*convergence);
        }
        printJson(json);
        return;
    }
    printPass(*step);
    if (convergence) {
        printConvergence(*convergence);
    }
}

} // namespace

Action declareRun(CLI::App& app) {
    auto options = std::make_shared<RunOptions>();
    addWord(app, "MODEL", options->folder, "Folder with config.json and model.safetensors");
    addPrompt(app, options->prompt);
    addFlag(app, "logits", options->pass.logits, "Include the logits of every position");
    addFlag(app, "losses", options->pass.losses, "Include the training losses on this text");
    addFlag(app, "convergence", options->convergence,
            "Include what the model would answer after each recursion");
    addRecord(app, options->record);
    addRouting(app, options->pass.routing);
    return [options](const Common& common) { runPass(common, *options); };
}

} // namespace depthscope::cli
