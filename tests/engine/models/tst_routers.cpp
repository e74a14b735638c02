// SPDX-License-Identifier: MIT
// Router kinds beyond the fixtures: wide MLPs, the auxiliary router, the random control, depths
// forced from outside, the recursive baseline, the drop rule and the published counts
// (docs/routing.md 2.2, 2.3, 3.1, 3.4).
#include "engine/models/initialise.h"
#include "tests/engine/model_fixture.h"
#include "tests/engine/tolerance.h"

#include <QtTest>

using namespace depthscope;
using settings::Rule;
using spec::LanguageSpec;
using spec::RouterType;
using spec::Sharing;

namespace {

double worst(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

settings::RoutingSettings with(Rule rule) {
    settings::RoutingSettings requested;
    requested.rule = rule;
    return requested;
}

} // namespace

class TestRouters : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void hiddenWidths_data() {
        QTest::addColumn<int>("net");
        QTest::addColumn<int>("factor");
        QTest::addColumn<int>("parameters");
        QTest::newRow("linear") << static_cast<int>(spec::RouterNet::Linear) << 2 << 3 * 24;
        QTest::newRow("mlp") << static_cast<int>(spec::RouterNet::Mlp) << 4 << 3 * (48 * 24 + 48);
        QTest::newRow("wide, released")
            << static_cast<int>(spec::RouterNet::WideMlp) << 2 << 3 * (48 * 24 + 48);
        QTest::newRow("wide, paper")
            << static_cast<int>(spec::RouterNet::WideMlp) << 4 << 3 * (96 * 24 + 96);
    }

    void hiddenWidths() {
        QFETCH(int, net);
        QFETCH(int, factor);
        QFETCH(int, parameters);
        LanguageSpec config = tests::smallMor(RouterType::Expert);
        config.mor.net = static_cast<spec::RouterNet>(net);
        config.mor.wideFactor = factor;
        auto model = tests::randomModel(config);
        std::int64_t count = 0;
        for (const auto& part : models::countParameters(config, model.weights())) {
            count += part.name == "routers" ? part.count : 0;
        }
        QCOMPARE(count, parameters);
        QCOMPARE(tests::passOver(model, tests::idsTensor(tests::someIds(9, 37))).logits.size(2),
                 37);
    }

    /// The auxiliary router decides under its rule, learns from the main router's choices, and its
    /// loss reaches nothing but itself.
    void auxiliaryRouter() {
        LanguageSpec config = tests::smallMor(RouterType::Expert);
        config.mor.scoreTraining = spec::ScoreTraining::AuxRouter;
        auto model = tests::randomModel(config);
        const at::Tensor ids = tests::idsTensor(tests::someIds(15, config.vocabulary));
        for (auto& router : model.weights().auxRouters) {
            router[0].zero_(); // sigmoid 0.5 is not above 0.5: nobody goes on
        }
        const models::Pass pass = tests::passOver(model, ids, with(Rule::Aux));
        QCOMPARE(pass.depth.max().item<std::int64_t>(), 1);
        QVERIFY(pass.routing.causal);
        QVERIFY(std::abs(tests::passOver(model, ids).routerLosses.auxRouter.item<double>() -
                         3 * std::log(2.0)) < 1e-5);

        const c10::AutoGradMode grad(true);
        for (models::DistinctWeight& weight : models::distinctWeights(config, model.weights())) {
            weight.tensor.set_requires_grad(true);
        }
        models::Pass training;
        training.ids = ids;
        training.losses = true;
        training.routing = spec::resolveRouting(config, {}, spec::RoutingUse::Pass);
        model.run(training);
        training.routerLosses.auxRouter.backward();
        for (const models::DistinctWeight& weight :
             models::distinctWeights(config, model.weights())) {
            const bool own = weight.key.find("mlp_router") != std::string::npos;
            QCOMPARE(weight.tensor.grad().defined(), own);
        }
    }

    /// The control draws anew for each seed, keeps as many as top-k, and gates by the router.
    void randomControl() {
        LanguageSpec config = tests::smallMor(RouterType::Expert);
        config.mor.randomRouter = true;
        const auto model = tests::randomModel(config);
        const at::Tensor ids = tests::idsTensor(tests::someIds(12, config.vocabulary));
        models::Pass first, second;
        for (models::Pass* pass : {&first, &second}) {
            pass->ids = ids;
            pass->routing = spec::resolveRouting(config, {}, spec::RoutingUse::Pass);
            pass->routing.seed = pass == &first ? 1 : 2;
            model.run(*pass);
        }
        QVERIFY(first.routing.settings.rule == Rule::Random && !first.routing.offDistribution);
        QCOMPARE(first.activeTokens, (std::vector<std::int64_t>{12, 8, 4}));
        QVERIFY(!at::equal(first.depth, second.depth));
    }

