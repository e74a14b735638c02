// SPDX-License-Identifier: MIT
// The declaration of what a recipe has beside its model, and both together.
#include "engine/spec/model_fields.h"
#include "engine/spec/recipe_entry.h"
#include "engine/spec/training_fields.h"

#include <algorithm>
#include <string_view>

namespace depthscope::spec {

namespace {

constexpr double kMany = 1e9;

bool always(const Preset&) {
    return true;
}

bool hasAuxiliaryLoss(const Preset& preset) {
    return preset.model.hasRouter() && preset.model.mor.type == RouterType::Expert &&
           preset.model.mor.scoreTraining == ScoreTraining::AuxLoss;
}

bool hasExitGate(const Preset& preset) {
    return preset.model.hasExitGate();
}

RecipeEntry field(const char* name, const char* help, bool (*matters)(const Preset&) = always) {
    return {name, kTraining, help, matters};
}

std::vector<RecipeEntry> sampleFields() {
    return {
        number(
            field("batch", "sequences per micro-batch"), 1, 65536,
            [](auto& p) -> auto& { return p.batch; }),
        number(
            field("accumulate", "micro-batches per optimiser step"), 1, 65536,
            [](auto& p) -> auto& { return p.accumulate; }),
        number(
            field("sequence", "tokens per sequence"), 2, 1 << 20,
            [](auto& p) -> auto& { return p.sequence; }),
    };
}

std::vector<RecipeEntry> exitFields() {
    return {
        number(
            field("exit_entropy", "weight of the entropy of the exits, against settling on one",
                  hasExitGate),
            0, 100, [](auto& p) -> auto& { return p.exitEntropy; }),
        number(
            field("gate_share",
                  "share of the steps, at the end, in which the exit gate learns alone",
                  hasExitGate),
            0, 1, [](auto& p) -> auto& { return p.gateShare; }),
    };
}

std::vector<RecipeEntry> dataFields() {
    return {
        number(
            field("validation_sequences", "sequences per evaluation of the validation loss"), 1,
            65536, [](auto& p) -> auto& { return p.validationSequences; }),
        number(
            field("graded_bytes", "length of the graded text in bytes, where it is used"), 10'000,
            kMany, [](auto& p) -> auto& { return p.gradedBytes; }),
    };
}

RecipeEntry vocabulary() {
    RecipeEntry made = number(
        field("vocabulary", "vocabulary size of the tokenizer trained with the model",
              [](const Preset& p) { return p.tokenizerKind == TokenizerKind::Bytepairs; }),
        257, 4'000'000, [](auto& p) -> auto& { return p.vocabulary; });
    made.group = kShape;
    return made;
}

RecipeEntry unscaledLoss() {
    RecipeEntry made = flag(
        field("aux_unscaled",
              "as in the release: do not divide the auxiliary loss by the number of micro-batches",
              hasAuxiliaryLoss),
        [](auto& p) -> auto& { return p.auxiliaryUnscaled; });
    made.group = kRouter;
    return made;
}

/// The same of the preset's model.
RecipeEntry ofModel(const ModelField& field) {
    RecipeEntry made{field.name, field.group, field.help,
                     [of = field.matters](const Preset& preset) { return of(preset.model); }};
    made.read = [of = field.read](const Preset& preset) { return of(preset.model); };
    made.write = [of = field.write](Preset& preset, const std::string& text) {
        of(preset.model, text);
    };
    if (field.choices) {
        made.choices = [of = field.choices](const Preset& preset) { return of(preset.model); };
    }
    return made;
}

} // namespace

const std::vector<RecipeEntry>& recipeEntries() {
    static const std::vector<RecipeEntry> all = [] {
        std::vector<RecipeEntry> list;
        for (const ModelField& field : modelFields()) {
            if (field.group != nullptr) {
                list.push_back(ofModel(field));
            }
            if (std::string_view(field.name) == "tie_word_embeddings") {
                list.push_back(vocabulary());
            } else if (std::string_view(field.name) == "aux_coeff") {
                list.push_back(unscaledLoss());
            }
        }
        for (const auto make : {&fields::scheduleFields<Preset>, &sampleFields,
                                &fields::optimiserFields<Preset>, &exitFields, &dataFields}) {
            std::ranges::move(make(), std::back_inserter(list));
        }
        return list;
    }();
    return all;
}

} // namespace depthscope::spec
