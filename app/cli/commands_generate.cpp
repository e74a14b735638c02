// SPDX-License-Identifier: MIT
#include "app/cli/client.h"
#include "app/cli/commands.h"
#include "app/cli/generate_batch.h"
#include "app/cli/output.h"
#include "app/cli/recorder.h"
#include "engine/base/text.h"

#include <CLI/App.hpp>

#include <cmath>
#include <iostream>
#include <memory>
#include <type_traits>
#include <vector>

namespace depthscope::cli {

using nlohmann::json;

namespace {

/// An option whose range is the field's.
template <class Value>
void addChecked(CLI::App& app, const settings::FieldInfo& field, Value& value) {
    const auto check = [field, &value](double requested) {
        const std::string name = "--" + std::string(field.name);
        settings::FieldInfo option = field;
        option.name = name.c_str();
        settings::checkRange(option, requested, ErrorCode::Usage);
        value = static_cast<Value>(requested);
    };
    if constexpr (std::is_same_v<Value, double>) {
        addNumberTo(app, field.name, check, field.help);
    } else {
        addIntegerTo(
            app, field.name,
            [check](std::int64_t requested) { check(static_cast<double>(requested)); }, field.help);
    }
}

/// One option for each number that generation takes, as its settings declare them.
void addGeneration(CLI::App& app, settings::GenerationSettings& generation) {
    settings::GenerationSettings::visit(
        generation, [&](const settings::FieldInfo& field, auto& value) {
            using Value = std::remove_cvref_t<decltype(value)>;
            if constexpr (std::is_same_v<Value, double> || std::is_same_v<Value, int>) {
                addChecked(app, field, value);
            }
        });
    app.add_flag("--no-cache{false}", generation.useCache,
                 "Recompute the whole sequence for each token");
    addFlag(app, "stop-at-eos", generation.stopAtEos, "Stop at the model's end-of-text token");
}

/// What the steps of one generation add up to.
struct Generated {
    std::vector<std::int32_t> prompt, tokens;
    std::vector<int> depth;
    std::string text;
    bool hasText = false;
    double milliseconds = 0; ///< of the decode steps
    trace::KvMemory kv;
    trace::StepPtr last;

    void add(const trace::StepPtr& step) {
        kv = step->routing.kv;
        last = step;
        const trace::TextContent* content = step->text();
        if (content == nullptr) {
            return;
        }
        if (step->kind == trace::StepKind::Prefill) {
            prompt = content->ids;
            hasText = !content->pieceEnds.empty();
            return;
        }
        tokens.push_back(content->ids.front());
        depth.push_back(step->routing.depth.front());
        text += content->text;
        milliseconds += step->routing.cost.milliseconds;
    }

