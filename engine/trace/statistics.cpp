// SPDX-License-Identifier: MIT
#include "engine/trace/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace depthscope::trace {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

std::string_view routerFunction(const RunView& run) {
    return run.latest->model ? std::string_view(run.latest->model->routerFunction) : "";
}

std::optional<double> scoreAt(const RunView& run, int recursion, std::size_t token) {
    const auto row = static_cast<std::size_t>(recursion);
    if (recursion < 0 || row >= run.scores.size() || token >= run.scores[row].size() ||
        std::isnan(run.scores[row][token])) {
        return std::nullopt;
    }
    return double{run.scores[row][token]};
}

/// Of all scores, or of those above `least`.
ScoreRange seenRange(const RunView& run, float least = -std::numeric_limits<float>::infinity()) {
    ScoreRange range{std::numeric_limits<double>::infinity(),
                     -std::numeric_limits<double>::infinity()};
    for (const std::vector<float>& row : run.scores) {
        for (const float score : row) {
            if (std::isfinite(score) && score > least) {
                range.low = std::min(range.low, double{score});
                range.high = std::max(range.high, double{score});
            }
        }
    }
    return range.low < range.high ? range : ScoreRange{};
}

/// Of the figures that a looped model's rule watches; counts are even.
ScoreRange changeRange(const RunView& run) {
    constexpr double kDecades = 1e-6; // below them all is as nothing
    if (run.latest->settings.rule == settings::Rule::Argmax) {
        return seenRange(run);
    }
    ScoreRange range = seenRange(run, 0);
    range.low = std::max(range.low, range.high * kDecades);
    range.isLogarithmic = true;
    return range;
}

// The threshold is compared with sigmoid(logit) whatever the router's function makes of the logit.
double sigmoidOfLogit(double score, std::string_view function) {
    if (function == "tanh") {
        const double bounded = std::clamp(score, -1.0, 1.0);
        return 1.0 / (1.0 + std::sqrt((1.0 - bounded) / (1.0 + bounded)));
    }
    if (function == "identity") {
        return 1.0 / (1.0 + std::exp(-score));
    }
    return score;
}

} // namespace

bool isConsidered(const RunView& run, int recursion, std::size_t token) {
    return scoreAt(run, recursion, token).has_value();
}

bool isKept(const RunView& run, int recursion, std::size_t token) {
    return token < run.depth.size() && run.depth[token] > recursion;
}

bool leavesAt(const RunView& run, int recursion, std::size_t token) {
    return token < run.depth.size() && run.depth[token] == recursion &&
           isConsidered(run, recursion, token);
}

std::vector<std::size_t> tokensLeft(const RunView& run) {
    std::vector<std::size_t> left(static_cast<std::size_t>(std::max(run.recursions(), 0)), 0);
    for (const std::uint8_t depth : run.depth) {
        for (std::size_t r = 0; r < left.size() && r < depth; ++r) {
            ++left[r];
        }
    }
    return left;
}

double ScoreRange::share(double score) const {
    const double share = isLogarithmic ? std::log(std::max(score, low) / low) / std::log(high / low)
                                       : (score - low) / (high - low);
    return std::clamp(share, 0.0, 1.0);
}

double ScoreRange::valueAt(double share) const {
    return isLogarithmic ? low * std::pow(high / low, share) : low + share * (high - low);
}

ScoreRange scoreRange(const RunView& run) {
    const std::string_view function = routerFunction(run);
    if (function == "tanh") {
        return {-1.0, 1.0};
    }
    if (function == "identity") {
        return seenRange(run);
    }
    return settings::watchesChange(run.latest->settings.rule) ? changeRange(run) : ScoreRange{};
}

std::vector<Histogram> scoreHistograms(const RunView& run, std::size_t bins) {
    const ScoreRange range = scoreRange(run);
    const std::size_t used = std::max<std::size_t>(bins, 1);
    std::vector<Histogram> histograms(run.scores.size(),
                                      {range, std::vector<std::size_t>(used, 0), 0});
    for (std::size_t r = 0; r < run.scores.size(); ++r) {
        for (const float score : run.scores[r]) {
            if (std::isnan(score)) {
                continue;
            }
            const double place = range.share(score) * static_cast<double>(used);
            ++histograms[r].counts[std::min(static_cast<std::size_t>(place), used - 1)];
            ++histograms[r].total;
        }
    }
    return histograms;
}