    void forcedDepths_data() {
        QTest::addColumn<int>("type");
        QTest::newRow("expert") << static_cast<int>(RouterType::Expert);
        QTest::newRow("token") << static_cast<int>(RouterType::Token);
    }

    /// Depths given from outside are taken, in batches too; forcing the router's own changes
    /// nothing.
    void forcedDepths() {
        QFETCH(int, type);
        const auto model = tests::randomModel(tests::smallMor(static_cast<RouterType>(type)));
        const at::Tensor ids = tests::idsTensor(tests::someIds(10, 37));
        const models::Pass own = tests::passOver(model, ids);
        const at::Tensor mixed = tests::idsTensor({1, 3, 2, 1, 1, 3, 2, 2, 1, 3});
        models::Pass forced;
        forced.ids = ids.expand({2, 10});
        forced.routing = own.routing;
        forced.forcedDepth = at::cat({own.depth, mixed});
        model.run(forced);
        QVERIFY(at::equal(forced.depth, forced.forcedDepth));
        QVERIFY(worst(forced.logits[0], own.logits[0]) <= tests::kFloatRoutes * 10);
        QVERIFY(worst(forced.logits[1], own.logits[0]) > 1e-3);
    }

    void recursiveBaseline_data() {
        QTest::addColumn<int>("sharing");
        for (const Sharing sharing :
             {Sharing::Cycle, Sharing::Sequence, Sharing::MiddleCycle, Sharing::MiddleSequence}) {
            QTest::newRow(spec::toString(sharing)) << static_cast<int>(sharing);
        }
    }

    /// The recursive baseline is the unrolled Llama whose layers are the shared slots.
    void recursiveBaseline() {
        QFETCH(int, sharing);
        auto recursive =
            tests::randomModel(tests::smallRecursive(static_cast<Sharing>(sharing)), 5, true);
        LanguageSpec flat = recursive.config();
        flat.family = spec::Family::Llama;
        models::Weights unrolled = models::emptyWeights(flat);
        models::Weights& weights = recursive.weights();
        unrolled.embedding = weights.embedding;
        unrolled.norm = weights.norm;
        unrolled.head = weights.head;
        for (std::int64_t layer = 0; layer < flat.layers; ++layer) {
            const std::int64_t slot = spec::sharedSlot(recursive.config(), layer);
            const std::int64_t lead = recursive.config().leadingLayers();
            auto& target = unrolled.before[static_cast<std::size_t>(layer)];
            if (slot < lead) {
                target = weights.before[0];
            } else if (slot == lead + recursive.config().blockLayers()) {
                target = weights.after[0];
            } else {
                target = weights.block[0][static_cast<std::size_t>(slot - lead)];
            }
        }
        const models::LanguageModel llama(flat, unrolled);
        const at::Tensor ids = tests::idsTensor(tests::someIds(11, 37));
        const models::Pass pass = tests::passOver(recursive, ids);
        QVERIFY(worst(pass.logits, tests::passOver(llama, ids).logits) <= tests::kDouble);
        QVERIFY(pass.depth.eq(3).all().item<bool>());
        settings::RoutingSettings one = with(Rule::Fixed);
        one.fixedDepth = 1;
        QVERIFY(tests::passOver(recursive, ids, one).depth.eq(1).all().item<bool>());
    }

    void dropRule() {
        using List = std::vector<std::int64_t>;
        QCOMPARE(spec::keptLayers(Sharing::Cycle, 2, 4), (List{0, 1, 2, 3}));
        QCOMPARE(spec::keptLayers(Sharing::Cycle, 2, 5), (List{0, 1, 3, 4}));
        QCOMPARE(spec::keptLayers(Sharing::MiddleCycle, 3, 10), (List{0, 1, 2, 4, 5, 7, 8, 9}));
        QCOMPARE(spec::keptLayers(Sharing::MiddleCycle, 3, 30).size(), std::size_t{29});
    }

