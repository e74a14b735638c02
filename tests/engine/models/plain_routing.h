// SPDX-License-Identifier: MIT
// Mixture-of-Recursions written the slow way: plain loops over vectors of doubles, one row of a
// batch after the other, around a block that is h + 1. What engine/models/routed.h is compared
// with.
#pragma once

#include "engine/settings/routing.h"
#include "engine/spec/router_spec.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

namespace depthscope::tests {

using settings::Rule;
using spec::RouterFunction;
using spec::RouterSpec;

using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;

inline constexpr double kTau = 0.5;
/// Small, so that no score saturates and ties with another as a float.
inline constexpr double kRouterScale = 0.15;
inline constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

inline Matrix randomMatrix(std::mt19937& random, int rows, int columns, double scale) {
    std::normal_distribution<double> normal(0.0, scale);
    Matrix matrix(static_cast<std::size_t>(rows), Vector(static_cast<std::size_t>(columns)));
    for (Vector& row : matrix) {
        // As floats, so that the tensors below hold the same numbers.
        std::generate(row.begin(), row.end(),
                      [&] { return double{static_cast<float>(normal(random))}; });
    }
    return matrix;
}

inline at::Tensor tensorOf(const Matrix& matrix) {
    std::vector<float> flat;
    for (const Vector& row : matrix) {
        flat.insert(flat.end(), row.begin(), row.end());
    }
    const auto rows = static_cast<std::int64_t>(matrix.size());
    return at::tensor(flat).view({rows, static_cast<std::int64_t>(matrix[0].size())});
}

inline Vector product(const Matrix& matrix, const Vector& x) {
    Vector result;
    for (const Vector& row : matrix) {
        result.push_back(std::inner_product(row.begin(), row.end(), x.begin(), 0.0));
    }
    return result;
}

inline double sigmoid(double x) {
    return 1 / (1 + std::exp(-x));
}

/// A router, linear or MLP, in both forms.
struct Router {
    std::vector<Matrix> layers;
    std::vector<at::Tensor> tensors;

    Router(std::mt19937& random, int out, int width, bool isMlp) {
        if (isMlp) {
            layers.push_back(randomMatrix(random, 2 * width, width, kRouterScale));
        }
        layers.push_back(randomMatrix(random, out, isMlp ? 2 * width : width, kRouterScale));
        for (const Matrix& layer : layers) {
            tensors.push_back(tensorOf(layer));
        }
    }

