// SPDX-License-Identifier: MIT
// Texts that are generated together are those that each gets alone, token by token and depth by
// depth (docs/routing.md 8: 32), in every family that can; what fails fails alone.
#include "engine/generate/batch_generator.h"
#include "engine/generate/generator.h"
#include "engine/spec/flops.h"
#include "tests/engine/batch_fixture.h"

#include <QtTest>
#include <map>

using namespace depthscope;
using generate::BatchFigures;
using generate::BatchFill;
using generate::BatchGenerator;
using generate::BatchResult;
using generate::BatchText;
using settings::Batching;
using tests::routingOf;
using tests::someTexts;
using tests::Subject;
using tests::subjectOf;

namespace {

constexpr double kPlenty = 1e12;

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

/// Of one text after the other, step by step.
double flopsAlone(const Subject& subject, const std::vector<BatchText>& texts) {
    double flops = 0;
    const spec::LanguageSpec& config = subject.model.config();
    for (const BatchText& text : texts) {
        generate::Generator generator(subject.model, routingOf(subject), true, false);
        generate::Sampler sampler(text.generation);
        const auto add = [&](const models::Pass& pass) {
            const at::Tensor depths = pass.depth[0].to(at::kByte).contiguous();
            std::vector<std::int64_t> cached;
            for (std::size_t r = 0; r < pass.activeTokens.size(); ++r) {
                const auto layer = config.unrolledLayer(static_cast<int>(r), 0);
                cached.push_back(pass.cache->slot(layer).length() - pass.activeTokens[r]);
            }
            spec::StepWork work = spec::stepWork(
                config, pass.routing,
                {{depths.const_data_ptr<std::uint8_t>(), static_cast<std::size_t>(depths.numel())},
                 pass.firstPosition,
                 cached});
            work.headTokens = 1;
            flops += spec::stepFlops(config, work);
        };
        add(generator.prefill(text.ids));
        for (int i = 0; i < text.generation.count; ++i) {
            add(generator.feed(sampler.choose(generator.lastLogits()).id));
        }
    }
    return flops;
}

struct Outcome {
    std::map<std::size_t, BatchResult> results;
    BatchFigures figures;
    trace::Lanes lanes;
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
    outcome.lanes = generator.lanes();
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

    /// The lanes are the same tokens and batches, and all of the time but a few hundredths.
    void lanesAddUp() {
        const c10::NoGradGuard noGrad;
        const Subject subject = subjectOf("demo-mor-expert");
        const std::vector<BatchText> texts = someTexts(subject, 60, 0.8);
        for (const Batching batching : {Batching::Sequence, Batching::Depth}) {
            const Outcome made = together(subject, texts, {batching, 8, kPlenty});
            const trace::Lanes& lanes = made.lanes;
            QCOMPARE(lanes.recursions, 3);
            QCOMPARE(lanes.tokens, made.figures.tokens);
            QCOMPARE(lanes.texts, std::int64_t{60});
            QVERIFY(lanes.batching == batching);
            const auto totals = trace::laneTotals(lanes);
            for (int r = 1; r <= 3; ++r) {
                const BatchFill& fill = made.figures.recursions[static_cast<std::size_t>(r - 1)];
                const trace::LaneTotal& total = totals.at({trace::LaneKind::Recursion, r});
                QCOMPARE(total.tokens, fill.tokens);
                QCOMPARE(total.rows, fill.rows);
                QCOMPARE(total.room, 8 * fill.batches);
            }
            const double idle = trace::idleSeconds(lanes);
            QVERIFY2(idle < 0.05 * lanes.seconds, qPrintable(QString::number(idle)));
            std::int64_t batches = 0;
            for (const trace::BatchCost& cost : lanes.costs) {
                batches += cost.batches;
            }
            QVERIFY(batches > 0 && lanes.costs.size() == 8);
            QVERIFY(lanes.flops > 0 && lanes.flops < lanes.fullFlops);
        }
    }

    /// By the formula of one text alone: its prompt, then its tokens.
    void flopsAreThoseOfEachTextAlone() {
        const c10::NoGradGuard noGrad;
        for (const char* kind : {"expert", "token", "share", "llama", "recursive sequence"}) {
            const Subject subject = subjectOf(kind);
            const std::vector<BatchText> texts = someTexts(subject, 5, 0);
            const Outcome made = together(subject, texts, {Batching::Depth, 4, kPlenty});
            const double flops = flopsAlone(subject, texts);
            QVERIFY2(std::abs(made.lanes.flops - flops) <= 1e-9 * flops, kind);
        }
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
};

QTEST_APPLESS_MAIN(TestBatchGenerator)
#include "tst_batch_generator.moc"
