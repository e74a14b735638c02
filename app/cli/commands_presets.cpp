// SPDX-License-Identifier: MIT
#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/spec/language_weights.h"
#include "engine/spec/preset.h"
#include "engine/spec/preset_info.h"
#include "engine/spec/random_folder.h"
#include "engine/spec/video_preset.h"

#include <CLI/App.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace depthscope::cli {

using nlohmann::json;

namespace {

json presetJson(const spec::PresetInfo& preset) {
    json out{{"name", preset.name},
             {"help", preset.help},
             {"model_type", preset.family},
             {"parameters", preset.parameters},
             {"steps", preset.steps},
             {"training_bytes", preset.trainingBytes},
             {"flops_per_token", preset.flopsPerToken},
             {"parts", partsJson(preset.parts)}};
    if (preset.macsPerClip > 0) {
        out["macs_per_clip"] = preset.macsPerClip;
    }
    for (const settings::RecipeField& field : preset.fields) {
        out["fields"].push_back({{"name", field.name},
                                 {"group", field.group},
                                 {"help", field.help},
                                 {"value", field.value},
                                 {"choices", field.choices}});
    }
    return out;
}

void printList(const std::vector<spec::PresetInfo>& presets) {
    for (const spec::PresetInfo& preset : presets) {
        printLine(padded(preset.name, 26) +
                  padded(humanCount(static_cast<double>(preset.parameters)), 8) +
                  padded(fmt::format("{} steps", preset.steps), 14) + preset.help);
    }
}

void printOne(const spec::PresetInfo& preset) {
    printLine(fmt::format(
        "{}: {}, {} parameters, {} FLOP per token at full depth; training needs about {}",
        preset.name, preset.family, preset.parameters, humanCount(preset.flopsPerToken),
        humanBytes(preset.trainingBytes)));
    printParts(preset.parts);
    std::string group;
    for (const settings::RecipeField& field : preset.fields) {
        if (field.group != group) {
            group = field.group;
            printLine(group);
        }
        std::string choices;
        for (const std::string& choice : field.choices) {
            choices += (choices.empty() ? " [" : "|") + choice;
        }
        printLine(fmt::format("  {}{}{}{}", padded(field.name + "=" + field.value, 34), field.help,
                              choices, (choices.empty() ? "" : "]")));
    }
}

/// Recipes, then shapes that only can be written.
std::vector<spec::PresetInfo> listed() {
    std::vector<spec::PresetInfo> all = spec::presetInfos();
    const std::vector<spec::PresetInfo> shapes = spec::shapeInfos();
    all.insert(all.end(), shapes.begin(), shapes.end());
    return all;
}

struct Asked {
    std::string preset; ///< empty: all
    std::string folder; ///< to write random weights to; empty: only described
    std::vector<settings::RecipeChange> recipe;
};

/// At most a line a second.
std::function<void(double)> tellingProgress(const std::string& folder,
                                            const std::stop_token& stop) {
    using Clock = std::chrono::steady_clock;
    return [folder, stop, last = Clock::now()](double share) mutable {
        if (stop.stop_requested()) {
            throw Error(ErrorCode::Interrupted, fmt::format("{}: writing was stopped", folder));
        }
        if (Clock::now() - last >= std::chrono::seconds(1)) {
            last = Clock::now();
            printStatus(fmt::format("presets: writing {} ({:.0f} %)", folder, 100 * share));
        }
    };
}

void writeShape(const Common& common, const Asked& requested) {
    if (spec::findVideoPreset(requested.preset) != nullptr) {
        throw Error(ErrorCode::Usage, fmt::format("--write: {} is a video model", requested.preset),
                    "Only language models are written with random weights; train this one.");
    }
    const spec::Preset preset =
        spec::languagePreset(requested.preset, requested.recipe, spec::NoEffect::Refuse);
    const InterruptWatch interrupt;
    spec::writeRandomFolder(preset.model, requested.folder, common.engine.seed,
                            tellingProgress(requested.folder, interrupt.token()));
    const std::int64_t parameters = spec::parameterCount(spec::plannedParameters(preset.model));
    if (common.json) {
        printJson({{"out", requested.folder},
                   {"preset", preset.name},
                   {"parameters", parameters},
                   {"dtype", "bfloat16"},
                   {"random_weights", true}});
    } else {
        printLine(fmt::format("{}: {} parameters of the shape of {}, random, bfloat16",
                              requested.folder, humanCount(static_cast<double>(parameters)),
                              preset.name));
    }
}

void presets(const Common& common, const Asked& requested) {
    if (!requested.folder.empty() && requested.preset.empty()) {
        throw Error(ErrorCode::Usage, "--write needs a preset", "Use presets PRESET --write DIR.");
    }
    if (!requested.folder.empty()) {
        writeShape(common, requested);
        return;
    }
    refuseEngineOptions(common, "presets");
    if (requested.preset.empty() && !requested.recipe.empty()) {
        throw Error(ErrorCode::Usage, "--set needs a preset",
                    "Use presets PRESET --set NAME=VALUE.");
    }
    const std::vector<spec::PresetInfo> found =
        requested.preset.empty() ? listed()
                                 : std::vector{spec::presetInfo(requested.preset, requested.recipe,
                                                                spec::NoEffect::Refuse)};
    if (common.json) {
        json out = json::array();
        for (const spec::PresetInfo& preset : found) {
            out.push_back(presetJson(preset));
        }
        printJson(requested.preset.empty() ? json{{"presets", out}} : out.front());
    } else if (requested.preset.empty()) {
        printList(found);
    } else {
        printOne(found.front());
    }
}

} // namespace

Action declarePresets(CLI::App& app) {
    auto requested = std::make_shared<Asked>();
    addWord(app, "PRESET", requested->preset, "Preset to describe, with all its fields", false);
    addRecipe(app, requested->recipe);
    addText(app, "write", "DIR", requested->folder,
            "Write a model folder of this shape with random weights, to measure with");
    return [requested](const Common& common) { presets(common, *requested); };
}

} // namespace depthscope::cli
