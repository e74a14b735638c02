// SPDX-License-Identifier: MIT
// Mixture-of-Recursions over a block that is no language model's, h + 1, against plain loops: who
// is considered, who is kept, by which score, and what becomes of x.
#include "engine/base/error.h"
#include "engine/models/routed.h"
#include "tests/engine/models/plain_routing.h"
#include "tests/engine/tolerance.h"

#include <ATen/ATen.h>

#include <QtTest>
#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <stdexcept>

using namespace depthscope;
using namespace depthscope::tests;

namespace {

models::RoutedState stateOf(const RoutingInput& input, bool isRagged) {
    models::RoutedState state;
    std::vector<at::Tensor> rows;
    for (const Matrix& row : input.x) {
        rows.push_back(tensorOf(row));
    }
    state.x = at::stack(rows);
    state.depth = at::zeros({state.rows(), state.tokens()}, at::kLong);
    state.routing.settings.rule = input.rule;
    state.routing.settings.tau = kTau;
    state.routing.settings.capacity = input.capacity;
    state.routing.depth = input.recursions;
    if (isRagged) {
        state.rowCounts.assign(input.valid.begin(), input.valid.end());
    }
    if (!input.forced.empty()) {
        std::vector<std::int64_t> flat;
        for (const std::vector<int>& row : input.forced) {
            flat.insert(flat.end(), row.begin(), row.end());
        }
        state.forcedDepth = at::tensor(flat, at::kLong).view({state.rows(), state.tokens()});
    }
    return state;
}

/// h + 1, which must get the states of the active tokens.
models::BlockFn blockOf(const models::RoutedState& state, int recursion) {
    return [&state, recursion](const at::Tensor& h, const models::ActiveSet& active, int r) {
        const std::array<std::int64_t, 3> sizes{state.rows(), active.positions.size(1),
                                                state.x.size(2)};
        if (h.sizes() != at::IntArrayRef(sizes) || r != recursion) {
            throw std::logic_error("the block was called with something else");
        }
        return h + 1;
    };
}

bool isClose(double is, double should) {
    return std::isnan(should) ? std::isnan(is)
                              : std::abs(is - should) <= kFloatRoutes * (1 + std::abs(should));
}

/// One number of a tensor [.., D].
double numberOf(const at::Tensor& tensor, std::size_t at) {
    return tensor[static_cast<std::int64_t>(at)].item<double>();
}

void compare(const models::RoutedState& state, const std::vector<Routed>& expected) {
    for (std::size_t b = 0; b < expected.size(); ++b) {
        const auto row = static_cast<std::int64_t>(b);
        for (std::size_t t = 0; t < expected[b].x.size(); ++t) {
            QCOMPARE(numberOf(state.depth[row], t), static_cast<double>(expected[b].depth[t]));
            const at::Tensor x = state.x[row][static_cast<std::int64_t>(t)];
            for (std::size_t d = 0; d < expected[b].x[t].size(); ++d) {
                QVERIFY2(isClose(numberOf(x, d), expected[b].x[t][d]),
                         qPrintable(QString("x[%1][%2][%3]").arg(b).arg(t).arg(d)));
            }
            for (std::size_t r = 0; r < expected[b].scores.size(); ++r) {
                // Once nobody is left, there are no rows any more.
                const double is =
                    r < state.scores.size() ? numberOf(state.scores[r][row], t) : kNone;
                QVERIFY2(isClose(is, expected[b].scores[r][t]),
                         qPrintable(QString("score %1 of [%2][%3]").arg(r).arg(b).arg(t)));
            }
        }
    }
}

struct Shape {
    int batch = 0;
    int tokens = 0;
    int width = 0;
    int recursions = 0;
};

const std::array<Shape, 5> kShapes{
    {{1, 1, 4, 2}, {1, 7, 5, 3}, {2, 12, 8, 3}, {3, 23, 6, 4}, {2, 9, 4, 1}}};

/// What one test asks, beside the shapes that it goes through.
struct Case {
    RouterFunction function = RouterFunction::Sigmoid;
    Rule rule = Rule::TopK;
    bool isWeighted = true;
    bool isForced = false; ///< depths are given
    bool isRagged = false; ///< rows of different lengths
    bool isMlp = false;
    double temperature = 1;
    int limit = 99; ///< most recursions
};

std::vector<std::vector<int>>
randomDepths(const RoutingInput& input, int least, std::mt19937& random) {
    std::uniform_int_distribution<int> depth(least, input.recursions);
    std::vector<std::vector<int>> rows(input.x.size(),
                                       std::vector<int>(static_cast<std::size_t>(input.tokens)));
    for (std::vector<int>& row : rows) {
        std::generate(row.begin(), row.end(), [&] { return depth(random); });
    }
    return rows;
}

RoutingInput askedOf(const Case& one, const Shape& shape, int leastDepth, std::mt19937& random) {
    RoutingInput input;
    input.spec.function = one.function;
    input.spec.weightedGating = one.isWeighted;
    input.spec.temperature = one.temperature;
    input.spec.alpha = 0.3;
    input.rule = one.rule;
    input.tokens = shape.tokens;
    input.width = shape.width;
    input.recursions = shape.recursions;
    std::uniform_int_distribution<int> length(1, shape.tokens);
    for (int b = 0; b < shape.batch; ++b) {
        input.x.push_back(randomMatrix(random, shape.tokens, shape.width, 1.0));
        input.valid.push_back(
            static_cast<std::size_t>(one.isRagged ? length(random) : shape.tokens));
    }
    for (int r = 0; r < shape.recursions; ++r) {
        input.capacity.push_back({2 * (shape.recursions - r), 2 * shape.recursions + 1});
    }
    if (one.isForced) {
        input.forced = randomDepths(input, leastDepth, random);
    }
    return input;
}

} // namespace

