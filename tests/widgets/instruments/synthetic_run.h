// SPDX-License-Identifier: MIT
// Runs made by the routing rules from seeded scores, for instruments under test. Any thread.
#pragma once

#include "engine/trace/graded_classes.h"
#include "engine/trace/trace_store.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace depthscope::tests {

struct SyntheticRun {
    std::size_t tokens = 60;
    int recursions = 3;
    std::size_t generated = 0; ///< of the tokens
    std::size_t dropped = 0;   ///< at recursion 1: a first capacity below 1
    bool classes = false;
    int experts = 0;     ///< of a MORE model: every token at full depth, two experts a token
    int deadExpert = -1; ///< that no token chooses
    unsigned seed = 7;
    settings::Rule rule = settings::Rule::TopK;
    spec::RouterKind router = spec::RouterKind::Expert;
    std::vector<std::string> pieces = {
        "The",   " cat", " sat", " on", " the", " mat", ",", " and", " the", " dog", " who", " had",
        " seen", " it",  " all", ".",   "\n",   "12",   "+", "39",   "=",    "51",   "\n"};
};

/// One step of tokens [begin, end) of the run.
class SyntheticSteps {
public:
    explicit SyntheticSteps(SyntheticRun run)
        : m_run(std::move(run)) {
        decide();
    }

    [[nodiscard]] std::vector<trace::StepPtr> steps() const {
        const std::size_t prompt = m_run.tokens - m_run.generated;
        std::vector<trace::StepPtr> all{step(0, prompt)};
        for (std::size_t t = prompt; t < m_run.tokens; ++t) {
            all.push_back(step(t, t + 1));
        }
        return all;
    }

