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

constexpr std::int64_t kRecursions = 3;
constexpr double kRounding = 1e-4; // fp32 sums of likelihoods, in batches of unlike rows

/// A window of a random model, and what any depths of it cost.
class Window {
public:
    Window(spec::RouterType type, std::uint64_t seed, std::int64_t tokens)
        : m_model(tests::randomModel(tests::smallMor(type, kRecursions), seed))
        , m_tokens(tokens)
        , m_routing(spec::resolveRouting(m_model.config(), {}, spec::RoutingUse::Pass)) {
        const auto shift = static_cast<std::int64_t>(seed);
        for (std::int64_t t = 0; t < tokens; ++t) {
            m_ids.push_back(static_cast<std::int32_t>((t * t * 7 + t * shift + 5) % 37));
        }
        m_row = tests::idsTensor(std::vector<std::int64_t>(m_ids.begin(), m_ids.end()));
        own = tests::passOver(m_model, m_row).depth;
    }

    at::Tensor own; ///< [1, T] the router's depths

    /// Of each row of depths [N, T]: [N].
    [[nodiscard]] at::Tensor nats(const at::Tensor& depths) const {
        const c10::NoGradGuard noGrad;
        models::Pass pass;
        pass.ids = m_row.expand({depths.size(0), m_tokens});
        pass.routing = m_routing;
        pass.forcedDepth = depths;
        m_model.run(pass);
        const std::int64_t last = m_tokens - 1;
        return at::cross_entropy_loss(pass.logits.narrow(1, 0, last).transpose(1, 2),
                                      pass.ids.narrow(1, 1, last), {}, at::Reduction::None)
            .sum(1);
    }

    /// Each token at the depth that is best while the others stay. [1, T]
    [[nodiscard]] at::Tensor bestAlone() const {
        at::Tensor best = own.clone();
        for (std::int64_t t = 0; t < m_tokens; ++t) {
            at::Tensor tried = own.repeat({kRecursions, 1});
            tried.select(1, t).copy_(at::arange(1, kRecursions + 1));
            const at::Tensor costs = nats(tried);
            std::int64_t least = 0;
            for (std::int64_t d = 1; d < kRecursions; ++d) {
                const double saved = (costs[least] - costs[d]).item<double>();
                least = saved > 1e-5 ? d : least;
            }
            best[0][t] = least + 1;
        }
        return best;
    }

    /// The least nats of all R^T depths of at most `budget` steps.
    [[nodiscard]] double leastWithin(std::int64_t budget) const {
        const std::vector<at::Tensor> choices(static_cast<std::size_t>(m_tokens),
                                              at::arange(1, kRecursions + 1));
        const at::Tensor all = at::cartesian_prod(choices);
        const at::Tensor tooDeep = all.sum(1) > budget;
        return nats(all)
            .masked_fill(tooDeep, std::numeric_limits<double>::infinity())
            .min()
            .item<double>();
    }

    [[nodiscard]] double natsOf(const at::Tensor& depths) const {
        return nats(depths).item<double>();
    }

    [[nodiscard]] evaluate::Regret measure() const {
        evaluate::RegretMeter meter(m_model, m_ids, m_routing, m_tokens);
        static_cast<void>(meter.step());
        return meter.regret();
    }

private:
    models::LanguageModel m_model;
    std::int64_t m_tokens;
    std::vector<std::int32_t> m_ids;
    spec::ResolvedRouting m_routing;
    at::Tensor m_row;
};

} // namespace

class TestRegret : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void eachTokenAlone() {
        const Window window(spec::RouterType::Expert, 3, 6);
        const evaluate::Regret regret = window.measure();
        const at::Tensor best = window.bestAlone();
        QVERIFY(std::abs(regret.routedSum - window.natsOf(window.own)) < kRounding);
        QVERIFY(std::abs(regret.bestSum - window.natsOf(best)) < kRounding);
        QCOMPARE(regret.bestDepthSum, best.sum().item<double>());
        QCOMPARE(regret.routedDepthSum, window.own.sum().item<double>());
        QCOMPARE(regret.tokens, std::int64_t{5});
    }

    void boundedByAllDepths() {
        constexpr std::int64_t kTokens = 5;
        for (const auto type : {spec::RouterType::Expert, spec::RouterType::Token}) {
            for (std::uint64_t seed = 1; seed <= 4; ++seed) {
                const Window window(type, seed, kTokens);
                const evaluate::Regret regret = window.measure();
                const auto spent = window.own.sum().item<std::int64_t>();
                QVERIFY(regret.bestSum > window.leastWithin(kTokens * kRecursions) - kRounding);
                QVERIFY(regret.equalCostSum > window.leastWithin(spent) - kRounding);
            }
        }
    }

    void theLimitNeverHelps_data() {
        QTest::addColumn<int>("seed");
        QTest::addColumn<bool>("loseTogether"); ///< the depths that are best alone
        QTest::newRow("add up") << 1 << false;
        QTest::newRow("lose together") << 4 << true;
    }

    void theLimitNeverHelps() {
        QFETCH(int, seed);
        QFETCH(bool, loseTogether);
        const Window window(spec::RouterType::Expert, static_cast<std::uint64_t>(seed), 32);
        const evaluate::Regret regret = window.measure();
        const double together = window.natsOf(window.bestAlone());
        QCOMPARE(together > regret.equalCostSum + kRounding, loseTogether);
        QVERIFY(regret.bestSum <= regret.equalCostSum);
        QVERIFY(regret.equalCostSum <= regret.routedSum);
    }
};

QTEST_APPLESS_MAIN(TestRegret)
#include "tst_regret.moc"
