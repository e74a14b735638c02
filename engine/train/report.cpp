// SPDX-License-Identifier: MIT
#include "engine/train/report.h"

#include "engine/evaluate/ngram.h"
#include "engine/evaluate/text_score.h"
#include "engine/generate/generator.h"
#include "engine/generate/sampler.h"
#include "engine/spec/recipe.h"
#include "engine/trace/graded_classes.h"
#include "engine/train/metrics.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/headeronly/version.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <span>
#include <utility>

namespace depthscope::train {

using nlohmann::json;

std::string sampleText(const models::LanguageModel& model,
                       const tokenizers::Tokenizer& tokenizer,
                       const data::Corpus& corpus) {
    constexpr std::size_t kPrompt = 16;
    constexpr int kTokens = 80;
    const c10::NoGradGuard noGrad;
    const auto& ids = corpus.validation.ids;
    const std::vector<std::int32_t> prompt(
        ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(std::min(kPrompt, ids.size())));
    generate::Generator generator(
        model, spec::resolveRouting(model.config(), {}, spec::RoutingUse::Generation), true, false);
    generate::Sampler sampler({});
    std::vector<std::int32_t> made = prompt;
    static_cast<void>(generator.prefill(prompt));
    const auto room = static_cast<int>(model.config().context) - static_cast<int>(prompt.size());
    for (int i = 0; i < std::min(kTokens, room); ++i) {
        made.push_back(generator.choose(sampler).id);
        static_cast<void>(generator.feed(made.back()));
    }
    return tokenizer.decode(made);
}

namespace {

/// Enough windows for a steady figure, few enough to take seconds.
constexpr std::size_t kScoredTokens = 40'000;

/// The start of the validation text.
data::Tokens scoredTokens(const data::Corpus& corpus) {
    const data::Tokens& all = corpus.validation;
    const auto count = static_cast<std::ptrdiff_t>(std::min(all.ids.size(), kScoredTokens));
    data::Tokens tokens;
    tokens.ids.assign(all.ids.begin(), all.ids.begin() + count);
    if (!all.classes.empty()) {
        tokens.classes.assign(all.classes.begin(), all.classes.begin() + count);
    }
    return tokens;
}

/// Rules that a finished model is scored under, by their name in the file.
std::vector<std::pair<const char*, settings::Rule>> rulesOf(const spec::LanguageSpec& config) {
    std::vector<std::pair<const char*, settings::Rule>> rules{
        {"as_trained", settings::Rule::Model}};
    if (config.hasRouter() && config.mor.type == spec::RouterType::Expert) {
        rules.emplace_back("threshold", settings::Rule::Threshold);
        rules.emplace_back("random", settings::Rule::Random);
    }
    if (config.sharesLayers()) {
        rules.emplace_back("full_depth", settings::Rule::Fixed);
    }
    return rules;
}

json scoreJson(const evaluate::TextScore& score, const data::Corpus& corpus) {
    const auto n = static_cast<double>(score.tokens);
    const double nll = score.nllSum / n;
    json out{{"nats_per_token", nll},
             {"bits_per_character", nll / std::log(2.0) / corpus.validationCharactersPerToken},
             {"tokens", score.tokens},
             {"mean_depth", score.depthSum / static_cast<double>(score.depthTokens)},
             {"flops_per_token", score.flopsSum / static_cast<double>(score.depthTokens)}};
    if (score.accuracyTokens > 0) {
        out["decision_accuracy"] = score.accuracySum / static_cast<double>(score.accuracyTokens);
        out["dead_token_ratio"] = score.deadTokenRatio();
    }
    json shares = json::array();
    for (const std::int64_t tokensAtDepth : score.depthCounts) {
        shares.push_back(static_cast<double>(tokensAtDepth) /
                         static_cast<double>(score.depthTokens));
    }
    out["depth_shares"] = shares;
    for (std::size_t c = 0; c < score.classes.size(); ++c) {
        const evaluate::TextScore::Class& entry = score.classes[c];
        if (entry.tokens > 0) {
            const std::string name =
                c < trace::kDifficulties ? trace::gradedClasses()->names[c] : "prose";
            const auto m = static_cast<double>(entry.tokens);
            out["classes"][name] = {{"tokens", entry.tokens},
                                    {"nats_per_token", entry.nllSum / m},
                                    {"mean_depth", entry.depthSum / m}};
        }
    }
    return out;
}

std::string hex(std::uint64_t value) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
    return text;
}

/// Numbers and flags as such, other values as text.
json valueJson(const std::string& value) {
    const json parsed = json::parse(value, nullptr, false);
    return parsed.is_number() || parsed.is_boolean() ? parsed : json(value);
}

json recipeJson(const TrainingRecord& record) {
    const spec::Preset& preset = record.objective.preset();
    json recipe{{"preset", preset.name},
                {"steps", preset.steps},
                {"autocast", preset.autocast ? "bfloat16" : "none"},
                {"seed", preset.seed}};
    for (const settings::RecipeField& field : spec::recipeFields(preset)) {
        recipe[field.name] = valueJson(field.value);
    }
    return recipe;
}

/// Kneser-Ney over the training text, asked about the text that is scored.
json yardstickJson(const data::Corpus& corpus,
                   const data::Tokens& scored,
                   std::int32_t vocabulary) {
    const evaluate::NgramModel yardstick = evaluate::NgramModel::fit(corpus.train.ids, vocabulary);
    return {{"model", "3-gram, interpolated Kneser-Ney, same tokens and training text"},
            {"nats_per_token", yardstick.meanNll(scored.ids)}};
}

} // namespace

