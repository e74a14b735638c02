// SPDX-License-Identifier: MIT
#include "engine/trace/convergence.h"

#include "engine/base/text.h"
#include "engine/trace/run_view.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace depthscope::trace {

std::string_view toString(Quantity quantity) {
    constexpr std::array<std::string_view, kQuantities.size()> kNames{
        "relative_change", "cosine", "entropy", "kl_to_last", "rank_of_answer"};
    return kNames[static_cast<std::size_t>(quantity)];
}

float Convergence::value(Quantity quantity, int recursion, std::size_t token) const {
    return holds(token) ? values[static_cast<std::size_t>(quantity)][at(recursion, token)]
                        : std::numeric_limits<float>::quiet_NaN();
}

bool Convergence::ran(int recursion, std::size_t token) const {
    return !std::isnan(value(Quantity::Entropy, recursion, token));
}

bool hasConvergence(const spec::ModelInfo& model) {
    if (model.recursions < 2 || model.experts > 0 || model.clip) {
        return false;
    }
    // A layer that repeats before the next one starts has the slot of its neighbour.
    const auto first = static_cast<std::size_t>(model.unsharedLayers / 2);
    const std::vector<int>& slots = model.sharedSlots;
    return model.blockLayers < 2 || slots.size() < first + 2 || slots[first] != slots[first + 1];
}

bool Convergence::isOf(const RunView& run) const {
    return run.latest->model == model && run.ids.size() == ids.size() + beyond &&
           std::equal(ids.begin(), ids.end(), run.ids.begin());
}

double exitLookedAt(const settings::RoutingSettings& settings) {
    return settings.rule == settings::Rule::Exit && settings.exit < 1 ? settings.exit : kExitGate;
}

bool differsInExitAlone(const Convergence& made, const RunView& run) {
    settings::RoutingSettings settings = made.settings;
    const settings::RoutingSettings& inForce = run.latest->settings;
    settings.exit = inForce.exit;
    return inForce.rule == settings::Rule::Exit && !inForce.exitStops() && settings == inForce &&
           made.isOf(run) && std::ssize(run.scores) >= made.recursions;
}

ConvergencePtr underExitOf(const Convergence& made, const RunView& run) {
    auto changed = std::make_shared<Convergence>(made);
    changed->settings = run.latest->settings;
    const double threshold = exitLookedAt(changed->settings);
    std::vector<float> leaves;
    for (int r = 0; r < made.recursions; ++r) {
        const std::vector<float>& row = run.scores[static_cast<std::size_t>(r)];
        leaves.insert(leaves.end(), row.begin(), row.begin() + std::ssize(made.ids));
    }
    for (ExitPoints& points : changed->exits) {
        if (points.rule.starts_with("exit:")) {
            points = {fmt::format("{}:{}", settings::toString(settings::Rule::Exit), threshold),
                      firstReached(leaves, made.tokens(), threshold)};
        }
    }
    return changed;
}

std::vector<std::uint8_t>
firstBelow(std::span<const float> values, std::size_t tokens, double threshold) {
    std::vector<std::uint8_t> first(tokens, 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::uint8_t& found = first[i % tokens];
        if (found == 0 && double{values[i]} < threshold) {
            found = static_cast<std::uint8_t>(i / tokens + 1);
        }
    }
    return first;
}

std::vector<std::uint8_t>
firstReached(std::span<const float> probabilities, std::size_t tokens, double threshold) {
    const auto last = static_cast<std::uint8_t>(probabilities.size() / tokens);
    std::vector<std::uint8_t> first(tokens, last);
    for (std::size_t t = 0; t < tokens && threshold < 1; ++t) {
        float sum = 0;
        for (std::uint8_t r = 0; r < last && first[t] == last; ++r) {
            sum += probabilities[r * tokens + t];
            if (double{sum} >= threshold) {
                first[t] = static_cast<std::uint8_t>(r + 1);
            }
        }
    }
    return first;
}

std::vector<std::uint8_t>
firstStable(std::span<const std::int32_t> answers, std::size_t tokens, int comparisons) {
    std::vector<std::uint8_t> first(tokens, 0);
    for (std::size_t t = 0; t < tokens; ++t) {
        int unchanged = 0;
        for (std::size_t i = t + tokens; i < answers.size() && first[t] == 0; i += tokens) {
            unchanged = answers[i] == answers[i - tokens] ? unchanged + 1 : 0;
            if (unchanged >= comparisons) {
                first[t] = static_cast<std::uint8_t>(i / tokens + 1);
            }
        }
    }
    return first;
}

std::vector<std::uint8_t> fixedFrom(std::span<const std::int32_t> answers, std::size_t tokens) {
    std::vector<std::uint8_t> fixed(tokens, static_cast<std::uint8_t>(answers.size() / tokens));
    for (std::size_t t = 0; t < tokens; ++t) {
        const std::int32_t last = answers[answers.size() - tokens + t];
        while (fixed[t] > 1 && answers[(fixed[t] - 2U) * tokens + t] == last) {
            --fixed[t];
        }
    }
    return fixed;
}

} // namespace depthscope::trace
