// SPDX-License-Identifier: MIT
// The KV policies of docs/routing.md 3.7 in every family: cached equals uncached at every split,
// ragged batches equal one sequence at a time, shared keys are one storage (8: 22, 24, 25, 26).
#include "engine/generate/generator.h"
#include "tests/engine/model_fixture.h"
#include "tests/engine/tolerance.h"

#include <QtTest>

using namespace depthscope;
using settings::KvPolicy;
using settings::Rule;
using spec::RouterType;
using spec::Sharing;

namespace {

models::LanguageModel modelOf(const QString& kind) {
    if (kind == "more") {
        return tests::randomModel(tests::smallMore());
    }
    if (kind == "cycle") {
        return tests::randomModel(tests::smallRecursive(Sharing::Cycle));
    }
    if (kind == "sequence") {
        return tests::randomModel(tests::smallRecursive(Sharing::Sequence, 2));
    }
    if (kind == "middle sequence") {
        return tests::randomModel(tests::smallRecursive(Sharing::MiddleSequence));
    }
    spec::LanguageSpec config =
        tests::smallMor(kind == "token" ? RouterType::Token : RouterType::Expert);
    if (kind == "aux") {
        config.mor.scoreTraining = spec::ScoreTraining::AuxRouter;
    }
    return tests::randomModel(config);
}

spec::ResolvedRouting
routingOf(const models::LanguageModel& model, KvPolicy kv, Rule rule = Rule::Model) {
    settings::RoutingSettings requested;
    requested.kv = kv;
    requested.rule = rule;
    return spec::resolveRouting(model.config(), requested, spec::RoutingUse::Generation);
}

double worst(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

void addFamilies() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("kv");
    const auto add = [](const char* kind, KvPolicy kv) {
        QTest::addRow("%s, %s", kind, std::string(settings::toString(kv)).c_str())
            << QString(kind) << static_cast<int>(kv);
    };
    add("more", KvPolicy::Recursion);
    for (const char* kind : {"expert", "aux", "token", "cycle", "sequence", "middle sequence"}) {
        add(kind, KvPolicy::Recursion);
        add(kind, KvPolicy::Share);
    }
    add("expert", KvPolicy::Hybrid);
}

} // namespace

