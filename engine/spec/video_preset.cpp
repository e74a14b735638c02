// SPDX-License-Identifier: MIT
#include "engine/spec/video_preset.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/spec/clip_preset.h"
#include "engine/spec/clip_recipe_fields.h"
#include "engine/spec/language_spec.h"
#include "engine/spec/training_fields.h"
#include "engine/spec/video_fields.h"
#include "engine/spec/video_weights.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

namespace depthscope::spec {

using settings::RecipeChange;
using settings::RecipeField;

namespace {

constexpr std::int64_t kShapeClasses = 6; ///< three shapes, slow or fast

/// Clip, patch and width; the rest of a plain transformer.
struct Shape {
    Extent3 clip;
    Extent3 patch;
    std::int64_t width = 0;
    std::int64_t heads = 0;
};

constexpr Shape kDemo{{8, 16, 16}, {2, 4, 4}, 96, 3};
constexpr Shape kNano{{8, 32, 32}, {2, 8, 8}, 96, 3};
constexpr Shape kTiny{{8, 32, 32}, {2, 4, 4}, 128, 4};
constexpr Shape kSmall{{16, 64, 64}, {2, 8, 8}, 256, 8};
constexpr Shape kBase{{16, 64, 64}, {2, 4, 4}, 512, 8};
constexpr Shape kLarge{{16, 128, 128}, {2, 8, 8}, 1024, 16};

VideoSpec plain(const Shape& shape, std::int64_t blocks) {
    VideoSpec spec;
    spec.clip = shape.clip;
    spec.patch = shape.patch;
    spec.width = shape.width;
    spec.heads = shape.heads;
    spec.contextFrames = shape.clip.frames / 2;
    spec.entryBlocks = blocks;
    return spec;
}

/// entry + Stage 1 + S blocks three times + exit.
VideoSpec mixed(const Shape& shape, std::int64_t entry, std::int64_t stack, std::int64_t exit) {
    VideoSpec spec = plain(shape, entry);
    spec.exitBlocks = exit;
    spec.patterns.emplace();
    spec.recursion.emplace();
    spec.recursion->blocks = stack;
    spec.recursion->capacity = evenCapacity(spec.recursion->recursions);
    return spec;
}

/// Entry, Stage 1, the stack twice on all tokens.
VideoSpec patternsAlone(const Shape& shape) {
    VideoSpec spec = mixed(shape, 1, 1, 0);
    spec.recursion->rule = settings::Rule::Fixed;
    spec.recursion->recursions = 2;
    spec.recursion->capacity = evenCapacity(2);
    return spec;
}

/// Entry, a second block of its own, the routed stack.
VideoSpec recursionAlone(const Shape& shape) {
    VideoSpec spec = mixed(shape, 2, 1, 0);
    spec.patterns.reset();
    spec.recursion->expertTags = false;
    return spec;
}

VideoSpec unaligned(VideoSpec spec) {
    spec.recursion->alignedCoefficient = 0;
    return spec;
}

VideoSpec labelled(VideoSpec spec) {
    spec.classes = kShapeClasses;
    return spec;
}

/// The recipe of docs/video_models.md, "Training".
VideoPreset demo(std::string name, std::string help, VideoSpec model) {
    VideoPreset preset;
    preset.name = std::move(name);
    preset.help = std::move(help);
    preset.model = std::move(model);
    preset.clips =
        "one-shape"; // docs/video_models.md, Measures: with three shapes the gate is missed
    preset.steps = 13'000;
    preset.batch = 32;
    preset.schedule = {RateShape::Decay, 2e-3, 100, 0.4, 0.04};
    preset.weightDecay = 0;
    preset.beta2 = 0.99;
    preset.average = 0.999;
    preset.evaluateEvery = 250;
    return preset;
}

/// Frames may be given or not, and a class: half of the micro-batches predict.
VideoPreset sized(std::string name, std::string help, VideoSpec model, std::int64_t steps) {
    VideoPreset preset = demo(std::move(name), std::move(help), labelled(std::move(model)));
    constexpr double kWidthOfRate = 128;
    preset.steps = steps;
    preset.contextShare = 0.5;
    const auto width = static_cast<double>(preset.model.width);
    preset.schedule.rate *= std::min(1.0, kWidthOfRate / width);
    return preset;
}

VideoPreset onGpu(VideoPreset preset, std::int64_t accumulate) {
    preset.accumulate = accumulate;
    preset.batch /= accumulate;
    preset.autocast = true;
    preset.evaluateEvery = 1000;
    return preset;
}

std::vector<VideoPreset> makePresets() {
    return {
        demo("demo-more-dit",
             "MoRE: entry block, pattern experts, a stack of one block three times",
             mixed(kDemo, 1, 1, 0)),
        demo("demo-more-dit-unaligned", "the same without aligned routing",
             unaligned(mixed(kDemo, 1, 1, 0))),
        demo("demo-dit", "its control: 4 plain blocks", plain(kDemo, 4)),
        demo("demo-dit-deep", "8 plain blocks", plain(kDemo, 8)),
        demo("demo-stage-1-only", "entry block, pattern experts, the stack twice on all tokens",
             patternsAlone(kDemo)),
        demo("demo-stage-2-only", "two entry blocks and the routed stack, without experts",
             recursionAlone(kDemo)),
        sized("nano-dit", "smoke tests: 4 blocks over 64 large patches", plain(kNano, 4), 4000),
        sized("nano-more-dit", "smoke tests: MoRE over 64 large patches", mixed(kNano, 1, 1, 0),
              4000),
        sized("tiny-dit", "32 px, 8 blocks over 256 patches", plain(kTiny, 8), 8000),
        sized("tiny-more-dit", "32 px, MoRE over 256 patches", mixed(kTiny, 1, 1, 0), 8000),
        sized("small-dit", "64 px, 16 frames, 8 blocks", plain(kSmall, 8), 20'000),
        sized("small-more-dit", "64 px, 16 frames, MoRE", mixed(kSmall, 1, 1, 0), 20'000),
        onGpu(sized("base-dit", "for a GPU: 64 px, 12 blocks over 2,048 patches", plain(kBase, 12),
                    100'000),
              2),
        onGpu(sized("base-more-dit", "for a GPU: 64 px, MoRE over 2,048 patches",
                    mixed(kBase, 1, 2, 0), 100'000),
              2),
        onGpu(sized("large-dit", "for a GPU: 128 px, 24 blocks", plain(kLarge, 24), 200'000), 8),
        onGpu(sized("large-more-dit", "for a GPU: 128 px, MoRE", mixed(kLarge, 2, 4, 1), 200'000),
              8),
    };
}

// ---- fields ------------------------------------------------------------------------------------

using Entry = Field<VideoPreset>;

/// The same of the preset's model.
Entry ofModel(const VideoField& field) {
    Entry made{field.name, field.group, field.help,
               [of = field.matters](const VideoPreset& preset) { return of(preset.model); }};
    made.read = [of = field.read](const VideoPreset& preset) { return of(preset.model); };
    made.write = [of = field.write](VideoPreset& preset, const std::string& text) {
        of(preset.model, text);
    };
    if (field.choices) {
        made.choices = [of = field.choices](const VideoPreset& preset) { return of(preset.model); };
    }
    return made;
}

bool predicts(const VideoPreset& preset) {
    return preset.model.contextFrames > 0;
}

bool hasClasses(const VideoPreset& preset) {
    return preset.model.classes > 0;
}

std::vector<Entry> objectiveFields() {
    return {
        number(
            fields::ofTraining<VideoPreset>("weight_cap",
                                            "most weight of an error: w(t) = min(1/t^2, this)"),
            1e-6, 1e9, [](auto& p) -> auto& { return p.weightCap; }),
        number(
            fields::ofTraining<VideoPreset>(
                "time_shift", "shift s of the noise levels towards noise: s t / (1 + (s - 1) t)"),
            1e-3, 1e3, [](auto& p) -> auto& { return p.timeShift; }),
        number(
            fields::ofTraining<VideoPreset>(
                "context_share", "share of the micro-batches that predict from clean frames",
                &predicts),
            0, 1, [](auto& p) -> auto& { return p.contextShare; }),
        number(
            fields::ofTraining<VideoPreset>("label_drop", "share of the labels that are withheld",
                                            &hasClasses),
            0, 1, [](auto& p) -> auto& { return p.labelDrop; }),
        fields::validationClips<VideoPreset>(),
    };
}

const std::vector<Entry>& entries() {
    static const std::vector<Entry> all = [] {
        std::vector<Entry> list;
        for (const VideoField& field : videoFields()) {
            list.push_back(ofModel(field));
        }
        for (const auto make :
             {&fields::scheduleFields<VideoPreset>, &fields::sampleFields<VideoPreset>,
              &objectiveFields, &fields::optimiserFields<VideoPreset>}) {
            std::ranges::move(make(), std::back_inserter(list));
        }
        return list;
    }();
    return all;
}

std::string kindOf(const VideoPreset& preset) {
    return std::string(preset.model.family()) + " model";
}

/// Capacities that were not set follow the number of recursions.
void settle(VideoPreset& preset, const std::vector<RecipeChange>& changes) {
    VideoSpec& model = preset.model;
    const bool asked = std::ranges::find(changes, "capacity", &RecipeChange::name) != changes.end();
    if (model.recursion && !asked &&
        std::ssize(model.recursion->capacity) != model.recursion->recursions) {
        model.recursion->capacity = evenCapacity(model.recursion->recursions);
    }
    if (model.contextFrames == 0) {
        preset.contextShare = 0;
    }
}

void check(const VideoPreset& preset) {
    checkVideoSpec(preset.model, "recipe");
    if (preset.model.classes != 0 && preset.model.classes != kShapeClasses) {
        throw Error(ErrorCode::Usage, fmt::format("recipe: classes is {}", preset.model.classes),
                    "Procedural clips have 6 classes (three shapes, slow or fast): set 6, or 0 for "
                    "a model without labels.");
    }
    const Extent3& clip = preset.model.clip;
    checkClipSize({static_cast<std::int32_t>(clip.frames), static_cast<std::int32_t>(clip.rows),
                   static_cast<std::int32_t>(clip.columns)},
                  "recipe");
}

RecipeRules<VideoPreset> rules() {
    return {entries(),
            "model_type, pattern_experts, recursive_stack, depth_rule, expert_mode, z_loss, "
            "classes, context_frames, data or schedule",
            &kindOf, &settle, &check};
}

} // namespace

const std::vector<VideoPreset>& videoPresets() {
    static const std::vector<VideoPreset> all = makePresets();
    return all;
}

const VideoPreset* findVideoPreset(std::string_view name) {
    const auto found = std::ranges::find(videoPresets(), name, &VideoPreset::name);
    return found == videoPresets().end() ? nullptr : &*found;
}

std::vector<RecipeField> recipeFields(const VideoPreset& preset) {
    constexpr std::array kGroups{kShape, kRecursion, kRouter, kExperts, kTraining};
    return listFields(rules(), kGroups, preset);
}

void changeRecipe(VideoPreset& preset,
                  const std::vector<RecipeChange>& changes,
                  NoEffect noEffect) {
    applyChanges(rules(), preset, changes, noEffect);
}

double trainingBytes(const VideoPreset& preset, std::int64_t parameters) {
    const VideoSpec& model = preset.model;
    const double copies = preset.average > 0 ? 5 : 4; // weight, gradient, two moments, average
    const double blocks =
        static_cast<double>(model.entryBlocks + model.exitBlocks) + (model.patterns ? 1.0 : 0.0) +
        (model.recursion
             ? static_cast<double>(model.recursion->blocks * model.recursion->recursions)
             : 0.0);
    // What a block keeps of a token, in widths: norms, queries, keys, values, their rotated forms,
    // what was mixed, the feed-forward layer's two wide states.
    const double widths = 12.0 + 2.0 * static_cast<double>(model.mlpRatio);
    const double kept = blocks * widths * static_cast<double>(model.width) +
                        3.0 * static_cast<double>(model.patchValues());
    const auto tokens = static_cast<double>(preset.batch * model.grid().count());
    return sizeof(float) * (copies * static_cast<double>(parameters) + tokens * kept);
}

} // namespace depthscope::spec
