// SPDX-License-Identifier: MIT
// Runs side by side: which replaces which, which are shown, the ghost, and a look at an earlier
// step.
#include "engine/trace/trace_store.h"
#include "tests/engine/trace/made_step.h"

#include <QTest>
#include <memory>

using namespace depthscope::trace;
using depthscope::tests::madeStep;
using depthscope::tests::textStep;

namespace {

StepPtr keyed(const RunKey& key, std::shared_ptr<StepTrace> step) {
    step->key = key;
    return step;
}

/// A denoising run over four places whose depth is the step's number.
StepPtr visit(std::uint32_t number) {
    auto step = madeStep(1, number, 0, std::vector<std::uint8_t>(4, static_cast<uint8_t>(number)));
    step->routing.layout = {1, 2, 2};
    step->routing.cost.flops = 1;
    return step;
}

} // namespace

class TestTraceStore : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void nothingAtFirst() {
        TraceStore store;
        store.setEmptyReason(EmptyReason::Loading);
        store.add(keyed(kVanillaRun, madeStep(1, 0, 0, {1})));
        const TraceView view = store.view();
        QVERIFY(view.main == nullptr && view.previous == nullptr && view.others.empty());
        QCOMPARE(view.stepsOfMain, 0U);
        QVERIFY(view.emptyReason == EmptyReason::Loading);
        store.lookAt(3);
        QVERIFY(store.view().main == nullptr);
        QVERIFY(store.steps().size() == 1);
    }

    void stepsOfARunAreJoined() {
        TraceStore store;
        store.add(madeStep(1, 0, 0, {1, 2}));
        store.add(madeStep(1, 1, 2, {3}));
        QCOMPARE(store.view().main->depth, (std::vector<std::uint8_t>{1, 2, 3}));
        QCOMPARE(store.view().stepsOfMain, 2U);
        store.add(madeStep(2, 4, 0, {1})); // another run, from its middle on
        QCOMPARE(store.view().main->places(), std::size_t{1});
        QCOMPARE(store.view().stepsOfMain, 1U);
        store.add(madeStep(2, 0, 0, {2, 2})); // a number that is taken
        QCOMPARE(store.view().main->depth, (std::vector<std::uint8_t>{2, 2}));
    }

    /// References of any name, as long as they are of the same content.
    void othersOfTheSameContent() {
        TraceStore store;
        store.add(textStep(1, 0, 0, {"a", "b"}));
        store.add(keyed(kFullDepthRun, textStep(2, 0, 0, {"a", "b"})));
        store.add(keyed("sweep 3", textStep(3, 0, 0, {"a", "b"})));
        store.add(keyed("control", textStep(4, 0, 0, {"a", "c"})));
        store.add(keyed("image", madeStep(5, 0, 0, {1, 1})));
        const TraceView view = store.view();
        QCOMPARE(view.others.size(), std::size_t{2});
        QCOMPARE(view.other(kFullDepthRun)->latest->run, std::uint64_t{2});
        QCOMPARE(view.other("sweep 3")->latest->run, std::uint64_t{3});
        QVERIFY(view.other("control") == nullptr);
        QVERIFY(view.other("image") == nullptr);
        QVERIFY(view.other(kMainRun) == nullptr);
        store.add(textStep(6, 0, 0, {"a", "c"}));
        QVERIFY(store.view().other(kFullDepthRun) == nullptr);
        QCOMPARE(store.view().other("control")->latest->run, std::uint64_t{4});
        store.add(textStep(7, 0, 0, {"a", "b"})); // they agree again
        QVERIFY(store.view().other(kFullDepthRun) != nullptr);
    }

    void awaited() {
        TraceStore store;
        store.setAwaited({kVanillaRun, "sweep 1"});
        store.add(madeStep(1, 0, 0, {1}));
        QVERIFY(store.view().awaits(kVanillaRun));
        QVERIFY(store.view().awaits("sweep 1"));
        QVERIFY(!store.view().awaits(kFullDepthRun));
        store.setAwaited({});
        QVERIFY(!store.view().awaits(kVanillaRun));
    }

    /// The ghost is the run before, not a copy of it, and stays as it was when the run goes on.
    void ghostSharesTheRun() {
        TraceStore store;
        store.add(textStep(1, 0, 0, {"a"}));
        const RunView* first = store.view().main;
        store.beginComputing();
        QVERIFY(store.view().computing);
        QVERIFY(store.view().previous == first);
        store.add(keyed(kFullDepthRun, textStep(2, 0, 0, {"a"})));
        QVERIFY(store.view().previous == first); // references do not end the wait
        store.add(textStep(2, 0, 0, {"b"}));
        QVERIFY(store.view().previous == nullptr);
        QVERIFY(!store.view().computing);
        store.beginComputing();
        const RunView* ghost = store.view().previous;
        QCOMPARE(ghost->places(), std::size_t{1});
        QVERIFY(ghost != first);
        store.endComputing();
        QVERIFY(store.view().previous == nullptr);
    }

    void ghostOfARunThatGrows() {
        TraceStore store;
        store.add(textStep(1, 0, 0, {"a", "b"}));
        store.beginComputing();
        const RunView before = *store.view().previous;
        store.add(textStep(1, 1, 2, {"c"})); // the same run: a generation under way
        QCOMPARE(store.view().main->places(), std::size_t{3});
        QCOMPARE(before.places(), std::size_t{2});
        store.beginComputing();
        const RunView* ghost = store.view().previous;
        QCOMPARE(ghost->places(), std::size_t{3});
        QVERIFY(ghost == store.view().main);
    }

    void looksAtAnEarlierStep() {
        TraceStore store;
        for (std::uint32_t s = 0; s < 5; ++s) {
            store.add(visit(s));
        }
        const auto depth = [&] { return int{store.view().main->depth.at(0)}; };
        QCOMPARE(depth(), 4);
        store.lookAt(1);
        QCOMPARE(depth(), 1);
        QCOMPARE(store.view().main->costs.size(), std::size_t{2});
        QCOMPARE(store.view().main->places(), std::size_t{4});
        QCOMPARE(store.view().stepsOfMain, 5U);
        QCOMPARE(store.steps().size(), std::size_t{5});
        store.lookAt(0);
        QCOMPARE(depth(), 0);
        store.lookAt(99);
        QCOMPARE(depth(), 4);
        store.lookAt(2);
        store.lookAt(std::nullopt);
        QCOMPARE(depth(), 4);
        // It stays while the run goes on; a new run is shown as it is.
        store.lookAt(2);
        store.add(visit(5));
        QCOMPARE(depth(), 2);
        QCOMPARE(store.view().stepsOfMain, 6U);
        store.lookAt(5);
        QCOMPARE(depth(), 5);
        store.lookAt(2);
        store.add(keyed(kVanillaRun, madeStep(2, 0, 0, {9})));
        QCOMPARE(depth(), 2);
        store.add(visit(0));
        QCOMPARE(store.view().stepsOfMain, 1U);
        QCOMPARE(depth(), 0);
    }

    /// A recording may begin late: its first step is the earliest that there is.
    void looksBeforeTheFirstStep() {
        TraceStore store;
        store.add(visit(3));
        store.add(visit(4));
        store.lookAt(1);
        QCOMPARE(int{store.view().main->depth.at(0)}, 3);
        store.lookAt(3);
        QCOMPARE(int{store.view().main->depth.at(0)}, 3);
    }

    /// References are compared with what is shown.
    void othersOfAnEarlierStep() {
        TraceStore store;
        store.add(textStep(1, 0, 0, {"a", "b"}));
        store.add(keyed(kFullDepthRun, textStep(2, 0, 0, {"a", "b"})));
        store.add(textStep(1, 1, 2, {"c"}));
        QVERIFY(store.view().other(kFullDepthRun) == nullptr);
        store.lookAt(0);
        QVERIFY(store.view().other(kFullDepthRun) != nullptr);
    }

    void stepsForSaving() {
        TraceStore store;
        const StepPtr control = keyed("control", madeStep(9, 0, 0, {1}));
        const StepPtr vanilla = keyed(kVanillaRun, madeStep(3, 0, 0, {1}));
        const StepPtr another = keyed("control", madeStep(9, 1, 0, {2}));
        const StepPtr first = madeStep(1, 0, 0, {1});
        const StepPtr second = madeStep(1, 1, 1, {1});
        for (const StepPtr& step : {control, first, vanilla, second, another}) {
            store.add(step);
        }
        const std::vector<StepPtr> expected{first, second, control, another, vanilla};
        QVERIFY(store.steps() == expected);
        store.clear();
        QVERIFY(store.steps().empty());
        QVERIFY(store.view().main == nullptr);
    }
};

QTEST_APPLESS_MAIN(TestTraceStore)
#include "tst_trace_store.moc"
