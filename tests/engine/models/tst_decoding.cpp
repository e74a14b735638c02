// SPDX-License-Identifier: MIT
// Cached decoding equals recomputing, for every split of prompt and continuation (docs/routing.md
// 8: 24, 25), and the cache holds just what the formula says.
#include "engine/generate/generator.h"
#include "engine/generate/sampler.h"
#include "engine/nn/memory.h"
#include "tests/engine/model_fixture.h"
#include "tests/engine/tolerance.h"

#include <QtTest>

using namespace depthscope;
using settings::Rule;
using spec::RouterType;

namespace {

models::LanguageModel modelOf(const QString& kind) {
    if (kind == "llama") {
        return tests::randomModel(tests::smallConfig());
    }
    if (kind == "mqa") {
        spec::LanguageSpec config = tests::smallMor(RouterType::Expert, 2, spec::Sharing::Cycle);
        config.kvHeads = 1;
        config.tiedHead = false;
        return tests::randomModel(config);
    }
    return tests::randomModel(
        tests::smallMor(kind == "token" ? RouterType::Token : RouterType::Expert));
}

} // namespace

class TestDecoding : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void cachedEqualsUncached_data() {
        QTest::addColumn<QString>("kind");
        for (const char* kind : {"llama", "expert", "token", "mqa"}) {
            QTest::newRow(kind) << QString(kind);
        }
    }

    void cachedEqualsUncached() {
        QFETCH(QString, kind);
        const c10::NoGradGuard noGrad;
        const models::LanguageModel model = modelOf(kind);
        const auto wide = tests::someIds(14, model.config().vocabulary);
        const std::vector<std::int32_t> ids(wide.begin(), wide.end());
        const spec::ResolvedRouting routing =
            spec::resolveRouting(model.config(), {}, spec::RoutingUse::Generation);
        for (std::size_t split = 1; split < ids.size(); ++split) {
            generate::Generator cached(model, routing, true);
            generate::Generator fresh(model, routing, false);
            const std::vector<std::int32_t> prompt(
                ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(split));
            static_cast<void>(cached.prefill(prompt));
            static_cast<void>(fresh.prefill(prompt));
            for (std::size_t t = split; t < ids.size(); ++t) {
                const auto depth = cached.feed(ids[t]).depth.item<std::int64_t>();
                QCOMPARE(depth, fresh.feed(ids[t]).depth.item<std::int64_t>());
                const auto a = cached.lastLogits();
                const auto b = fresh.lastLogits();
                for (std::size_t v = 0; v < a.size(); ++v) {
                    QVERIFY(std::abs(a[v] - b[v]) <=
                            tests::kFloatRoutes * std::max(1.0F, std::abs(b[v])));
                }
            }
        }
    }

    /// 25: allocator bytes of the cache equal the closed form, as tokens come and go on to
    /// different depths.
    void bytesAreWhatTheAllocatorSays() {
        nn::installCountingAllocator();
        const c10::NoGradGuard noGrad;
        const models::LanguageModel model = modelOf("expert");
        const spec::LanguageSpec& config = model.config();
        const std::int64_t before = nn::allocatedBytes(nn::MemoryTag::Kv);
        nn::KvCache cache = model.makeCache();
        settings::RoutingSettings requested;
        requested.rule = Rule::Threshold;
        const models::Pass pass = tests::passOver(
            model, tests::idsTensor(tests::someIds(20, config.vocabulary)), requested, &cache);
        const std::int64_t perToken = 2 * config.kvHeads * config.headDim * 4;
        std::int64_t expected = 2 * 20 * perToken;
        for (const std::int64_t active : pass.activeTokens) {
            expected += config.blockLayers() * active * perToken;
        }
        QCOMPARE(cache.usedBytes(), expected);
        QCOMPARE(nn::allocatedBytes(nn::MemoryTag::Kv) - before, cache.reservedBytes());
        QCOMPARE(cache.reservedBytes(), expected);
    }

    void samplerIsDeterministicAndBounded() {
        const std::vector<float> logits{0.0F, 2.0F, 2.0F, -1.0F};
        settings::GenerationSettings greedy;
        greedy.temperature = 0;
        QCOMPARE(generate::Sampler(greedy).choose(logits).id, 1);
        settings::GenerationSettings two;
        two.topK = 2;
        two.temperature = 5;
        generate::Sampler first(two);
        generate::Sampler second(two);
        bool sawOne = false;
        bool sawTwo = false;
        for (int i = 0; i < 200; ++i) {
            const auto id = first.choose(logits).id;
            QCOMPARE(second.choose(logits).id, id);
            QVERIFY(id == 1 || id == 2);
            sawOne = sawOne || id == 1;
            sawTwo = sawTwo || id == 2;
        }
        QVERIFY(sawOne && sawTwo);
        settings::GenerationSettings nucleus;
        nucleus.topP = 0.1;
        generate::Sampler narrow(nucleus);
        for (int i = 0; i < 50; ++i) {
            QCOMPARE(narrow.choose(logits).id, 1);
        }
    }
};

QTEST_APPLESS_MAIN(TestDecoding)
#include "tst_decoding.moc"
