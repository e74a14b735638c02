// SPDX-License-Identifier: MIT
// What a user sets of a video model's run: which clip is continued, and how it is sampled
// (docs/video_models.md, "Sampling"). A value; any thread.
#pragma once

#include "engine/settings/field.h"

#include <cstdint>
#include <string>

namespace depthscope::settings {

struct VideoSettings {
    std::string clips;          ///< procedural clips by name; empty: those of the training
    std::uint64_t clipSeed = 1; ///< of the procedural clips
    std::uint64_t clip = 0;     ///< number of the clip among them
    std::string ownVideo;       ///< file whose frames are continued instead; empty: none
    std::uint64_t ownFirst = 0; ///< its frame to begin with
    int ownEvery = 1;           ///< each n-th of its frames is taken
    int steps = 8;
    bool heun = false; ///< else Euler
    double guidance = 1;
    int label = -1; ///< class to draw; -1: none
    std::uint64_t noiseSeed = 1;
    bool keepsContext = true;
    std::string experts; ///< spec::PatternMode by name; empty: as trained

    [[nodiscard]] bool operator==(const VideoSettings&) const = default;

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor&& visitor) {
        visitor(FieldInfo{"clips", "Procedural clips to continue; empty for those of the training"},
                self.clips);
        visitor(FieldInfo{"clip-seed", "The same seed gives the same procedural clips", "", 0,
                          9.007e15},
                self.clipSeed);
        visitor(FieldInfo{"clip", "Number of the clip, from 0", "", 0, 9.007e15}, self.clip);
        visitor(FieldInfo{"own-video",
                          "A video, or a folder or pattern of images, to continue instead of a "
                          "procedural clip; empty for none"},
                self.ownVideo);
        visitor(
            FieldInfo{"own-first", "Frame of the own video to begin with, from 0", "", 0, 9.007e15},
            self.ownFirst);
        visitor(FieldInfo{"own-every", "Take each n-th frame of the own video", "", 1, 1000},
                self.ownEvery);
        visitor(FieldInfo{"denoising-steps", "Steps from noise to the clip", "steps", 1, 1000},
                self.steps);
        visitor(FieldInfo{"heun", "Two evaluations per step (Heun) instead of one (Euler)"},
                self.heun);
        visitor(FieldInfo{"guidance",
                          "Weight of the label: 0 ignores it, 1 is a plain conditional sample", "",
                          0.0, 100.0},
                self.guidance);
        visitor(FieldInfo{"label", "Label to draw; -1 for none", "", -1, 1'000'000}, self.label);
        visitor(FieldInfo{"noise-seed", "The same seed gives the same noise", "", 0, 9.007e15},
                self.noiseSeed);
        visitor(
            FieldInfo{"keep-context", "Keep the context's keys and values between denoising steps"},
            self.keepsContext);
        visitor(
            FieldInfo{"experts", "How patches choose their pattern experts; empty for as trained"},
            self.experts);
    }
};

} // namespace depthscope::settings
