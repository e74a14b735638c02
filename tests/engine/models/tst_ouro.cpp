// SPDX-License-Identifier: MIT
// Looped models: the official code's logits after every pass, its exits and continuations, and what
// is refused.
#include "tests/engine/looped_answers.h"
#include "tests/engine/tolerance.h"

#include <QtTest>
#include <algorithm>
#include <cmath>

using namespace depthscope;
using nlohmann::json;
using settings::Rule;
using tests::Answers;
using tests::continued;
using tests::depthsOf;
using tests::kOfficial;
using tests::worst;

namespace {

settings::RoutingSettings under(Rule rule, int depth = 0) {
    settings::RoutingSettings routing;
    routing.rule = rule;
    routing.fixedDepth = depth;
    return routing;
}

settings::RoutingSettings leavingAt(double threshold) {
    settings::RoutingSettings routing = under(Rule::Exit);
    routing.exit = threshold;
    return routing;
}

/// Who has left runs no further recursion, worked out token by token with loops: [T, V], and the
/// recursions that each token ran.
struct Stopped {
    at::Tensor logits;
    std::vector<std::int64_t> depth;
};

class PlainStopping {
public:
    PlainStopping(models::LanguageModel& model, double threshold, settings::KvPolicy policy)
        : m_model(model)
        , m_threshold(threshold)
        , m_policy(policy) {}

    Stopped run(const std::vector<std::int64_t>& ids) {
        Stopped out;
        std::vector<at::Tensor> logits;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            logits.push_back(token(ids[i], static_cast<std::int64_t>(i)));
            out.depth.push_back(static_cast<std::int64_t>(m_kept.back().size()));
        }
        out.logits = at::stack(logits);
        return out;
    }

private:
    using Entry = std::vector<std::pair<at::Tensor, at::Tensor>>; // key and value of each layer

    [[nodiscard]] at::Tensor norm(const at::Tensor& x, const at::Tensor& gain) const {
        return x * at::rsqrt(x.square().mean() + m_model.config().normEpsilon) * gain;
    }

    [[nodiscard]] at::Tensor turned(const at::Tensor& heads, std::int64_t position) const {
        const std::int64_t half = heads.size(1) / 2;
        at::Tensor out = at::empty_like(heads);
        for (std::int64_t i = 0; i < half; ++i) {
            const double angle = static_cast<double>(position) *
                                 std::pow(m_model.config().ropeTheta,
                                          -static_cast<double>(i) / static_cast<double>(half));
            const at::Tensor a = heads.select(1, i), b = heads.select(1, i + half);
            out.select(1, i).copy_(a * std::cos(angle) - b * std::sin(angle));
            out.select(1, i + half).copy_(b * std::cos(angle) + a * std::sin(angle));
        }
        return out;
    }

    /// The entries that a token at recursion t may read of an earlier one; null: none.
    [[nodiscard]] const Entry* entryOf(std::size_t token, std::size_t t) const {
        const std::vector<Entry>& own = m_kept[token];
        if (m_policy == settings::KvPolicy::Last) {
            return &own.back(); // of the token at hand its present recursion's
        }
        return t < own.size()                           ? &own[t]
               : m_policy == settings::KvPolicy::Latest ? &own.back()
                                                        : nullptr;
    }

