// SPDX-License-Identifier: MIT
// MORE against its closed forms (docs/routing.md 8: 1, 3 to 10); the fixtures are in tst_fixtures.
#include "engine/models/more.h"
#include "engine/spec/flops.h"
#include "tests/engine/model_fixture.h"
#include "tests/engine/tolerance.h"

#include <QtTest>
#include <algorithm>

using namespace depthscope;
using spec::LanguageSpec;

namespace {

double worst(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

std::int64_t countOf(const LanguageSpec& config) {
    models::Weights weights = models::randomWeights(config, 1);
    std::int64_t count = 0;
    for (const spec::ParameterPart& part : models::countParameters(config, weights)) {
        count += part.count;
    }
    return count;
}

at::Tensor idsFor(const LanguageSpec& config, std::int64_t count = 15) {
    return tests::idsTensor(tests::someIds(count, config.vocabulary));
}

} // namespace

class TestMore : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void parameterCount_data() {
        QTest::addColumn<int>("experts");
        QTest::addColumn<int>("perToken");
        QTest::addColumn<int>("loops");
        QTest::addColumn<int>("kvHeads");
        QTest::newRow("one expert") << 1 << 1 << 2 << 4;
        QTest::newRow("six experts, three chosen, GQA") << 6 << 3 << 4 << 2;
        QTest::newRow("MQA") << 3 << 2 << 3 << 1;
    }

    /// 1: V·d + L·(2d + attention + E·d + E·(attention + 3dI + 3d + R·d)) + d.
    void parameterCount() {
        QFETCH(int, experts);
        QFETCH(int, perToken);
        QFETCH(int, loops);
        QFETCH(int, kvHeads);
        LanguageSpec c = tests::smallMore(experts, perToken, loops);
        c.kvHeads = kvHeads;
        const std::int64_t d = c.width, attention = 2 * d * d + 2 * d * kvHeads * c.headDim;
        const std::int64_t expert = attention + 3 * d * c.ffn + 3 * d + loops * d;
        const std::int64_t layer = 2 * d + attention + experts * d + experts * expert;
        QCOMPARE(countOf(c), c.vocabulary * d + c.layers * layer + d);
    }

    /// 3: an expert's queries and keys decide nothing and learn nothing.
    void queriesAndKeysAreDead() {
        auto model = tests::randomModel(tests::smallMore());
        const at::Tensor ids = idsFor(model.config());
        const at::Tensor before = tests::passOver(model, ids).logits;
        for (models::MoreBlock& block : model.weights().fractal) {
            for (models::RecursiveExpert& expert : block.experts) {
                expert.q.mul_(-3);
                expert.k.add_(1);
            }
        }
        QVERIFY(at::equal(before, tests::passOver(model, ids).logits));
    }

    /// 4: the shortcut is what attention over one token gives, grouped heads included.
    void shortcutIsAttentionOverOneToken() {
        const auto model = tests::randomModel(tests::smallMore(2, 1, 2), 3, true);
        const LanguageSpec& c = model.config();
        const models::RecursiveExpert& e = model.weights().fractal[0].experts[1];
        const at::Tensor h = at::linspace(-1, 1, 5 * c.width, at::kDouble).view({5, c.width});
        nn::LayerWeights layer;
        layer.inputNorm = e.attentionNorm;
        layer.q = e.q;
        layer.k = e.k;
        layer.v = e.v;
        layer.o = e.o;
        layer.postNorm = e.ffnNorm;
        layer.gate = e.gate;
        layer.up = e.up;
        layer.down = e.down;
        const nn::Rotary zero =
            nn::rotary(at::zeros({5, 1}, at::kLong), nn::rotaryFrequencies(c.headDim, c.ropeTheta),
                       at::kDouble);
        at::Tensor z = h.unsqueeze(1); // five batches of one token
        for (int s = 0; s < 2; ++s) {
            z = nn::decoderLayer(layer, models::layerShape(c), zero, z + e.steps[s], {});
        }
        const at::Tensor wanted = nn::rmsNorm(z.squeeze(1), e.outNorm, c.normEpsilon);
        QVERIFY(worst(models::runExpert(c, e, h, 2), wanted) <= tests::kDouble);
    }

