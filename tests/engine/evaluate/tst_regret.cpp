// SPDX-License-Identifier: MIT
// Routing regret against brute force: every depth of every single token, and all depths of all
// tokens together.
#include "engine/evaluate/regret.h"
#include "tests/engine/model_fixture.h"

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <limits>

using namespace depthscope;

namespace {

constexpr std::int64_t kTokens = 5, kRecursions = 3;
constexpr double kRounding = 1e-4; // fp32 sums of five likelihoods, in rows of unlike batches

/// A window of a random model, and what any depths of it cost.
struct Window {
    models::LanguageModel model;
    std::vector<std::int32_t> ids;
    spec::ResolvedRouting routing;
    at::Tensor row;
    at::Tensor own; ///< [1, T] the router's depths

    Window(spec::RouterType type, std::uint64_t seed)
        : model(tests::randomModel(tests::smallMor(type, kRecursions), seed))
        , routing(spec::resolveRouting(model.config(), {}, spec::RoutingUse::Pass)) {
        const auto shift = static_cast<std::int64_t>(seed);
        for (std::int64_t t = 0; t < kTokens; ++t) {
            ids.push_back(static_cast<std::int32_t>((t * t * 7 + t * shift + 5) % 37));
        }
        row = tests::idsTensor(std::vector<std::int64_t>(ids.begin(), ids.end()));
        own = tests::passOver(model, row).depth;
    }

    [[nodiscard]] double nats(const at::Tensor& depths) const {
        const c10::NoGradGuard noGrad;
        models::Pass pass;
        pass.ids = row;
        pass.routing = routing;
        pass.forcedDepth = depths;
        model.run(pass);
        constexpr std::int64_t kLast = kTokens - 1;
        return at::cross_entropy_loss(pass.logits[0].narrow(0, 0, kLast),
                                      row[0].narrow(0, 1, kLast))
                   .item<double>() *
               kLast;
    }

    /// Each token at the depth that is best while the others stay.
    [[nodiscard]] at::Tensor bestAlone() const {
        at::Tensor best = own.clone();
        for (std::int64_t t = 0; t < kTokens; ++t) {
            double least = std::numeric_limits<double>::infinity();
            for (std::int64_t d = 1; d <= kRecursions; ++d) {
                at::Tensor tried = own.clone();
                tried[0][t] = d;
                const double value = nats(tried);
                if (value < least - 1e-5) {
                    least = value;
                    best[0][t] = d;
                }
            }
        }
        return best;
    }

    /// The least nats of all R^T depths of at most `budget` steps.
    [[nodiscard]] double leastWithin(std::int64_t budget) const {
        double least = std::numeric_limits<double>::infinity();
        const auto count = static_cast<std::int64_t>(std::pow(kRecursions, kTokens));
        for (std::int64_t n = 0; n < count; ++n) {
            std::vector<std::int64_t> depths;
            std::int64_t steps = 0;
            for (std::int64_t t = 0, rest = n; t < kTokens; ++t, rest /= kRecursions) {
                depths.push_back(rest % kRecursions + 1);
                steps += depths.back();
            }
            if (steps <= budget) {
                least = std::min(least, nats(tests::idsTensor(depths)));
            }
        }
        return least;
    }

    [[nodiscard]] evaluate::Regret measure() const {
        evaluate::RegretMeter meter(model, ids, routing, kTokens);
        [&] { QVERIFY(!meter.step()); }();
        return meter.regret();
    }
};

} // namespace

class TestRegret : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void eachTokenAlone() {
        const Window window(spec::RouterType::Expert, 3);
        const evaluate::Regret regret = window.measure();
        const at::Tensor best = window.bestAlone();
        QVERIFY(window.nats(best) < regret.equalCostSum); // else another set was taken
        QVERIFY(std::abs(regret.routedSum - window.nats(window.own)) < kRounding);
        QVERIFY(std::abs(regret.bestSum - window.nats(best)) < kRounding);
        QCOMPARE(regret.bestDepthSum, best.sum().item<double>());
        QCOMPARE(regret.routedDepthSum, window.own.sum().item<double>());
        QCOMPARE(regret.tokens, kTokens - 1);
    }

    /// Between 0 and what the best of all depths saves; the limit never helps. Depths that are
    /// best alone lose together in some of these windows.
    void boundedByAllDepths() {
        int lostTogether = 0;
        for (const auto type : {spec::RouterType::Expert, spec::RouterType::Token}) {
            for (std::uint64_t seed = 1; seed <= 8; ++seed) {
                const Window window(type, seed);
                const evaluate::Regret regret = window.measure();
                const auto spent = window.own.sum().item<std::int64_t>();
                QVERIFY(regret.bestSum <= regret.equalCostSum);
                QVERIFY(regret.equalCostSum <= regret.routedSum);
                QVERIFY(regret.bestSum > window.leastWithin(kTokens * kRecursions) - kRounding);
                QVERIFY(regret.equalCostSum > window.leastWithin(spent) - kRounding);
                lostTogether +=
                    window.nats(window.bestAlone()) > regret.equalCostSum + kRounding ? 1 : 0;
            }
        }
        QVERIFY(lostTogether > 0);
    }
};

QTEST_APPLESS_MAIN(TestRegret)
#include "tst_regret.moc"
