// SPDX-License-Identifier: MIT
#include "engine/trace/graded_classes.h"
#include "engine/trace/statistics.h"
#include "engine/trace/trace_store.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <random>

using namespace depthscope;
using namespace depthscope::trace;

namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

// The k best of the candidates, lower index first among equals: docs/routing.md 3.2, written the
// slow way.
std::vector<std::size_t> select(const std::vector<float>& scores, std::size_t k) {
    std::vector<std::size_t> order;
    for (std::size_t t = 0; t < scores.size(); ++t) {
        if (!std::isnan(scores[t])) {
            order.push_back(t);
        }
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    order.resize(std::min(k, order.size()));
    return order;
}

std::size_t keptAt(const Fraction& capacity, std::size_t tokens) {
    return static_cast<std::size_t>(
        std::max<std::int64_t>(1, capacity.of(static_cast<std::int64_t>(tokens))));
}

bool contains(const std::vector<std::size_t>& list, std::size_t token) {
    return std::find(list.begin(), list.end(), token) != list.end();
}

std::shared_ptr<StepTrace> emptyStep(std::size_t tokens, int recursions) {
    auto info = std::make_shared<spec::ModelInfo>();
    info->router = spec::RouterKind::Expert;
    info->routerFunction = "sigmoid";
    info->recursions = recursions;
    auto step = std::make_shared<StepTrace>();
    step->run = 1;
    step->model = info;
    step->routing.layout.columns = static_cast<std::int32_t>(tokens);
    step->routing.recursions = recursions;
    step->makeText().ids.assign(tokens, 7);
    step->routing.depth.assign(tokens, 1);
    return step;
}

// Expert-choice over random scores, coarse enough that ties are common.
std::shared_ptr<StepTrace> topKStep(std::size_t tokens, int recursions, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> coarse(0, 9);
    auto step = emptyStep(tokens, recursions);
    step->settings.rule = settings::Rule::TopK;
    const auto rows = static_cast<std::size_t>(recursions);
    step->routing.scores.assign(rows * tokens, kNone);
    step->routing.depth.assign(tokens, 0);
    std::vector<bool> alive(tokens, true);
    for (std::size_t r = 0; r < rows; ++r) {
        step->settings.capacity.push_back({recursions - static_cast<int>(r), recursions});
        std::vector<float> row(tokens, kNone);
        for (std::size_t t = 0; t < tokens; ++t) {
            if (alive[t]) {
                row[t] = static_cast<float>(coarse(random)) / 10.0F;
            }
        }
        const auto kept = select(row, keptAt(step->settings.capacity.back(), tokens));
        for (std::size_t t = 0; t < tokens; ++t) {
            alive[t] = contains(kept, t);
            step->routing.depth[t] =
                static_cast<std::uint8_t>(step->routing.depth[t] + (alive[t] ? 1 : 0));
            step->routing.scores[r * tokens + t] = row[t];
        }
    }
    return step;
}

RunView viewOf(const StepPtr& step) {
    TraceStore store;
    store.add(step);
    return *store.view().main;
}

} // namespace

class TestStatistics : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void marginEqualsReselection_data();
    void marginEqualsReselection();
    void randomHasNoMargin();
    void thresholdMargin();
    void droppedAtRecursionOne();
    void countsAgreeWithBruteForce();
    void histograms();
    void loads_data();
    void loads();
    void classes();
    void bytes();
    void policies();
    void withoutTokens();
};

void TestStatistics::marginEqualsReselection_data() {
    QTest::addColumn<int>("tokens");
    QTest::addColumn<int>("recursions");
    QTest::addColumn<unsigned>("seed");
    unsigned seed = 1;
    for (const int tokens : {1, 2, 7, 24, 61}) {
        for (const int recursions : {1, 2, 3, 4}) {
            QTest::addRow("T%d R%d", tokens, recursions) << tokens << recursions << ++seed;
        }
    }
}

void TestStatistics::marginEqualsReselection() {
    QFETCH(int, tokens);
    QFETCH(int, recursions);
    QFETCH(unsigned, seed);
    const auto count = static_cast<std::size_t>(tokens);
    const RunView run = viewOf(topKStep(count, recursions, seed));
    for (int r = 0; r < recursions; ++r) {
        const std::vector<float>& row = run.scores[static_cast<std::size_t>(r)];
        for (std::size_t t = 0; t < count; ++t) {
            const RouterMargin margin = routerMargin(run, r, t);
            QCOMPARE(margin.score.has_value(), !std::isnan(row[t]));
            if (!margin.score) {
                QVERIFY(!margin.staysFrom);
                continue;
            }
            QVERIFY(margin.staysFrom.has_value());
            const Fraction x = *margin.staysFrom;
            QVERIFY(contains(select(row, keptAt(x, count)), t));
            // One token less: it drops out, unless it is the best, which k = max(1, ..) always
            // keeps.
            const Fraction less{x.numerator - 1, x.denominator};
            QCOMPARE(contains(select(row, keptAt(less, count)), t), *margin.rank == 0);
            // No fraction below x keeps it either.
            const Fraction below{x.numerator * 1000 - 1, x.denominator * 1000};
            QCOMPARE(contains(select(row, keptAt(below, count)), t), *margin.rank == 0);
            const Fraction inForce = run.latest->settings.capacity[static_cast<std::size_t>(r)];
            QCOMPARE(margin.kept, keptAt(inForce, count) > *margin.rank);
        }
    }
}

