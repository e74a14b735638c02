// SPDX-License-Identifier: MIT
#include "engine/spec/autoencoder_preset.h"

#include "engine/spec/clip_recipe_fields.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace depthscope::spec {

using settings::RecipeChange;
using settings::RecipeField;

namespace {

using Entry = Field<AutoencoderPreset>;

/// The optimiser of the other video models (docs/video_models.md, "Training").
AutoencoderPreset recipe(std::string name, std::string help, const AutoencoderSpec& model) {
    AutoencoderPreset preset;
    preset.name = std::move(name);
    preset.help = std::move(help);
    preset.model = model;
    preset.clips = "moving-shapes";
    preset.steps = 3000;
    preset.batch = 2;
    preset.schedule = {RateShape::Decay, 2e-3, 100, 0.4, 0.04};
    preset.weightDecay = 0;
    preset.beta2 = 0.99;
    preset.average = 0.999;
    preset.evaluateEvery = 250;
    return preset;
}

AutoencoderPreset onGpu(AutoencoderPreset preset) {
    preset.steps = 50'000;
    preset.batch = 16;
    preset.autocast = true;
    preset.evaluateEvery = 1000;
    return preset;
}

std::vector<AutoencoderPreset> makePresets() {
    return {
        recipe("video-ae-nano", "smoke tests: 32 px, positions of 8 x 8 pixels, 8 numbers each",
               {{8, 32, 32}, 4, 1, 16, 1, 3, 8}),
        recipe("video-ae-demo", "autoencoder for 128 px: 8 numbers for each 8 x 8 pixels, causal",
               {{8, 128, 128}, 4, 1, 32, 1, 3, 8}),
        recipe("video-ae-small", "the same, twice as wide, two blocks a level",
               {{8, 128, 128}, 4, 1, 64, 2, 3, 8}),
        onGpu(recipe("video-ae-base", "for a GPU: 256 px, 16 numbers for each 8 x 8 pixels",
                     {{16, 256, 256}, 2, 2, 64, 2, 3, 16})),
    };
}

// ---- fields ------------------------------------------------------------------------------------

/// The same of the preset's model.
Entry ofModel(const Field<AutoencoderSpec>& field) {
    Entry made{field.name, field.group, field.help,
               [of = field.matters](const AutoencoderPreset& preset) { return of(preset.model); }};
    made.read = [of = field.read](const AutoencoderPreset& preset) { return of(preset.model); };
    made.write = [of = field.write](AutoencoderPreset& preset, const std::string& text) {
        of(preset.model, text);
    };
    if (field.choices) {
        made.choices = [of = field.choices](const AutoencoderPreset& preset) {
            return of(preset.model);
        };
    }
    return made;
}

const std::vector<Entry>& entries() {
    static const std::vector<Entry> all = [] {
        std::vector<Entry> list;
        for (const Field<AutoencoderSpec>& field : autoencoderFields()) {
            list.push_back(ofModel(field));
        }
        for (const auto make :
             {&fields::scheduleFields<AutoencoderPreset>, &fields::sampleFields<AutoencoderPreset>,
              &fields::optimiserFields<AutoencoderPreset>}) {
            std::ranges::move(make(), std::back_inserter(list));
        }
        list.push_back(fields::validationClips<AutoencoderPreset>());
        return list;
    }();
    return all;
}

std::string kindOf(const AutoencoderPreset&) {
    return std::string(kAutoencoderFamily) + " model";
}

void settle(AutoencoderPreset&, const std::vector<RecipeChange>&) {}

void check(const AutoencoderPreset& preset) {
    checkAutoencoderSpec(preset.model, "recipe");
    const Extent3& clip = preset.model.clip;
    checkClipSize({static_cast<std::int32_t>(clip.frames), static_cast<std::int32_t>(clip.rows),
                   static_cast<std::int32_t>(clip.columns)},
                  "recipe");
}

RecipeRules<AutoencoderPreset> rules() {
    return {entries(), "data or schedule", &kindOf, &settle, &check};
}

} // namespace

const std::vector<AutoencoderPreset>& autoencoderPresets() {
    static const std::vector<AutoencoderPreset> all = makePresets();
    return all;
}

const AutoencoderPreset* findAutoencoderPreset(std::string_view name) {
    const auto found = std::ranges::find(autoencoderPresets(), name, &AutoencoderPreset::name);
    return found == autoencoderPresets().end() ? nullptr : &*found;
}

std::vector<RecipeField> recipeFields(const AutoencoderPreset& preset) {
    constexpr std::array kGroups{kShape, kTraining};
    return listFields(rules(), kGroups, preset);
}

void changeRecipe(AutoencoderPreset& preset,
                  const std::vector<RecipeChange>& changes,
                  NoEffect noEffect) {
    applyChanges(rules(), preset, changes, noEffect);
}

double trainingBytes(const AutoencoderPreset& preset, std::int64_t parameters) {
    const AutoencoderSpec& model = preset.model;
    const double copies = preset.average > 0 ? 5 : 4; // weight, gradient, two moments, average
    // What a block keeps of a position for the backward pass, in channels: its input, the norm, its
    // activation, the padded frames, what was mixed, and that activated.
    constexpr double kKept = 7, kBoth = 2; // encoder and decoder
    double kept = 4.0 * static_cast<double>(kColours * model.clip.rows * model.clip.columns);
    for (std::int64_t level = 0; level < model.levels(); ++level) {
        const std::int64_t side = model.patch << level;
        const auto states = static_cast<double>((model.clip.rows / side) *
                                                (model.clip.columns / side) * model.widthAt(level));
        kept += kBoth * states * (2 + kKept * static_cast<double>(model.blocks));
    }
    const auto frames = static_cast<double>(preset.batch * model.clip.frames);
    return sizeof(float) * (copies * static_cast<double>(parameters) + frames * kept);
}

} // namespace depthscope::spec
