// SPDX-License-Identifier: MIT
#include "engine/runtime/batch_lines.h"

#include "engine/base/json.h"
#include "engine/base/text.h"
#include "engine/base/text_file.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace depthscope::runtime {

namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30U;
constexpr std::size_t kMostLines = 1'000'000;
constexpr const char* kExample =
    R"(Write lines such as {"text": "To be", "tokens": 32}; fields: text or ids, tokens, seed.)";

void requireKnown(const JsonField& line) {
    constexpr std::array kKnown{"text", "ids", "tokens", "seed"};
    for (const auto& [name, value] : line.value().items()) {
        if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) {
            line.fail(fmt::format("must have no field {}", name));
        }
    }
}

std::vector<std::int32_t> idsOf(const JsonField& field) {
    constexpr std::size_t kMostIds = 1U << 20U;
    std::vector<std::int32_t> ids;
    const std::size_t count = field.arraySize(kMostIds);
    for (std::size_t i = 0; i < count; ++i) {
        ids.push_back(static_cast<std::int32_t>(
            field.item(i).integer(0, std::numeric_limits<std::int32_t>::max())));
    }
    if (ids.empty()) {
        field.fail("must have at least one id");
    }
    return ids;
}

BatchPrompt plainPrompt(std::string_view line,
                        std::size_t number,
                        const settings::GenerationSettings& generation) {
    BatchPrompt prompt;
    prompt.number = number;
    prompt.prompt.text = line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
    prompt.tokens = generation.count;
    prompt.seed = generation.seed + number;
    return prompt;
}

BatchPrompt promptOf(const JsonField& line,
                     std::size_t number,
                     const settings::GenerationSettings& generation) {
    constexpr int kMostTokens = 1'000'000;
    if (!line.value().is_object() || line.has("text") == line.has("ids")) {
        line.fail("must be an object with either text or ids");
    }
    requireKnown(line);
    BatchPrompt prompt;
    prompt.number = number;
    if (const auto ids = line.find("ids")) {
        prompt.prompt.ids = idsOf(*ids);
    } else {
        prompt.prompt.text = line.at("text").string();
    }
    const auto tokens = line.find("tokens");
    prompt.tokens = tokens ? static_cast<int>(tokens->integer(1, kMostTokens)) : generation.count;
    const auto seed = line.find("seed");
    prompt.seed = seed ? seed->counter() : generation.seed + number;
    return prompt;
}

} // namespace

PromptFile readPrompts(const std::string& file,
                       const settings::GenerationSettings& generation,
                       const std::stop_token& stop) {
    const std::string text = readWhole(file, kMostBytes);
    if (text.find('\0') != std::string::npos) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: must be text, has binary data", file),
                    kExample);
    }
    const bool isPlain = file.ends_with(".txt");
    PromptFile prompts;
    std::string_view rest = text;
    for (std::size_t number = 0; !rest.empty(); ++number) {
        if (stop.stop_requested()) {
            throw Error(ErrorCode::Interrupted, fmt::format("{}: not read to its end", file));
        }
        if (number == kMostLines) {
            throw Error(ErrorCode::BadInput,
                        fmt::format("{}: must have at most {} lines", file, kMostLines),
                        "Split it.");
        }
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        const std::string name = fmt::format("{} line {}", file, number + 1);
        const bool isEmpty = line.find_first_not_of(" \t\r") == std::string_view::npos;
        if (isPlain && isEmpty) {
            continue;
        }
        try {
            if (isPlain) {
                prompts.good.push_back(plainPrompt(line, number, generation));
                continue;
            }
            if (isEmpty) {
                throw Error(ErrorCode::BadInput, fmt::format("{}: must not be empty", name));
            }
            const JsonFile json(line, name);
            prompts.good.push_back(promptOf(json.root(), number, generation));
        } catch (const Error& error) {
            prompts.bad.push_back({number, Error(error.code(), error.message(), kExample)});
        }
    }
    if (prompts.good.empty() && prompts.bad.empty()) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: must have at least one line", file),
                    kExample);
    }
    return prompts;
}

namespace {

std::string lineOf(const nlohmann::json& object) {
    return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

std::string answerLine(const BatchAnswer& answer) {
    if (answer.error) {
        return errorLine(answer.number, *answer.error);
    }
    nlohmann::json line{
        {"request", answer.number},
        {"tokens", answer.tokens},
        {"text", answer.hasText ? nlohmann::json(answer.text) : nlohmann::json(nullptr)},
        {"depth", answer.depth}};
    if (!answer.isWhole) {
        line["stopped"] = true;
    }
    return lineOf(line);
}

std::string errorLine(std::size_t number, const Error& error) {
    nlohmann::json line{{"request", number}, {"error", error.message()}};
    if (!error.hint().empty()) {
        line["remedy"] = error.hint();
    }
    return lineOf(line);
}

} // namespace depthscope::runtime
