// SPDX-License-Identifier: MIT
// The declaration of what every recipe that learns clips has: which clips, how many at once. For
// video_preset.cpp and autoencoder_preset.cpp. Any thread.
#pragma once

#include "engine/spec/clip_preset.h"
#include "engine/spec/training_fields.h"

#include <string>
#include <vector>

namespace depthscope::spec::fields {

/// `Recipe` has data, every, clips and validationClips beside what TrainingRecipe has.
template <class Recipe>
bool learnsVideos(const Recipe& preset) {
    return !preset.data.empty();
}

template <class Recipe>
bool learnsProcedural(const Recipe& preset) {
    return preset.data.empty();
}

template <class Recipe>
Field<Recipe> videos() {
    Field<Recipe> made =
        ofTraining<Recipe>("data", "folder of your own videos to learn; empty: procedural clips");
    made.read = [](const Recipe& preset) { return preset.data; };
    made.write = [](Recipe& preset, const std::string& text) { preset.data = text; };
    return made;
}

template <class Recipe>
Field<Recipe> clips() {
    Field<Recipe> made =
        ofTraining<Recipe>("clips", "procedural clips to learn", &learnsProcedural<Recipe>);
    made.read = [](const Recipe& preset) { return preset.clips; };
    made.write = [](Recipe& preset, const std::string& text) { preset.clips = text; };
    made.choices = [](const Recipe&) {
        Names names;
        for (const ClipPreset& preset : clipPresets()) {
            names.emplace_back(preset.name);
        }
        return names;
    };
    return made;
}

template <class Recipe>
std::vector<Field<Recipe>> sampleFields() {
    return {
        videos<Recipe>(),
        number(
            ofTraining<Recipe>("every", "each n-th frame of your videos is taken",
                               &learnsVideos<Recipe>),
            1, 1000, [](auto& p) -> auto& { return p.every; }),
        clips<Recipe>(),
        number(
            ofTraining<Recipe>("batch", "clips per micro-batch"), 1, 65536,
            [](auto& p) -> auto& { return p.batch; }),
        number(
            ofTraining<Recipe>("accumulate", "micro-batches per optimiser step"), 1, 65536,
            [](auto& p) -> auto& { return p.accumulate; }),
    };
}

template <class Recipe>
Field<Recipe> validationClips() {
    return number(
        ofTraining<Recipe>("validation_clips", "clips of an evaluation"), 1, 65536,
        [](auto& p) -> auto& { return p.validationClips; });
}

} // namespace depthscope::spec::fields