void TestStatistics::randomHasNoMargin() {
    const auto step = topKStep(24, 3, 11);
    const RunView ranked = viewOf(step);
    QVERIFY(scoreDecides(ranked));
    QVERIFY(cutScore(ranked, 1).has_value());
    step->settings.rule = settings::Rule::Random;
    const RunView run = viewOf(step);
    QVERIFY(!scoreDecides(run));
    for (int r = 0; r < 3; ++r) {
        QVERIFY(!cutScore(run, r));
        for (std::size_t t = 0; t < run.places(); ++t) {
            const RouterMargin margin = routerMargin(run, r, t);
            QCOMPARE(margin.score.has_value(), isConsidered(run, r, t));
            QCOMPARE(margin.kept, isKept(run, r, t));
            QVERIFY(!margin.rank);
            QVERIFY(!margin.staysFrom);
            QVERIFY(!margin.overThreshold);
        }
    }
}

void TestStatistics::droppedAtRecursionOne() {
    auto step = emptyStep(4, 2);
    step->settings.rule = settings::Rule::TopK;
    step->routing.depth = {0, 2, 1, 0};
    step->routing.scores = {0.1F, 0.9F, 0.5F, 0.2F, kNone, 0.7F, 0.3F, kNone};
    step->routing.classSet = gradedClasses();
    step->routing.classes = {2, 2, kNoClass, 5};
    step->makeText().nll = {kNone, 1.0F, 1.0F, 1.0F};
    step->routing.kv.groups = {{0, 8, 4}, {1, 4, 2}, {2, 4, 1}};
    step->routing.kv.measuredBytes = 8 * 4 + 4 * (2 + 1);
    step->routing.kv.fullBytes = (8 + 2 * 4) * 4;
    const RunView run = viewOf(step);
    QCOMPARE(tokensLeft(run), (std::vector<std::size_t>{2, 1}));
    QCOMPARE(exitShares(run), (std::vector<double>{0.25, 0.25}));
    QCOMPARE(meanDepth(run), 0.75);
    QVERIFY(leavesAt(run, 0, 0));
    QVERIFY(!isKept(run, 0, 0));
    QVERIFY(!leavesAt(run, 1, 0));
    QVERIFY(!isConsidered(run, 1, 0));
    QCOMPARE(double{*cutScore(run, 0)}, double{0.5F});
    const RouterMargin margin = routerMargin(run, 0, 0);
    QVERIFY(!margin.kept);
    QCOMPARE(*margin.rank, std::size_t{3});
    QCOMPARE(margin.staysFrom->numerator, std::int64_t{4});
    QCOMPARE(storedBytes(run, run.latest->routing.kv.groups[0], 0),
             std::int64_t{8}); // unshared layers only
    QCOMPARE(storedBytes(run, run.latest->routing.kv.groups[1], 0), std::int64_t{0});
    QCOMPARE(savedBytes(run, 0), std::int64_t{8});
    const auto figures = classFigures(run);
    QCOMPARE(figures[0].meanDepth, 1.0);
    QCOMPARE(figures[1].meanDepth, 0.0);
}

void TestStatistics::thresholdMargin() {
    auto step = emptyStep(2, 2);
    step->settings.rule = settings::Rule::Threshold;
    step->settings.tau = 0.5;
    step->routing.depth = {2, 1};
    step->routing.scores = {0.1F, 0.2F, 0.75F, 0.25F};
    const RunView run = viewOf(step);
    QVERIFY(!routerMargin(run, 0, 0).overThreshold); // recursion 1 is unconditional
    QCOMPARE(*routerMargin(run, 1, 0).overThreshold, 0.25);
    QCOMPARE(*routerMargin(run, 1, 1).overThreshold, -0.25);
    QVERIFY(!routerMargin(run, 1, 0).staysFrom);

    // tanh(1) and sigmoid(1) speak of the same logit; so does the identity.
    const double sigmoid = 1.0 / (1.0 + std::exp(-1.0));
    auto info = std::make_shared<spec::ModelInfo>(*step->model);
    info->routerFunction = "tanh";
    step->model = info;
    step->routing.scores[2] = std::tanh(1.0F);
    QVERIFY(std::abs(*routerMargin(viewOf(step), 1, 0).overThreshold - (sigmoid - 0.5)) < 1e-6);
    info = std::make_shared<spec::ModelInfo>(*step->model);
    info->routerFunction = "identity";
    step->model = info;
    step->routing.scores[2] = 1.0F;
    QVERIFY(std::abs(*routerMargin(viewOf(step), 1, 0).overThreshold - (sigmoid - 0.5)) < 1e-12);
}

