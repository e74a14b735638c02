// SPDX-License-Identifier: MIT
// Huginn: the official code's logits, exits and continuations; all rules against loops over single
// tokens; what is kept, and the states that a run starts from.
#include "engine/models/huginn.h"
#include "engine/spec/flops.h"
#include "tests/engine/looped_answers.h"
#include "tests/engine/tolerance.h"

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <complex>
#include <map>

using namespace depthscope;
using nlohmann::json;
using settings::KvPolicy;
using settings::Rule;
using tests::Answers;
using tests::continued;
using tests::depthsOf;
using tests::kOfficial;
using tests::worst;

namespace {

constexpr const char* kName = "huginn";

settings::RoutingSettings fromZeros(Rule rule = Rule::Model) {
    settings::RoutingSettings routing;
    routing.rule = rule;
    routing.zeroState = true;
    return routing;
}

settings::RoutingSettings leaving(Rule rule, double change, KvPolicy kv) {
    settings::RoutingSettings routing = fromZeros(rule);
    routing.change = change;
    routing.kv = kv;
    return routing;
}

/// What a pass in parts of so many tokens gives, [T, V]; the cache is the caller's.
at::Tensor inParts(const Answers& answers,
                   const settings::RoutingSettings& routing,
                   std::int64_t part,
                   nn::KvCache& cache) {
    const c10::NoGradGuard noGrad;
    const std::vector<std::int64_t> ids = answers.ids(0);
    std::vector<at::Tensor> logits;
    for (std::int64_t first = 0; first < std::ssize(ids); first += part) {
        models::Pass pass;
        pass.ids = tests::idsTensor(ids).narrow(1, first, std::min(part, std::ssize(ids) - first));
        pass.firstPosition = first;
        pass.cache = &cache;
        pass.routing =
            spec::resolveRouting(answers.loaded.model->config(), routing, spec::RoutingUse::Pass);
        answers.loaded.model->run(pass);
        logits.push_back(pass.logits[0]);
    }
    return at::cat(logits);
}

/// Worked out token by token and head by head, in fp64 where it is cheap: [T, V], and the
/// recursions that each token ran.
class PlainHuginn {
public:
    PlainHuginn(models::LanguageModel& model, const settings::RoutingSettings& routing)
        : m_model(model)
        , m_routing(routing) {}

    at::Tensor run(const std::vector<std::int64_t>& ids) {
        std::vector<at::Tensor> logits;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            logits.push_back(token(ids[i], i));
        }
        return at::stack(logits);
    }

    std::vector<std::int64_t> depth;

private:
    using Entry = std::pair<at::Tensor, at::Tensor>;  // key and value [H, E]
    using Kept = std::map<std::size_t, Entry>;        // by token
    using Slot = std::pair<std::string, std::size_t>; // "core 2", recursion
    using Layers = const std::vector<nn::LayerWeights>&;

    [[nodiscard]] at::Tensor norm(const at::Tensor& x, const at::Tensor& gain) const {
        return x * at::rsqrt(x.square().mean() + m_model.config().normEpsilon) * gain;
    }

    /// Elements 2i and 2i + 1 as a complex number, times e^(i angle).
    [[nodiscard]] at::Tensor turned(const at::Tensor& heads, std::size_t position) const {
        at::Tensor out = heads.clone();
        const std::int64_t E = heads.size(1);
        for (std::int64_t h = 0; h < heads.size(0); ++h) {
            for (std::int64_t i = 0; i < E; i += 2) {
                const double angle = static_cast<double>(position) *
                                     std::pow(m_model.config().ropeTheta,
                                              -static_cast<double>(i) / static_cast<double>(E));
                const std::complex<double> z(heads[h][i].item<double>(),
                                             heads[h][i + 1].item<double>());
                const std::complex<double> w = z * std::polar(1.0, angle);
                out[h][i] = w.real();
                out[h][i + 1] = w.imag();
            }
        }
        return out;
    }

    /// Slots that the recursions of a block of the core take by turns, each over its last entry; 0:
    /// one each.
    [[nodiscard]] std::size_t keptOf(const std::string& block) const {
        return block.starts_with("core")
                   ? static_cast<std::size_t>(settings::keptRecursions(m_routing))
                   : 0;
    }

