// SPDX-License-Identifier: MIT
// What teaches the router of Stage 2: the aligned loss by hand, and that routers find what they
// should.
#include "engine/models/aligned_routing.h"
#include "engine/models/routed.h"
#include "tests/engine/models/recursion_bench.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <QtTest>
#include <cmath>
#include <vector>

using namespace depthscope;
using namespace depthscope::tests;
using settings::Rule;

namespace {

/// Ranks: the share of (marked, other) pairs in which the marked one has the larger score.
double aucOf(const at::Tensor& scores, const at::Tensor& isMarked) {
    const at::Tensor high = scores.masked_select(isMarked).unsqueeze(1);
    const at::Tensor low = scores.masked_select(isMarked.logical_not()).unsqueeze(0);
    return high.gt(low).to(at::kDouble).mean().item<double>();
}

} // namespace

class TestAlignedRouting : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// Against loops: the mean over candidates of -log of the right answer, summed over recursions;
    /// only the router's weights learn from it.
    void alignedLossByHand() {
        RecursionBench bench(smallMore());
        const models::Side side = bench.side(2);
        at::Tensor x = statesOf(bench.spec, side, at::kDouble).requires_grad_();
        for (auto& router : bench.weights.recursion.routers) {
            router[0].requires_grad_();
        }
        models::RoutedState state;
        static_cast<void>(bench.run(side, x, state, {.losses = true}));
        QCOMPARE(state.rankings.size(), std::size_t{2}); // the first recursion takes everyone
        const at::Tensor errors = at::rand({2, 12});
        const at::Tensor loss = models::alignedLoss(state.rankings, errors);
        double expected = 0;
        for (const models::Ranking& ranking : state.rankings) {
            const std::int64_t C = ranking.positions.size(1);
            for (std::int64_t b = 0; b < 2; ++b) {
                const at::Tensor among = errors[b].index_select(0, ranking.positions[b]);
                for (std::int64_t c = 0; c < C; ++c) {
                    const auto larger = among.gt(among[c]).sum().item<std::int64_t>();
                    const bool isMember = larger < ranking.kept.front();
                    const double p = 1 / (1 + std::exp(-ranking.logits[b][c].item<double>()));
                    expected -= std::log(isMember ? p : 1 - p) / static_cast<double>(2 * C);
                }
            }
        }
        QVERIFY(std::abs(loss.item<double>() - expected) < 1e-5);
        loss.backward();
        QVERIFY(!x.grad().defined());
        QVERIFY(!bench.weights.recursion.routers[0][0].grad().defined());
        QVERIFY(bench.weights.recursion.routers[1][0].grad().abs().sum().item<double>() > 0);
        QVERIFY(bench.weights.recursion.routers[2][0].grad().abs().sum().item<double>() > 0);
    }

    /// The block helps planted tokens and harms the others: through the gates alone, and through
    /// aligned routing alone, the router finds them.
    void routersFindThePlanted_data() {
        QTest::addColumn<bool>("isAligned");
        QTest::newRow("by the gate") << false;
        QTest::newRow("by the error") << true;
    }

    void routersFindThePlanted() {
        QFETCH(bool, isAligned);
        at::manual_seed(11);
        spec::RouterSpec router = spec::VideoRecursionSpec::videoRouter();
        std::vector<at::Tensor> weights{at::zeros({1, 16}).requires_grad_()};
        double auc = 0;
        for (int step = 0; step < 150; ++step) {
            const at::Tensor isPlanted = at::rand({8, 24}).lt(0.4);
            at::Tensor x = at::randn({8, 24, 16}) * 0.3;
            x.select(2, 3).add_(isPlanted.to(at::kFloat));
            const at::Tensor goal = at::randn({8, 24, 16});
            models::RoutedState state;
            state.x = x;
            state.depth = at::zeros({8, 24}, at::kLong);
            state.routing.settings.rule = Rule::TopK;
            state.routing.settings.capacity = {{1, 2}};
            state.keepsRankings = isAligned;
            const at::Tensor gain = at::where(isPlanted, 0.5, -0.5).unsqueeze(-1);
            const models::BlockFn block = [&](const at::Tensor& h, const models::ActiveSet& active,
                                              int) {
                const at::Tensor index = active.positions.unsqueeze(-1);
                return h + gain.gather(1, index) * (goal.gather(1, index.expand(h.sizes())) - h);
            };
            models::runExpertChoice(router, {weights, {}, {}}, state, block, 0);
            const at::Tensor errors = (state.x - goal).square().mean(-1);
            const at::Tensor loss =
                isAligned ? models::alignedLoss(state.rankings, isPlanted.to(at::kFloat))
                          : errors.mean();
            loss.backward();
            const c10::NoGradGuard noGrad;
            weights[0].add_(weights[0].grad(), isAligned ? -3.0 : -20.0);
            weights[0].mutable_grad().reset();
            auc = aucOf(at::linear(x, weights[0]).squeeze(-1), isPlanted);
        }
        QVERIFY2(auc > 0.95, qPrintable(QString::number(auc)));
    }
};

QTEST_APPLESS_MAIN(TestAlignedRouting)
#include "tst_aligned_routing.moc"