bool scoreDecides(const RunView& run) {
    const settings::Rule rule = run.latest->settings.rule;
    return rule != settings::Rule::Random && rule != settings::Rule::Aux &&
           !settings::readsExitGate(rule) && // a sum of scores does
           !settings::watchesChange(rule);   // of the next recursion
}

std::optional<double> cutScore(const RunView& run, int recursion) {
    if (!scoreDecides(run)) {
        return std::nullopt;
    }
    std::optional<double> lowest;
    bool someLeft = false;
    for (std::size_t t = 0; t < run.places(); ++t) {
        const std::optional<double> score = scoreAt(run, recursion, t);
        if (!score) {
            continue;
        }
        if (isKept(run, recursion, t)) {
            lowest = lowest ? std::min(*lowest, *score) : *score;
        } else {
            someLeft = true;
        }
    }
    return someLeft ? lowest : std::nullopt;
}

std::vector<double> exitShares(const RunView& run) {
    std::vector<double> loads(static_cast<std::size_t>(std::max(run.recursions(), 0)), 0.0);
    for (const std::uint8_t depth : run.depth) {
        if (depth > 0 && depth <= loads.size()) {
            loads[depth - 1U] += 1.0;
        }
    }
    for (double& load : loads) {
        load /= static_cast<double>(std::max<std::size_t>(run.depth.size(), 1));
    }
    return loads;
}

double entropy(std::span<const double> shares) {
    double sum = 0;
    for (const double share : shares) {
        sum -= share * std::log(share + 1e-10);
    }
    return sum;
}

double maxViolation(std::span<const double> loads) {
    double sum = 0;
    double largest = 0;
    for (const double load : loads) {
        sum += load;
        largest = std::max(largest, load);
    }
    if (!(sum > 0)) {
        return 0;
    }
    const double mean = sum / static_cast<double>(loads.size());
    return (largest - mean) / mean;
}

double areaUnderCurve(std::span<const std::int64_t> of, std::span<const std::int64_t> others) {
    double pairs = 0, won = 0;
    for (std::size_t a = 0; a < of.size(); ++a) {
        for (std::size_t b = 0; b < others.size(); ++b) {
            const double both = static_cast<double>(of[a]) * static_cast<double>(others[b]);
            pairs += both;
            won += a > b ? both : a == b ? both / 2 : 0;
        }
    }
    return pairs > 0 ? won / pairs : kUnknown;
}

namespace {

/// A fair router leaves an expert out of so many choices each with a chance of exp(-8).
constexpr std::size_t kChoicesPerExpert = 8;

} // namespace

std::vector<ExpertLoad> expertLoads(const RunView& run) {
    std::vector<ExpertLoad> loads;
    for (const ExpertChoices& choices : run.experts) {
        ExpertLoad load;
        load.layer = choices.layer;
        load.counts.assign(static_cast<std::size_t>(std::max(choices.experts, 0)), 0);
        for (const std::uint8_t expert : choices.index) {
            if (expert < load.counts.size()) {
                ++load.counts[expert];
            }
        }
        const auto all = static_cast<double>(std::max<std::size_t>(choices.index.size(), 1));
        for (std::size_t e = 0; e < load.counts.size(); ++e) {
            load.shares.push_back(static_cast<double>(load.counts[e]) / all);
            if (load.counts[e] == 0) {
                load.dead.push_back(static_cast<int>(e));
            }
        }
        load.entropy = entropy(load.shares);
        load.maxViolation = maxViolation(load.shares);
        load.hasEnoughChoices = choices.index.size() >= kChoicesPerExpert * load.counts.size();
        loads.push_back(std::move(load));
    }
    return loads;
}

double meanDepth(const RunView& run) {
    double sum = 0;
    for (const std::uint8_t depth : run.depth) {
        sum += depth;
    }
    return run.depth.empty() ? kUnknown : sum / static_cast<double>(run.depth.size());
}