    /// 5: equal experts make routing irrelevant; all experts chosen is the dense mixture; experts
    /// may be renumbered.
    void mixtures() {
        auto model = tests::randomModel(tests::smallMore(3, 2, 2), 3, true);
        const at::Tensor ids = idsFor(model.config());
        auto& block = model.weights().fractal[0];
        const at::Tensor before = tests::passOver(model, ids).logits;
        std::swap(block.experts[0], block.experts[2]);
        block.router = block.router.index_select(0, at::tensor({2, 1, 0}));
        QVERIFY(worst(tests::passOver(model, ids).logits, before) <= tests::kDouble);

        for (models::MoreBlock& one : model.weights().fractal) {
            std::fill(one.experts.begin(), one.experts.end(), one.experts[0]);
        }
        const at::Tensor same = tests::passOver(model, ids).logits;
        block.router.neg_();
        QVERIFY(worst(tests::passOver(model, ids).logits, same) <= tests::kDouble);
    }

    void allChosenIsDense() {
        const auto model = tests::randomModel(tests::smallMore(3, 3, 2), 3, true);
        const LanguageSpec& c = model.config();
        const models::MoreBlock& block = model.weights().fractal[0];
        models::Pass pass = tests::passOver(model, idsFor(c));
        const at::Tensor x = at::embedding(model.weights().embedding, pass.ids);
        models::Pass one;
        one.ids = pass.ids;
        one.x = x;
        one.rotary = pass.rotary;
        one.positions = pass.positions;
        one.routing = pass.routing;
        static_cast<void>(models::runFractalBlocks(c, {&block, 1}, one, 0));
        nn::KvAccess kv;
        const at::Tensor attended =
            nn::attentionHalf(block.attention, models::layerShape(c), pass.rotary, x, kv);
        const at::Tensor h = nn::rmsNorm(attended, block.moreNorm, c.normEpsilon).flatten(0, 1);
        const at::Tensor p = at::softmax(at::linear(h, block.router), -1);
        at::Tensor mixed = at::zeros_like(h);
        for (std::int64_t e = 0; e < 3; ++e) {
            mixed += models::runExpert(c, block.experts[static_cast<std::size_t>(e)], h, 2) *
                     p.select(1, e).unsqueeze(1);
        }
        QVERIFY(worst(one.x, attended + mixed.view(x.sizes())) <= tests::kDouble);
    }

    /// 6: without loops an expert is its output norm.
    void noLoops() {
        const auto model = tests::randomModel(tests::smallMore(2, 1, 0), 3, true);
        const LanguageSpec& c = model.config();
        const at::Tensor h = at::linspace(-1, 1, 3 * c.width, at::kDouble).view({3, c.width});
        const models::RecursiveExpert& e = model.weights().fractal[0].experts[0];
        QVERIFY(worst(models::runExpert(c, e, h, 0), nn::rmsNorm(h, e.outNorm, c.normEpsilon)) <=
                tests::kDouble);
        QCOMPARE(tests::passOver(model, idsFor(c)).depth.max().item<std::int64_t>(), 0);
    }

    /// 7: weights sum to 1, k different experts each, the heaviest first.
    void choices() {
        const auto model = tests::randomModel(tests::smallMore(5, 3, 2));
        const models::Pass pass = tests::passOver(model, idsFor(model.config()));
        QCOMPARE(pass.experts.size(), std::size_t{2});
        for (const models::ExpertRouting& layer : pass.experts) {
            QVERIFY(worst(layer.weight.sum(-1), at::ones({1, 15})) <= 1e-6);
            QVERIFY((layer.weight.diff(1, -1) <= 0).all().item<bool>());
            QVERIFY(std::get<0>(layer.index.sort(-1)).diff(1, -1).gt(0).all().item<bool>());
        }
        QVERIFY(pass.depth.eq(3).logical_or(pass.depth.eq(2)).all().item<bool>());
    }

