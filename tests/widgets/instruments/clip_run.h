// SPDX-License-Identifier: MIT
// A run of a video model whose figures follow from the place: 8 frames of 16 x 16 pixels, two of
// them given, in patches of 2 x 4 x 4; and the clip that a player shows of it. Any thread.
#pragma once

#include "engine/trace/patch_classes.h"
#include "engine/trace/trace_store.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

namespace depthscope::tests {

struct ClipRun {
    static constexpr int kFrames = 8;
    static constexpr int kSide = 16;
    static constexpr int kContext = 2;
    static constexpr int kRecursions = 3;
    static constexpr trace::Layout kLayout{4, 4, 4};

    [[nodiscard]] static int places() { return static_cast<int>(kLayout.places()); }

    /// A checkerboard of three tones that moves on from frame to frame.
    [[nodiscard]] static int depth(int place) {
        const trace::PlacePosition at = trace::positionOf(kLayout, place);
        return 1 + (at.frame + at.row + at.column) % kRecursions;
    }

    [[nodiscard]] static int expert(int place) { return place % 4; }

    [[nodiscard]] static RgbPicturePtr picture(int frame, int tone) {
        auto made = std::make_shared<RgbPicture>(RgbPicture{kSide, kSide, {}});
        made->bytes.assign(static_cast<std::size_t>(kSide) * kSide * 3,
                           static_cast<std::uint8_t>(tone + frame));
        return made;
    }

    [[nodiscard]] static std::shared_ptr<spec::ModelInfo> model() {
        auto made = std::make_shared<spec::ModelInfo>();
        made->name = "demo-more-dit";
        made->family = "more_dit";
        made->router = spec::RouterKind::Expert;
        made->routerFunction = "sigmoid";
        made->recursions = kRecursions;
        made->experts = 4;
        made->expertNames = {"Temporal", "Spatial", "Motion", "Context"};
        made->clip = spec::ClipTraits{{kFrames, kSide, kSide}, {2, 4, 4}, kContext, 0, "shapes"};
        return made;
    }

    /// `tone` of the pictures: of frame 0, one more in each later one.
    [[nodiscard]] static std::shared_ptr<trace::StepTrace>
    step(const trace::RunKey& key, int tone, std::uint64_t run = 1, std::uint32_t number = 0) {
        auto made = std::make_shared<trace::StepTrace>();
        made->key = key;
        made->run = run;
        made->step = number;
        made->model = model();
        made->causal = false;
        fillRouting(made->routing, key == trace::kFullDepthRun);
        trace::ClipContent clip;
        clip.contextFrames = kContext;
        clip.psnr = 24.125;
        clip.psnrCopyLast = 17.5;
        for (int frame = 0; frame < kFrames; ++frame) {
            clip.pictures.push_back(picture(frame, tone));
        }
        made->content = std::move(clip);
        return made;
    }

    /// The frame as a player shows it.
    [[nodiscard]] static trace::ClipView view(const trace::StepTrace& step, int frame) {
        trace::ClipView clip;
        clip.name = "prediction";
        clip.run = step.key;
        clip.contextFrames = kContext;
        clip.frameRate = {8, 1};
        clip.frameCount = kFrames;
        clip.duration = 1;
        clip.frame = trace::Frame{};
        clip.frame->number = frame;
        clip.frame->width = kSide;
        clip.frame->height = kSide;
        clip.picture = step.clip()->pictures.at(static_cast<std::size_t>(frame));
        clip.generation = static_cast<std::uint64_t>(frame) + 1;
        clip.target = frame;
        return clip;
    }

private:
    static void fillRouting(trace::RoutingStep& made, bool atFullDepth) {
        made.layout = kLayout;
        made.recursions = kRecursions;
        made.noiseLevel = 0.5;
        made.classSet = trace::patchClasses();
        trace::ExpertChoices choices{0, 4};
        for (int place = 0; place < places(); ++place) {
            const int depth = atFullDepth ? kRecursions : ClipRun::depth(place);
            made.depth.push_back(static_cast<std::uint8_t>(depth));
            made.classes.push_back(static_cast<std::uint8_t>(ClipRun::depth(place) == kRecursions
                                                                 ? trace::PatchClass::Motion
                                                                 : trace::PatchClass::Background));
            choices.index.push_back(static_cast<std::uint8_t>(expert(place)));
            choices.weight.push_back(1);
            choices.endPlace();
        }
        made.experts.push_back(std::move(choices));
        for (int r = 0; r < kRecursions; ++r) {
            for (int place = 0; place < places(); ++place) {
                const bool isAsked = atFullDepth || ClipRun::depth(place) >= r;
                made.scores.push_back(isAsked ? 0.9F - 0.1F * static_cast<float>(r)
                                              : std::numeric_limits<float>::quiet_NaN());
            }
        }
    }
};

} // namespace depthscope::tests
