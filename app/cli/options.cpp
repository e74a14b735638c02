// SPDX-License-Identifier: MIT
#include "app/cli/options.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <CLI/App.hpp>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <type_traits>
#include <utility>

namespace depthscope::cli {

namespace {

template <class Number>
Number parseNumber(const std::string& name, const std::string& text) {
    Number number{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc::result_out_of_range && stop == end) {
        throw Error(ErrorCode::Usage, fmt::format("--{}: {} is too large", name, text),
                    "Give a smaller number.");
    }
    if (error != std::errc{} || stop != end) {
        constexpr bool kWhole = std::is_integral_v<Number>;
        throw Error(
            ErrorCode::Usage,
            fmt::format("--{}: \"{}\" is not {}", name, text, kWhole ? "an integer" : "a number"),
            kWhole ? "Give an integer, for example 64." : "Give a decimal number.");
    }
    return number;
}

constexpr std::size_t kMaxTextBytes = 1U << 30U;

std::string readText(const std::string& path) {
    // Pipes have no size that could be asked beforehand.
    std::error_code ignored;
    std::ifstream stream(path, std::ios::binary);
    if (!stream || std::filesystem::is_directory(path, ignored)) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: cannot be opened as a text file", path),
                    "Check that the file exists and is readable.");
    }
    std::string text;
    std::vector<char> piece(1U << 20U);
    while (stream.read(piece.data(), std::ssize(piece)), stream.gcount() > 0) {
        text.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
        if (text.size() > kMaxTextBytes) {
            throw Error(ErrorCode::BadInput, fmt::format("{}: larger than 1 GiB", path),
                        "Give a shorter text.");
        }
    }
    return text;
}

/// "3,7,1" given to the option `name`.
template <class Number>
std::vector<Number> parseNumbers(const std::string& name, const std::string& text) {
    std::vector<Number> numbers;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        const std::size_t comma = std::min(text.find(',', begin), text.size());
        numbers.push_back(parseNumber<Number>(name, text.substr(begin, comma - begin)));
        begin = comma + 1;
    }
    return numbers;
}

/// An option whose value is judged as soon as it is read.
CLI::Option* addJudged(CLI::App& app,
                       const std::string& name,
                       const char* placeholder,
                       std::function<void(const std::string&)> take,
                       const std::string& help) {
    return app.add_option_function<std::string>("--" + name, std::move(take), help)
        ->type_name(placeholder);
}

} // namespace

void addText(CLI::App& app,
             const std::string& name,
             const char* placeholder,
             std::string& target,
             const std::string& help) {
    app.add_option("--" + name, target, help)->type_name(placeholder);
}

void addIntegerTo(CLI::App& app,
                  const std::string& name,
                  std::function<void(std::int64_t)> take,
                  const std::string& help) {
    addJudged(
        app, name, "N",
        [take = std::move(take), name](const std::string& text) {
            take(parseNumber<std::int64_t>(name, text));
        },
        help);
}

void addNumberTo(CLI::App& app,
                 const std::string& name,
                 std::function<void(double)> take,
                 const std::string& help) {
    addJudged(
        app, name, "X",
        [take = std::move(take), name](const std::string& text) {
            take(parseNumber<double>(name, text));
        },
        help);
}

void addInteger(CLI::App& app,
                const std::string& name,
                std::int64_t& target,
                const std::string& help) {
    addIntegerTo(
        app, name, [&target](std::int64_t value) { target = value; }, help);
}

void addNumber(CLI::App& app, const std::string& name, double& target, const std::string& help) {
    addNumberTo(
        app, name, [&target](double value) { target = value; }, help);
}

void addIntegers(CLI::App& app,
                 const std::string& name,
                 std::vector<std::int64_t>& target,
                 bool& isGiven,
                 const std::string& help) {
    addJudged(
        app, name, "3,7,1",
        [&target, &isGiven, name](const std::string& text) {
            target = parseNumbers<std::int64_t>(name, text);
            isGiven = true;
        },
        help);
}

void addFlag(CLI::App& app, const std::string& name, bool& target, const std::string& help) {
    app.add_flag("--" + name, target, help);
}

void addWord(CLI::App& app,
             const char* placeholder,
             std::string& target,
             const std::string& help,
             bool isRequired) {
    app.add_option(placeholder, target, help)->type_name("")->required(isRequired);
}

void addCommon(CLI::App& app, Common& common) {
    const auto engine = [&](const char* name, const char* placeholder, const char* help,
                            std::function<void(const std::string&)> take) {
        addJudged(
            app, name, placeholder,
            [&common, name, take = std::move(take)](const std::string& text) {
                common.given.emplace_back(name);
                take(text);
            },
            help)
            ->group("Everywhere");
    };
    app.add_flag("--json", common.json, "JSON on standard output, all else on standard error")
        ->group("Everywhere");
    engine("device", "auto|cpu|cuda[:N]", "Device to run on",
           [&common](const std::string& text) { common.engine.device = text; });
    engine("dtype", "auto|float32|bfloat16",
           "Data type of weights and matrix products; auto: float32, large models as stored",
           [&common](const std::string& text) { common.engine.dtype = text; });
    engine("threads", "auto|N", "CPU threads", [&common](const std::string& text) {
        constexpr std::int64_t kMost = 1024;
        const std::int64_t count = text == "auto" ? 1 : parseNumber<std::int64_t>("threads", text);
        if (count < 1 || count > kMost) {
            throw Error(ErrorCode::Usage, fmt::format("--threads: {} is outside 1..1024", text),
                        "Give auto or a number of threads.");
        }
        common.engine.threads = text == "auto" ? common.engine.threads : static_cast<int>(count);
    });
    engine("seed", "N", "Random seed; default: 1", [&common](const std::string& text) {
        const auto seed = parseNumber<std::int64_t>("seed", text);
        if (seed < 0) {
            throw Error(ErrorCode::Usage, fmt::format("--seed: {} is negative", text),
                        "Give 0 or more.");
        }
        common.engine.seed = static_cast<std::uint64_t>(seed);
    });
}