    /// 8: later tokens change nothing before them.
    void causality() {
        const auto model = tests::randomModel(tests::smallMore());
        const at::Tensor ids = idsFor(model.config());
        at::Tensor other = ids.clone();
        other[0][14] = 1;
        const at::Tensor a = tests::passOver(model, ids).logits.narrow(1, 0, 14);
        const at::Tensor b = tests::passOver(model, other).logits.narrow(1, 0, 14);
        QVERIFY(worst(a, b) <= tests::kFloatRoutes);
    }

    /// 9: with one expert chosen its weight is 1 whatever the router says: no gradient.
    void oneExpertTeachesNoRouter() {
        auto model = tests::randomModel(tests::smallMore(3, 1, 2));
        const c10::AutoGradMode grad(true);
        for (models::DistinctWeight& weight :
             models::distinctWeights(model.config(), model.weights())) {
            weight.tensor.set_requires_grad(true);
        }
        models::Pass pass;
        pass.ids = idsFor(model.config());
        pass.routing = spec::resolveRouting(model.config(), {}, spec::RoutingUse::Pass);
        model.run(pass);
        pass.logits.square().mean().backward();
        const models::MoreBlock& block = model.weights().fractal[0];
        QVERIFY(!block.router.grad().defined() ||
                block.router.grad().abs().max().item<double>() <= 1e-7);
        QVERIFY(block.attention.q.grad().abs().max().item<double>() > 0);
    }

    /// The gradient of a whole fractal block against central differences in fp64: through the
    /// mixture's weights too. Where the choice of experts is a step the difference would jump.
    void gradients() {
        const auto model = tests::randomModel(tests::smallMore(3, 2, 2), 3, true);
        const LanguageSpec& c = model.config();
        const models::Pass plain = tests::passOver(model, idsFor(c, 4));
        const auto run = [&](const at::Tensor& x) {
            models::Pass pass;
            pass.ids = plain.ids;
            pass.rotary = plain.rotary;
            pass.positions = plain.positions;
            pass.routing = plain.routing;
            pass.x = x;
            static_cast<void>(
                models::runFractalBlocks(c, {&model.weights().fractal[0], 1}, pass, 0));
            return pass.x;
        };
        const at::Tensor start = at::embedding(model.weights().embedding, plain.ids);
        const at::Tensor probe =
            at::arange(start.numel(), start.options()).cos().view(start.sizes());
        at::Tensor x = start.detach().clone().set_requires_grad(true);
        {
            const c10::AutoGradMode grad(true);
            (run(x) * probe).sum().backward();
        }
        constexpr double kStep = 1e-6;
        for (std::int64_t i = 0; i < start.numel(); ++i) {
            const auto shifted = [&](double by) {
                at::Tensor moved = start.clone();
                moved.view(-1)[i] += by;
                return (run(moved) * probe).sum().item<double>();
            };
            const double numeric = (shifted(kStep) - shifted(-kStep)) / (2 * kStep);
            // truncation h² times third derivatives of a few hundred, and rounding 1e-14 / h
            QVERIFY(std::abs(numeric - x.grad().view(-1)[i].item<double>()) <= 1e-7);
        }
    }

    /// FLOPs by hand for one block, and the fixed rule shortens the loops.
    void flopsAndDepth() {
        const LanguageSpec c = tests::smallMore(4, 2, 3);
        const auto model = tests::randomModel(c);
        settings::RoutingSettings requested;
        requested.rule = settings::Rule::Fixed;
        requested.fixedDepth = 1;
        const models::Pass pass = tests::passOver(model, idsFor(c, 2), requested);
        QCOMPARE(pass.depth.max().item<std::int64_t>(), 1);
        const double d = 24, kv = 12, f = 40;
        const double outer = 2 * (2 * d * d + 2 * d * kv) * 2 + 4 * d * 3;
        const double experts = (2 * d * 4 + 2 * (2 * d * (d + kv) + 6 * d * f)) * 2;
        const std::vector<std::uint8_t> depth{1, 1};
        const spec::StepWork load = spec::stepWork(c, pass.routing, {depth, 0, {}});
        QCOMPARE(spec::stepFlops(c, load), 2 * (outer + experts) + 2 * d * 37 * 2);
    }
};

QTEST_APPLESS_MAIN(TestMore)
#include "tst_more.moc"
