// SPDX-License-Identifier: MIT
// A run of a video model: 4 x 4 x 4 patches of two frames each, of which the first two frames of
// patches are given; an object moves one column a frame, and the router mostly follows it. The two
// sides are routed apart. Every figure follows from step, recursion and place. Any thread.
#pragma once

#include "engine/trace/patch_classes.h"
#include "engine/trace/trace_store.h"
#include "widgets/instruments/instrument.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace depthscope::tests {

class DenoisedClip {
public:
    static constexpr int kFrames = 4; ///< of patches
    static constexpr int kGiven = 2;
    static constexpr int kSide = 4; ///< rows and columns
    static constexpr int kOfFrame = kSide * kSide;
    static constexpr int kPlaces = kFrames * kOfFrame;
    static constexpr int kGivenPlaces = kGiven * kOfFrame;
    static constexpr int kRecursions = 3;
    static constexpr int kExperts = 4;
    static constexpr std::int64_t kBlockBytes = 768; ///< keys and values of a patch in a block
    static constexpr double kPsnr = 27.31;           ///< after the last step

    int steps = 8;
    int rounds = 0; ///< in which full depth was timed beside the routing
    bool hasTruth = true;
    bool offDistribution = false;

    /// 1 at the first step.
    [[nodiscard]] double noise(int step) const { return 1 - static_cast<double>(step) / steps; }

    /// Of a side: the shares 1, 1/2 and 1/4 of its 32 patches.
    [[nodiscard]] static int kept(int recursion) { return kGivenPlaces >> recursion; }

    [[nodiscard]] static trace::PatchClass classOf(int place) {
        const int frame = place / kOfFrame, row = place % kOfFrame / kSide, column = place % kSide;
        if (row == 0 || row == 3) {
            return trace::PatchClass::Background;
        }
        return column == frame             ? trace::PatchClass::Motion
               : column == (frame + 3) % 4 ? trace::PatchClass::Edge
               : column == frame - 2       ? trace::PatchClass::Interior
                                           : trace::PatchClass::Background;
    }

    [[nodiscard]] static float score(int step, int recursion, int place) {
        const int noise = (place * 37 + step * 11 + recursion * 5) % 64; // another for each place
        const float base = classOf(place) == trace::PatchClass::Motion ? 0.55F
                           : classOf(place) == trace::PatchClass::Edge ? 0.35F
                                                                       : 0.15F;
        return base + 0.004F * static_cast<float>(noise) + 0.02F * static_cast<float>(recursion);
    }

