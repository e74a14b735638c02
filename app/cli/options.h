// SPDX-License-Identifier: MIT
// Options that commands declare (CLI11), and their values. Main thread. Invalid values throw
// Error{Usage} naming the option during parsing.
#pragma once

#include "engine/runtime/request.h"
#include "engine/runtime/session.h"
#include "engine/settings/lab.h"
#include "engine/settings/recipe.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace depthscope::cli {

/// What every command takes.
struct Common {
    bool json = false;
    std::vector<std::string> given; ///< of device, dtype, threads, seed
    runtime::EngineOptions engine;
};

void addCommon(CLI::App& app, Common& common);

/// Throws Error{Usage} where one of the engine's options was given to what does not use it.
void refuseEngineOptions(const Common& common, const std::string& what);

/// "--name TEXT"; the target keeps its value where the option is not given.
void addText(CLI::App& app,
             const std::string& name,
             const char* placeholder,
             std::string& target,
             const std::string& help);

void addInteger(CLI::App& app,
                const std::string& name,
                std::int64_t& target,
                const std::string& help);

void addNumber(CLI::App& app, const std::string& name, double& target, const std::string& help);

/// The same, given to a function.
void addIntegerTo(CLI::App& app,
                  const std::string& name,
                  std::function<void(std::int64_t)> take,
                  const std::string& help);
void addNumberTo(CLI::App& app,
                 const std::string& name,
                 std::function<void(double)> take,
                 const std::string& help);

/// "--name 3,7,1"; `isGiven` becomes true where the option is there.
void addIntegers(CLI::App& app,
                 const std::string& name,
                 std::vector<std::int64_t>& target,
                 bool& isGiven,
                 const std::string& help);

void addFlag(CLI::App& app, const std::string& name, bool& target, const std::string& help);

/// A positional argument, such as a model folder.
void addWord(CLI::App& app,
             const char* placeholder,
             std::string& target,
             const std::string& help,
             bool isRequired = true);

/// --capacity, --routing, --max-depth, --kv of run, generate and score.
void addRouting(CLI::App& app, settings::RoutingSettings& routing);

/// --set NAME=VALUE, may be repeated.
void addRecipe(CLI::App& app, std::vector<settings::RecipeChange>& changes);

/// --minutes; 0 where it is not given, which is no limit.
void addMinutes(CLI::App& app, double& minutes);

/// --ids, --text, --text-file of run, generate and the tokenizer.
struct PromptOptions {
    std::optional<std::string> ids;
    std::optional<std::string> text;
    std::optional<std::string> file;

    /// Reads the file. Throws Error{Usage} unless exactly one was given.
    [[nodiscard]] runtime::Prompt take() const;
};

void addPrompt(CLI::App& app, PromptOptions& prompt);

/// --record F.depthscope of run, generate and train.
void addRecord(CLI::App& app, std::string& file);

} // namespace depthscope::cli
