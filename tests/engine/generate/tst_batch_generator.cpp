// SPDX-License-Identifier: MIT
// Texts that are generated together are those that each gets alone, token by token and depth by
// depth (docs/routing.md 8: 32), in every family that can; keys and values take what the formula
// says; what fails fails alone.
#include "engine/base/random.h"
#include "engine/generate/batch_generator.h"
#include "engine/generate/generator.h"
#include "engine/nn/memory.h"
#include "tests/engine/model_fixture.h"
#include "tests/engine/tolerance.h"

#include <QtTest>
#include <map>

using namespace depthscope;
using generate::BatchFigures;
using generate::BatchGenerator;
using generate::BatchResult;
using generate::BatchText;
using settings::Batching;
using settings::KvPolicy;
using settings::Rule;
using spec::RouterType;
using spec::Sharing;

namespace {

constexpr double kPlenty = 1e12;

/// A model and how it is run.
struct Subject {
    models::LanguageModel model;
    settings::RoutingSettings routing;
};

Subject randomSubject(const std::string& kind) {
    settings::RoutingSettings routing;
    spec::LanguageSpec config = tests::smallMor(RouterType::Expert);
    if (kind == "llama") {
        config = tests::smallConfig();
    } else if (kind == "token" || kind == "token share" || kind == "token capped") {
        config = tests::smallMor(RouterType::Token);
        routing.kv = kind == "token share" ? KvPolicy::Share : KvPolicy::Model;
        routing.maxDepth = kind == "token capped" ? 2 : 0;
    } else if (kind == "share" || kind == "hybrid") {
        routing.kv = kind == "share" ? KvPolicy::Share : KvPolicy::Hybrid;
    } else if (kind == "mqa, cycle, own head") {
        config = tests::smallMor(RouterType::Expert, 2, Sharing::Cycle);
        config.kvHeads = 1;
        config.tiedHead = false;
    } else if (kind == "aux") {
        config.mor.scoreTraining = spec::ScoreTraining::AuxRouter;
        routing.rule = Rule::Aux;
    } else if (kind == "fixed") {
        routing.rule = Rule::Fixed;
        routing.fixedDepth = 2;
    } else if (kind == "mlp router, tanh") {
        config.mor.net = spec::RouterNet::Mlp;
        config.mor.function = spec::RouterFunction::Tanh;
    } else if (kind == "recursive cycle") {
        config = tests::smallRecursive(Sharing::MiddleCycle);
    } else if (kind == "recursive sequence") {
        config = tests::smallRecursive(Sharing::MiddleSequence);
        routing.kv = KvPolicy::Share;
    } else if (kind == "biased") {
        config.attentionBias = config.mlpBias = true;
    }
    return {tests::randomModel(config), routing};
}

Subject subjectOf(const QString& kind) {
    if (kind.startsWith("fixture ")) {
        io::LoadedModel loaded = io::loadModel(tests::fixtureFolder(kind.mid(8).toStdString()), {});
        return {std::move(*loaded.model), {}};
    }
    if (kind.startsWith("demo-")) {
        io::LoadedModel loaded = io::loadModel(std::filesystem::path(DEPTHSCOPE_SOURCE_DIR) /
                                                   "resources/models" / kind.toStdString(),
                                               {});
        return {std::move(*loaded.model), {}};
    }
    return randomSubject(kind.toStdString());
}

spec::ResolvedRouting routingOf(const Subject& subject) {
    return spec::resolveRouting(subject.model.config(), subject.routing,
                                spec::RoutingUse::Generation);
}

std::vector<BatchText> someTexts(const Subject& subject, std::size_t count, double temperature) {
    SplitMix random(11);
    const auto vocabulary = static_cast<std::uint64_t>(subject.model.config().vocabulary);
    std::vector<BatchText> texts(count);
    for (std::size_t i = 0; i < count; ++i) {
        texts[i].number = i;
        for (std::uint64_t t = random.next() % 20 + 1; t > 0; --t) {
            texts[i].ids.push_back(static_cast<std::int32_t>(random.next() % vocabulary));
        }
        texts[i].generation.count = 1 + static_cast<int>(random.next() % 24);
        texts[i].generation.temperature = temperature;
        texts[i].generation.seed = 100 + i;
    }
    return texts;
}

/// One text after the other by the ordinary generator.
std::vector<BatchResult> alone(const Subject& subject, const std::vector<BatchText>& texts) {
    std::vector<BatchResult> results;
    for (const BatchText& text : texts) {
        BatchResult& result = results.emplace_back();
        result.number = text.number;
        generate::Generator generator(subject.model, routingOf(subject), true, false);
        generate::Sampler sampler(text.generation);
        static_cast<void>(generator.prefill(text.ids));
        for (int i = 0; i < text.generation.count; ++i) {
            const std::int32_t id = sampler.choose(generator.lastLogits()).id;
            result.tokens.push_back(id);
            result.depth.push_back(static_cast<int>(generator.feed(id).depth.item<std::int64_t>()));
        }
    }
    return results;
}

struct Outcome {
    std::map<std::size_t, BatchResult> results;
    BatchFigures figures;
};

Outcome together(const Subject& subject,
                 const std::vector<BatchText>& texts,
                 const settings::BatchSettings& settings) {
    Outcome outcome;
    std::size_t next = 0;
    BatchGenerator generator(
        subject.model, routingOf(subject), settings,
        {[&]() -> std::optional<BatchText> {
             return next < texts.size() ? std::optional(texts[next++]) : std::nullopt;
         },
         [&](BatchResult result) { outcome.results[result.number] = std::move(result); }});
    while (generator.step()) {
    }
    outcome.figures = generator.figures();
    return outcome;
}

void addKinds() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"llama",
                             "expert",
                             "token",
                             "token share",
                             "token capped",
                             "share",
                             "hybrid",
                             "mqa, cycle, own head",
                             "aux",
                             "fixed",
                             "mlp router, tanh",
                             "recursive cycle",
                             "recursive sequence",
                             "biased",
                             "fixture llama_gqa",
                             "fixture mor_expert_mc3",
                             "fixture mor_expert_share",
                             "fixture mor_expert_cycle2_mlp",
                             "fixture mor_token_softmax",
                             "demo-mor-expert",
                             "demo-mor-token",
                             "demo-vanilla"}) {
        QTest::newRow(kind) << QString(kind);
    }
}