    /// What a token at recursion r may read of an earlier one in a block of the core.
    [[nodiscard]] const Entry*
    entryOf(const std::string& block, std::size_t r, std::size_t t) const {
        if (const auto kept = keptOf(block); kept > 0) {
            const auto slot = m_kept.find({block, r % kept});
            const auto found = slot->second.find(t);
            return found == slot->second.end() ? nullptr : &found->second;
        }
        for (std::size_t back = r + 1; back-- > 0;) {
            if (const auto slot = m_kept.find({block, back}); slot != m_kept.end()) {
                if (const auto found = slot->second.find(t); found != slot->second.end()) {
                    return &found->second;
                }
            }
            if (m_routing.kv != KvPolicy::Latest) {
                return nullptr;
            }
        }
        return nullptr;
    }

    at::Tensor layer(const nn::LayerWeights& w,
                     const std::string& block,
                     std::size_t r,
                     const at::Tensor& x,
                     std::size_t t) {
        const spec::LanguageSpec& c = m_model.config();
        const at::Tensor all = at::mv(w.qkv, norm(x, w.inputNorm)).view({3, c.heads, c.headDim});
        const at::Tensor q = turned(all[0] + w.qkBias[0][0], t);
        const std::size_t kept = keptOf(block);
        m_kept[{block, kept > 0 ? r % kept : r}][t] = {turned(all[1] + w.qkBias[1][0], t),
                                                       all[2].clone()};
        std::vector<at::Tensor> mixed;
        for (std::int64_t h = 0; h < c.heads; ++h) {
            std::vector<at::Tensor> scores, values;
            for (std::size_t s = 0; s <= t; ++s) {
                if (const Entry* entry = entryOf(block, r, s)) {
                    scores.push_back(at::dot(q[h], entry->first[h]));
                    values.push_back(entry->second[h]);
                }
            }
            const at::Tensor weight =
                at::softmax(at::stack(scores) / std::sqrt(static_cast<double>(c.headDim)), 0);
            mixed.push_back(at::mv(at::stack(values).t(), weight));
        }
        const at::Tensor a = norm(x + at::mv(w.o, at::cat(mixed)), w.attentionOutNorm);
        const at::Tensor both = at::mv(w.gateUp, norm(a, w.postNorm));
        const at::Tensor wide = at::silu(both.narrow(0, 0, c.ffn)) * both.narrow(0, c.ffn, c.ffn);
        return norm(a + at::mv(w.down, wide), w.feedForwardOutNorm);
    }

    at::Tensor
    stack(Layers layers, const std::string& name, std::size_t r, at::Tensor x, std::size_t t) {
        for (std::size_t i = 0; i < layers.size(); ++i) {
            x = layer(layers[i], name + " " + std::to_string(i), r, x, t);
        }
        return x;
    }

    at::Tensor predict(const at::Tensor& s, std::size_t t) {
        const models::Weights& weights = m_model.weights();
        const at::Tensor x = stack(weights.after, "coda", 0, norm(s, weights.norm), t);
        return at::mv(weights.head, norm(x, weights.norm));
    }

    static at::Tensor probable(const at::Tensor& p) {
        at::Tensor q = p.clone();
        q.masked_fill_(p < 0.1 * p.max(), 1.0 / static_cast<double>(p.size(0)));
        return q / q.sum();
    }

    /// The figure of the rule, from states and logits before and after (undefined: none before).
    [[nodiscard]] double figure(const at::Tensor& s,
                                const at::Tensor& sBefore,
                                const at::Tensor& logits,
                                const at::Tensor& logitsBefore) {
        const auto p = [&](const at::Tensor& of) {
            return of.defined() ? at::softmax(of.to(at::kDouble), 0)
                                : at::full({logits.size(0)},
                                           1.0 / static_cast<double>(logits.size(0)), at::kDouble);
        };
        const auto entropy = [&](const at::Tensor& of) {
            return of.defined() ? -(p(of) * (p(of) + 1e-10).log()).sum().item<double>() : 100.0;
        };
        const auto divergence = [](const at::Tensor& a, const at::Tensor& b) {
            return (a * (a.log() - b.log())).sum().item<double>();
        };
        switch (m_routing.rule) {
        case Rule::Latent:
            return ((s - sBefore).norm() / s.norm()).item<double>();
        case Rule::Cosine:
            return 1 - (at::dot(s, sBefore) / (s.norm() * sBefore.norm())).item<double>();
        case Rule::Entropy:
            return std::abs(entropy(logits) - entropy(logitsBefore));
        case Rule::Kl:
            return divergence(p(logitsBefore), p(logits));
        case Rule::MinpKl:
            return divergence(probable(p(logitsBefore)), probable(p(logits)));
        default:
            m_same = logitsBefore.defined() && logits.argmax().item<std::int64_t>() ==
                                                   logitsBefore.argmax().item<std::int64_t>()
                         ? m_same + 1
                         : 0;
            return m_same;
        }
    }

