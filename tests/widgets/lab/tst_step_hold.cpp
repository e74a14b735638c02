// SPDX-License-Identifier: MIT
#include "widgets/lab/step_hold.h"

#include <QTest>

using namespace depthscope;

namespace {

trace::StepPtr
stepOf(const char* key, std::uint64_t run, std::uint32_t number, bool isClip = true) {
    auto step = std::make_shared<trace::StepTrace>();
    step->key = key;
    step->run = run;
    step->step = number;
    if (isClip) {
        step->content = trace::ClipContent{};
    }
    return step;
}

} // namespace

class TestStepHold : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void textIsNeverHeld() {
        lab::StepHold hold;
        QCOMPARE(hold.add(stepOf(trace::kMainRun, 1, 0, false)).size(), std::size_t{1});
        QVERIFY(hold.release(trace::kMainRun).empty());
    }

    void theTruthIsNotHeld() {
        lab::StepHold hold;
        QCOMPARE(hold.add(stepOf(trace::kTruthRun, 1, 0)).size(), std::size_t{1});
    }

    void aShortRunIsShownAsAWhole() {
        lab::StepHold hold;
        QVERIFY(hold.add(stepOf(trace::kMainRun, 1, 0)).empty());
        QVERIFY(hold.add(stepOf(trace::kMainRun, 1, 1)).empty());
        const auto due = hold.release(trace::kMainRun);
        QCOMPARE(due.size(), std::size_t{2});
        QCOMPARE(due[1]->step, 1U);
        QVERIFY(hold.release(trace::kMainRun).empty());
    }

    void aNewerRunTakesThePlace() {
        lab::StepHold hold;
        (void)hold.add(stepOf(trace::kMainRun, 1, 0));
        (void)hold.add(stepOf(trace::kMainRun, 2, 0));
        const auto due = hold.release(trace::kMainRun);
        QCOMPARE(due.size(), std::size_t{1});
        QCOMPARE(due[0]->run, std::uint64_t{2});
    }

    void runsDoNotMix() {
        lab::StepHold hold;
        (void)hold.add(stepOf(trace::kMainRun, 1, 0));
        (void)hold.add(stepOf(trace::kFullDepthRun, 2, 0));
        hold.drop(trace::kMainRun);
        QVERIFY(hold.release(trace::kMainRun).empty());
        QCOMPARE(hold.release(trace::kFullDepthRun).size(), std::size_t{1});
    }
};

QTEST_APPLESS_MAIN(TestStepHold)
#include "tst_step_hold.moc"