class TestRouted : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void expertChoices_data() {
        QTest::addColumn<Case>("one");
        using enum RouterFunction;
        QTest::newRow("sigmoid") << Case{};
        QTest::newRow("sigmoid, additive") << Case{.isWeighted = false};
        QTest::newRow("tanh") << Case{.function = Tanh};
        QTest::newRow("tanh, additive") << Case{.function = Tanh, .isWeighted = false};
        QTest::newRow("identity") << Case{.function = Identity};
        QTest::newRow("identity, additive") << Case{.function = Identity, .isWeighted = false};
        QTest::newRow("MLP") << Case{.isMlp = true};
        QTest::newRow("temperature") << Case{.function = Tanh, .temperature = 2.5};
        for (const bool isRagged : {false, true}) {
            const char* rows = isRagged ? ", ragged" : "";
            for (const Rule rule : {Rule::Threshold, Rule::Aux, Rule::Fixed}) {
                QTest::addRow("%s%s", std::string(settings::toString(rule)).c_str(), rows)
                    << Case{.rule = rule, .isRagged = isRagged};
            }
            QTest::addRow("threshold of tanh%s", rows)
                << Case{.function = Tanh, .rule = Rule::Threshold, .isRagged = isRagged};
            QTest::addRow("threshold, MLP, additive%s", rows) << Case{
                .rule = Rule::Threshold, .isWeighted = false, .isRagged = isRagged, .isMlp = true};
            QTest::addRow("given depths%s", rows)
                << Case{.rule = isRagged ? Rule::Threshold : Rule::TopK,
                        .isForced = true,
                        .isRagged = isRagged};
        }
    }

    void expertChoices() {
        QFETCH(Case, one);
        std::mt19937 random(7);
        for (const Shape& shape : kShapes) {
            const RoutingInput input = askedOf(one, shape, 0, random);
            std::vector<Router> main;
            std::vector<Router> aux;
            for (int r = 0; r < shape.recursions; ++r) {
                main.emplace_back(random, 1, shape.width, one.isMlp);
                aux.emplace_back(random, 1, shape.width, one.isMlp);
            }
            models::RoutedState state = stateOf(input, one.isRagged);
            for (int r = 0; r < shape.recursions; ++r) {
                const auto at = static_cast<std::size_t>(r);
                models::runExpertChoice(input.spec, {main[at].tensors, aux[at].tensors, {}}, state,
                                        blockOf(state, r), r);
            }
            std::vector<Routed> expected;
            for (std::size_t b = 0; b < input.x.size(); ++b) {
                expected.push_back(expertChoice(input, main, aux, b));
            }
            compare(state, expected);
        }
    }

    void tokenChoices_data() {
        QTest::addColumn<Case>("one");
        QTest::addColumn<bool>("isBalanced");
        for (const bool isRagged : {false, true}) {
            const char* rows = isRagged ? ", ragged" : "";
            for (const RouterFunction function :
                 {RouterFunction::Softmax, RouterFunction::Sigmoid}) {
                Case one{.function = function, .rule = Rule::Token, .isRagged = isRagged};
                const char* name = function == RouterFunction::Softmax ? "softmax" : "sigmoid";
                QTest::addRow("%s%s", name, rows) << one << false;
                QTest::addRow("%s, balanced%s", name, rows) << one << true;
                one.isWeighted = false;
                QTest::addRow("%s, additive%s", name, rows) << one << false;
            }
            Case one{
                .function = RouterFunction::Softmax, .rule = Rule::Token, .isRagged = isRagged};
            one.isMlp = true;
            one.temperature = 0.5;
            QTest::addRow("MLP, temperature%s", rows) << one << false;
            one.limit = 2;
            QTest::addRow("no deeper than 2%s", rows) << one << false;
            one.isForced = true;
            QTest::addRow("given depths%s", rows) << one << false;
            one.isForced = false;
            one.rule = Rule::Fixed;
            QTest::addRow("fixed%s", rows) << one << false;
        }
    }

    void tokenChoices() {
        QFETCH(Case, one);
        QFETCH(bool, isBalanced);
        std::mt19937 random(8);
        for (const Shape& shape : kShapes) {
            const RoutingInput input = askedOf(one, shape, 1, random);
            const Router main(random, shape.recursions, shape.width, one.isMlp);
            const Matrix bias = randomMatrix(random, 1, shape.recursions, 0.1);
            models::RouterWeights router{main.tensors, {}, {}};
            if (isBalanced) {
                router.bias = tensorOf(bias)[0];
            }
            const int deepest = std::min(shape.recursions, one.limit) - 1;
            models::RoutedState state = stateOf(input, one.isRagged);
            state.routing.depth = deepest + 1;
            for (int r = 0; r <= deepest; ++r) {
                models::runTokenChoice(input.spec, router, state, blockOf(state, r), r);
            }
            std::vector<Routed> expected;
            for (std::size_t b = 0; b < input.x.size(); ++b) {
                expected.push_back(
                    tokenChoice(input, main, isBalanced ? bias[0] : Vector{}, deepest, b));
            }
            compare(state, expected);
        }
    }

    /// Of equal scores the first are kept; each recursion counts and names who ran.
    void tiesGoToTheFirst() {
        std::mt19937 random(1);
        RoutingInput input = askedOf({}, {1, 9, 4, 3}, 0, random);
        input.spec.weightedGating = false;
        input.x[0].assign(9, {1, 2, 3, 4});
        models::RoutedState state = stateOf(input, false);
        const std::vector<at::Tensor> zero{at::zeros({1, 4})};
        const std::vector<std::vector<std::int64_t>> kept{
            {0, 1, 2, 3, 4, 5, 6}, {0, 1, 2, 3, 4}, {0, 1}};
        for (int r = 0; r < 3; ++r) {
            models::runExpertChoice(input.spec, {zero, {}, {}}, state, blockOf(state, r), r);
            const auto& expected = kept[static_cast<std::size_t>(r)];
            const at::Tensor is = state.selected.at(static_cast<std::size_t>(r));
            QVERIFY(at::equal(is, at::tensor(expected).unsqueeze(0)));
            QCOMPARE(state.activeTokens.at(static_cast<std::size_t>(r)),
                     static_cast<std::int64_t>(expected.size()));
        }
    }

    /// Where nobody is left, the block is not run any more.
    void nobodyLeft() {
        std::mt19937 random(3);
        RoutingInput input = askedOf({.rule = Rule::Threshold}, {2, 5, 4, 3}, 0, random);
        models::RoutedState state = stateOf(input, false);
        state.routing.settings.tau = 1;
        int runs = 0;
        const models::BlockFn block = [&](const at::Tensor& h, const models::ActiveSet&, int) {
            ++runs;
            return h;
        };
        const Router main(random, 1, 4, false);
        for (int r = 0; r < 3; ++r) {
            models::runExpertChoice(input.spec, {main.tensors, {}, {}}, state, block, r);
        }
        QCOMPARE(runs, 1);
        QVERIFY(state.depth.eq(1).all().item<bool>());
    }

    void rankingNeedsRowsOfOneLength() {
        std::mt19937 random(4);
        const RoutingInput input = askedOf({.isRagged = true}, {2, 5, 4, 2}, 0, random);
        models::RoutedState state = stateOf(input, true);
        const Router main(random, 1, 4, false);
        QVERIFY_EXCEPTION_THROWN(models::runExpertChoice(input.spec, {main.tensors, {}, {}}, state,
                                                         blockOf(state, 0), 0),
                                 Error);
    }
};

QTEST_APPLESS_MAIN(TestRouted)
#include "tst_routed.moc"