/// Sums run in another order there, so that logits agree to rounding only.
bool roundsOtherwise(const QString& kind) {
    return kind == "hybrid" || kind == "biased";
}

} // namespace

class TestBatchGenerator : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void sameTextsAsAlone_data() { addKinds(); }

    /// Greedy ones, and sampled ones, which would show any difference of the logits.
    void sameTextsAsAlone() {
        QFETCH(QString, kind);
        const c10::NoGradGuard noGrad;
        const Subject subject = subjectOf(kind);
        for (const double temperature : {0.0, 1.0}) {
            const std::vector<BatchText> texts = someTexts(subject, 23, temperature);
            const std::vector<BatchResult> wanted = alone(subject, texts);
            for (const Batching batching : {Batching::Sequence, Batching::Depth}) {
                const Outcome made = together(subject, texts, {batching, 5, kPlenty});
                QCOMPARE(made.results.size(), wanted.size());
                for (const BatchResult& one : wanted) {
                    QCOMPARE(made.results.at(one.number).tokens, one.tokens);
                    QCOMPARE(made.results.at(one.number).depth, one.depth);
                    QVERIFY(!made.results.at(one.number).error);
                }
            }
        }
    }

    void neighboursChangeNoBit_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<bool>("brain");
        for (const char* kind :
             {"llama", "expert", "token", "token share", "share", "hybrid", "mlp router, tanh",
              "recursive sequence", "biased", "demo-mor-expert"}) {
            for (const bool brain : {false, true}) {
                QTest::addRow("%s, %s", kind, brain ? "bfloat16" : "float")
                    << QString(kind) << brain;
            }
        }
    }

    /// Twenty texts of different lengths, a token of each at a time: the logits are those of a pass
    /// over this token alone.
    void neighboursChangeNoBit() {
        QFETCH(QString, kind);
        QFETCH(bool, brain);
        const c10::NoGradGuard noGrad;
        Subject subject = subjectOf(kind);
        models::convertWeights(subject.model.config(), subject.model.weights(), at::kCPU,
                               brain ? at::kBFloat16 : at::kFloat);
        const spec::ResolvedRouting routing = routingOf(subject);
        models::BatchedDecoder decoder(subject.model, routing);
        const std::vector<BatchText> texts = someTexts(subject, 20, 0);
        std::vector<generate::Generator> single;
        std::vector<std::unique_ptr<models::Sequence>> sequences;
        single.reserve(texts.size());
        for (const BatchText& text : texts) {
            single.emplace_back(subject.model, routing, true, false);
            static_cast<void>(single.back().prefill(text.ids));
            sequences.push_back(
                std::make_unique<models::Sequence>(subject.model.makeCache(routing.settings.kv)));
            fill(subject, routing, text.ids, *sequences.back());
        }
        for (std::int32_t token = 0; token < 6; ++token) {
            const at::Tensor logits = decoded(decoder, sequences, token);
            for (std::size_t i = 0; i < texts.size(); ++i) {
                const auto depth = single[i].feed(token).depth.item<std::int64_t>();
                const std::vector<float> wanted = single[i].lastLogits();
                const at::Tensor own = logits[static_cast<std::int64_t>(i)],
                                 other = at::tensor(wanted);
                QCOMPARE(static_cast<std::int64_t>(sequences[i]->depth), depth);
                if (roundsOtherwise(kind)) {
                    const double worst = (own - other).abs().max().item<double>();
                    QVERIFY2(worst <= (brain ? 0.1 : tests::kFloatRoutes) *
                                          std::max(1.0, other.abs().max().item<double>()),
                             qPrintable(QString::number(worst)));
                } else {
                    QVERIFY(at::equal(own, other));
                }
            }
        }
    }

    /// 25: each recursion holds entries of the tokens that ran it, and of no others.
    void keysAndValuesTakeWhatTheFormulaSays() {
        nn::installCountingAllocator();
        const c10::NoGradGuard noGrad;
        const Subject subject = subjectOf("expert");
        const spec::LanguageSpec& config = subject.model.config();
        const spec::ResolvedRouting routing = routingOf(subject);
        models::BatchedDecoder decoder(subject.model, routing);
        const std::int64_t before = nn::allocatedBytes(nn::MemoryTag::Kv);
        std::vector<std::unique_ptr<models::Sequence>> sequences;
        std::int64_t entries = 0;
        for (const BatchText& text : someTexts(subject, 9, 0)) {
            sequences.push_back(std::make_unique<models::Sequence>(subject.model.makeCache()));
            const models::Pass pass = fill(subject, routing, text.ids, *sequences.back());
            entries += 2 * pass.tokens();
            for (const std::int64_t active : pass.activeTokens) {
                entries += config.blockLayers() * active;
            }
        }
        for (std::int32_t token = 0; token < 40; ++token) {
            static_cast<void>(decoded(decoder, sequences, token % 37));
            for (const auto& sequence : sequences) {
                entries += 2 + config.blockLayers() * sequence->depth;
            }
        }
        std::int64_t used = 0, reserved = 0;
        for (const auto& sequence : sequences) {
            used += sequence->cache.usedBytes();
            reserved += sequence->cache.reservedBytes();
        }
        QCOMPARE(used, entries * spec::kvBytesPerLayer(config, 4));
        QCOMPARE(nn::allocatedBytes(nn::MemoryTag::Kv) - before, reserved);
    }

    /// Batches of the control empty with depth; depth-wise ones do not, but at the very end.
    void fillOfTheRecursions() {
        const c10::NoGradGuard noGrad;
        const Subject subject = subjectOf("demo-mor-expert");
        const std::vector<BatchText> texts = someTexts(subject, 120, 0.8);
        const BatchFigures control =
            together(subject, texts, {Batching::Sequence, 8, kPlenty}).figures;
        const BatchFigures made = together(subject, texts, {Batching::Depth, 8, kPlenty}).figures;
        QCOMPARE(made.recursions.size(), std::size_t{3});
        QCOMPARE(made.tokens, control.tokens);
        for (std::size_t r = 0; r < 3; ++r) {
            QCOMPARE(made.recursions[r].tokens, control.recursions[r].tokens);
        }
        QVERIFY(control.recursions[2].mean() < 5);
        QVERIFY2(made.recursions[2].mean() > 7,
                 qPrintable(QString::number(made.recursions[2].mean())));
        QVERIFY(made.between.mean() > 7);
        QVERIFY(made.fullRecursionSeconds > 0 && made.layerSeconds > 0);
    }

    /// Texts wait for memory; one that would never fit is answered with why. Both ways all others
    /// are what they are alone.
    void memoryIsBounded() {
        const c10::NoGradGuard noGrad;
        const Subject subject = subjectOf("expert");
        std::vector<BatchText> texts = someTexts(subject, 30, 0);
        texts[4].generation.count = 1'000'000;
        const double limit = 400e3; // of about four
        const Outcome made = together(subject, texts, {Batching::Depth, 16, limit});
        QCOMPARE(made.results.size(), texts.size());
        QVERIFY(made.figures.kvReservedBytes <= limit);
        QVERIFY(made.figures.kvReservedBytes > 0);
        QVERIFY(made.results.at(4).error.has_value());
        QVERIFY(!made.results.at(4).error->hint().empty());
        texts[4].generation.count = 3;
        for (const BatchResult& one : alone(subject, texts)) {
            QVERIFY(one.number == 4 || made.results.at(one.number).tokens == one.tokens);
        }
    }

    /// Logits that are not finite end the text that they belong to.
    void damagedTextsFailAlone() {
        const c10::NoGradGuard noGrad;
        Subject subject = subjectOf("llama");
        subject.model.weights().embedding = subject.model.weights().embedding.clone();
        subject.model.weights().embedding[36].fill_(std::nanf(""));
        std::vector<BatchText> texts = someTexts(subject, 12, 1);
        for (std::size_t i = 0; i < texts.size(); ++i) {
            texts[i].ids = {static_cast<std::int32_t>(i), i % 3 == 0 ? 36 : 5};
        }
        const Outcome made = together(subject, texts, {Batching::Depth, 4, kPlenty});
        QCOMPARE(made.results.size(), texts.size());
        std::size_t failed = 0;
        for (const BatchText& text : texts) {
            bool fails = false;
            try {
                static_cast<void>(alone(subject, {text}));
            } catch (const Error&) {
                fails = true;
            }
            QCOMPARE(made.results.at(text.number).error.has_value(), fails);
            failed += fails ? 1 : 0;
        }
        QVERIFY(failed >= 4 && failed < texts.size());
    }

    void stopsAtTheEndToken() {
        const c10::NoGradGuard noGrad;
        Subject plain = subjectOf("demo-mor-expert");
        spec::LanguageSpec config = plain.model.config();
        std::vector<BatchText> texts = someTexts(plain, 12, 1);
        const std::vector<BatchResult> whole = alone(plain, texts);
        const std::int32_t end = whole[2].tokens[whole[2].tokens.size() / 2];
        config.eosTokens = {end};
        const Subject subject{{config, plain.model.weights()}, {}};
        for (BatchText& text : texts) {
            text.generation.stopAtEos = true;
        }
        const Outcome made = together(subject, texts, {Batching::Depth, 4, kPlenty});
        for (const BatchResult& one : whole) {
            const auto found = std::ranges::find(one.tokens, end);
            const std::vector<std::int32_t> wanted(one.tokens.begin(),
                                                   found == one.tokens.end() ? found : found + 1);
            QCOMPARE(made.results.at(one.number).tokens, wanted);
        }
    }

    void saysWhyAModelCannot() {
        for (const spec::LanguageSpec& config : {tests::smallMore(), smallLooped()}) {
            const models::LanguageModel model = tests::randomModel(config);
            const spec::ResolvedRouting routing =
                spec::resolveRouting(config, {}, spec::RoutingUse::Generation);
            QVERIFY_THROWS_EXCEPTION(Error, models::BatchedDecoder(model, routing));
        }
    }