    /// The k best of its side among those that ran the recursion before.
    [[nodiscard]] static std::vector<int> depths(int step) {
        std::vector<int> depth(kPlaces, 0);
        for (int begin = 0; begin < kPlaces; begin += kGivenPlaces) {
            for (int r = 0; r < kRecursions; ++r) {
                std::vector<int> order;
                for (int place = begin; place < begin + kGivenPlaces; ++place) {
                    if (depth[static_cast<std::size_t>(place)] == r) {
                        order.push_back(place);
                    }
                }
                const int of = begin == 0 ? 0 : step; // the given side is routed once
                std::stable_sort(order.begin(), order.end(),
                                 [&](int a, int b) { return score(of, r, a) > score(of, r, b); });
                for (int i = 0; i < kept(r); ++i) {
                    depth[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = r + 1;
                }
            }
        }
        return depth;
    }

    /// Experts of a place: none, one or two.
    [[nodiscard]] static std::vector<int> expertsOf(int step, int place) {
        const int first = (place + (place < kGivenPlaces ? 0 : step * step / 8)) % kExperts;
        switch (place % 9) {
        case 4:
            return {};
        case 7:
            return {first, (first + 1) % kExperts};
        default:
            return {first};
        }
    }

    [[nodiscard]] std::vector<trace::StepPtr>
    run(const trace::RunKey& key = trace::kMainRun) const {
        std::vector<trace::StepPtr> all;
        for (int step = 0; step < steps; ++step) {
            all.push_back(stepOf(key, step));
        }
        return all;
    }

    /// The run, the same at full depth, and the DiT's.
    [[nodiscard]] trace::TraceStore store() const {
        trace::TraceStore store;
        for (const char* key : {trace::kMainRun, trace::kFullDepthRun, trace::kVanillaRun}) {
            for (const trace::StepPtr& step : run(key)) {
                store.add(step);
            }
        }
        return store;
    }

private:
    [[nodiscard]] static std::shared_ptr<const spec::ModelInfo> model(bool vanilla) {
        auto made = std::make_shared<spec::ModelInfo>();
        made->name = vanilla ? "demo-dit" : "demo-more-dit";
        made->family = vanilla ? "video_dit" : "more_dit";
        made->layers = 4;
        made->clip = spec::ClipTraits{{8, 16, 16}, {2, 4, 4}, 4, 0, "bounce"};
        if (!vanilla) {
            made->router = spec::RouterKind::Expert;
            made->routerFunction = "sigmoid";
            made->recursions = kRecursions;
            made->experts = kExperts;
            made->expertNames = {"temporal", "spatial", "motion", "context"};
        }
        return made;
    }

    [[nodiscard]] trace::StepPtr stepOf(const trace::RunKey& key, int step) const {
        const bool main = key == trace::kMainRun;
        const bool vanilla = key == trace::kVanillaRun;
        auto made = std::make_shared<trace::StepTrace>();
        made->key = key;
        made->run = main ? 1 : vanilla ? 3 : 2;
        made->step = static_cast<std::uint32_t>(step);
        made->model = model(vanilla);
        made->settings.rule = main ? settings::Rule::TopK : settings::Rule::Fixed;
        made->causal = false;
        made->offDistribution = main && offDistribution;
        trace::ClipContent clip;
        clip.contextFrames = 2 * kGiven;
        if (hasTruth) {
            clip.psnr = kPsnr + (main ? 0 : vanilla ? 1.25 : 0.42) - 0.5 * (steps - 1 - step);
            clip.psnrCopyLast = 17.6;
        }
        made->content = std::move(clip);
        fillRouting(made->routing, step, vanilla ? 1 : main ? 0 : kRecursions);
        return made;
    }

    /// `everyDepth`: 0: routed.
    void fillRouting(trace::RoutingStep& made, int step, int everyDepth) const {
        made.layout = {kFrames, kSide, kSide};
        made.recursions = everyDepth == 1 ? 1 : kRecursions;
        made.noiseLevel = noise(step);
        made.classSet = trace::patchClasses();
        const std::vector<int> routed = depths(step);
        for (int place = 0; place < kPlaces; ++place) {
            const int depth = everyDepth > 0 ? everyDepth : routed[static_cast<std::size_t>(place)];
            made.depth.push_back(static_cast<std::uint8_t>(depth));
            made.classes.push_back(static_cast<std::uint8_t>(classOf(place)));
            made.cost.flops += everyDepth == 1 ? 4e5 : 2e5 + 1e5 * depth;
        }
        made.cost.fullFlops = everyDepth == 1 ? made.cost.flops : 5e5 * kPlaces;
        made.cost.milliseconds = everyDepth == 1 ? 2.5 : everyDepth == 0 ? 2.0 : 3.2;
        if (everyDepth > 1 && rounds > 0) {
            made.cost.rounds = rounds;
            made.cost.roundsSpread = 1.5F;
            made.cost.routedMilliseconds = 2.4;
        }
        if (everyDepth == 1) {
            return;
        }
        for (int r = 0; r < kRecursions; ++r) {
            for (int place = 0; place < kPlaces; ++place) {
                const bool asked = made.depth[static_cast<std::size_t>(place)] >= r;
                made.scores.push_back(asked ? score(place < kGivenPlaces ? 0 : step, r, place)
                                            : std::numeric_limits<float>::quiet_NaN());
            }
        }
        trace::ExpertChoices choices{0, kExperts};
        for (int place = 0; place < kPlaces; ++place) {
            const std::vector<int> chosen = expertsOf(step, place);
            for (std::size_t i = 0; i < chosen.size(); ++i) {
                choices.index.push_back(static_cast<std::uint8_t>(chosen[i]));
                choices.weight.push_back(chosen.size() == 1 ? 1.0F : i == 0 ? 0.7F : 0.3F);
            }
            choices.endPlace();
        }
        made.experts.push_back(std::move(choices));
        addMemory(made.kv, everyDepth > 0);
    }

    /// Two blocks outside the stack and one in it.
    static void addMemory(trace::KvMemory& kv, bool full) {
        kv.groups.push_back({0, 2 * kBlockBytes, kGivenPlaces});
        for (int r = 0; r < kRecursions; ++r) {
            kv.groups.push_back({r + 1, kBlockBytes, full ? kGivenPlaces : kept(r)});
        }
        for (const trace::KvGroup& group : kv.groups) {
            kv.predictedBytes += group.bytesPerToken * group.entries;
            kv.fullBytes += group.bytesPerToken * kGivenPlaces;
        }
        kv.measuredBytes = kv.reservedBytes = kv.predictedBytes;
    }
};

[[nodiscard]] inline instruments::Cursor pinned(int place, std::optional<int> recursion = {}) {
    instruments::Cursor cursor;
    cursor.pinnedPlace = place;
    cursor.pinnedRecursion = recursion;
    return cursor;
}

/// NaN: it is not one.
[[nodiscard]] inline double number(const instruments::Table::Cell& cell) {
    const auto* value = std::get_if<double>(&cell);
    return value != nullptr ? *value : std::nan("");
}

} // namespace depthscope::tests