    [[nodiscard]] double tokensPerSecond() const {
        return milliseconds > 0 ? static_cast<double>(tokens.size()) * 1000.0 / milliseconds : 0.0;
    }
};

struct GenerateOptions {
    std::string folder;
    PromptOptions prompt;
    runtime::GenerateRequest request;
    std::string record;
    BatchOptions batch;
};

/// Texts that are generated together are neither recorded nor recomputed.
void generateMany(const Common& common, const GenerateOptions& options) {
    const PromptOptions& prompt = options.prompt;
    if (prompt.ids || prompt.text || prompt.file || !options.record.empty() ||
        !options.request.generation.useCache) {
        throw Error(ErrorCode::Usage,
                    "--prompts goes with none of --ids, --text, --text-file, --record, --no-cache",
                    "Omit them, or generate one text.");
    }
    runtime::BatchRequest request;
    request.routing = options.request.routing;
    request.generation = options.request.generation;
    generateBatch(common, options.batch, options.folder, std::move(request));
}

void generate(const Common& common, const GenerateOptions& options) {
    if (!options.batch.prompts.empty()) {
        generateMany(common, options);
        return;
    }
    if (options.batch.hasAny()) {
        throw Error(ErrorCode::Usage, "--batch, --batching and --kv-memory need --prompts",
                    "Omit them, or give a file of prompts.");
    }
    runtime::GenerateRequest request = options.request;
    request.prompt = options.prompt.take();
    request.generation.seed = common.engine.seed;
    Recorder recorder(options.record);

    Client client(common.engine);
    client.perform(runtime::LoadRequest{options.folder, runtime::ModelRole::Main});
    recorder.begin(request.prompt, {request.routing, request.generation, {}});
    Generated made;
    std::string notice;
    client.perform(std::move(request), [&](const runtime::Event& event) {
        recorder.see(event);
        const auto* published = std::get_if<runtime::StepPublished>(&event);
        if (published == nullptr) {
            return;
        }
        made.add(published->step);
        if (!published->step->notice.empty() && published->step->notice != notice) {
            notice = published->step->notice; // each step past the context has it
            printStatus(fmt::format("depthscope-cli: {}", notice));
        }
        const trace::TextContent* text = published->step->text();
        if (!common.json && text != nullptr) {
            for (std::size_t t = 0; t < text->ids.size(); ++t) {
                std::cout << printable(text->piece(t)) << (made.hasText ? "" : " ");
            }
            std::cout << std::flush;
        }
    });
    recorder.close();
    if (!common.json) {
        std::cout << '\n';
        printStatus(fmt::format("{} tokens, {} tokens/s, routing {}, KV {} of {}",
                                made.tokens.size(), oneDecimal(made.tokensPerSecond()),
                                settings::toString(made.last->settings.rule),
                                humanBytes(static_cast<double>(made.kv.measuredBytes)),
                                humanBytes(static_cast<double>(made.kv.fullBytes))));
        return;
    }
    printJson({{"model", modelJson(*made.last->model)},
               {"routing", settings::toString(made.last->settings.rule)},
               {"causal", made.last->causal},
               {"prompt", made.prompt},
               {"tokens", made.tokens},
               {"text", made.hasText ? json(made.text) : json(nullptr)},
               {"depth", made.depth},
               {"tokens_per_second", made.tokensPerSecond()},
               {"kv_bytes", made.kv.measuredBytes},
               {"kv_reserved_bytes", made.kv.reservedBytes},
               {"full_kv_bytes", made.kv.fullBytes}});
}

struct ScoreOptions {
    std::string folder;
    runtime::ScoreRequest request;
    std::int64_t regret = 0;
};

void score(const Common& common, const ScoreOptions& options) {
    runtime::ScoreRequest request = options.request;
    constexpr std::int64_t kMostRegret = 1'000'000;
    if (options.regret < 0 || options.regret > kMostRegret || !(request.meanDepth >= 0)) {
        throw Error(ErrorCode::Usage,
                    request.meanDepth >= 0 ? "--regret is out of range"
                                           : "--mean-depth must not be negative",
                    "--regret takes 1 to 1000000 tokens, --mean-depth 1 to the model's number of "
                    "recursions.");
    }
    request.regretTokens = static_cast<int>(options.regret);
    if (request.meanDepth > 0 && request.routing.rule == settings::Rule::Model) {
        request.routing.rule = settings::Rule::Threshold;
    }
    if (request.textFile.empty()) {
        throw Error(ErrorCode::Usage, "--text-file is missing", "Give the text file to score.");
    }
    const double wantedDepth = request.meanDepth;
    Client client(common.engine);
    client.perform(runtime::LoadRequest{options.folder, runtime::ModelRole::Main});
    runtime::ScoreReport report;
    client.perform(std::move(request), [&](const runtime::Event& event) {
        if (const auto* score = std::get_if<runtime::ScoreReport>(&event)) {
            report = *score;
        }
    });
    constexpr double kNear = 0.05;
    if (wantedDepth > 0 && std::abs(report.meanDepth - wantedDepth) > kNear) {
        printStatus(fmt::format("depthscope-cli: no threshold of this router comes closer to a "
                                "mean depth of {} on the start of this text",
                                oneDecimal(wantedDepth)));
    }
    const json out{{"tokens", report.tokens},
                   {"nll", finiteOrNull(report.nll)},
                   {"perplexity", finiteOrNull(std::exp(report.nll))},
                   {"bits_per_character", finiteOrNull(report.bitsPerCharacter)},
                   {"mean_depth", finiteOrNull(report.meanDepth)},
                   {"decision_accuracy", finiteOrNull(report.decisionAccuracy)},
                   {"dead_token_ratio", finiteOrNull(report.deadTokenRatio)},
                   {"max_vio", finiteOrNull(report.maxVio)},
                   {"entropy", finiteOrNull(report.entropy)},
                   {"flops_per_token", finiteOrNull(report.flopsPerToken)},
                   {"tau", finiteOrNull(report.tau)},
                   {"regret", finiteOrNull(report.regret)},
                   {"regret_at_equal_cost", finiteOrNull(report.regretAtEqualCost)}};
    if (common.json) {
        printJson(out);
        return;
    }
    for (const auto& [key, value] : out.items()) {
        printLine(fmt::format("{}: {}", key,
                              value.is_null() ? "not available for this model and these options"
                                              : value.dump()));
    }
}

} // namespace

Action declareGenerate(CLI::App& app) {
    auto options = std::make_shared<GenerateOptions>();
    addWord(app, "MODEL", options->folder, "Folder with config.json and model.safetensors");
    addPrompt(app, options->prompt);
    addBatch(app, options->batch);
    addGeneration(app, options->request.generation);
    addRecord(app, options->record);
    addRouting(app, options->request.routing);
    return [options](const Common& common) { generate(common, *options); };
}

Action declareScore(CLI::App& app) {
    auto options = std::make_shared<ScoreOptions>();
    addWord(app, "MODEL", options->folder, "Folder with config.json and model.safetensors");
    addText(app, "text-file", "FILE", options->request.textFile, "Text file to score");
    addNumber(app, "mean-depth", options->request.meanDepth,
              "Choose the threshold that gives this mean depth");
    addInteger(app, "regret", options->regret, "Measure routing regret on the first N tokens");
    addRouting(app, options->request.routing);
    return [options](const Common& common) { score(common, *options); };
}

} // namespace depthscope::cli