void TestStatistics::countsAgreeWithBruteForce() {
    const RunView run = viewOf(topKStep(50, 3, 99));
    const auto left = tokensLeft(run);
    QCOMPARE(left, (std::vector<std::size_t>{50, 33, 16}));
    double sum = 0;
    for (int r = 0; r < 3; ++r) {
        std::size_t kept = 0;
        std::size_t considered = 0;
        std::size_t leaving = 0;
        double lowestKept = 2;
        for (std::size_t t = 0; t < run.places(); ++t) {
            kept += isKept(run, r, t) ? 1U : 0U;
            considered += isConsidered(run, r, t) ? 1U : 0U;
            leaving += leavesAt(run, r, t) ? 1U : 0U;
            if (isKept(run, r, t)) {
                lowestKept =
                    std::min(lowestKept, double{run.scores[static_cast<std::size_t>(r)][t]});
            }
        }
        QCOMPARE(kept, left[static_cast<std::size_t>(r)]);
        QCOMPARE(considered, kept + leaving);
        if (leaving > 0) {
            QCOMPARE(*cutScore(run, r), lowestKept);
        } else {
            QVERIFY(!cutScore(run, r));
        }
        sum += static_cast<double>(kept);
    }
    QCOMPARE(meanDepth(run), sum / 50.0);
    const auto shares = exitShares(run);
    QCOMPARE(shares[0], (50.0 - 33.0) / 50.0);
    QCOMPARE(shares[2], 16.0 / 50.0);
}

void TestStatistics::histograms() {
    auto step = emptyStep(6, 2);
    step->routing.scores = {0.0F,  0.24F, 0.25F, 0.5F,  1.0F,  kNone,
                            kNone, kNone, 0.5F,  kNone, kNone, 2.0F};
    auto found = scoreHistograms(viewOf(step), 4);
    QCOMPARE(found.size(), std::size_t{2});
    QCOMPARE(found[0].counts, (std::vector<std::size_t>{2, 1, 1, 1}));
    QCOMPARE(found[0].total, std::size_t{5});
    QCOMPARE(found[1].counts, (std::vector<std::size_t>{0, 0, 1, 1})); // 2.0 is clamped, not lost

    auto info = std::make_shared<spec::ModelInfo>(*step->model);
    info->routerFunction = "tanh";
    step->model = info;
    found = scoreHistograms(viewOf(step), 4);
    QCOMPARE(found[0].range.low, -1.0);
    QCOMPARE(found[0].counts, (std::vector<std::size_t>{0, 0, 3, 2}));
    info = std::make_shared<spec::ModelInfo>(*step->model);
    info->routerFunction = "identity";
    step->model = info;
    QCOMPARE(scoreRange(viewOf(step)).high, 2.0);
    QCOMPARE(scoreHistograms(viewOf(step), 0)[0].counts.size(), std::size_t{1});
}

void TestStatistics::loads_data() {
    QTest::addColumn<std::vector<double>>("loads");
    QTest::addColumn<double>("violation");
    QTest::addColumn<double>("nats");
    QTest::newRow("uniform") << std::vector<double>{1 / 3.0, 1 / 3.0, 1 / 3.0} << 0.0
                             << std::log(3.0);
    QTest::newRow("collapsed") << std::vector<double>{1.0, 0.0, 0.0} << 2.0 << 0.0;
    QTest::newRow("half") << std::vector<double>{0.5, 0.5, 0.0, 0.0} << 1.0 << std::log(2.0);
    QTest::newRow("none") << std::vector<double>{} << 0.0 << 0.0;
}

void TestStatistics::loads() {
    QFETCH(std::vector<double>, loads);
    QFETCH(double, violation);
    QFETCH(double, nats);
    QVERIFY(std::abs(maxViolation(loads) - violation) < 1e-12);
    QVERIFY(std::abs(entropy(loads) - nats) < 1e-8);
}

