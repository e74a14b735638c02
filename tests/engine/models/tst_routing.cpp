// SPDX-License-Identifier: MIT
// The routing rules against closed forms and brute force (docs/routing.md 8: 11-17, 20-22, 27, 28).
#include "engine/ops/route.h"
#include "tests/engine/model_fixture.h"
#include "tests/engine/tolerance.h"

#include <QtTest>
#include <cmath>
#include <set>

using namespace depthscope;
using settings::Rule;
using spec::RouterType;
using spec::Sharing;

namespace {

std::vector<std::int64_t> values(const at::Tensor& tensor) {
    const at::Tensor flat = tensor.contiguous().flatten();
    const auto* data = flat.const_data_ptr<std::int64_t>();
    return {data, data + flat.numel()};
}

settings::RoutingSettings with(Rule rule) {
    settings::RoutingSettings requested;
    requested.rule = rule;
    return requested;
}

double worst(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

} // namespace

class TestRouting : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void selectionSizes_data() {
        QTest::addColumn<int>("recursions");
        QTest::addColumn<int>("tokens");
        for (const int recursions : {2, 3, 4}) {
            for (const int tokens : {1, 2, 7, 12, 31}) {
                QTest::addRow("%d recursions, %d tokens", recursions, tokens)
                    << recursions << tokens;
            }
        }
    }

    /// 11, 12: |A_r| = max(1, floor(T (R - r) / R)), nested, strictly increasing.
    void selectionSizes() {
        QFETCH(int, recursions);
        QFETCH(int, tokens);
        const auto model = tests::randomModel(tests::smallMor(RouterType::Expert, recursions));
        const auto ids = tests::someIds(tokens, model.config().vocabulary);
        const models::Pass pass = tests::passOver(model, tests::idsTensor(ids));
        std::set<std::int64_t> before;
        for (std::int64_t t = 0; t < tokens; ++t) {
            before.insert(t);
        }
        std::vector<std::int64_t> depth(ids.size(), 0);
        for (int r = 0; r < recursions; ++r) {
            const auto kept = values(pass.selected.at(static_cast<std::size_t>(r)));
            QCOMPARE(static_cast<int>(kept.size()),
                     std::max(1, tokens * (recursions - r) / recursions));
            std::set<std::int64_t> now;
            for (std::size_t i = 0; i < kept.size(); ++i) {
                QVERIFY(i == 0 || kept[i - 1] < kept[i]);
                QVERIFY(before.contains(kept[i]));
                now.insert(kept[i]);
                ++depth[static_cast<std::size_t>(kept[i])];
            }
            before = now;
        }
        QCOMPARE(values(pass.depth), depth);
    }