struct TrainingReport::State {
    TrainingRecord record;
    data::Tokens tokens; ///< that are scored
    std::vector<std::pair<const char*, settings::Rule>> rules;
    std::size_t scored = 0; ///< rules that are done
    std::optional<evaluate::TextScorer> scorer;
    json yardstick;
    json validation = json::object();
};

TrainingReport::TrainingReport(TrainingRecord record)
    : m_state(
          std::make_unique<State>(State{std::move(record), {}, {}, 0, {}, {}, json::object()})) {
    m_state->tokens = scoredTokens(m_state->record.corpus);
    m_state->rules = rulesOf(m_state->record.objective.model().config());
}

TrainingReport::~TrainingReport() = default;

double TrainingReport::fraction() const {
    const double within = m_state->scorer ? m_state->scorer->fraction() : 0.0;
    return (static_cast<double>(m_state->scored) + within) /
           static_cast<double>(m_state->rules.size());
}

bool TrainingReport::step() {
    State& state = *m_state;
    const models::LanguageModel& model = state.record.objective.model();
    const spec::LanguageSpec& config = model.config();
    if (state.yardstick.is_null()) {
        state.yardstick = yardstickJson(state.record.corpus, state.tokens,
                                        static_cast<std::int32_t>(config.vocabulary));
        return true;
    }
    const auto& [name, rule] = state.rules[state.scored];
    if (!state.scorer) {
        settings::RoutingSettings requested;
        requested.rule = rule;
        state.scorer.emplace(model, state.tokens,
                             spec::resolveRouting(config, requested, spec::RoutingUse::Pass),
                             state.record.objective.preset().sequence);
    }
    if (!state.scorer->step()) {
        state.validation[name] = scoreJson(state.scorer->score(), state.record.corpus);
        state.scorer.reset();
        ++state.scored;
    }
    return state.scored < state.rules.size();
}

std::string TrainingReport::text() const {
    const TrainingRecord& record = m_state->record;
    const data::Corpus& corpus = record.corpus;
    json root;
    root["recipe"] = recipeJson(record);
    root["data"] = {{"source", record.source},
                    {"train_tokens", corpus.train.ids.size()},
                    {"validation_tokens", corpus.validation.ids.size()},
                    {"train_hash", hex(record.dataHash)},
                    {"characters_per_token", corpus.validationCharactersPerToken}};
    root["yardstick"] = m_state->yardstick;
    root["validation"] = m_state->validation;
    root["software"] = {{"libtorch", TORCH_VERSION},
                        {"device", record.objective.model().device().str()},
                        {"threads", record.threads}};
    root["seconds"] = record.seconds;
    if (!record.resumedWith.empty()) {
        root["resumed_with"] = record.resumedWith;
    }
    root["curve"] = json::parse(curveText(record.curve));
    root["sample"] = record.sample;
    return root.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace depthscope::train
