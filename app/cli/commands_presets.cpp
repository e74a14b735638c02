// SPDX-License-Identifier: MIT
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "engine/base/error.h"
#include "engine/spec/preset_info.h"

#include <CLI/App.hpp>

#include <memory>
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
             {"parts", json::array()}};
    if (preset.macsPerClip > 0) {
        out["macs_per_clip"] = preset.macsPerClip;
    }
    for (const spec::ParameterPart& part : preset.parts) {
        out["parts"].push_back(
            {{"name", part.name}, {"parameters", part.count}, {"shared_by", part.sharedBy}});
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
                  padded(std::to_string(preset.steps) + " steps", 14) + preset.help);
    }
}

void printOne(const spec::PresetInfo& preset) {
    printLine(preset.name + ": " + preset.family + ", " + std::to_string(preset.parameters) +
              " parameters, " + humanCount(preset.flopsPerToken) +
              " FLOP per token at full depth; training needs about " +
              humanBytes(preset.trainingBytes));
    for (const spec::ParameterPart& part : preset.parts) {
        printLine("  " + part.name + ": " + std::to_string(part.count) +
                  (part.sharedBy.empty() ? "" : " (shared by " + part.sharedBy + ")"));
    }
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
        printLine("  " + padded(field.name + "=" + field.value, 34) + field.help + choices +
                  (choices.empty() ? "" : "]"));
    }
}

struct Asked {
    std::string preset; ///< empty: all
    std::vector<settings::RecipeChange> recipe;
};

void presets(const Common& common, const Asked& requested) {
    refuseEngineOptions(common, "presets");
    if (requested.preset.empty() && !requested.recipe.empty()) {
        throw Error(ErrorCode::Usage, "--set needs a preset",
                    "Use presets PRESET --set NAME=VALUE.");
    }
    const std::vector<spec::PresetInfo> found =
        requested.preset.empty() ? spec::presetInfos()
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
    return [requested](const Common& common) { presets(common, *requested); };
}

} // namespace depthscope::cli