    /// The k best scores, ties to the lowest position, against sorting by hand.
    void topkBruteForce() {
        const at::Tensor scores = at::tensor({0.5F, 0.9F, 0.5F, 0.1F, 0.9F, 0.5F}).unsqueeze(0);
        QCOMPARE(values(ops::topkPositions(scores, 1)), (std::vector<std::int64_t>{1}));
        QCOMPARE(values(ops::topkPositions(scores, 3)), (std::vector<std::int64_t>{0, 1, 4}));
        QCOMPARE(values(ops::topkPositions(scores, 6)),
                 (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5}));
    }

    /// 13: with alpha 0 the recursion stack is the identity.
    void zeroAlphaIsIdentity() {
        spec::LanguageSpec config = tests::smallMor(RouterType::Expert, 3, Sharing::Cycle);
        config.mor.alpha = 0;
        const auto model = tests::randomModel(config);
        const auto ids = tests::idsTensor(tests::someIds(9, config.vocabulary));
        const models::Pass pass = tests::passOver(model, ids);
        const at::Tensor x = at::embedding(model.weights().embedding, ids);
        const at::Tensor logits = at::linear(
            nn::rmsNorm(x, model.weights().norm, config.normEpsilon), model.weights().head);
        QVERIFY(worst(pass.logits, logits) <= tests::kFloatRoutes);
    }

    void denseEquivalence_data() {
        QTest::addColumn<bool>("weighted");
        QTest::addColumn<int>("function");
        QTest::newRow("sigmoid") << true << static_cast<int>(spec::RouterFunction::Sigmoid);
        QTest::newRow("tanh") << true << static_cast<int>(spec::RouterFunction::Tanh);
        QTest::newRow("identity") << true << static_cast<int>(spec::RouterFunction::Identity);
        QTest::newRow("additive") << false << static_cast<int>(spec::RouterFunction::Sigmoid);
    }

    /// 14: capacity 1 everywhere equals a dense loop x += g · Block(x), also by the fixed rule.
    void denseEquivalence() {
        QFETCH(bool, weighted);
        QFETCH(int, function);
        spec::LanguageSpec config = tests::smallMor(RouterType::Expert);
        config.mor.weightedGating = weighted;
        config.mor.function = static_cast<spec::RouterFunction>(function);
        const auto model = tests::randomModel(config, 3, true);
        const auto ids = tests::idsTensor(tests::someIds(11, config.vocabulary));
        settings::RoutingSettings everyone = with(Rule::TopK);
        everyone.capacity = {{1, 1}, {1, 1}, {1, 1}};
        const models::Pass routed = tests::passOver(model, ids, everyone);
        const models::Pass fixed = tests::passOver(model, ids, with(Rule::Fixed));
        QVERIFY(worst(routed.logits, fixed.logits) <= tests::kDouble);
        QVERIFY(worst(routed.logits, denseLoop(model, ids)) <= tests::kDouble);
    }

    /// 15: gather / scatter equals the whole length with the keys of the others masked and their
    /// rows dropped.
    void maskedDenseEquivalence() {
        const auto model = tests::randomModel(tests::smallMor(RouterType::Expert), 3, true);
        const auto ids = tests::idsTensor(tests::someIds(13, model.config().vocabulary));
        const models::Pass pass = tests::passOver(model, ids);
        QVERIFY(worst(pass.logits, maskedDense(model, ids, pass)) <= tests::kDouble);
    }

    void causality_data() {
        QTest::addColumn<int>("rule");
        QTest::addColumn<bool>("causal");
        QTest::newRow("threshold") << static_cast<int>(Rule::Threshold) << true;
        QTest::newRow("fixed") << static_cast<int>(Rule::Fixed) << true;
        QTest::newRow("topk") << static_cast<int>(Rule::TopK) << false;
        QTest::newRow("token") << static_cast<int>(Rule::Token) << true;
    }

    /// 17: later tokens change nothing before them under causal rules, and can under top-k.
    void causality() {
        QFETCH(int, rule);
        QFETCH(bool, causal);
        const bool token = static_cast<Rule>(rule) == Rule::Token;
        const auto model = tests::randomModel(
            tests::smallMor(token ? RouterType::Token : RouterType::Expert), 3, true);
        auto ids = tests::someIds(12, model.config().vocabulary);
        const settings::RoutingSettings requested = with(static_cast<Rule>(rule));
        double largest = 0;
        const models::Pass whole = tests::passOver(model, tests::idsTensor(ids), requested);
        for (std::int64_t length = 1; length < 12; ++length) {
            const std::vector<std::int64_t> prefix(ids.begin(), ids.begin() + length);
            const models::Pass part = tests::passOver(model, tests::idsTensor(prefix), requested);
            largest = std::max(largest, worst(part.logits, whole.logits.narrow(1, 0, length)));
        }
        QCOMPARE(whole.routing.causal, causal);
        QVERIFY2(causal ? largest <= tests::kDouble : largest > 1e-3,
                 qPrintable(QString::number(largest)));
    }

    /// 20: uniform routing gives balance 1; the logits decide, so force them through the router's
    /// weights.
    void tokenBalance() {
        spec::LanguageSpec config = tests::smallMor(RouterType::Token);
        auto model = tests::randomModel(config);
        model.weights().routers[0][0].zero_();
        const models::Pass collapsed =
            tests::passOver(model, tests::idsTensor(tests::someIds(9, config.vocabulary)));
        // Equal probabilities, everyone sent to depth 1: sum P f = 1/3 · 3 = 1.
        QVERIFY(std::abs(collapsed.routerLosses.balance.item<double>() - 1.0) <= 1e-6);
        QCOMPARE(values(collapsed.depth), std::vector<std::int64_t>(9, 1));
    }

    /// 21: depth 1 for all is x + w · Block(x).
    void tokenDepthOne() {
        spec::LanguageSpec config = tests::smallMor(RouterType::Token, 3, Sharing::Cycle);
        const auto model = tests::randomModel(config, 3, true);
        const auto ids = tests::idsTensor(tests::someIds(10, config.vocabulary));
        settings::RoutingSettings requested = with(Rule::Fixed);
        requested.fixedDepth = 1;
        const models::Pass pass = tests::passOver(model, ids, requested);
        at::Tensor x = at::embedding(model.weights().embedding, ids);
        const at::Tensor p =
            at::softmax(at::linear(x, model.weights().routers[0][0]), -1, at::kFloat);
        const at::Tensor h = wholeBlock(model, x, 0);
        x = x + p.select(-1, 0).to(at::kDouble).unsqueeze(-1) * h;
        const at::Tensor logits = at::linear(
            nn::rmsNorm(x, model.weights().norm, config.normEpsilon), model.weights().head);
        QVERIFY(worst(pass.logits, logits) <= 1e-6); // softmax is in fp32
    }

    /// 22: rows of a batch do not influence each other, including rows with nobody at a depth.
    void batchInvariance_data() {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("rule");
        QTest::newRow("token") << static_cast<int>(RouterType::Token)
                               << static_cast<int>(Rule::Token);
        QTest::newRow("topk") << static_cast<int>(RouterType::Expert)
                              << static_cast<int>(Rule::TopK);
        QTest::newRow("threshold")
            << static_cast<int>(RouterType::Expert) << static_cast<int>(Rule::Threshold);
    }

    void batchInvariance() {
        QFETCH(int, type);
        QFETCH(int, rule);
        const auto model =
            tests::randomModel(tests::smallMor(static_cast<RouterType>(type)), 5, true);
        std::vector<at::Tensor> rows;
        for (std::int64_t b = 0; b < 4; ++b) {
            std::vector<std::int64_t> ids;
            for (std::int64_t t = 0; t < 8; ++t) {
                // The first row repeats one token, so that all its tokens share one fate.
                ids.push_back(b == 0 ? 3 : (t * t * (b + 2) + b) % model.config().vocabulary);
            }
            rows.push_back(tests::idsTensor(ids));
        }
        const settings::RoutingSettings requested = with(static_cast<Rule>(rule));
        const models::Pass batch = tests::passOver(model, at::cat(rows), requested);
        for (std::int64_t b = 0; b < 4; ++b) {
            const models::Pass alone =
                tests::passOver(model, rows[static_cast<std::size_t>(b)], requested);
            QCOMPARE(values(batch.depth[b]), values(alone.depth[0]));
            QVERIFY(worst(batch.logits[b], alone.logits[0]) <= tests::kDouble);
        }
    }

    /// 27: only relative positions matter to the layers; compacted positions would not pass the
    /// fixtures.
    void rotaryShift() {
        const auto options = at::TensorOptions().dtype(at::kLong);
        const at::Tensor q = at::randn({1, 2, 6, 10}, at::kDouble);
        const at::Tensor k = at::randn({1, 2, 6, 10}, at::kDouble);
        const auto dots = [&](std::int64_t shift) {
            const at::Tensor positions = (at::arange(6, options) * 3 + shift).unsqueeze(0);
            const nn::Rotary angles =
                nn::rotary(positions, nn::rotaryFrequencies(10, 100.0), at::kDouble);
            return at::matmul(nn::rotate(q, angles), nn::rotate(k, angles).transpose(-1, -2));
        };
        QVERIFY(worst(dots(0), dots(50)) <= 1e-4); // angles are fp32: 65 rad have 8e-6 of rounding
    }

    /// 28: slot maps in closed form, and as many storages as slots.
    void sharingMaps() {
        const auto check = [](Sharing sharing, int recursions,
                              const std::vector<std::int64_t>& wanted) {
            const spec::LanguageSpec config =
                spec::isSequence(sharing)
                    ? tests::smallRecursive(sharing, recursions)
                    : tests::smallMor(RouterType::Expert, recursions, sharing);
            std::vector<std::int64_t> actual;
            for (std::int64_t layer = 0; layer < config.layers; ++layer) {
                actual.push_back(spec::sharedSlot(config, layer));
            }
            QCOMPARE(actual, wanted);
            auto model = tests::randomModel(config);
            std::set<const void*> storages;
            models::visitWeights(config, model.weights(),
                                 [&](const spec::WeightSlot& slot, at::Tensor& tensor) {
                                     if (slot.key.ends_with("q_proj.weight")) {
                                         storages.insert(tensor.const_data_ptr());
                                     }
                                 });
            QCOMPARE(storages.size(), std::set<std::int64_t>(wanted.begin(), wanted.end()).size());
        };
        check(Sharing::Cycle, 3, {0, 1, 0, 1, 0, 1});
        check(Sharing::MiddleCycle, 3, {0, 1, 2, 1, 2, 1, 2, 3});
        check(Sharing::Cycle, 2, {0, 1, 0, 1});
        check(Sharing::Sequence, 3, {0, 0, 0, 1, 1, 1});
        check(Sharing::MiddleSequence, 3, {0, 1, 1, 1, 2, 2, 2, 3});
    }

