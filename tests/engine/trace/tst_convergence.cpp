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
