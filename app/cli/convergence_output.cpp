// SPDX-License-Identifier: MIT
#include "app/cli/convergence_output.h"

#include "app/cli/output.h"
#include "engine/base/text.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace depthscope::cli {

using nlohmann::json;
using trace::Quantity;

namespace {

json quantityJson(const trace::Convergence& convergence, Quantity quantity) {
    json rows = json::array();
    for (int r = 0; r < convergence.recursions; ++r) {
        json row = json::array();
        for (std::size_t t = 0; t < convergence.tokens(); ++t) {
            row.push_back(finiteOrNull(double{convergence.value(quantity, r, t)}));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

json exitsJson(const trace::Convergence& convergence) {
    json exits = json::object();
    for (const trace::ExitPoints& points : convergence.exits) {
        json& row = exits[points.rule] = json::array();
        for (const std::uint8_t recursion : points.recursion) {
            row.push_back(recursion == 0 ? json() : json(recursion));
        }
    }
    return exits;
}

/// Pairs of numbers, `count` for each token.
json pairsJson(std::span<const float> values, std::size_t count) {
    json tokens = json::array();
    for (std::size_t i = 0; i < values.size(); i += 2) {
        if (i / 2 % count == 0) {
            tokens.push_back(json::array());
        }
        tokens.back().push_back(
            {finiteOrNull(double{values[i]}), finiteOrNull(double{values[i + 1]})});
    }
    return tokens;
}

/// Of the tokens that ran the recursion; NaN: nobody did.
double meanOf(const trace::Convergence& convergence, Quantity quantity, int recursion) {
    double sum = 0;
    int count = 0;
    for (std::size_t t = 0; t < convergence.tokens(); ++t) {
        const double value = double{convergence.value(quantity, recursion, t)};
        if (std::isfinite(value)) {
            sum += value;
            ++count;
        }
    }
    return count > 0 ? sum / count : std::nan("");
}

} // namespace

json convergenceJson(const trace::Convergence& convergence) {
    json out;
    for (const Quantity quantity : trace::kQuantities) {
        out[std::string(toString(quantity))] = quantityJson(convergence, quantity);
    }
    out["trained_recursions"] = convergence.trained;
    out["answer_fixed_at"] = convergence.fixedAt;
    out["exits"] = exitsJson(convergence);
    out["path"] = pairsJson(convergence.path, static_cast<std::size_t>(convergence.recursions) + 1);
    json shares = json::array();
    for (const json& one : pairsJson(convergence.pathShares, 1)) {
        shares.push_back(one.front());
    }
    out["path_variance"] = std::move(shares);
    return out;
}

json predictionsJson(const trace::Convergence& convergence) {
    json recursions = json::array();
    std::size_t next = 0;
    for (int r = 0; r < convergence.recursions; ++r) {
        json tokens = json::array();
        for (std::size_t t = 0; t < convergence.tokens(); ++t) {
            json best = json::array();
            for (std::size_t i = 0; i < convergence.predictions; ++i, ++next) {
                const std::int32_t id = convergence.best[next];
                const auto piece = convergence.pieces.find(id);
                json text = piece == convergence.pieces.end() ? json() : json(piece->second);
                best.push_back({{"id", id},
                                {"text", std::move(text)},
                                {"probability", double{convergence.probability[next]}}});
            }
            tokens.push_back(std::move(best));
        }
        recursions.push_back(std::move(tokens));
    }
    return recursions;
}

void printConvergence(const trace::Convergence& convergence) {
    printLine("means over the tokens that ran each recursion:");
    for (int r = 0; r < convergence.recursions; ++r) {
        const auto mean = [&](Quantity quantity) { return meanOf(convergence, quantity, r); };
        printLine(fmt::format("recursion {}: relative change {:.4g}, cosine {:.4f}, entropy {:.3f} "
                              "nats, KL to the last {:.4g} nats, the answer ranks {:.1f}{}",
                              r + 1, mean(Quantity::Change), mean(Quantity::Cosine),
                              mean(Quantity::Entropy), mean(Quantity::Divergence),
                              mean(Quantity::Rank),
                              r < convergence.trained ? "" : " (outside training)"));
    }
    for (int r = 1; r <= convergence.recursions; ++r) {
        printLine(fmt::format("answer fixed at recursion {}: {} of {}", r,
                              std::ranges::count(convergence.fixedAt, r), convergence.tokens()));
    }
    for (const trace::ExitPoints& points : convergence.exits) {
        const auto never = std::ranges::count(points.recursion, 0);
        printLine(fmt::format("{} would stop {} of {}", points.rule,
                              static_cast<std::ptrdiff_t>(points.recursion.size()) - never,
                              points.recursion.size()));
    }
}

} // namespace depthscope::cli
