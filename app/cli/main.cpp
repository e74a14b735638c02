// SPDX-License-Identifier: MIT
#include "app/cli/commands.h"
#include "app/cli/completion.h"
#include "app/cli/output.h"
#include "engine/base/error.h"
#include "engine/base/idle_threads.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <string>
#include <vector>

namespace depthscope::cli {

namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 done, 2 usage, 3 bad input, 4 device or memory, 5 interrupted.";

struct Command {
    const char* name;
    const char* help;
    Action (*declare)(CLI::App& app);
};

constexpr std::array<Command, 12> kCommands{{
    {"info", "Versions, devices, kernels, codecs", &declareInfo},
    {"inspect", "Family, parameters by part, sharing, recipe of a model", &declareInspect},
    {"run", "One pass over one text: depth, scores, losses, cost", &declareRun},
    {"generate", "Continue a text token by token", &declareGenerate},
    {"score", "Likelihood of a text, and how the router behaves on it", &declareScore},
    {"presets", "Presets that can be trained; the fields of one preset", &declarePresets},
    {"train", "Train a preset", &declareTrain},
    {"experiment", "Train a set of models and tabulate the results", &declareExperiment},
    {"tokenizer", "Train a tokenizer, encode, decode", &declareTokenizer},
    {"video", "Frames of a video or of images; kinds of procedural clips", &declareVideo},
    {"bench", "Speed, compared with the limits of this machine", &declareBench},
    {"selftest", "Check golden values and operator parity", &declareSelftest},
}};

/// What is wrong with the words, as the program says it.
std::string messageOf(const CLI::ParseError& error, const CLI::App& app) {
    const std::string what = error.what();
    if (const std::vector<std::string> rest = app.remaining(true); !rest.empty()) {
        return "unknown option or argument: " + rest.front();
    }
    const std::string option = what.substr(0, what.find_first_of(": "));
    if (what.find("required but received") != std::string::npos) {
        return option + " is given more than once";
    }
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
        return option + " needs a value";
    }
    return what;
}

void parse(CLI::App& app, std::vector<std::string> words) {
    std::reverse(words.begin(), words.end()); // as CLI11 takes them
    try {
        app.parse(words);
    } catch (const CLI::CallForHelp&) {
        printLine(app.help());
        throw;
    } catch (const CLI::ParseError& error) {
        const auto chosen = app.get_subcommands();
        throw Error(ErrorCode::Usage, messageOf(error, app),
                    "See depthscope-cli " +
                        (chosen.empty() ? std::string() : chosen.front()->get_name() + " ") +
                        "--help.");
    }
}

void dispatch(const std::vector<std::string>& words) {
    CLI::App app("Adaptive computation from the command line.", "depthscope-cli");
    app.footer(std::string("COMMAND --help describes one command. Bash completion: source "
                           "<(depthscope-cli completion bash)\n") +
               kExitCodes);
    app.require_subcommand(1);
    Common common;
    std::vector<std::pair<CLI::App*, Action>> actions;
    for (const Command& command : kCommands) {
        CLI::App* sub = app.add_subcommand(command.name, command.help);
        actions.emplace_back(sub, command.declare(*sub));
        sub->footer(kExitCodes);
        const auto parts = sub->get_subcommands([](CLI::App*) { return true; });
        addCommon(*sub, common);
        for (CLI::App* part : parts) {
            addCommon(*part, common);
        }
    }
    if (words.empty() || words[0] == "help" || words[0] == "-h" || words[0] == "--help") {
        printLine(app.help());
        return;
    }
    if (words[0] == "--version") {
        printLine("depthscope " DEPTHSCOPE_VERSION);
        return;
    }
    if (words == std::vector<std::string>{"completion", "bash"}) {
        printLine(bashCompletion(app));
        return;
    }
    const bool isKnown =
        std::any_of(kCommands.begin(), kCommands.end(),
                    [&](const Command& command) { return words[0] == command.name; });
    if (!isKnown) {
        throw Error(ErrorCode::Usage, "unknown command: " + words[0], "See depthscope-cli --help.");
    }
    try {
        parse(app, words);
    } catch (const CLI::CallForHelp&) {
        return;
    }
    for (const auto& [sub, action] : actions) {
        if (sub->parsed()) {
            action(common);
        }
    }
}

} // namespace

} // namespace depthscope::cli

int main(int argc, char** argv) {
    using depthscope::cli::printStatus;
    depthscope::limitIdleSpinning();
    try {
        depthscope::cli::dispatch(std::vector<std::string>(argv + 1, argv + argc));
        depthscope::cli::finishOutput();
        return 0;
    } catch (const depthscope::Error& error) {
        printStatus("depthscope-cli: " + error.message());
        if (!error.hint().empty()) {
            printStatus(error.hint());
        }
        return depthscope::exitCode(error.code());
    } catch (const std::bad_alloc&) {
        printStatus("depthscope-cli: out of memory");
        return depthscope::exitCode(depthscope::ErrorCode::OutOfMemory);
    } catch (const std::exception& error) {
        printStatus(std::string("depthscope-cli: ") + error.what());
        return 1;
    }
}
