// SPDX-License-Identifier: MIT
// A run of another shape than text: a grid of patches that is denoised, so that each of its steps
// visits all places again, with classes of its own and as many experts a place as it likes. Every
// figure follows from place and step, so that tests can say what must be shown. Any thread.
#pragma once

#include "engine/trace/trace_store.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace depthscope::tests {

class GridRun {
public:
    static constexpr int kRows = 4;
    static constexpr int kColumns = 6;
    static constexpr int kSteps = 5;
    static constexpr int kRecursions = 3;
    static constexpr int kExperts = 5;
    static constexpr int kLayers[] = {1, 3}; ///< of experts, from 0
    static constexpr std::int64_t kUnsharedBytes = 64;
    static constexpr std::int64_t kBlockBytes = 32;

    explicit GridRun(int frames = 1)
        : m_frames(frames) {}

    [[nodiscard]] int places() const { return m_frames * kRows * kColumns; }

    /// Places that recursion `recursion` of 0.. keeps: fewer at every step.
    [[nodiscard]] int kept(int step, int recursion) const {
        constexpr int kFirst[kRecursions] = {24, 20, 12};
        return recursion == 0 ? places() : m_frames * (kFirst[recursion] - 2 * step);
    }

    [[nodiscard]] int depth(int step, int place) const {
        return 1 + (rank(step, place) < kept(step, 1) ? 1 : 0) +
               (rank(step, place) < kept(step, 2) ? 1 : 0);
    }

    /// NaN: not considered.
    [[nodiscard]] float score(int step, int recursion, int place) const {
        if (depth(step, place) < recursion) {
            return std::numeric_limits<float>::quiet_NaN();
        }
        return 0.95F - 0.1F * static_cast<float>(recursion) -
               0.5F * static_cast<float>(rank(step, place)) / static_cast<float>(places());
    }

    /// Row by row "sky", "edge", "face" and no class, moved on by a row at each step.
    [[nodiscard]] std::uint8_t classOf(int step, int place) const {
        const int number = (place / kColumns + step) % 4;
        return number == 3 ? trace::kNoClass : static_cast<std::uint8_t>(number);
    }

    /// Experts that a place chose in the first or second layer of experts: 0 to 3.
    [[nodiscard]] static int choicesOf(int step, int layer, int place) {
        return (place + step + layer) % 4;
    }

    [[nodiscard]] static int expertOf(int step, int place, int choice) {
        return (place + 2 * step + 2 * choice) % kExperts;
    }

    [[nodiscard]] static float weightOf(int choices, int choice) {
        constexpr float kWeights[4][3] = {{}, {1}, {0.7F, 0.3F}, {0.5F, 0.3F, 0.2F}};
        return kWeights[choices][choice];
    }

    [[nodiscard]] std::int64_t bytes(int step) const {
        std::int64_t sum = kUnsharedBytes * places();
        for (int r = 0; r < kRecursions; ++r) {
            sum += kBlockBytes * kept(step, r);
        }
        return sum;
    }

    [[nodiscard]] std::vector<trace::StepPtr> steps(const trace::RunKey& key = trace::kMainRun,
                                                    bool atFullDepth = false) const {
        std::vector<trace::StepPtr> all;
        for (int step = 0; step < kSteps; ++step) {
            auto made = std::make_shared<trace::StepTrace>();
            made->key = key;
            made->run = atFullDepth ? 2 : 1;
            made->step = static_cast<std::uint32_t>(step);
            made->model = model();
            made->settings.rule = atFullDepth ? settings::Rule::Fixed : settings::Rule::TopK;
            made->settings.kv = settings::KvPolicy::Recursion;
            for (int r = 0; r < kRecursions; ++r) {
                made->settings.capacity.push_back({kept(step, r), places()});
            }
            made->causal = false;
            fillRouting(made->routing, step, atFullDepth);
            all.push_back(std::move(made));
        }
        return all;
    }

private:
    /// By score, from 0: another one for each place, and another order at each step.
    [[nodiscard]] int rank(int step, int place) const { return (7 * place + 5 * step) % places(); }

    [[nodiscard]] static std::shared_ptr<const spec::ModelInfo> model() {
        auto made = std::make_shared<spec::ModelInfo>();
        made->name = "grid-demo";
        made->family = "grid_demo";
        made->router = spec::RouterKind::Expert;
        made->routerFunction = "sigmoid";
        made->layers = 8;
        made->recursions = kRecursions;
        made->experts = kExperts;
        return made;
    }

    void fillRouting(trace::RoutingStep& made, int step, bool atFullDepth) const {
        made.layout = {m_frames, kRows, kColumns};
        made.recursions = kRecursions;
        made.noiseLevel = 1 - 0.25 * step;
        made.classSet = classSet();
        for (int place = 0; place < places(); ++place) {
            const int depth = atFullDepth ? kRecursions : this->depth(step, place);
            made.depth.push_back(static_cast<std::uint8_t>(depth));
            made.classes.push_back(classOf(step, place));
            made.cost.flops += 1e6 * depth;
        }
        for (int r = 0; r < kRecursions; ++r) {
            for (int place = 0; place < places(); ++place) {
                made.scores.push_back(score(step, r, place));
            }
        }
        addExperts(made, step);
        made.cost.fullFlops = 1e6 * kRecursions * places();
        made.cost.milliseconds = atFullDepth ? 4 : 2;
        addMemory(made, step, atFullDepth);
    }

    void addExperts(trace::RoutingStep& made, int step) const {
        for (int layer = 0; layer < 2; ++layer) {
            trace::ExpertChoices choices{kLayers[layer], kExperts};
            for (int place = 0; place < places(); ++place) {
                const int count = choicesOf(step, layer, place);
                for (int i = 0; i < count; ++i) {
                    choices.index.push_back(static_cast<std::uint8_t>(expertOf(step, place, i)));
                    choices.weight.push_back(weightOf(count, i));
                }
                choices.endPlace();
            }
            made.experts.push_back(std::move(choices));
        }
    }

    void addMemory(trace::RoutingStep& made, int step, bool atFullDepth) const {
        made.kv.groups.push_back({0, kUnsharedBytes, places()});
        for (int r = 0; r < kRecursions; ++r) {
            const int entries = atFullDepth ? places() : kept(step, r);
            made.kv.groups.push_back({r + 1, kBlockBytes, entries});
        }
        made.kv.fullBytes = (kUnsharedBytes + kBlockBytes * kRecursions) * places();
        made.kv.measuredBytes = atFullDepth ? made.kv.fullBytes : bytes(step);
        made.kv.predictedBytes = made.kv.measuredBytes;
        made.kv.reservedBytes = made.kv.fullBytes;
    }

    /// As after reading a recording: each step brings a set of its own with the same names.
    [[nodiscard]] static trace::ClassSetPtr classSet() {
        return std::make_shared<const trace::ClassSet>(
            trace::ClassSet{"scene parts", {"sky", "edge", "face"}});
    }

    int m_frames;
};

} // namespace depthscope::tests