    [[nodiscard]] trace::RunView view() const {
        trace::TraceStore store;
        for (const trace::StepPtr& one : steps()) {
            store.add(one);
        }
        return *store.view().main;
    }

private:
    void decide() {
        std::mt19937 random(m_run.seed);
        std::normal_distribution<float> noise(0, 1.4F);
        const auto rows = static_cast<std::size_t>(m_run.recursions);
        const float none = std::numeric_limits<float>::quiet_NaN();
        m_scores.assign(rows, std::vector<float>(m_run.tokens, none));
        m_depth.assign(m_run.tokens, 0);
        std::vector<bool> alive(m_run.tokens, true);
        for (std::size_t r = 0; r < rows; ++r) {
            std::vector<std::size_t> order;
            for (std::size_t t = 0; t < m_run.tokens; ++t) {
                if (alive[t]) {
                    order.push_back(t);
                    m_scores[r][t] = 1 / (1 + std::exp(-noise(random) - (r == 0 ? 2.0F : 0.4F)));
                }
            }
            std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
                return m_scores[r][a] > m_scores[r][b];
            });
            const std::size_t kept =
                std::max<std::size_t>(1, (m_run.tokens - m_run.dropped) * (rows - r) / rows);
            alive.assign(m_run.tokens, false);
            for (std::size_t i = 0; i < std::min(kept, order.size()); ++i) {
                alive[order[i]] = true;
                ++m_depth[order[i]];
            }
        }
        if (m_run.router == spec::RouterKind::None) {
            for (std::vector<float>& row : m_scores) {
                row.assign(m_run.tokens, none);
            }
            m_depth.assign(m_run.tokens, static_cast<std::uint8_t>(rows));
        }
    }

    [[nodiscard]] std::shared_ptr<spec::ModelInfo> model() const {
        auto info = std::make_shared<spec::ModelInfo>();
        info->name = "mor-expert-demo";
        info->router = m_run.router;
        info->routerFunction = m_run.router == spec::RouterKind::Token ? "softmax" : "sigmoid";
        info->layers = 8;
        info->experts = m_run.experts;
        info->expertsPerToken = m_run.experts > 0 ? 2 : 0;
        info->recursions = m_run.recursions;
        return info;
    }

    [[nodiscard]] trace::StepPtr step(std::size_t begin, std::size_t end) const {
        auto made = std::make_shared<trace::StepTrace>();
        made->run = 1;
        made->step = static_cast<std::uint32_t>(begin);
        made->model = model();
        made->kind = m_run.generated == 0 ? trace::StepKind::Pass : trace::StepKind::Decode;
        made->settings.rule = m_run.rule;
        made->causal = m_run.rule != settings::Rule::TopK;
        fillText(made->makeText(), begin, end);
        fillRouting(made->routing, begin, end);
        return made;
    }

    void fillText(trace::TextContent& made, std::size_t begin, std::size_t end) const {
        for (std::size_t t = begin; t < end; ++t) {
            made.ids.push_back(static_cast<std::int32_t>(t % m_run.pieces.size()) + 300);
            made.nll.push_back(t == 0 ? std::numeric_limits<float>::quiet_NaN()
                                      : 0.2F + 0.9F * static_cast<float>((t * 7) % 5));
            made.text += m_run.pieces[t % m_run.pieces.size()];
            made.pieceEnds.push_back(static_cast<std::uint32_t>(made.text.size()));
        }
    }

    void fillRouting(trace::RoutingStep& made, std::size_t begin, std::size_t end) const {
        const auto from = static_cast<std::ptrdiff_t>(begin);
        const auto to = static_cast<std::ptrdiff_t>(end);
        made.layout.columns = static_cast<std::int32_t>(end);
        made.firstPlace = static_cast<std::int32_t>(begin);
        made.recursions = m_run.recursions;
        made.depth.assign(m_depth.begin() + from, m_depth.begin() + to);
        for (const std::vector<float>& row : m_scores) {
            made.scores.insert(made.scores.end(), row.begin() + from, row.begin() + to);
        }
        if (m_run.classes) {
            made.classSet = trace::gradedClasses();
            for (std::size_t t = begin; t < end; ++t) {
                made.classes.push_back(static_cast<std::uint8_t>(t % trace::kDifficulties));
            }
        }
        for (int layer = 0; m_run.experts > 0 && layer < 2; ++layer) {
            made.experts.push_back(choices(layer, begin, end));
        }
        addCost(made, begin, end);
    }

    [[nodiscard]] trace::ExpertChoices
    choices(int layer, std::size_t begin, std::size_t end) const {
        trace::ExpertChoices made{layer, m_run.experts};
        for (std::size_t t = begin; t < end; ++t) {
            const auto turn = static_cast<int>(t * (3 + static_cast<std::size_t>(layer)) / 2);
            for (int k = 0; k < 2; ++k) {
                int expert = (turn + k) % m_run.experts;
                expert = expert == m_run.deadExpert ? (expert + 2) % m_run.experts : expert;
                made.index.push_back(static_cast<std::uint8_t>(expert));
            }
            const float weight = 0.5F + 0.05F * static_cast<float>(t % 9);
            made.weight.push_back(weight);
            made.weight.push_back(1 - weight);
            made.endPlace();
        }
        return made;
    }

    void addCost(trace::RoutingStep& made, std::size_t begin, std::size_t end) const {
        const auto count = static_cast<double>(end - begin);
        made.cost.fullFlops = 4e6 * count;
        made.cost.milliseconds = 0.21 * count;
        made.kv.groups.push_back({0, 1024, static_cast<std::int64_t>(end)});
        made.kv.measuredBytes = 1024 * static_cast<std::int64_t>(end);
        for (int r = 0; r < m_run.recursions; ++r) {
            std::int64_t entries = 0;
            for (std::size_t t = 0; t < end; ++t) {
                entries += m_depth[t] > r ? 1 : 0;
                made.cost.flops += t >= begin && m_depth[t] > r ? 4e6 / m_run.recursions : 0;
            }
            made.kv.groups.push_back({r + 1, 512, entries});
            made.kv.measuredBytes += 512 * entries;
        }
        made.kv.predictedBytes = made.kv.measuredBytes - 256;
        made.kv.reservedBytes = made.kv.measuredBytes * 5 / 4;
        made.kv.fullBytes = (1024 + 512 * m_run.recursions) * static_cast<std::int64_t>(end);
    }

    SyntheticRun m_run;
    std::vector<std::vector<float>> m_scores;
    std::vector<std::uint8_t> m_depth;
};

/// A training of 100 steps a point whose losses fall, with depths where there are recursions.
inline trace::TrainingView syntheticTraining(std::size_t points, int recursions) {
    trace::TrainingView training{.preset = "demo", .steps = 2000, .points = {}};
    for (std::size_t i = 1; i <= points; ++i) {
        trace::TrainingPoint point;
        const auto n = static_cast<double>(i);
        point.step = static_cast<std::int64_t>(i) * 100;
        point.seconds = 31.5 * n;
        point.trainLoss = 1.3 + 3.0 / n + 0.03 * static_cast<double>(i * 7 % 5);
        point.valLoss = 1.5 + 2.8 / n;
        point.tokensPerSecond = 4210 + n;
        if (recursions > 0) {
            point.exitShares.assign(static_cast<std::size_t>(recursions), 1.0 / recursions);
            point.exitShares.front() -= 0.2 / n;
            point.exitShares.back() += 0.2 / n;
            point.meanDepth = 2 + 0.4 / n;
        }
        training.points.push_back(std::move(point));
    }
    return training;
}

} // namespace depthscope::tests
