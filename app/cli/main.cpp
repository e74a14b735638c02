// SPDX-License-Identifier: MIT
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "engine/base/error.h"
#include "engine/base/idle_threads.h"

#include <algorithm>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace depthscope::cli {

namespace {

constexpr const char* kHelp = R"(depthscope-cli COMMAND [options]

  info                     versions, devices, kernels
  inspect MODEL            family, parameters by part, sharing, recipe
  run MODEL (--ids 3,7,1 | --text S | --text-file F) [--logits] [--losses] [--record F.depthscope]
  generate MODEL (--ids | --text | --text-file) --tokens N [--temperature T] [--top-k K] [--top-p P]
                 [--no-cache] [--stop-at-eos] [--record F.depthscope]
  score MODEL --text-file F [--mean-depth D] [--regret TOKENS]
  presets [PRESET] [--set NAME=VALUE ..]
                           what can be trained; one of them with all that can be set
  train PRESET --out DIR [--set NAME=VALUE ..] [--text-file F] [--corpus graded]
                 [--tokens F.bin] [--tokenizer F] [--steps N] [--minutes M] [--resume] [--init-from MODEL] [--init stepwise|average|lower|upper|random]
                 [--record F.depthscope]
  experiment NAME [--out DIR] [--text-file F] [--minutes M] [--resume] [--page F.md]
  tokenizer train --vocab N FILE.. [--corpus graded] --out F
  tokenizer encode MODEL (--text S | --text-file F) [--out F.bin]
  tokenizer decode MODEL --ids 3,7,1
  bench live|generate|trace [MODEL]
  bench more|llama|mor|train
  selftest                 golden values and operator parity

  MODEL is a folder with config.json and model.safetensors.

Routing of run, generate, score:
                [--capacity 1,2/3,1/3] [--routing model|topk|threshold[:TAU]|token|fixed:N|random|aux]
                [--max-depth N] [--kv model|recursion|share|hybrid]
Everywhere:     [--json] [--device auto|cpu|cuda[:N]] [--threads auto|N] [--dtype float32|bfloat16] [--seed N]

Exit codes: 0 done, 2 usage, 3 bad input, 4 device or memory, 5 interrupted.)";

using Command = std::function<void(const Common&, Arguments&)>;

const std::map<std::string, Command>& commands() {
    static const std::map<std::string, Command> table{
        {"info", runInfo},         {"inspect", runInspect},       {"run", runPass},
        {"generate", runGenerate}, {"score", runScore},           {"presets", runPresets},
        {"train", runTrain},       {"experiment", runExperiment}, {"tokenizer", runTokenizer},
        {"bench", runBench},       {"selftest", runSelftest},
    };
    return table;
}

Common takeCommon(Arguments& arguments) {
    Common common;
    common.json = arguments.flag("json");
    const auto take = [&](const char* name, const char* otherwise) {
        const auto value = arguments.value(name);
        if (value) {
            common.given.emplace_back(name);
        }
        return value.value_or(otherwise);
    };
    const auto number = [](const std::string& name, const std::string& text) {
        return Arguments({"--" + name, text}).integer(name, 0);
    };
    common.engine.device = take("device", "auto");
    common.engine.dtype = take("dtype", "float32");
    const std::int64_t seed = number("seed", take("seed", "1"));
    if (seed < 0) {
        throw Error(ErrorCode::Usage, "--seed: " + std::to_string(seed) + " is negative",
                    "Give 0 or more.");
    }
    common.engine.seed = static_cast<std::uint64_t>(seed);
    const std::string threads = take("threads", "auto");
    if (threads != "auto") {
        const std::int64_t count = number("threads", threads);
        constexpr std::int64_t kMost = 1024;
        if (count < 1 || count > kMost) {
            throw Error(ErrorCode::Usage, "--threads: " + threads + " is outside 1..1024",
                        "Give auto or a number of threads.");
        }
        common.engine.threads = static_cast<int>(count);
    }
    return common;
}

void dispatch(std::vector<std::string> words) {
    if (words.empty() || words[0] == "help" || words[0] == "-h" ||
        std::ranges::find(words, "--help") != words.end()) {
        printLine(kHelp);
        return;
    }
    if (words[0] == "--version") {
        printLine("depthscope " DEPTHSCOPE_VERSION);
        return;
    }
    const auto command = commands().find(words[0]);
    if (command == commands().end()) {
        throw Error(ErrorCode::Usage, "unknown command: " + words[0], "See depthscope-cli --help.");
    }
    words.erase(words.begin());
    Arguments arguments(std::move(words));
    const Common common = takeCommon(arguments);
    command->second(common, arguments);
}

} // namespace

void refuseEngineOptions(const Common& common, const std::string& what) {
    if (!common.given.empty()) {
        throw Error(ErrorCode::Usage, "--" + common.given.front() + " has no effect on " + what,
                    "Leave it out.");
    }
}

} // namespace depthscope::cli

int main(int argc, char** argv) {
    using depthscope::cli::printStatus;
    depthscope::calmIdleThreads();
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
    } catch (const std::exception& fault) {
        printStatus(std::string("depthscope-cli: ") + fault.what());
        return 1;
    }
}
