// SPDX-License-Identifier: MIT
// Which routings a router is compared with, at which cost, and what is said of the outcome.
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/lab/router_comparison.h"

#include <QSignalSpy>
#include <QTest>
#include <algorithm>
#include <cmath>

using namespace depthscope;
using lab::Compared;
using settings::Rule;
using test::LabFixture;

namespace {

struct ComparisonFixture : LabFixture {
    ComparisonFixture()
        : comparison(lab) {
        openExpert();
    }

    void start() {
        runtime::ScoreRequest request;
        request.prompt = lab.prompt();
        request.routing.rule = Rule::TopK;
        request.regretTokens = 9;
        comparison.start(request);
    }

    [[nodiscard]] const runtime::ScoreRequest& requested() const {
        return std::get<runtime::ScoreRequest>(fake->requests.back().second);
    }

    /// Answers the running task: a loss that swings around its mean.
    void answer(double nll, std::size_t tokens = 320) {
        runtime::ScoreReport report;
        report.job = fake->requests.back().first;
        report.tokens = static_cast<std::int64_t>(tokens);
        report.nll = nll;
        for (std::size_t t = 0; t < tokens; ++t) {
            const double swing = t % 2 == 0 ? 0.01 : -0.01;
            report.losses.push_back(static_cast<float>(nll + swing * nll));
        }
        report.activeTokens = {300, 300, 200, 100};
        fake->tell(report);
        fake->tell(runtime::JobEnded{report.job, false, {}});
        settle();
    }

    lab::RouterComparison comparison;
};

} // namespace

