// SPDX-License-Identifier: MIT
#include "app/cli/client.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"

#include <CLI/App.hpp>

#include <memory>

namespace depthscope::cli {

using nlohmann::json;

namespace {

json presetJson(const runtime::PresetInfo& preset) {
    json out{{"name", preset.name},
             {"help", preset.help},
             {"model_type", preset.family},
             {"parameters", preset.parameters},
             {"steps", preset.steps},
             {"training_bytes", preset.trainingBytes},
             {"flops_per_token", preset.flopsPerToken},
             {"parts", json::array()}};
    for (const trace::ParameterPart& part : preset.parts) {
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

void printList(const std::vector<runtime::PresetInfo>& presets) {
    for (const runtime::PresetInfo& preset : presets) {
        printLine(padded(preset.name, 26) +
                  padded(humanCount(static_cast<double>(preset.parameters)), 8) +
                  padded(std::to_string(preset.steps) + " steps", 14) + preset.help);
    }
}

void printOne(const runtime::PresetInfo& preset) {
    printLine(preset.name + ": " + preset.family + ", " + std::to_string(preset.parameters) +
              " parameters, " + humanCount(preset.flopsPerToken) +
              " FLOP a token at full depth; training takes about " +
              humanBytes(preset.trainingBytes));
    for (const trace::ParameterPart& part : preset.parts) {
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

void presets(const Common& common, const runtime::PresetsRequest& request) {
    refuseEngineOptions(common, "presets");
    if (request.preset.empty() && !request.recipe.empty()) {
        throw Error(ErrorCode::Usage, "--set changes a preset, and none is named",
                    "Name it: presets PRESET --set NAME=VALUE.");
    }
    std::vector<runtime::PresetInfo> found;
    Client client(common.engine);
    client.perform(request, [&](const runtime::Event& event) {
        if (const auto* report = std::get_if<runtime::PresetsReport>(&event)) {
            found = report->presets;
        }
    });
    if (common.json) {
        json out = json::array();
        for (const runtime::PresetInfo& preset : found) {
            out.push_back(presetJson(preset));
        }
        printJson(request.preset.empty() ? json{{"presets", out}} : out.front());
    } else if (request.preset.empty()) {
        printList(found);
    } else {
        printOne(found.front());
    }
}

} // namespace

Action declarePresets(CLI::App& app) {
    auto request = std::make_shared<runtime::PresetsRequest>();
    addWord(app, "PRESET", request->preset, "One of them, with all that can be set", false);
    addRecipe(app, request->recipe);
    return [request](const Common& common) { presets(common, *request); };
}

} // namespace depthscope::cli
