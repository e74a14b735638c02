// SPDX-License-Identifier: MIT
// A token of each of several texts at a time: its logits are, to the last bit, those of a pass over
// it alone (docs/routing.md 4.3), and keys and values take what the formula says.
#include "engine/generate/generator.h"
#include "engine/models/batched_decoder.h"
#include "engine/nn/memory.h"
#include "engine/spec/flops.h"
#include "tests/engine/batch_fixture.h"
#include "tests/engine/tolerance.h"

#include <QtTest>
#include <memory>

using namespace depthscope;
using generate::BatchText;
using tests::routingOf;
using tests::someTexts;
using tests::Subject;
using tests::subjectOf;

namespace {

/// Sums run in another order there, so that logits agree to rounding only.
bool roundsOtherwise(const QString& kind) {
    return kind == "hybrid" || kind == "biased";
}

} // namespace

class TestBatchedDecoder : public QObject {
    Q_OBJECT

private Q_SLOTS:

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

    void saysWhyAModelCannot() {
        for (const char* folder : {"more", "more_baseline", "ouro"}) {
            const Subject subject = subjectOf(QString("fixture ") + folder);
            try {
                const models::BatchedDecoder decoder(subject.model, routingOf(subject));
                QFAIL(folder);
            } catch (const Error& error) {
                QCOMPARE(error.code(), ErrorCode::Usage);
                QVERIFY(error.message().find("because") != std::string::npos);
            }
        }
    }

private:
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

QTEST_APPLESS_MAIN(TestBatchedDecoder)
#include "tst_batched_decoder.moc"
