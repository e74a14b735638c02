// SPDX-License-Identifier: MIT
#include "engine/train/clip_report.h"

#include <torch/headeronly/version.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>

namespace depthscope::train {

using nlohmann::json;

namespace {

/// Numbers and flags as such, other values as text.
json valueJson(const std::string& value) {
    const json parsed = json::parse(value, nullptr, false);
    return parsed.is_number() || parsed.is_boolean() ? parsed : json(value);
}

json recipeJson(const TrainedRecipe& trained) {
    json recipe{{"preset", trained.recipe.name},
                {"steps", trained.recipe.steps},
                {"autocast", trained.recipe.autocast ? "bfloat16" : "none"},
                {"seed", trained.recipe.seed}};
    for (const settings::RecipeField& field : trained.fields) {
        recipe[field.name] = valueJson(field.value);
    }
    return recipe;
}

/// What became of the user's own videos.
json videosJson(const ClipTraining& training, const std::filesystem::path& folder) {
    const auto nameOf = [&](const data::OwnVideo& video) {
        const std::filesystem::path inside = video.file.lexically_relative(folder);
        return (inside.empty() || inside == "." ? video.file.filename() : inside).string();
    };
    json out{{"recipe", training.own->recipe().text()},
             {"split", training.split->rule},
             {"clips_learned", training.split->learned.size()},
             {"clips_held_out", training.split->heldOut.size()},
             {"videos", json::array()},
             {"left_out", json::array()}};
    for (const data::OwnVideo& video : training.own->videos()) {
        if (!video.refused.empty()) {
            out["left_out"].push_back({{"file", nameOf(video)}, {"reason", video.refused}});
            continue;
        }
        out["videos"].push_back({{"file", nameOf(video)},
                                 {"frames", video.frames},
                                 {"damaged", video.damaged},
                                 {"clips", video.clips},
                                 {"cut", video.isCut}});
    }
    return out;
}

} // namespace

ScoredClips scoredClips(std::int64_t validationClips, const data::OwnSplit* split) {
    constexpr std::int64_t kScoredClips = 384;
    ScoredClips scored{std::max(validationClips, kScoredClips),
                       static_cast<std::uint64_t>(validationClips)};
    if (split != nullptr) { // of which there are not as many as one likes
        const auto there = static_cast<std::int64_t>(split->heldOut.size());
        const bool enough = there >= validationClips + scored.count;
        scored.count = std::min(scored.count, there);
        scored.first = enough ? scored.first : 0;
    }
    return scored;
}

json trainingJson(const TrainedRecipe& trained, const ClipTraining& training) {
    json root;
    root["recipe"] = recipeJson(trained);
    if (training.own != nullptr) {
        root["videos"] = videosJson(training, trained.videos);
    }
    root["software"] = {
        {"libtorch", TORCH_VERSION}, {"device", training.device}, {"threads", training.threads}};
    root["seconds"] = training.seconds;
    if (!training.resumedWith.empty()) {
        root["resumed_with"] = training.resumedWith;
    }
    root["curve"] = json::parse(curveText(training.curve));
    return root;
}

} // namespace depthscope::train