std::vector<ClassFigures> classFigures(const RunView& run) {
    std::vector<ClassFigures> all(run.classSet ? run.classSet->names.size() : 0);
    std::vector<std::size_t> known(all.size(), 0);
    for (std::size_t t = 0; t < run.classes.size(); ++t) {
        const std::size_t number = run.classes[t];
        if (number >= all.size()) {
            continue;
        }
        ++all[number].count;
        all[number].meanDepth += run.depth[t];
        if (!std::isnan(run.nll[t])) {
            all[number].meanNll += double{run.nll[t]};
            ++known[number];
        }
    }
    std::vector<ClassFigures> figures;
    for (std::size_t number = 0; number < all.size(); ++number) {
        ClassFigures& figure = all[number];
        if (figure.count > 0) {
            figure.number = static_cast<std::uint8_t>(number);
            figure.meanDepth /= static_cast<double>(figure.count);
            figure.meanNll =
                known[number] > 0 ? figure.meanNll / static_cast<double>(known[number]) : kUnknown;
            figures.push_back(figure);
        }
    }
    return figures;
}

RouterMargin routerMargin(const RunView& run, int recursion, std::size_t token) {
    RouterMargin margin;
    margin.score = scoreAt(run, recursion, token);
    margin.kept = isKept(run, recursion, token);
    if (!margin.score) {
        return margin;
    }
    std::size_t better = 0;
    for (std::size_t t = 0; t < run.places(); ++t) {
        const std::optional<double> other = scoreAt(run, recursion, t);
        if (other) {
            ++margin.candidates;
            better += *other > *margin.score || (*other == *margin.score && t < token) ? 1U : 0U;
        }
    }
    const settings::RoutingSettings& routing = run.latest->settings;
    if (!scoreDecides(run) || routing.rule == settings::Rule::Token) {
        return margin;
    }
    margin.rank = better;
    if (routing.rule == settings::Rule::TopK) {
        margin.staysFrom = Fraction{static_cast<std::int64_t>(better) + 1,
                                    static_cast<std::int64_t>(run.places())};
    } else if (routing.rule == settings::Rule::Threshold && recursion > 0) {
        margin.overThreshold = sigmoidOfLogit(*margin.score, routerFunction(run)) - routing.tau;
    }
    return margin;
}

settings::KvPolicy kvPolicyInForce(const RunView& run) {
    settings::KvPolicy policy = run.latest->settings.kv;
    if (policy == settings::KvPolicy::Model && run.latest->model) {
        policy = run.latest->model->trainedKv;
    }
    return policy == settings::KvPolicy::Model ? settings::KvPolicy::Recursion : policy;
}

namespace {

/// Whether a policy keeps a token's keys and values of recursion r (from 1).
bool keeps(const RunView& run, settings::KvPolicy policy, int r, std::size_t token) {
    settings::RoutingSettings routing = run.latest->settings;
    routing.kv = policy;
    if (const int kept = settings::keptRecursions(routing); kept > 0 && r > kept) {
        return false; // its entries stand in the place of those of an earlier one
    }
    if (settings::readsExitGate(routing.rule) && !routing.exitStops()) {
        return routing.maxDepth == 0 || r <= routing.maxDepth; // all run, whichever answers
    }
    if (policy == settings::KvPolicy::Share) {
        return r == 1 && isKept(run, 0, token);
    }
    return (policy == settings::KvPolicy::Hybrid && r == 1) || isKept(run, r - 1, token);
}

} // namespace

std::int64_t storedBytes(const RunView& run, const KvGroup& group, std::size_t token) {
    const bool stored =
        group.recursion == 0 || keeps(run, kvPolicyInForce(run), group.recursion, token);
    return stored ? group.bytesPerToken : 0;
}

std::int64_t policyBytes(const RunView& run, settings::KvPolicy policy, std::size_t token) {
    std::int64_t unshared = 0;
    std::int64_t block = 0; // under sharing the later recursions may have no group of their own
    for (const KvGroup& group : run.latest->routing.kv.groups) {
        unshared += group.recursion == 0 ? group.bytesPerToken : 0;
        block = group.recursion == 1 ? group.bytesPerToken : block;
    }
    std::int64_t bytes = unshared;
    for (int r = 1; r <= run.recursions(); ++r) {
        bytes += keeps(run, policy, r, token) ? block : 0;
    }
    return bytes;
}

std::int64_t savedBytes(const RunView& run, std::size_t token) {
    const KvMemory& kv = run.latest->routing.kv;
    if (run.places() == 0 || kv.fullBytes == 0) {
        return 0;
    }
    std::int64_t stored = 0;
    for (const KvGroup& group : kv.groups) {
        stored += storedBytes(run, group, token);
    }
    return kv.fullBytes / static_cast<std::int64_t>(run.places()) - stored;
}

} // namespace depthscope::trace