    [[nodiscard]] Vector logits(const RouterSpec& spec, Vector x) const {
        for (double& value : x) {
            value /= spec.temperature;
        }
        for (std::size_t layer = 0; layer < layers.size(); ++layer) {
            x = product(layers[layer], x);
            for (double& value : x) { // gelu between the two of an MLP
                value *= layer + 1 < layers.size() ? std::erfc(-value / std::sqrt(2.0)) / 2 : 1;
            }
        }
        return x;
    }
};

/// What a batch is and what is asked of it.
struct RoutingInput {
    RouterSpec spec;
    int tokens = 0;
    int width = 0;
    int recursions = 0;
    Rule rule = Rule::TopK;
    std::vector<Matrix> x;                ///< by row of the batch: [T][D]
    std::vector<std::size_t> valid;       ///< tokens of each row
    std::vector<std::vector<int>> forced; ///< by row; empty: none
    std::vector<Fraction> capacity;
};

/// What becomes of one row.
struct Routed {
    Matrix x;
    Matrix scores; ///< [R][T]
    std::vector<std::int64_t> depth;
};

inline double scoreOf(const RouterSpec& spec, double logit) {
    switch (spec.function) {
    case RouterFunction::Tanh:
        return std::tanh(logit);
    case RouterFunction::Identity:
        return logit;
    default:
        return sigmoid(logit);
    }
}

inline void addBlock(Vector& x, const Vector& h, double gate) {
    for (std::size_t d = 0; d < x.size(); ++d) {
        x[d] += gate * h[d];
    }
}

inline Vector plusOne(Vector x, int times = 1) {
    for (double& value : x) {
        value += times;
    }
    return x;
}

inline Routed emptyRow(const RoutingInput& input, std::size_t row) {
    const auto tokens = static_cast<std::size_t>(input.tokens);
    return {input.x[row], Matrix(static_cast<std::size_t>(input.recursions), Vector(tokens, kNone)),
            std::vector<std::int64_t>(tokens, 0)};
}

/// Expert-choice as docs/routing.md 3.2 says it, one row.
inline Routed expertChoice(const RoutingInput& input,
                           const std::vector<Router>& main,
                           const std::vector<Router>& aux,
                           std::size_t row) {
    Routed made = emptyRow(input, row);
    std::vector<std::size_t> considered(input.valid[row]);
    std::iota(considered.begin(), considered.end(), std::size_t{0});
    for (std::size_t r = 0; r < main.size(); ++r) {
        Vector& scores = made.scores[r];
        std::vector<std::size_t> kept;
        for (const std::size_t t : considered) {
            const double logit = main[r].logits(input.spec, made.x[t])[0];
            scores[t] = scoreOf(input.spec, logit);
            const double by =
                input.rule == Rule::Aux ? aux[r].logits(input.spec, made.x[t])[0] : logit;
            const bool isCausal = input.rule == Rule::Threshold || input.rule == Rule::Aux;
            const bool stays = input.forced.empty() ? !isCausal || r == 0 || sigmoid(by) > kTau
                                                    : input.forced[row][t] > static_cast<int>(r);
            if (stays) {
                kept.push_back(t);
            }
        }
        if (input.rule == Rule::TopK && input.forced.empty() && !kept.empty()) {
            std::stable_sort(kept.begin(), kept.end(),
                             [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
            const auto& [share, of] = input.capacity[r];
            const auto most = std::max<std::int64_t>(1, share * input.tokens / of);
            kept.resize(std::min(kept.size(), static_cast<std::size_t>(most)));
            std::sort(kept.begin(), kept.end());
        }
        const double alpha =
            input.spec.function == RouterFunction::Identity ? 1.0 : input.spec.alpha;
        for (const std::size_t t : kept) {
            ++made.depth[t];
            addBlock(made.x[t], plusOne(made.x[t]),
                     input.spec.weightedGating ? alpha * scores[t] : 1.0);
        }
        considered = kept;
    }
    return made;
}

/// Token-choice as docs/routing.md 3.5 says it, one row. `deepest` from 0.
inline Routed tokenChoice(const RoutingInput& input,
                          const Router& main,
                          const Vector& bias,
                          int deepest,
                          std::size_t row) {
    Routed made = emptyRow(input, row);
    for (std::size_t t = 0; t < input.valid[row]; ++t) {
        Vector plain = main.logits(input.spec, made.x[t]);
        double sum = 0;
        for (double& value : plain) {
            const bool isShare = input.spec.function == RouterFunction::Softmax;
            value = isShare ? std::exp(value) : sigmoid(value);
            sum += isShare ? value : 0;
        }
        Vector ranked;
        for (std::size_t r = 0; r < plain.size(); ++r) {
            plain[r] /= sum > 0 ? sum : 1;
            made.scores[r][t] = plain[r];
            ranked.push_back(plain[r] * input.spec.alpha + (bias.empty() ? 0.0 : bias[r]));
        }
        const auto best = std::max_element(ranked.begin(), ranked.end()) - ranked.begin();
        int choice =
            input.rule == Rule::Fixed ? deepest : std::min(static_cast<int>(best), deepest);
        if (!input.forced.empty()) {
            choice = std::clamp(input.forced[row][t] - 1, 0, deepest);
        }
        made.depth[t] = choice + 1;
        const double gate = plain[static_cast<std::size_t>(choice)] * input.spec.alpha;
        addBlock(made.x[t], plusOne(made.x[t], choice + 1), input.spec.weightedGating ? gate : 1.0);
    }
    return made;
}

} // namespace depthscope::tests