    void initialisation() {
        using models::Initialisation;
        using Seeds = std::vector<std::vector<std::int64_t>>;
        const auto seeds = [](Initialisation method, Sharing sharing = Sharing::MiddleCycle) {
            return models::seedsOf(method, sharing, 3, 2, 7);
        };
        QCOMPARE(seeds(Initialisation::Stepwise), (Seeds{{0}, {5}}));
        QCOMPARE(seeds(Initialisation::Lower), (Seeds{{0}, {1}}));
        QCOMPARE(seeds(Initialisation::Upper), (Seeds{{4}, {5}}));
        QCOMPARE(seeds(Initialisation::Average), (Seeds{{0, 2, 4}, {1, 3, 5}}));
        QCOMPARE(seeds(Initialisation::Average, Sharing::Sequence), (Seeds{{0, 1, 2}, {3, 4, 5}}));
        const Seeds drawn = seeds(Initialisation::Random);
        QVERIFY(drawn[0][0] < drawn[1][0]);

        const auto source = tests::randomModel(tests::smallConfig(), 9);
        auto target = tests::randomModel(tests::smallRecursive(Sharing::MiddleCycle), 3);
        models::initialiseFrom(source, target, Initialisation::Average, 1);
        const auto& layers = source.weights().before;
        const at::Tensor mean = at::stack({layers[1].down, layers[3].down, layers[5].down}).mean(0);
        QVERIFY(at::equal(target.weights().block[0][0].down, mean));
        QVERIFY(at::equal(target.weights().block[2][0].down, mean));
        QVERIFY(at::equal(target.weights().after[0].q, layers[7].q));
        auto other = tests::randomModel(tests::smallRecursive(Sharing::MiddleCycle, 2), 3);
        QVERIFY_EXCEPTION_THROWN(models::initialiseFrom(source, other, Initialisation::Lower, 1),
                                 Error);
    }

    void publishedCounts_data() {
        QTest::addColumn<int>("recursions");
        QTest::addColumn<int>("layers");
        QTest::addColumn<bool>("router");
        QTest::addColumn<bool>("tied");
        QTest::addColumn<qint64>("parameters");
        QTest::newRow("vanilla 360M") << 0 << 32 << false << true << qint64{361'821'120};
        QTest::newRow("MoR-2") << 2 << 32 << true << true << qint64{214'336'320 + 1'920};
        QTest::newRow("MoR-3") << 3 << 32 << true << true << qint64{165'174'720 + 2'880};
        QTest::newRow("MoR-4") << 4 << 34 << true << true << qint64{145'510'080 + 3'840};
        QTest::newRow("recursive-2, untied") << 2 << 32 << false << false << qint64{261'522'240};
    }

    /// 2: counted from shapes alone, without making the weights.
    void publishedCounts() {
        QFETCH(int, recursions);
        QFETCH(int, layers);
        QFETCH(bool, router);
        QFETCH(bool, tied);
        QFETCH(qint64, parameters);
        LanguageSpec config;
        config.family = recursions == 0 ? spec::Family::Llama
                        : router        ? spec::Family::MorLlama
                                        : spec::Family::RecursiveLlama;
        config.vocabulary = 49'152;
        config.width = 960;
        config.ffn = 2'560;
        config.layers = layers;
        config.heads = 15;
        config.kvHeads = 5;
        config.headDim = 64;
        config.tiedHead = tied;
        config.recursion = {Sharing::MiddleCycle, std::max(1, recursions)};
        models::Weights weights = models::emptyWeights(config);
        std::int64_t count = 0;
        models::visitWeights(config, weights, [&](const spec::WeightSlot& slot, at::Tensor&) {
            if (slot.sharedWith.empty() && !slot.optional) {
                std::int64_t size = 1;
                for (const std::int64_t side : slot.shape) {
                    size *= side;
                }
                count += size;
            }
        });
        QCOMPARE(count, parameters);
    }

    /// 29: the gradient of a shared weight is the sum over its uses, by finite differences.
    void sharedGradient() {
        auto model = tests::randomModel(tests::smallRecursive(Sharing::MiddleCycle, 2), 3, true);
        const at::Tensor ids = tests::idsTensor(tests::someIds(6, 37));
        at::Tensor weight = model.weights().block[0][0].down;
        const auto loss = [&] {
            models::Pass pass;
            pass.ids = ids;
            pass.routing = spec::resolveRouting(model.config(), {}, spec::RoutingUse::Pass);
            model.run(pass);
            return pass.logits.square().mean();
        };
        weight.set_requires_grad(true);
        {
            const c10::AutoGradMode grad(true);
            loss().backward();
        }
        const c10::NoGradGuard noGrad;
        const double step = 1e-6;
        const auto gradient = weight.grad()[2][3].item<double>();
        weight.view({-1})[2 * weight.size(1) + 3] += step;
        const auto up = loss().item<double>();
        weight.view({-1})[2 * weight.size(1) + 3] -= 2 * step;
        const auto down = loss().item<double>();
        QVERIFY(std::abs((up - down) / (2 * step) - gradient) <=
                1e-5 * std::max(1.0, std::abs(gradient)));
    }
};

QTEST_APPLESS_MAIN(TestRouters)
#include "tst_routers.moc"
