// SPDX-License-Identifier: MIT
#include "app/cli/client.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/recorder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

namespace depthscope::cli {

namespace {

constexpr std::size_t kMaxTextBytes = 1U << 30U;

std::string readText(const std::string& path) {
    // Pipes have no size that could be asked beforehand.
    std::error_code ignored;
    std::ifstream stream(path, std::ios::binary);
    if (!stream || std::filesystem::is_directory(path, ignored)) {
        throw Error(ErrorCode::BadInput, path + ": cannot be opened as a text",
                    "Check that the file exists and that you may read it.");
    }
    std::string text;
    std::vector<char> piece(1U << 20U);
    while (stream.read(piece.data(), std::ssize(piece)), stream.gcount() > 0) {
        text.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
        if (text.size() > kMaxTextBytes) {
            throw Error(ErrorCode::BadInput, path + ": larger than 1 GiB", "Give a shorter text.");
        }
    }
    return text;
}

std::string depthLine(const trace::StepTrace& step) {
    std::string line;
    for (std::size_t t = 0; t < step.routing.places(); ++t) {
        const std::string piece = step.text() != nullptr ? printable(step.text()->piece(t)) : "";
        line += piece + "[" + std::to_string(step.routing.depth[t]) + "]";
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
        printLine("depth " + std::to_string(d) + ": " + std::to_string(counts[d]) + " of " +
                  std::to_string(routing.places()));
    }
    printLine("routing " + std::string(settings::toString(step.settings.rule)) +
              (step.causal ? "" : " (sees later tokens)") +
              (step.offDistribution ? " (outside training)" : ""));
    printLine(humanCount(routing.cost.flops) + "FLOP of " + humanCount(routing.cost.fullFlops) +
              "FLOP at full depth, KV " +
              humanBytes(static_cast<double>(routing.kv.measuredBytes)) + " of " +
              humanBytes(static_cast<double>(routing.kv.fullBytes)));
}

} // namespace

settings::RoutingSettings takeRouting(Arguments& arguments) {
    settings::RoutingSettings routing;
    if (const auto capacity = arguments.value("capacity")) {
        routing.capacity = settings::parseCapacity(*capacity);
    }
    if (const auto rule = arguments.value("routing")) {
        settings::parseRouting(*rule, routing);
    }
    if (const auto policy = arguments.value("kv")) {
        routing.kv = settings::parseKvPolicy(*policy);
    }
    const std::int64_t depth = arguments.integer("max-depth", 0);
    if (depth < 0 || depth > 64) {
        throw Error(ErrorCode::Usage, "--max-depth: " + std::to_string(depth) + " is outside 0..64",
                    "0 is no cap.");
    }
    routing.maxDepth = static_cast<int>(depth);
    return routing;
}

runtime::Prompt takePrompt(Arguments& arguments) {
    const auto ids = arguments.value("ids");
    const auto text = arguments.value("text");
    const auto file = arguments.value("text-file");
    if (static_cast<int>(ids.has_value()) + static_cast<int>(text.has_value()) +
            static_cast<int>(file.has_value()) !=
        1) {
        throw Error(ErrorCode::Usage, "give exactly one of --ids, --text, --text-file",
                    "For example: --text \"To be\".");
    }
    runtime::Prompt prompt;
    if (ids) {
        prompt.ids = parseIds(*ids);
    } else {
        prompt.text = text ? *text : readText(*file);
    }
    return prompt;
}

void runPass(const Common& common, Arguments& arguments) {
    runtime::PassRequest pass;
    pass.logits = arguments.flag("logits");
    pass.losses = arguments.flag("losses");
    pass.routing = takeRouting(arguments);
    pass.prompt = takePrompt(arguments);
    Recorder recorder(arguments);
    const std::string folder = arguments.positional("the model folder");
    arguments.finish();

    Client client(common.engine);
    client.perform(runtime::LoadRequest{folder, runtime::Slot::Main});
    recorder.begin(pass.prompt, {pass.routing, {}});
    trace::StepPtr step;
    const bool logits = pass.logits;
    const bool losses = pass.losses;
    client.perform(std::move(pass), [&](const runtime::Event& event) {
        recorder.see(event);
        if (const auto* published = std::get_if<runtime::StepPublished>(&event)) {
            step = published->step;
        }
    });
    recorder.close();
    if (!step->notice.empty()) {
        printStatus("depthscope-cli: " + step->notice);
    }
    if (common.json) {
        printJson(passJson(*step, logits, losses));
    } else {
        printPass(*step);
    }
}

} // namespace depthscope::cli