class TestKvPolicies : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void cachedEqualsUncached_data() { addFamilies(); }

    void cachedEqualsUncached() {
        QFETCH(QString, kind);
        QFETCH(int, kv);
        const c10::NoGradGuard noGrad;
        const models::LanguageModel model = modelOf(kind);
        const auto wide = tests::someIds(12, model.config().vocabulary);
        const std::vector<std::int32_t> ids(wide.begin(), wide.end());
        const spec::ResolvedRouting routing =
            routingOf(model, static_cast<KvPolicy>(kv), kind == "aux" ? Rule::Aux : Rule::Model);
        for (std::size_t split = 1; split < ids.size(); split += 2) {
            generate::Generator cached(model, routing, true);
            generate::Generator fresh(model, routing, false);
            const std::vector<std::int32_t> prompt(
                ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(split));
            static_cast<void>(cached.prefill(prompt));
            static_cast<void>(fresh.prefill(prompt));
            for (std::size_t t = split; t < ids.size(); ++t) {
                const auto depth = cached.feed(ids[t]).depth.item<std::int64_t>();
                QCOMPARE(depth, fresh.feed(ids[t]).depth.item<std::int64_t>());
                const at::Tensor a = at::tensor(cached.lastLogits());
                const at::Tensor b = at::tensor(fresh.lastLogits());
                QVERIFY(worst(a, b) <=
                        tests::kFloatRoutes * std::max(1.0, b.abs().max().item<double>()));
            }
        }
    }

    void raggedBatch_data() { addFamilies(); }

    /// Three sequences of different lengths, prefilled and decoded together, against each alone.
    void raggedBatch() {
        QFETCH(QString, kind);
        QFETCH(int, kv);
        const c10::NoGradGuard noGrad;
        const models::LanguageModel model = modelOf(kind);
        const auto policy = static_cast<KvPolicy>(kv);
        const spec::ResolvedRouting routing =
            routingOf(model, policy, kind == "aux" ? Rule::Aux : Rule::Model);
        const std::vector<std::int64_t> lengths{7, 3, 5};
        const std::int64_t longest = 7, steps = 4;
        const at::Tensor all =
            tests::idsTensor(tests::someIds(3 * (longest + steps), model.config().vocabulary))
                .view({3, longest + steps});
        nn::KvCache cache = model.makeCache(policy, 3);
        std::vector<generate::Generator> alone;
        for (std::int64_t b = 0; b < 3; ++b) {
            alone.emplace_back(model, routing, true);
            std::vector<std::int32_t> prompt;
            for (std::int64_t t = 0; t < lengths[static_cast<std::size_t>(b)]; ++t) {
                prompt.push_back(all[b][t].item<std::int32_t>());
            }
            static_cast<void>(alone.back().prefill(prompt));
        }
        models::Pass prefill;
        prefill.ids = all.narrow(1, 0, longest);
        prefill.rowCounts = lengths;
        prefill.routing = routing;
        prefill.cache = &cache;
        model.run(prefill);
        compareRows(prefill, lengths, alone);
        for (std::int64_t step = 0; step < steps; ++step) {
            models::Pass pass;
            pass.rowStarts = lengths;
            for (std::int64_t& start : pass.rowStarts) {
                start += step;
            }
            std::vector<std::int64_t> next;
            for (std::int64_t b = 0; b < 3; ++b) {
                next.push_back(
                    all[b][pass.rowStarts[static_cast<std::size_t>(b)]].item<std::int64_t>());
                static_cast<void>(alone[static_cast<std::size_t>(b)].feed(
                    static_cast<std::int32_t>(next.back())));
            }
            pass.ids = at::tensor(next).view({3, 1});
            pass.routing = routing;
            pass.cache = &cache;
            model.run(pass);
            compareRows(pass, {1, 1, 1}, alone);
        }
    }

    /// 22: rows do not see each other, in either order, without a cache.
    void packingInvariance() {
        const auto model = tests::randomModel(tests::smallMor(RouterType::Token));
        const at::Tensor two =
            tests::idsTensor(tests::someIds(18, model.config().vocabulary)).view({2, 9});
        const at::Tensor together = tests::passOver(model, two).logits;
        const at::Tensor swapped = tests::passOver(model, two.flip(0)).logits.flip(0);
        QVERIFY(worst(together, swapped) <= tests::kFloatRoutes);
        for (std::int64_t b = 0; b < 2; ++b) {
            const at::Tensor one = tests::passOver(model, two.narrow(0, b, 1)).logits;
            QVERIFY(worst(one[0], together[b]) <= tests::kFloatRoutes);
        }
    }

    /// 25, 26: under sharing, later recursions hold nothing of their own; hybrid holds what it
    /// refreshed.
    void bytes() {
        const auto model = tests::randomModel(tests::smallMor(RouterType::Expert));
        const spec::LanguageSpec& config = model.config();
        const std::int64_t perToken = 2 * config.kvHeads * config.headDim * 4;
        const at::Tensor ids = tests::idsTensor(tests::someIds(12, config.vocabulary));
        const auto used = [&](KvPolicy kv) {
            settings::RoutingSettings requested;
            requested.kv = kv;
            nn::KvCache cache = model.makeCache(kv);
            static_cast<void>(tests::passOver(model, ids, requested, &cache));
            return cache.usedBytes() / perToken;
        };
        QCOMPARE(used(KvPolicy::Recursion), 2 * 12 + 2 * (12 + 8 + 4));
        QCOMPARE(used(KvPolicy::Share), 2 * 12 + 2 * 12);
        QCOMPARE(used(KvPolicy::Hybrid), 2 * 12 + 2 * (12 + 8 + 4));
    }

    /// 16: in shared mode the keys of recursion 1 reach later rows of every recursion; with its own
    /// cache a token that did not recurse reaches nobody there.
    void policiesDiffer() {
        const auto model = tests::randomModel(tests::smallMor(RouterType::Expert));
        const at::Tensor ids = tests::idsTensor(tests::someIds(12, model.config().vocabulary));
        std::vector<at::Tensor> logits;
        for (const KvPolicy kv : {KvPolicy::Recursion, KvPolicy::Share, KvPolicy::Hybrid}) {
            settings::RoutingSettings requested;
            requested.kv = kv;
            logits.push_back(tests::passOver(model, ids, requested).logits);
        }
        QVERIFY(worst(logits[0], logits[1]) > 1e-3);
        QVERIFY(worst(logits[1], logits[2]) > 1e-3);
        QVERIFY(worst(logits[0], logits[2]) > 1e-3);
    }

    void whatCannotBe() {
        const auto refuses = [](const spec::LanguageSpec& config,
                                const settings::RoutingSettings& requested) {
            try {
                static_cast<void>(spec::resolveRouting(config, requested, spec::RoutingUse::Pass));
            } catch (const Error& error) {
                return error.code() == ErrorCode::Usage && !error.hint().empty();
            }
            return false;
        };
        settings::RoutingSettings share;
        share.kv = KvPolicy::Share;
        QVERIFY(refuses(tests::smallConfig(), share));
        QVERIFY(refuses(tests::smallMore(), share));
        settings::RoutingSettings hybrid;
        hybrid.kv = KvPolicy::Hybrid;
        QVERIFY(refuses(tests::smallMor(RouterType::Token), hybrid));
        share.capacity = {{1, 2}, {1, 2}, {1, 4}};
        QVERIFY(refuses(tests::smallMor(RouterType::Expert), share));
    }

private:
    static void compareRows(const models::Pass& pass,
                            const std::vector<std::int64_t>& counts,
                            const std::vector<generate::Generator>& alone) {
        for (std::size_t b = 0; b < alone.size(); ++b) {
            const at::Tensor together = pass.logits[static_cast<std::int64_t>(b)][counts[b] - 1];
            const at::Tensor wanted = at::tensor(alone[b].lastLogits());
            QVERIFY(worst(together, wanted) <=
                    tests::kFloatRoutes * std::max(1.0, wanted.abs().max().item<double>()));
        }
    }
};

QTEST_APPLESS_MAIN(TestKvPolicies)
#include "tst_kv_policies.moc"