void refuseEngineOptions(const Common& common, const std::string& what) {
    if (!common.given.empty()) {
        throw Error(ErrorCode::Usage,
                    fmt::format("--{} has no effect on {}", common.given.front(), what),
                    "Omit it.");
    }
}

void addRouting(CLI::App& app, settings::RoutingSettings& routing) {
    const auto add = [&](const char* name, const char* placeholder, const char* help,
                         std::function<void(const std::string&)> take) {
        addJudged(app, name, placeholder, std::move(take), help)->group("Routing");
    };
    add("capacity", "1,2/3,1/3", "Share of the tokens that each recursion keeps",
        [&routing](const std::string& text) { routing.capacity = settings::parseCapacity(text); });
    add("routing",
        "model|topk|threshold[:TAU]|token|fixed:N|random|aux|exit:Q|weighted|latent[:E]|cosine[:E]|"
        "entropy[:E]|kl[:E]|minp-kl[:E]|argmax[:N]",
        "Which tokens continue at each recursion",
        [&routing](const std::string& text) { settings::parseRouting(text, routing); });
    add("exit", "published|stop",
        "Looped models: an exit chooses the answer, or also ends the token's recursions",
        [&routing](const std::string& text) {
            if (text != "published" && text != "stop") {
                throw Error(ErrorCode::Usage, fmt::format("--exit: unknown value \"{}\"", text),
                            "Valid values: published, stop.");
            }
            routing.exits = settings::parseExits(text);
        });
    add("initial-state", "seed|zero",
        "Huginn: states start from numbers drawn by --seed, or from zeros",
        [&routing](const std::string& text) {
            if (text != "seed" && text != "zero") {
                throw Error(ErrorCode::Usage,
                            fmt::format("--initial-state: unknown value \"{}\"", text),
                            "Valid values: seed, zero.");
            }
            routing.zeroState = text == "zero";
        });
    add("kv", "model|recursion|share|hybrid|latest|skip|last|compress:N",
        "Which keys and values each recursion reads and stores",
        [&routing](const std::string& text) { settings::parseKv(text, routing); });
    add("max-depth", "N", "Maximum depth of any token; 0: no limit",
        [&routing](const std::string& text) {
            const auto depth = parseNumber<std::int64_t>("max-depth", text);
            if (depth < 0 || depth > 64) {
                throw Error(ErrorCode::Usage, fmt::format("--max-depth: {} is outside 0..64", text),
                            "0 means no limit.");
            }
            routing.maxDepth = static_cast<int>(depth);
        });
}

void addRecipe(CLI::App& app, std::vector<settings::RecipeChange>& changes) {
    app.add_option_function<std::vector<std::string>>(
           "--set",
           [&changes](const std::vector<std::string>& texts) {
               for (const std::string& text : texts) {
                   changes.push_back(settings::parseRecipeChange(text));
               }
           },
           "Change a field of the recipe; may be repeated; `presets PRESET` lists the fields")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
}

void addMinutes(CLI::App& app, double& minutes) {
    addJudged(
        app, "minutes", "X",
        [&minutes](const std::string& text) {
            constexpr double kMost = 1e9;
            minutes = parseNumber<double>("minutes", text);
            if (!(minutes > 0 && minutes <= kMost)) {
                throw Error(ErrorCode::Usage, "--minutes must be greater than 0",
                            "Omit it for no limit, or give a number such as 90 or 0.5.");
            }
        },
        "Stop after this many minutes");
}

void addPrompt(CLI::App& app, PromptOptions& prompt) {
    app.add_option("--ids", prompt.ids, "The prompt as token ids")->type_name("3,7,1");
    app.add_option("--text", prompt.text, "The prompt as text")->type_name("TEXT");
    app.add_option("--text-file", prompt.file, "The prompt as a text file")->type_name("FILE");
}

runtime::Prompt PromptOptions::take() const {
    if (static_cast<int>(ids.has_value()) + static_cast<int>(text.has_value()) +
            static_cast<int>(file.has_value()) !=
        1) {
        throw Error(ErrorCode::Usage, "give exactly one of --ids, --text, --text-file",
                    "For example: --text \"To be\".");
    }
    runtime::Prompt prompt;
    if (ids) {
        prompt.ids = parseNumbers<std::int32_t>("ids", *ids);
    } else {
        prompt.text = text ? *text : readText(*file);
    }
    return prompt;
}

void addRecord(CLI::App& app, std::string& file) {
    addText(app, "record", "FILE.depthscope", file, "Save every step to a recording");
}

} // namespace depthscope::cli
