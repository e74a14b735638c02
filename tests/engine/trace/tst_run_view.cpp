// SPDX-License-Identifier: MIT
#include "engine/trace/run_view.h"

#include <QTest>
#include <memory>

using namespace depthscope::trace;

class TestRunView : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// A character that tokens share stands whole at the first of them.
    void charactersOverTokens() {
        TraceStore store;
        const std::vector<std::vector<std::string>> steps{{"na", "\xc3",
                                                           "\xaf"
                                                           "v",
                                                           "\xf0\x9f", "\x98"},
                                                          {"\x80!"},
                                                          {"\xe4"},
                                                          {"x"},
                                                          {"\x80"}};
        std::uint32_t number = 0;
        for (const std::vector<std::string>& pieces : steps) {
            auto step = std::make_shared<StepTrace>();
            step->run = 1;
            step->step = number++;
            step->ids.assign(pieces.size(), 7);
            step->depth.assign(pieces.size(), 1);
            for (const std::string& piece : pieces) {
                step->text += piece;
                step->pieceEnds.push_back(static_cast<std::uint32_t>(step->text.size()));
            }
            store.add(step);
        }
        const std::vector<std::string> expected{
            "na", "\xc3\xaf", "v", "\xf0\x9f\x98\x80", "", "!", "\xe4", "x", "\x80"};
        QCOMPARE(store.view().main->pieces, expected);
    }

    /// The ghost is the run before, not a copy of it, and stays as it was when the run goes on.
    void ghostSharesTheRun() {
        TraceStore store;
        const auto add = [&store](std::uint64_t run, std::uint32_t number) {
            auto step = std::make_shared<StepTrace>();
            step->run = run;
            step->step = number;
            step->ids = {static_cast<std::int32_t>(number)};
            step->depth = {1};
            store.add(step);
        };
        add(1, 0);
        const RunView* first = store.view().main;
        store.beginComputing();
        QVERIFY(store.view().previous == first);
        add(2, 0);
        QVERIFY(store.view().previous == nullptr);
        store.beginComputing();
        const RunView* ghost = store.view().previous;
        QCOMPARE(ghost->tokens(), std::size_t{1});
        QVERIFY(ghost != first);
    }
};

QTEST_APPLESS_MAIN(TestRunView)
#include "tst_run_view.moc"
