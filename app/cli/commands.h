// SPDX-License-Identifier: MIT
// One function for each command; `arguments` holds the words after the command, common options
// already taken. They throw Error; main turns it into a message and an exit code.
#pragma once

#include "app/cli/arguments.h"
#include "engine/runtime/session.h"
#include "engine/settings/recipe.h"
#include "engine/settings/routing.h"

namespace depthscope::cli {

struct Common {
    bool json = false;
    std::vector<std::string> given; ///< of device, dtype, threads, seed
    runtime::EngineOptions engine;
};

/// Throws Error{Usage} where one of the engine's options was given to what does not use it.
void refuseEngineOptions(const Common& common, const std::string& what);

void runInfo(const Common& common, Arguments& arguments);
void runInspect(const Common& common, Arguments& arguments);
void runPass(const Common& common, Arguments& arguments);
void runGenerate(const Common& common, Arguments& arguments);
void runScore(const Common& common, Arguments& arguments);
void runPresets(const Common& common, Arguments& arguments);
void runTrain(const Common& common, Arguments& arguments);
void runExperiment(const Common& common, Arguments& arguments);
void runBench(const Common& common, Arguments& arguments);
void runSelftest(const Common& common, Arguments& arguments);
void runTokenizer(const Common& common, Arguments& arguments);

/// --capacity, --routing, --max-depth, --kv of run, generate and score.
[[nodiscard]] settings::RoutingSettings takeRouting(Arguments& arguments);
/// --set NAME=VALUE, as often as given.
[[nodiscard]] std::vector<settings::RecipeChange> takeRecipe(Arguments& arguments);
/// --minutes: 0 where it is not given, which is no limit.
[[nodiscard]] double takeMinutes(Arguments& arguments);
/// --ids, --text or --text-file: exactly one of them.
[[nodiscard]] runtime::Prompt takePrompt(Arguments& arguments);

} // namespace depthscope::cli