    at::Tensor attention(const nn::LayerWeights& w,
                         std::size_t l,
                         std::size_t t,
                         const at::Tensor& x,
                         std::int64_t position) {
        const spec::LanguageSpec& c = m_model.config();
        const auto heads = [&](const at::Tensor& weight, std::int64_t count) {
            return at::mv(weight, x).view({count, c.headDim});
        };
        const at::Tensor q = turned(heads(w.q, c.heads), position);
        m_kept.back()[t].emplace_back(turned(heads(w.k, c.kvHeads), position),
                                      heads(w.v, c.kvHeads));
        std::vector<at::Tensor> mixed;
        for (std::int64_t h = 0; h < c.heads; ++h) {
            std::vector<at::Tensor> scores, values;
            for (std::size_t s = 0; s < m_kept.size(); ++s) {
                if (const Entry* entry = entryOf(s, t)) {
                    const std::int64_t g = h / (c.heads / c.kvHeads);
                    scores.push_back(at::dot(q[h], (*entry)[l].first[g]));
                    values.push_back((*entry)[l].second[g]);
                }
            }
            const at::Tensor weight =
                at::softmax(at::stack(scores) / std::sqrt(static_cast<double>(c.headDim)), 0);
            mixed.push_back(at::mv(at::stack(values).t(), weight));
        }
        return at::mv(w.o, at::cat(mixed));
    }

    at::Tensor token(std::int64_t id, std::int64_t position) {
        const models::Weights& weights = m_model.weights();
        at::Tensor x = weights.embedding[id];
        double left = 0, stays = 1;
        m_kept.emplace_back();
        const auto count = static_cast<std::size_t>(m_model.config().recursion.count);
        for (std::size_t t = 0; t < count && !(t > 0 && m_threshold < 1 && left >= m_threshold);
             ++t) {
            m_kept.back().emplace_back();
            for (std::size_t l = 0; l < weights.block[0].size(); ++l) {
                const nn::LayerWeights& w = weights.block[0][l];
                x = x +
                    norm(attention(w, l, t, norm(x, w.inputNorm), position), w.attentionOutNorm);
                const at::Tensor h = norm(x, w.postNorm);
                const at::Tensor wide = at::silu(at::mv(w.gate, h)) * at::mv(w.up, h);
                x = x + norm(at::mv(w.down, wide), w.feedForwardOutNorm);
            }
            x = norm(x, weights.norm);
            const double lambda =
                at::sigmoid(at::dot(weights.exitGate[0], x) + weights.exitBias[0]).item<double>();
            left += lambda * stays;
            stays *= 1 - lambda;
        }
        return at::mv(weights.head, x);
    }

    models::LanguageModel& m_model;
    double m_threshold;
    settings::KvPolicy m_policy;
    std::vector<std::vector<Entry>> m_kept; ///< [tokens][recursions that each ran]
};

} // namespace

