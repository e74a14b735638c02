// SPDX-License-Identifier: MIT
#include "engine/spec/flops.h"
#include "tests/engine/model_fixture.h"

#include <QtTest>

using namespace depthscope;
using spec::RouterType;

class TestFlops : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// docs/routing.md 3.7, 8: 25. KV bytes (R+1)/(2R) of the whole block; 4.2: FLOPs by hand for
    /// one small case.
    void costs() {
        spec::LanguageSpec config = tests::smallMor(RouterType::Expert);
        const auto model = tests::randomModel(config);
        nn::KvCache cache = model.makeCache();
        const models::Pass pass = tests::passOver(
            model, tests::idsTensor(tests::someIds(12, config.vocabulary)), {}, &cache);
        const std::int64_t perToken = spec::kvBytesPerLayer(config, 4);
        QCOMPARE(cache.usedBytes(), perToken * (2 * 12 + 2 * (12 + 8 + 4)));
        QCOMPARE(cache.reservedBytes(), cache.usedBytes());
        QCOMPARE(pass.activeTokens, (std::vector<std::int64_t>{12, 8, 4}));

        spec::LanguageSpec plain = tests::smallConfig();
        plain.layers = 1;
        const double linear = 2.0 * (2 * 24 * 40 + 2 * 24 * 20 + 3 * 24 * 40) * 3;
        const double attention = 4.0 * 40 * (1 + 2 + 3);
        const double head = 2.0 * 24 * 37 * 3;
        spec::StepWork three;
        three.unshared = spec::causalWork(3, 0);
        three.headTokens = 3;
        QCOMPARE(spec::stepFlops(plain, three), linear + attention + head);

        // Under a depth cap the routers of the recursions that nobody runs do not run either.
        const std::vector<std::uint8_t> once(3, 1);
        spec::LanguageSpec four = plain;
        four.layers = 4; // 1 + 2 x 1 + 1
        const double router = 2.0 * 24 * 3;
        spec::ResolvedRouting capped; // to one recursion
        capped.settings.kv = settings::KvPolicy::Recursion;
        const auto flopsOf = [&](const spec::LanguageSpec& c) {
            return spec::stepFlops(c, spec::stepWork(c, capped, {once, 0, {}}));
        };
        QCOMPARE(flopsOf(config), flopsOf(four) + router);
        // Where the auxiliary router decides, two routers score each token.
        capped.settings.rule = settings::Rule::Aux;
        QCOMPARE(flopsOf(config), flopsOf(four) + 2 * router);
    }
};

QTEST_APPLESS_MAIN(TestFlops)
#include "tst_flops.moc"