void TestStatistics::classes() {
    auto step = emptyStep(5, 3);
    step->routing.depth = {1, 3, 2, 1, 3};
    step->routing.classSet = gradedClasses();
    step->routing.classes = {2, 2, 5, kNoClass, 2};
    step->makeText().nll = {kNone, 1.0F, kNone, 4.0F, 3.0F};
    const auto figures = classFigures(viewOf(step));
    QCOMPARE(figures.size(), std::size_t{2});
    QCOMPARE(gradedClasses()->names.at(figures[0].number), std::string("sum"));
    QCOMPARE(figures[0].count, std::size_t{3});
    QCOMPARE(figures[0].meanDepth, 7.0 / 3.0);
    QCOMPARE(figures[0].meanNll, 2.0);
    QCOMPARE(figures[1].count, std::size_t{1});
    QVERIFY(std::isnan(figures[1].meanNll));
}

void TestStatistics::bytes() {
    auto step = topKStep(12, 3, 5);
    step->routing.kv.groups = {{0, 8, 12}, {1, 4, 12}, {2, 4, 8}, {3, 4, 4}};
    step->routing.kv.measuredBytes = 8 * 12 + 4 * (12 + 8 + 4);
    step->routing.kv.fullBytes = (8 + 3 * 4) * 12;
    const RunView run = viewOf(step);
    std::int64_t stored = 0;
    std::int64_t saved = 0;
    for (std::size_t t = 0; t < run.places(); ++t) {
        for (const KvGroup& group : run.latest->routing.kv.groups) {
            stored += storedBytes(run, group, t);
        }
        saved += savedBytes(run, t);
        QCOMPARE(savedBytes(run, t), std::int64_t{4 * (3 - run.depth[t])});
    }
    QCOMPARE(stored, run.latest->routing.kv.measuredBytes);
    QCOMPARE(saved, run.latest->routing.kv.fullBytes - run.latest->routing.kv.measuredBytes);
}

// The three policies by hand: two tokens in the unshared layers, blocks of 4 bytes.
void TestStatistics::policies() {
    auto step = emptyStep(3, 3);
    step->routing.depth = {3, 1, 0};
    step->routing.kv.groups = {{0, 8, 3}, {1, 4, 2}, {2, 4, 1}, {3, 4, 1}};
    const auto bytes = [&](settings::KvPolicy policy) {
        std::vector<std::int64_t> sums;
        for (std::size_t t = 0; t < 3; ++t) {
            sums.push_back(policyBytes(viewOf(step), policy, t));
        }
        return sums;
    };
    using settings::KvPolicy;
    QCOMPARE(bytes(KvPolicy::Recursion), (std::vector<std::int64_t>{20, 12, 8}));
    QCOMPARE(bytes(KvPolicy::Share), (std::vector<std::int64_t>{12, 12, 8}));
    QCOMPARE(bytes(KvPolicy::Hybrid), (std::vector<std::int64_t>{20, 12, 12}));
    QCOMPARE(bytes(KvPolicy::Last), (std::vector<std::int64_t>{12, 12, 8}));
    step->settings.kvKept = 2;
    QCOMPARE(bytes(KvPolicy::Compress), (std::vector<std::int64_t>{16, 12, 8}));
    QVERIFY(kvPolicyInForce(viewOf(step)) == KvPolicy::Recursion);
    auto info = std::make_shared<spec::ModelInfo>(*step->model);
    info->trainedKv = KvPolicy::Share;
    step->model = info;
    QVERIFY(kvPolicyInForce(viewOf(step)) == KvPolicy::Share);
    step->settings.kv = KvPolicy::Hybrid;
    QVERIFY(kvPolicyInForce(viewOf(step)) == KvPolicy::Hybrid);
    for (const KvPolicy policy : {KvPolicy::Recursion, KvPolicy::Share, KvPolicy::Hybrid}) {
        step->settings.kv = policy;
        const RunView run = viewOf(step);
        for (std::size_t t = 0; t < 3; ++t) {
            std::int64_t stored = 0;
            for (const KvGroup& group : run.latest->routing.kv.groups) {
                stored += storedBytes(run, group, t);
            }
            QCOMPARE(stored, policyBytes(run, policy, t));
        }
    }
    // Under sharing an engine has no group for later recursions; the others can still be computed.
    step->routing.kv.groups.resize(2);
    QCOMPARE(bytes(KvPolicy::Recursion), (std::vector<std::int64_t>{20, 12, 8}));
}

void TestStatistics::withoutTokens() {
    const RunView run = viewOf(emptyStep(0, 2));
    QCOMPARE(tokensLeft(run), (std::vector<std::size_t>{0, 0}));
    QVERIFY(std::isnan(meanDepth(run)));
    QVERIFY(classFigures(run).empty());
    QCOMPARE(savedBytes(run, 0), std::int64_t{0});
    QVERIFY(!routerMargin(run, 0, 0).score);
    QVERIFY(!isKept(run, 0, 0));
}

QTEST_APPLESS_MAIN(TestStatistics)
#include "tst_statistics.moc"