class TestRouterComparison : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void runsItsControlsAtEqualCost() {
        ComparisonFixture f;
        f.start();
        QVERIFY(f.comparison.isRunning());
        QVERIFY(f.requested().routing.rule == Rule::TopK);
        QCOMPARE(f.requested().regretTokens, 0);
        f.answer(1.0);
        QVERIFY(f.requested().routing.rule == Rule::Random);
        QCOMPARE(f.requested().routing.capacity, (std::vector<Fraction>{{1, 1}, {2, 3}, {1, 3}}));
        f.answer(1.5);
        for (int depth = 1; depth <= 3; ++depth) {
            QVERIFY(f.requested().routing.rule == Rule::Fixed);
            QCOMPARE(f.requested().routing.fixedDepth, depth);
            QVERIFY(f.requested().role == runtime::ModelRole::Main);
            f.answer(2.0 - 0.1 * depth);
        }
        QVERIFY(f.requested().role == runtime::ModelRole::Vanilla);
        f.answer(0.5);
        QVERIFY(!f.comparison.isRunning());
        const auto& results = f.comparison.results();
        QCOMPARE(results.size(), std::size_t{6});
        QCOMPARE(results[1].worse, 0.5);
        QVERIFY(results[1].worseWithin.low > 0.45 && results[1].worseWithin.high < 0.55);
        QCOMPARE(f.comparison.nameOf(results[1]), QString("random at equal cost"));
        QCOMPARE(f.comparison.nameOf(results[4]), QString("full depth"));
        QCOMPARE(f.comparison.nameOf(results[5]), QString("vanilla model"));
    }

    /// Its random depths have no capacity, and so not the router's cost: that is said.
    void tokenChoiceHasItsControlsToo() {
        ComparisonFixture f;
        f.lab.loadModel(f.folder("demo-mor-token"));
        f.settle();
        runtime::ScoreRequest request;
        request.prompt = f.lab.prompt();
        request.routing.rule = Rule::Token;
        f.comparison.start(request);
        f.answer(1.0);
        QVERIFY(f.requested().routing.rule == Rule::Random);
        QVERIFY(f.requested().routing.capacity.empty()); // the engine refuses it
        f.answer(1.5);
        for (int depth = 1; depth <= 3; ++depth) {
            QCOMPARE(f.requested().routing.fixedDepth, depth);
            f.answer(2.0 - 0.1 * depth);
        }
        QCOMPARE(f.comparison.nameOf(f.comparison.results()[1]), QString("random depths"));
        QVERIFY2(f.comparison.verdict().contains("no random control at equal cost"),
                 qPrintable(f.comparison.verdict()));
    }

    /// Looped models have no random rule.
    void aModelThatCannotDrawSaysSo() {
        ComparisonFixture f;
        f.lab.loadModel(f.addModel("demo-looped", "ouro"));
        f.settle();
        f.start();
        f.answer(1.0);
        QVERIFY(f.comparison.verdict().isEmpty());
        QVERIFY(f.requested().routing.rule == Rule::Fixed);
        f.answer(1.5);
        QVERIFY2(f.comparison.verdict().contains("cannot select at random"),
                 qPrintable(f.comparison.verdict()));
    }

    void verdicts_data() {
        QTest::addColumn<double>("random");
        QTest::addColumn<int>("tokens");
        QTest::addColumn<QString>("words");
        QTest::newRow("worth it") << 1.5 << 320 << "is worth it on this text: 0.5000 nats";
        QTest::newRow("harmful") << 0.5 << 320 << "is harmful on this text: 0.5000 nats";
        QTest::newRow("no better") << 1.0 << 320 << "does not beat random selection";
        QTest::newRow("too short") << 1.5 << 20 << "too short to tell";
    }

    void verdicts() {
        QFETCH(double, random);
        QFETCH(int, tokens);
        QFETCH(QString, words);
        ComparisonFixture f;
        f.start();
        f.answer(1.0, static_cast<std::size_t>(tokens));
        QVERIFY(f.comparison.verdict().isEmpty());
        f.answer(random, static_cast<std::size_t>(tokens));
        QVERIFY2(f.comparison.verdict().contains(words), qPrintable(f.comparison.verdict()));
    }

    void otherTokensAreNotPaired() {
        ComparisonFixture f;
        f.start();
        f.answer(1.0);
        f.answer(1.5, 319);
        QVERIFY(std::isnan(f.comparison.results()[1].worse));
        QVERIFY(f.comparison.verdict().isEmpty());
    }

    void stopsAndFails() {
        ComparisonFixture f;
        QSignalSpy failed(&f.comparison, &lab::RouterComparison::failed);
        f.start();
        f.comparison.stop();
        f.settle();
        QVERIFY(!f.comparison.isRunning() && failed.isEmpty());
        f.start();
        f.answer(1.0);
        f.fake->tell(runtime::JobEnded{f.fake->requests.back().first, false,
                                       Error(ErrorCode::OutOfMemory, "no room", "Free some.")});
        f.settle();
        QVERIFY(!f.comparison.isRunning());
        QCOMPARE(failed.count(), 1);
        QCOMPARE(f.comparison.results().size(), std::size_t{1}); // what was measured stays
    }

    void anotherModelEndsIt() {
        ComparisonFixture f;
        QSignalSpy failed(&f.comparison, &lab::RouterComparison::failed);
        f.start();
        f.lab.loadModel(f.folder("demo-mor-token"));
        f.settle();
        const auto asked = [&] {
            return std::ranges::count_if(f.fake->requests, [](const auto& each) {
                return std::holds_alternative<runtime::ScoreRequest>(each.second);
            });
        };
        QCOMPARE(asked(), 1);
        runtime::ScoreReport report;
        for (const auto& [job, request] : f.fake->requests) {
            if (std::holds_alternative<runtime::ScoreRequest>(request)) {
                report.job = job;
            }
        }
        report.losses.assign(320, 1.0F);
        report.activeTokens = {300, 300, 200, 100};
        f.fake->tell(report);
        f.fake->tell(runtime::JobEnded{report.job, false, {}});
        f.settle();
        QVERIFY(!f.comparison.isRunning());
        QCOMPARE(failed.count(), 1);
        QCOMPARE(asked(), 1);
    }

    void aModelWithoutRecursionHasFewerControls() {
        ComparisonFixture f;
        f.lab.loadModel(f.folder("demo-vanilla"));
        f.settle();
        f.start();
        f.answer(1.0);
        for (const auto& [job, request] : f.fake->requests) {
            const auto* score = std::get_if<runtime::ScoreRequest>(&request);
            QVERIFY(!score || score->routing.rule != Rule::Random);
        }
    }
};

QTEST_GUILESS_MAIN(TestRouterComparison)
#include "tst_router_comparison.moc"