    at::Tensor token(std::int64_t id, std::size_t t) {
        const models::Weights& weights = m_model.weights();
        const spec::LanguageSpec& c = m_model.config();
        const at::Tensor input =
            stack(weights.before, "prelude", 0,
                  weights.embedding[id] * std::sqrt(static_cast<double>(c.width)), t);
        at::Tensor s = at::zeros_like(input), logits;
        m_same = 0;
        std::size_t r = 0;
        for (bool leaves = false; !leaves; ++r) {
            const at::Tensor sBefore = s, logitsBefore = logits;
            s = stack(weights.block[0], "core", r, at::mv(weights.adapter, at::cat({s, input})), t);
            logits = predict(s, t);
            const double made = figure(s, sBefore, logits, logitsBefore);
            leaves = static_cast<int>(r) + 1 == c.recursion.count ||
                     (m_routing.rule == Rule::Fixed    ? false
                      : m_routing.rule == Rule::Argmax ? made >= m_routing.change
                                                       : made < m_routing.change);
        }
        depth.push_back(static_cast<std::int64_t>(r));
        return logits;
    }

    models::LanguageModel& m_model;
    settings::RoutingSettings m_routing;
    std::map<Slot, Kept> m_kept;
    int m_same = 0;
};

Rule ruleOf(const std::string& criterion) {
    return criterion == "latent-diff"    ? Rule::Latent
           : criterion == "entropy-diff" ? Rule::Entropy
           : criterion == "kl"           ? Rule::Kl
                                         : Rule::Argmax;
}

} // namespace