class TestOuro : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("whole heads") << "ouro";
        QTest::newRow("grouped heads, tied") << "ouro_gqa_tied";
    }

    void everyRecursion() {
        QFETCH_GLOBAL(QString, name);
        const Answers answers(name.toStdString());
        for (std::size_t row = 0; row < answers.rows(); ++row) {
            const auto standard = answers.pass(row, {});
            QVERIFY(worst(standard.logits, answers.expected["logits"][row]) < kOfficial);
            QVERIFY(worst(at::stack(standard.exits, -1),
                          answers.expected["exit_probability"][row]) < kOfficial);
            QVERIFY(
                std::abs(at::stack(standard.exits, -1).sum(-1).sub(1).abs().max().item<double>()) <
                1e-5);
            const int recursions = answers.loaded.info->recursions;
            for (int t = 1; t <= recursions; ++t) {
                const auto fixed = answers.pass(row, under(Rule::Fixed, t));
                const json& step = answers.expected["steps"][static_cast<std::size_t>(t - 1)][row];
                QVERIFY2(worst(fixed.logits, step) < kOfficial, qPrintable(QString::number(t)));
                QVERIFY(!fixed.routing.offDistribution);
            }
            const auto weighted = answers.pass(row, under(Rule::Weighted));
            QVERIFY(worst(weighted.logits, answers.expected["weighted"][row]) < kOfficial);
        }
    }

    /// The exits decide exactly.
    void thresholds() {
        QFETCH_GLOBAL(QString, name);
        const Answers answers(name.toStdString());
        for (const json& one : answers.expected["thresholds"]) {
            for (std::size_t row = 0; row < answers.rows(); ++row) {
                const auto pass = answers.pass(row, leavingAt(one["threshold"].get<double>()));
                QCOMPARE(depthsOf(pass), one["depth"][row].get<std::vector<std::int64_t>>());
                QVERIFY(worst(pass.logits, one["logits"][row]) < kOfficial);
            }
        }
    }

    void continuations() {
        QFETCH_GLOBAL(QString, name);
        const Answers answers(name.toStdString());
        const json& greedy = answers.expected["greedy"];
        const json& early = answers.expected["greedy_threshold"];
        for (const bool cached : {true, false}) {
            QCOMPARE(continued(answers, greedy, {}, cached),
                     greedy["tokens"].get<std::vector<std::int32_t>>());
            QCOMPARE(continued(answers, early, leavingAt(early["threshold"].get<double>()), cached),
                     early["tokens"].get<std::vector<std::int32_t>>());
        }
    }

    /// A cap ends all passes there, and who has not left by then leaves.
    void cappedAndBeyond() {
        QFETCH_GLOBAL(QString, name);
        const Answers answers(name.toStdString());
        settings::RoutingSettings capped = leavingAt(1);
        capped.maxDepth = 2;
        const auto two = answers.pass(0, capped);
        QVERIFY(worst(two.logits, answers.expected["steps"][1][0]) < kOfficial);
        QCOMPARE(two.exits.size(), std::size_t{2});
        QVERIFY((two.exits[0] + two.exits[1] - 1).abs().max().item<double>() < 1e-6);
        const int recursions = answers.loaded.info->recursions;
        const auto more = answers.pass(0, under(Rule::Fixed, recursions + 2));
        QVERIFY(more.routing.offDistribution);
        QCOMPARE(static_cast<int>(more.exits.size()), recursions + 2);
        QCOMPARE(depthsOf(more).front(), std::int64_t{recursions + 2});
        QVERIFY_THROWS_EXCEPTION(Error, answers.pass(0, under(Rule::Fixed, 65)));
        QVERIFY_THROWS_EXCEPTION(Error, answers.pass(0, under(Rule::TopK)));
    }

    void stopping_data() {
        QTest::addColumn<double>("threshold");
        QTest::addColumn<int>("policy");
        for (const double threshold : {0.2, 0.4, 0.55, 1.0}) {
            for (const settings::KvPolicy policy :
                 {settings::KvPolicy::Latest, settings::KvPolicy::Skip, settings::KvPolicy::Last}) {
                QTest::addRow("%s, %g", std::string(settings::toString(policy)).c_str(), threshold)
                    << threshold << static_cast<int>(policy);
            }
        }
    }

    /// Against loops over single tokens; a prompt at once, in two parts, token by token, and
    /// without a cache.
    void stopping() {
        QFETCH_GLOBAL(QString, name);
        QFETCH(double, threshold);
        QFETCH(int, policy);
        const auto kv = static_cast<settings::KvPolicy>(policy);
        const Answers answers(name.toStdString());
        const std::vector<std::int64_t> ids = answers.ids(0);
        const c10::NoGradGuard noGrad;
        const Stopped plain = PlainStopping(*answers.loaded.model, threshold, kv).run(ids);
        settings::RoutingSettings routing = leavingAt(threshold);
        routing.exits = settings::Exits::Stop;
        routing.kv = kv;
        const models::Pass whole = answers.pass(0, routing);
        QCOMPARE(depthsOf(whole), plain.depth);
        QVERIFY((whole.logits[0] - plain.logits).abs().max().item<double>() < kOfficial);
        if (threshold >= 1 && kv != settings::KvPolicy::Last) {
            QVERIFY(worst(whole.logits, answers.expected["logits"][0]) < kOfficial);
        } else if (threshold < 1) {
            QVERIFY(std::ranges::min(plain.depth) < std::ranges::max(plain.depth));
        }
        for (const std::int64_t part : {std::int64_t{1}, std::int64_t{7}}) {
            nn::KvCache cache = answers.loaded.model->makeCache(routing.kv);
            std::vector<at::Tensor> logits;
            for (std::int64_t first = 0; first < std::ssize(ids); first += part) {
                models::Pass pass;
                const auto length = std::min(part, std::ssize(ids) - first);
                pass.ids = tests::idsTensor(ids).narrow(1, first, length);
                pass.firstPosition = first;
                pass.cache = &cache;
                pass.routing = spec::resolveRouting(answers.loaded.model->config(), routing,
                                                    spec::RoutingUse::Pass);
                answers.loaded.model->run(pass);
                logits.push_back(pass.logits[0]);
            }
            QVERIFY((at::cat(logits) - plain.logits).abs().max().item<double>() < kOfficial);
            // What did not run was not kept.
            std::int64_t entries = 0;
            for (const std::int64_t depth : plain.depth) {
                entries += (kv == settings::KvPolicy::Last ? 1 : depth) *
                           answers.loaded.model->config().blockLayers();
            }
            const spec::LanguageSpec& spec = answers.loaded.model->config();
            QCOMPARE(cache.usedBytes(),
                     entries * 2 * spec.kvHeads * spec.headDim * std::int64_t{sizeof(float)});
        }
    }

    /// As published all recursions run; one of each token is kept, and the exit chooses among all.
    void keepsTheLastRecursion() {
        QFETCH_GLOBAL(QString, name);
        const Answers answers(name.toStdString());
        const c10::NoGradGuard noGrad;
        const std::vector<std::int64_t> ids = answers.ids(0);
        const Stopped plain =
            PlainStopping(*answers.loaded.model, 1, settings::KvPolicy::Last).run(ids);
        settings::RoutingSettings routing = leavingAt(1);
        routing.kv = settings::KvPolicy::Last;
        const models::Pass whole = answers.pass(0, routing);
        QVERIFY((whole.logits[0] - plain.logits).abs().max().item<double>() < kOfficial);
        QVERIFY(worst(whole.logits, answers.expected["logits"][0]) > kOfficial); // it changes them
        routing.exit = 0.4;
        const models::Pass early = answers.pass(0, routing);
        const std::vector<std::int64_t> depth = depthsOf(early);
        QVERIFY(std::ranges::min(depth) < std::ranges::max(depth));
        QCOMPARE(whole.exits.size(), early.exits.size());
        for (std::size_t r = 0; r < whole.exits.size(); ++r) { // whichever answers
            QVERIFY(at::equal(whole.exits[r], early.exits[r]));
        }
    }

    void weightedLogitsCannotStop() {
        QFETCH_GLOBAL(QString, name);
        const Answers answers(name.toStdString());
        settings::RoutingSettings routing = under(Rule::Weighted);
        routing.exits = settings::Exits::Stop;
        QVERIFY_THROWS_EXCEPTION(Error, answers.pass(0, routing));
        routing = leavingAt(0.5);
        routing.kv = settings::KvPolicy::Latest; // nobody stops
        QVERIFY_THROWS_EXCEPTION(Error, answers.pass(0, routing));
    }

    /// Each recursion and layer keeps entries of its own.
    void memory() {
        QFETCH_GLOBAL(QString, name);
        const Answers answers(name.toStdString());
        const spec::LanguageSpec& spec = answers.loaded.model->config();
        nn::KvCache cache = answers.loaded.model->makeCache();
        const c10::NoGradGuard noGrad;
        models::Pass pass;
        pass.ids = tests::idsTensor(answers.ids(0));
        pass.cache = &cache;
        pass.routing = spec::resolveRouting(spec, {}, spec::RoutingUse::Pass);
        answers.loaded.model->run(pass);
        const std::int64_t perEntry = 2 * spec.kvHeads * spec.headDim * std::int64_t{sizeof(float)};
        QCOMPARE(cache.usedBytes(), pass.ids.size(1) * spec.layers * perEntry);
    }
};

QTEST_APPLESS_MAIN(TestOuro)
#include "tst_ouro.moc"