private:
    static at::Tensor
    wholeBlock(const models::LanguageModel& model, const at::Tensor& input, std::size_t r) {
        at::Tensor x = input;
        const at::Tensor positions = at::arange(input.size(1), at::kLong).unsqueeze(0);
        const nn::Rotary angles = nn::rotary(
            positions, nn::rotaryFrequencies(model.config().headDim, model.config().ropeTheta),
            input.scalar_type());
        for (const nn::LayerWeights& layer : model.weights().block.at(r)) {
            x = nn::decoderLayer(layer, models::layerShape(model.config()), angles, x, {});
        }
        return x;
    }

    static at::Tensor outerLayer(const models::LanguageModel& model,
                                 const nn::LayerWeights& layer,
                                 const at::Tensor& x) {
        const at::Tensor positions = at::arange(x.size(1), at::kLong).unsqueeze(0);
        const nn::Rotary angles = nn::rotary(
            positions, nn::rotaryFrequencies(model.config().headDim, model.config().ropeTheta),
            x.scalar_type());
        return nn::decoderLayer(layer, models::layerShape(model.config()), angles, x, {});
    }

    static at::Tensor logitsOf(const models::LanguageModel& model, const at::Tensor& x) {
        const at::Tensor out = outerLayer(model, model.weights().after[0], x);
        return at::linear(nn::rmsNorm(out, model.weights().norm, model.config().normEpsilon),
                          model.weights().head);
    }

    static at::Tensor
    gateOf(const models::LanguageModel& model, const at::Tensor& x, std::size_t r) {
        const spec::MorSpec& mor = model.config().mor;
        if (!mor.weightedGating) {
            return at::ones({1, x.size(1), 1}, x.options());
        }
        const at::Tensor score =
            models::routerScore(mor, models::routerLogits(mor, model.weights().routers[r], x));
        return score * (mor.function == spec::RouterFunction::Identity ? 1.0 : mor.alpha);
    }

    static at::Tensor denseLoop(const models::LanguageModel& model, const at::Tensor& ids) {
        at::Tensor x = outerLayer(model, model.weights().before[0],
                                  at::embedding(model.weights().embedding, ids));
        for (std::size_t r = 0; r < 3; ++r) {
            x = x + gateOf(model, x, r) * wholeBlock(model, x, r);
        }
        return logitsOf(model, x);
    }

    /// The block over all tokens, by matrix products, with an explicit mask: causal and only to
    /// chosen keys.
    static at::Tensor maskedLayer(const models::LanguageModel& model,
                                  const nn::LayerWeights& w,
                                  const at::Tensor& x,
                                  const at::Tensor& chosen) {
        const spec::LanguageSpec& c = model.config();
        const std::int64_t T = x.size(1);
        const nn::Rotary angles =
            nn::rotary(at::arange(T, at::kLong).unsqueeze(0),
                       nn::rotaryFrequencies(c.headDim, c.ropeTheta), x.scalar_type());
        const at::Tensor h = nn::rmsNorm(x, w.inputNorm, c.normEpsilon);
        const auto heads = [&](const at::Tensor& weight, std::int64_t count) {
            return at::linear(h, weight).view({1, T, count, c.headDim}).transpose(1, 2);
        };
        const std::int64_t group = c.heads / c.kvHeads;
        const at::Tensor q = nn::rotate(heads(w.q, c.heads), angles);
        const at::Tensor k = nn::rotate(heads(w.k, c.kvHeads), angles).repeat_interleave(group, 1);
        const at::Tensor v = heads(w.v, c.kvHeads).repeat_interleave(group, 1);
        at::Tensor mask = at::ones({T, T}, at::kBool).tril().logical_and(chosen.unsqueeze(0));
        mask = mask.logical_or(at::eye(T, at::kBool)); // rows that are dropped later need one key
        const at::Tensor scores =
            (at::matmul(q, k.transpose(-1, -2)) / std::sqrt(static_cast<double>(c.headDim)))
                .masked_fill(mask.logical_not(), -std::numeric_limits<double>::infinity());
        const at::Tensor mixed = at::matmul(at::softmax(scores, -1), v)
                                     .transpose(1, 2)
                                     .reshape({1, T, c.heads * c.headDim});
        const at::Tensor y = x + at::linear(mixed, w.o);
        const at::Tensor n = nn::rmsNorm(y, w.postNorm, c.normEpsilon);
        return y + at::linear(at::silu(at::linear(n, w.gate)) * at::linear(n, w.up), w.down);
    }

    static at::Tensor maskedDense(const models::LanguageModel& model,
                                  const at::Tensor& ids,
                                  const models::Pass& pass) {
        at::Tensor x = outerLayer(model, model.weights().before[0],
                                  at::embedding(model.weights().embedding, ids));
        for (std::size_t r = 0; r < 3; ++r) {
            at::Tensor chosen = at::zeros({ids.size(1)}, at::kBool);
            chosen.index_fill_(0, pass.selected[r][0], true);
            at::Tensor h = x;
            for (const nn::LayerWeights& layer : model.weights().block[r]) {
                h = maskedLayer(model, layer, h, chosen);
            }
            x = x + gateOf(model, x, r) * h * chosen.to(at::kDouble).unsqueeze(-1);
        }
        return logitsOf(model, x);
    }
};

QTEST_APPLESS_MAIN(TestRouting)
#include "tst_routing.moc"