class TestHuginn : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() { m_answers.emplace(kName); }

    void everyRecursion() {
        const Answers& answers = *m_answers;
        for (std::size_t row = 0; row < answers.rows(); ++row) {
            const auto standard = answers.pass(row, fromZeros());
            QVERIFY(worst(standard.logits, answers.expected["logits"][row]) < kOfficial);
            QVERIFY(!standard.routing.offDistribution);
            for (const json& step : answers.expected["steps"]) {
                settings::RoutingSettings fixed = fromZeros(Rule::Fixed);
                fixed.fixedDepth = step["recurrences"].get<int>();
                const auto pass = answers.pass(row, fixed);
                QVERIFY(worst(pass.logits, step["logits"][row]) < kOfficial);
                QCOMPARE(depthsOf(pass).back(), std::int64_t{fixed.fixedDepth});
            }
        }
    }

    /// The rules decide exactly.
    void officialExits() {
        const Answers& answers = *m_answers;
        QVERIFY(answers.expected["adaptive"].size() >= 5);
        for (const json& one : answers.expected["adaptive"]) {
            const std::string criterion = one["criterion"].get<std::string>();
            const bool skips = one["lookup"].get<std::string>() == "skip";
            for (std::size_t row = 0; row < answers.rows(); ++row) {
                const auto pass =
                    answers.pass(row, leaving(ruleOf(criterion), one["threshold"].get<double>(),
                                              skips ? KvPolicy::Skip : KvPolicy::Latest));
                QCOMPARE(depthsOf(pass), one["depth"][row].get<std::vector<std::int64_t>>());
                QVERIFY2(worst(pass.logits, one["logits"][row]) < kOfficial, criterion.c_str());
            }
        }
    }

    void continuations() {
        const json& greedy = m_answers->expected["greedy"];
        for (const bool cached : {true, false}) {
            QCOMPARE(continued(*m_answers, greedy, fromZeros(), cached),
                     greedy["tokens"].get<std::vector<std::int32_t>>());
        }
    }

    void stopping_data() {
        QTest::addColumn<int>("rule");
        QTest::addColumn<double>("change");
        QTest::addColumn<bool>("latest");
        const std::pair<Rule, double> rules[] = {{Rule::Latent, 0.14},   {Rule::Cosine, 0.01},
                                                 {Rule::Entropy, 0.017}, {Rule::Kl, 0.012},
                                                 {Rule::MinpKl, 0.01},   {Rule::Argmax, 2}};
        for (const auto& [rule, change] : rules) {
            for (const bool latest : {true, false}) {
                QTest::addRow("%s, %s", std::string(settings::toString(rule)).c_str(),
                              latest ? "latest" : "skip")
                    << static_cast<int>(rule) << change << latest;
            }
        }
    }

    /// Against loops over single tokens; a prompt at once, in parts, token by token, without a
    /// cache.
    void stopping() {
        QFETCH(int, rule);
        QFETCH(double, change);
        QFETCH(bool, latest);
        const Answers& answers = *m_answers;
        const c10::NoGradGuard noGrad;
        const settings::RoutingSettings routing =
            leaving(static_cast<Rule>(rule), change, latest ? KvPolicy::Latest : KvPolicy::Skip);
        PlainHuginn plain(*answers.loaded.model, routing);
        const at::Tensor expected = plain.run(answers.ids(0));
        const models::Pass whole = answers.pass(0, routing);
        QCOMPARE(depthsOf(whole), plain.depth);
        QVERIFY((whole.logits[0] - expected).abs().max().item<double>() < kOfficial);
        QVERIFY(std::ranges::min(plain.depth) < std::ranges::max(plain.depth));
        QCOMPARE(std::ssize(whole.scores), std::ranges::max(plain.depth));
        const spec::LanguageSpec& spec = answers.loaded.model->config();
        for (const std::int64_t part : {std::int64_t{1}, std::int64_t{7}}) {
            nn::KvCache cache = answers.loaded.model->makeCache(routing.kv);
            const at::Tensor made = inParts(answers, routing, part, cache);
            QVERIFY((made - expected).abs().max().item<double>() < kOfficial);
            // What did not run was not kept.
            std::int64_t entries = 0;
            for (const std::int64_t depth : plain.depth) {
                entries += spec.unsharedLayers() + depth * spec.blockLayers();
            }
            QCOMPARE(cache.usedBytes(),
                     entries * spec::kvBytesPerLayer(spec, std::int64_t{sizeof(float)}));
        }
    }

    void keepsFew_data() {
        QTest::addColumn<int>("rule");
        QTest::addColumn<double>("change");
        QTest::addColumn<QString>("kv");
        const auto add = [](Rule rule, double change, const char* kv) {
            QTest::addRow("%s, %s", std::string(settings::toString(rule)).c_str(), kv)
                << static_cast<int>(rule) << change << QString(kv);
        };
        add(Rule::Fixed, 0, "last");
        add(Rule::Fixed, 0, "compress:3");
        add(Rule::Latent, 0.14, "compress:1");
        add(Rule::Latent, 0.14, "compress:3");
        add(Rule::Cosine, 0.01, "compress:5");
        add(Rule::Kl, 0.012, "compress:3");
    }

    /// Recursion r writes over the entries of r - N, and later tokens read what was written last:
    /// against loops; a prompt at once, in parts, token by token, without a cache; FLOPs by
    /// counting pairs.
    void keepsFew() {
        QFETCH(int, rule);
        QFETCH(double, change);
        QFETCH(QString, kv);
        const Answers& answers = *m_answers;
        const c10::NoGradGuard noGrad;
        settings::RoutingSettings routing =
            leaving(static_cast<Rule>(rule), change, KvPolicy::Model);
        settings::parseKv(kv.toStdString(), routing);
        PlainHuginn plain(*answers.loaded.model, routing);
        const at::Tensor expected = plain.run(answers.ids(0));
        const models::Pass whole = answers.pass(0, routing);
        QCOMPARE(depthsOf(whole), plain.depth);
        QVERIFY((whole.logits[0] - expected).abs().max().item<double>() < kOfficial);
        const spec::LanguageSpec& spec = answers.loaded.model->config();
        const std::int64_t kept = settings::keptRecursions(routing);
        for (const std::int64_t part : {std::int64_t{1}, std::int64_t{7}}) {
            nn::KvCache cache = answers.loaded.model->makeCache(routing.kv);
            const at::Tensor made = inParts(answers, routing, part, cache);
            QVERIFY((made - expected).abs().max().item<double>() < kOfficial);
            std::int64_t entries = 0;
            for (const std::int64_t depth : plain.depth) {
                entries += spec.unsharedLayers() + std::min(depth, kept) * spec.blockLayers();
            }
            QCOMPARE(cache.usedBytes(),
                     entries * spec::kvBytesPerLayer(spec, std::int64_t{sizeof(float)}));
        }
        const std::vector<std::uint8_t> depth(plain.depth.begin(), plain.depth.end());
        const spec::StepWork work = spec::stepWork(spec, whole.routing, {depth, 0, {}});
        for (std::size_t r = 0; r < work.recursions.size(); ++r) {
            double pairs = 0;
            for (std::size_t t = 0; t < depth.size(); ++t) {
                for (std::size_t s = 0; depth[t] > r && s <= t; ++s) {
                    pairs += depth[s] > r % static_cast<std::size_t>(kept) ? 1 : 0;
                }
            }
            QCOMPARE(work.recursions[r].pairs, pairs);
        }
    }

    /// Those who leave always stop.
    void publishedExitsAreRefused() {
        settings::RoutingSettings routing = fromZeros(Rule::Latent);
        routing.exits = settings::Exits::Published;
        try {
            static_cast<void>(m_answers->pass(0, routing));
            QFAIL("was accepted");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Usage);
            QVERIFY(error.hint().find("stop") != std::string::npos);
        }
        routing.exits = settings::Exits::Stop;
        QVERIFY(m_answers->pass(0, routing).routing.settings.exitStops());
    }

    /// FLOPs count what ran: of rules that watch predictions the coda and the head too.
    void work() {
        const Answers& answers = *m_answers;
        const spec::LanguageSpec& c = answers.loaded.model->config();
        const auto flops = [&](const settings::RoutingSettings& routing) {
            const models::Pass pass = answers.pass(0, routing);
            const std::vector<std::int64_t> depth = depthsOf(pass);
            const std::vector<std::uint8_t> bytes(depth.begin(), depth.end());
            return spec::stepFlops(c, spec::stepWork(c, pass.routing, {bytes, 0, {}}));
        };
        // Nobody leaves at these.
        const double all = flops(fromZeros());
        QCOMPARE(flops(leaving(Rule::Latent, 1e-9, KvPolicy::Latest)), all);
        const double watched = flops(leaving(Rule::Argmax, 60, KvPolicy::Latest));
        const auto T = static_cast<double>(answers.ids(0).size());
        const auto D = static_cast<double>(c.width);
        const double layer =
            2 * T * (4 * D * D + 3 * D * static_cast<double>(c.ffn)) + 4 * D * T * (T + 1) / 2;
        const double again =
            (c.recursion.count - 1) * (static_cast<double>(c.trailingLayers()) * layer +
                                       2 * T * D * static_cast<double>(c.vocabulary));
        QVERIFY(std::abs(watched - all - again) < 1e-6 * all);
        QVERIFY(flops(leaving(Rule::Latent, 0.14, KvPolicy::Latest)) < all);
    }

    /// A cap ends all there; more than the trained recursions are marked.
    void cappedAndBeyond() {
        const Answers& answers = *m_answers;
        settings::RoutingSettings capped = leaving(Rule::Kl, 1e-9, KvPolicy::Latest);
        capped.maxDepth = 3;
        const auto three = answers.pass(0, capped);
        QVERIFY(worst(three.logits, answers.expected["steps"][1]["logits"][0]) < kOfficial);
        settings::RoutingSettings fixed = fromZeros(Rule::Fixed);
        fixed.fixedDepth = 64;
        const auto most = answers.pass(0, fixed);
        QVERIFY(most.routing.offDistribution);
        QCOMPARE(depthsOf(most).front(), std::int64_t{64});
        fixed.fixedDepth = 65;
        QVERIFY_THROWS_EXCEPTION(Error, answers.pass(0, fixed));
        QVERIFY_THROWS_EXCEPTION(Error, answers.pass(0, fromZeros(Rule::Exit)));
    }

    /// Published thresholds where none is given.
    void publishedThresholds() {
        const spec::LanguageSpec& c = m_answers->loaded.model->config();
        for (const Rule rule :
             {Rule::Latent, Rule::Cosine, Rule::Entropy, Rule::Kl, Rule::MinpKl, Rule::Argmax}) {
            const auto routing = spec::resolveRouting(c, fromZeros(rule), spec::RoutingUse::Pass);
            QCOMPARE(routing.settings.change, settings::publishedChange(rule));
            QVERIFY(routing.settings.exitStops());
            QVERIFY(routing.settings.kv == KvPolicy::Latest);
            QVERIFY(routing.causal);
        }
    }

    /// A drawn state depends on seed and position, not on how the prompt is cut.
    void drawnStates() {
        const Answers& answers = *m_answers;
        settings::RoutingSettings routing; // fixed, drawn
        const models::Pass whole = answers.pass(0, routing);
        for (const std::int64_t part : {std::int64_t{1}, std::int64_t{7}}) {
            nn::KvCache cache = answers.loaded.model->makeCache();
            const at::Tensor made = inParts(answers, routing, part, cache);
            QVERIFY((made - whole.logits[0]).abs().max().item<double>() < tests::kFloatRoutes);
        }
        models::Pass drawn;
        drawn.positions = at::arange(64).unsqueeze(0);
        drawn.routing.seed = 5;
        const at::Tensor like = at::zeros({1, 64, 512});
        const at::Tensor states = models::initialState(drawn, like);
        QVERIFY(at::equal(states, models::initialState(drawn, like)));
        const double spread = std::sqrt(0.4);
        QVERIFY(states.abs().max().item<double>() <= 3 * spread + 1e-6);
        QVERIFY(std::abs(states.mean().item<double>()) < 0.02);
        // Cut at three deviations, a normal distribution has 0.9866 of its deviation.
        QVERIFY(std::abs(states.std().item<double>() - 0.9866 * spread) < 0.01);
        drawn.routing.seed = 6;
        QVERIFY(!at::equal(states, models::initialState(drawn, like)));
    }

    /// Several rows at once under a fixed depth; where tokens stop, one.
    void severalRows() {
        const Answers& answers = *m_answers;
        const c10::NoGradGuard noGrad;
        const auto both = [&](const settings::RoutingSettings& routing) {
            models::Pass pass;
            pass.ids =
                at::cat({tests::idsTensor(answers.ids(0)), tests::idsTensor(answers.ids(1))});
            pass.routing = spec::resolveRouting(answers.loaded.model->config(), routing,
                                                spec::RoutingUse::Pass);
            answers.loaded.model->run(pass);
            return pass.logits;
        };
        const at::Tensor logits = both(fromZeros());
        QVERIFY(worst(logits[0], answers.expected["logits"][0]) < kOfficial);
        QVERIFY(worst(logits[1], answers.expected["logits"][1]) < kOfficial);
        QVERIFY_THROWS_EXCEPTION(Error, both(fromZeros(Rule::Latent)));
        QVERIFY_THROWS_EXCEPTION(Error, both(fromZeros(Rule::Kl)));
    }

    /// Sizes are called what config.json calls them.
    void sizesByTheirNames() {
        const auto refused = [&](auto change) {
            spec::LanguageSpec c = m_answers->loaded.model->config();
            change(c);
            try {
                spec::checkSpec(c, "config.json", "config.json");
            } catch (const Error& error) {
                return QString::fromStdString(error.message());
            }
            return QString("accepted");
        };
        using spec::LanguageSpec;
        QVERIFY(refused([](LanguageSpec& c) { c.width = 0; }).contains("n_embd is 0"));
        QVERIFY(refused([](LanguageSpec& c) { c.heads = 5'000; }).contains("n_heads is 5000"));
        QVERIFY(refused([](LanguageSpec& c) { c.context = 0; }).contains("block_size is 0"));
        QVERIFY(refused([](LanguageSpec& c) { c.normEpsilon = 2; }).contains("norm_eps must"));
        QVERIFY(refused([](LanguageSpec& c) { c.ropeTheta = 0; }).contains("rope_base is out"));
        QVERIFY(refused([](LanguageSpec& c) { c.headDim = 11; }).contains("n_embd / n_heads must"));
    }

    /// The latest entries were published for two layers before a core of four, and so was what
    /// keeps the last recursions.
    void otherShapesSkip() {
        spec::LanguageSpec c = m_answers->loaded.model->config();
        c.loop.prelude = 1;
        --c.layers;
        const auto routing =
            spec::resolveRouting(c, fromZeros(Rule::Latent), spec::RoutingUse::Pass);
        QVERIFY(routing.settings.kv == KvPolicy::Skip);
        QVERIFY_THROWS_EXCEPTION(
            Error, static_cast<void>(spec::resolveRouting(c, leaving(Rule::Kl, 1, KvPolicy::Latest),
                                                          spec::RoutingUse::Pass)));
        QVERIFY_THROWS_EXCEPTION(
            Error, static_cast<void>(spec::resolveRouting(c, leaving(Rule::Kl, 1, KvPolicy::Last),
                                                          spec::RoutingUse::Pass)));
    }

private:
    std::optional<Answers> m_answers;
};

QTEST_APPLESS_MAIN(TestHuginn)
#include "tst_huginn.moc"
