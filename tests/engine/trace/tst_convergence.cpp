// SPDX-License-Identifier: MIT
// Where exit rules leave and answers settle, on rows that can be checked by eye.
#include "engine/trace/convergence.h"
#include "engine/trace/trace_store.h"
#include "tests/engine/trace/made_step.h"

#include <QtTest>
#include <limits>

using namespace depthscope;
using Points = std::vector<std::uint8_t>;

class TestConvergence : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// Three tokens, four recursions, row by row.
    void fallsBelow() {
        constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
        const std::vector<float> values{0.5F, 0.1F,  kNone, 0.2F, 0.9F,  0.9F,
                                        0.1F, 0.05F, kNone, 0.0F, 0.01F, 0.9F};
        QCOMPARE(trace::firstBelow(values, 3, 0.15), (Points{3, 1, 0}));
        QCOMPARE(trace::firstBelow(values, 3, 0.1), (Points{4, 3, 0})); // below, not at
    }

    void addsUp() {
        const std::vector<float> leaves{0.5F, 0.1F, 0.25F, 0.2F, 0.25F, 0.7F};
        QCOMPARE(trace::firstReached(leaves, 2, 0.5), (Points{1, 3}));
        QCOMPARE(trace::firstReached(leaves, 2, 0.6), (Points{2, 3}));
        QCOMPARE(trace::firstReached(leaves, 2, 1), (Points{3, 3})); // whatever a sum rounds to
    }

    void staysTheSame() {
        const std::vector<std::int32_t> answers{7, 7, 1, 7, 2, 1, 7, 2, 3, 7, 2, 1, 5, 2, 1};
        QCOMPARE(trace::firstStable(answers, 3, 1), (Points{2, 3, 2}));
        QCOMPARE(trace::firstStable(answers, 3, 3), (Points{4, 5, 0}));
        QCOMPARE(trace::fixedFrom(answers, 3), (Points{5, 2, 4}));
        QCOMPARE(trace::fixedFrom(std::vector<std::int32_t>{4, 4}, 2), (Points{1, 1}));
    }

    /// Another threshold of a gate that stops nobody changes where the gate leaves, and no more.
    void followsTheExit() {
        const auto step = tests::textStep(1, 0, 0, {"a", "b"});
        step->model = std::make_shared<spec::ModelInfo>();
        step->routing.recursions = 2;
        step->routing.scores = {0.6F, 0.3F, 0.4F, 0.7F};
        step->settings.rule = settings::Rule::Exit;
        step->settings.exits = settings::Exits::Published;
        step->settings.exit = 0.5;
        trace::Convergence made;
        made.model = step->model;
        made.settings = step->settings;
        made.settings.exit = 1;
        made.ids = {'a', 'b'};
        made.recursions = 2;
        made.exits = {{"kl:0.001", {1, 1}}, {"exit:0.5", {1, 1}}};
        trace::RunView run;
        run.add(step);
        QVERIFY(trace::differsInExitAlone(made, run));
        const trace::ConvergencePtr followed = trace::underExitOf(made, run);
        QVERIFY(followed->settings == run.latest->settings);
        QCOMPARE(followed->exits[0].recursion, (Points{1, 1}));
        QCOMPARE(followed->exits[1].recursion, (Points{1, 2}));
        made.settings.maxDepth = 1;
        QVERIFY(!trace::differsInExitAlone(made, run));
        const auto stopping = std::make_shared<trace::StepTrace>(*step);
        stopping->run = 2;
        stopping->settings.exits = settings::Exits::Stop;
        made.settings = stopping->settings;
        run.add(stopping);
        QVERIFY(!trace::differsInExitAlone(made, run));
    }

    /// Of a long text the first tokens are looked at.
    void holdsTheFirst() {
        const auto step = tests::textStep(1, 0, 0, {"a", "b"});
        step->model = std::make_shared<spec::ModelInfo>();
        trace::Convergence made;
        made.model = step->model;
        made.ids = {'a'};
        made.recursions = 1;
        made.values.fill({0.5F});
        trace::RunView run;
        run.add(step);
        QVERIFY(!made.isOf(run));
        made.beyond = 1;
        QVERIFY(made.isOf(run));
        QVERIFY(made.holds(0) && !made.holds(1));
        QVERIFY(made.ran(0, 0) && !made.ran(0, 1));
        QCOMPARE(made.value(trace::Quantity::Rank, 0, 0), 0.5F);
    }

    /// It is shown beside the run of its own tokens and model alone.
    void belongsToItsRun() {
        const auto step = tests::textStep(1, 0, 0, {"a", "b"});
        step->model = std::make_shared<spec::ModelInfo>();
        trace::TraceStore store;
        store.add(step);
        auto made = std::make_shared<trace::Convergence>();
        made->model = step->model;
        made->ids = {'a', 'b'};
        store.setConvergence(made);
        QVERIFY(store.view().convergence == made.get());
        auto other = std::make_shared<trace::StepTrace>(*step);
        other->run = 2;
        other->makeText().ids = {'a', 'c'};
        store.add(other);
        QVERIFY(store.view().convergence == nullptr);
        store.add(step);
        QVERIFY(store.view().convergence == made.get());
        auto foreign = std::make_shared<trace::StepTrace>(*step);
        foreign->model = std::make_shared<spec::ModelInfo>();
        store.add(foreign);
        QVERIFY(store.view().convergence == nullptr);
    }
};

QTEST_APPLESS_MAIN(TestConvergence)
#include "tst_convergence.moc"