private:
    static spec::LanguageSpec smallLooped() {
        spec::LanguageSpec config = tests::smallConfig();
        config.family = spec::Family::Ouro;
        config.recursion = {Sharing::Cycle, 4};
        return config;
    }

    static models::Pass fill(const Subject& subject,
                             const spec::ResolvedRouting& routing,
                             const std::vector<std::int32_t>& ids,
                             models::Sequence& sequence) {
        models::Pass pass;
        pass.ids = models::idsRow(ids, at::kCPU);
        pass.routing = routing;
        pass.cache = &sequence.cache;
        pass.trace = false;
        pass.lastLogitsOnly = true;
        subject.model.run(pass);
        sequence.length = pass.tokens();
        return pass;
    }

    /// A token of all of them, to its logits [S, V].
    static at::Tensor decoded(models::BatchedDecoder& decoder,
                              const std::vector<std::unique_ptr<models::Sequence>>& sequences,
                              std::int32_t token) {
        std::vector<models::Sequence*> all;
        for (const auto& sequence : sequences) {
            sequence->id = token;
            all.push_back(sequence.get());
        }
        decoder.begin(all);
        std::vector<models::Sequence*> ahead = all;
        while (true) {
            std::erase_if(ahead, [](const models::Sequence* one) { return !one->recurs; });
            if (ahead.empty()) {
                return decoder.finish(all);
            }
            decoder.recur(ahead);
        }
    }
};

QTEST_APPLESS_MAIN(TestBatchGenerator)
#include "tst_batch_generator.moc"
