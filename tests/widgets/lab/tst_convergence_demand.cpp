// SPDX-License-Identifier: MIT
// When the laboratory asks for what would be answered after each recursion: while somebody looks,
// once for each run, never before a newer run is there.
#include "tests/widgets/lab/lab_fixture.h"

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTest>
#include <algorithm>

using namespace depthscope;

namespace {

std::vector<runtime::ConvergenceRequest> asked(const test::FakeRuntime& fake) {
    std::vector<runtime::ConvergenceRequest> found;
    for (const auto& [job, request] : fake.requests) {
        if (const auto* one = std::get_if<runtime::ConvergenceRequest>(&request)) {
            found.push_back(*one);
        }
    }
    return found;
}

} // namespace

class TestConvergenceDemand : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void onlyWhileSomebodyLooks() {
        test::LabFixture f;
        f.openExpert();
        QCOMPARE(asked(*f.fake).size(), std::size_t{0});
        f.lab.wantConvergence(true);
        f.settle();
        QCOMPARE(asked(*f.fake).size(), std::size_t{1});
        QCOMPARE(asked(*f.fake)[0].prompt.ids, f.main()->ids);
        f.lab.wantConvergence(false);
        f.lab.setPrompt({"another text", {}, {}});
        f.settle();
        QCOMPARE(asked(*f.fake).size(), std::size_t{1});
    }

    /// Work that is too brief to be shown must not leave its progress on screen.
    void progressWaitsUntilTheWorkIsShown() {
        test::LabFixture f;
        f.openExpert();
        f.settle();
        QCOMPARE(f.lab.shownActivity(), lab::Activity::Idle);
        f.fake->automatic = false;
        f.lab.wantConvergence(true);
        QVERIFY(f.lab.activity() == lab::Activity::Measuring);
        const runtime::JobProgress news{f.fake->requests.back().first, 0.5, -1, "reading"};
        QSignalSpy progress(&f.lab, &lab::LabController::progress);
        f.fake->tell(news);
        f.settle();
        // A machine that stalls may have shown it by now.
        QVERIFY(progress.isEmpty() || f.lab.shownActivity() == lab::Activity::Measuring);
        QTRY_COMPARE(f.lab.shownActivity(), lab::Activity::Measuring);
        progress.clear();
        f.fake->tell(news);
        QTRY_COMPARE(progress.count(), 1);
        f.fake->answerAll();
        QTRY_COMPARE(f.lab.shownActivity(), lab::Activity::Idle);
    }

    void onceForEachRun() {
        test::LabFixture f;
        f.lab.wantConvergence(true);
        f.openExpert();
        f.settle();
        const std::size_t before = asked(*f.fake).size();
        QVERIFY(before >= 1);
        f.lab.compareWithModel(f.folder("demo-vanilla")); // another reference changes nothing
        f.settle();
        QCOMPARE(asked(*f.fake).size(), before);
        f.lab.setPrompt({"another text", {}, {}});
        f.settle();
        QCOMPARE(asked(*f.fake).size(), before + 1);
        QCOMPARE(asked(*f.fake).back().prompt.ids, f.main()->ids);
    }

    /// The run's own routing, as it was resolved: with its capacities only where they count.
    void underTheRunsRouting() {
        test::LabFixture f;
        f.openExpert();
        f.lab.wantConvergence(true);
        f.settle();
        QVERIFY(asked(*f.fake).back().routing.rule == settings::Rule::TopK);
        QCOMPARE(asked(*f.fake).back().routing.capacity.size(), std::size_t{3});
        f.lab.edit({}, -1, [](settings::LabSettings& settings) {
            settings.routing.rule = settings::Rule::Threshold;
        });
        f.settle();
        QVERIFY(asked(*f.fake).back().routing.rule == settings::Rule::Threshold);
        QVERIFY(asked(*f.fake).back().routing.capacity.empty());
    }

    /// What arrives is shown with its run, and is not asked for again.
    void isShown() {
        test::LabFixture f;
        f.openExpert();
        f.fake->automatic = false;
        f.lab.wantConvergence(true);
        QVERIFY(f.lab.store().view().convergenceComes);
        QVERIFY(!f.lab.idle());
        auto made = std::make_shared<trace::Convergence>();
        made->model = f.main()->latest->model;
        made->settings = f.main()->latest->settings;
        made->ids = f.main()->ids;
        const runtime::JobId job = f.fake->requests.back().first;
        f.fake->tell(runtime::ConvergenceReport{job, made});
        f.fake->answerAll();
        f.settle();
        QVERIFY(f.lab.store().view().convergence == made.get());
        QVERIFY(!f.lab.store().view().convergenceComes);
        QVERIFY(f.lab.idle());
        f.lab.wantConvergence(false);
        f.lab.wantConvergence(true);
        f.settle();
        QCOMPARE(asked(*f.fake).size(), std::size_t{1});
    }

    /// A threshold of an exit gate that stops nobody moves what is there; nothing is worked out
    /// again.
    void followsTheExitThreshold() {
        test::LabFixture f;
        f.lab.loadModel(f.addModel("demo-looped", "ouro"));
        f.lab.setPrompt({"the cat sat", {}, {}});
        const auto moveTo = [&](double threshold) {
            f.lab.edit({}, -1, [&](settings::LabSettings& settings) {
                settings.routing.rule = settings::Rule::Exit;
                settings.routing.exit = threshold;
            });
            f.settle();
        };
        moveTo(0.4);
        f.fake->automatic = false;
        f.lab.wantConvergence(true);
        auto made = std::make_shared<trace::Convergence>();
        made->model = f.main()->latest->model;
        made->settings = f.main()->latest->settings;
        made->ids = f.main()->ids;
        made->recursions = f.main()->recursions();
        made->exits = {{"exit:0.4", std::vector<std::uint8_t>(made->ids.size(), 1)}};
        f.fake->tell(runtime::ConvergenceReport{f.fake->requests.back().first, made});
        f.fake->answerAll();
        f.settle();
        f.fake->automatic = true;
        moveTo(0.9);
        QCOMPARE(asked(*f.fake).size(), std::size_t{1});
        const trace::Convergence* shown = f.lab.store().view().convergence;
        QVERIFY(shown != nullptr && shown != made.get());
        QCOMPARE(shown->settings.exit, 0.9);
        QCOMPARE(shown->exits[0].rule, std::string("exit:0.9"));
    }

    void stopsWithItsPanel() {
        test::LabFixture f;
        f.openExpert();
        f.fake->automatic = false;
        f.lab.wantConvergence(true);
        const runtime::JobId job = f.fake->requests.back().first;
        f.lab.wantConvergence(false);
        f.settle();
        QVERIFY(std::ranges::count(f.fake->stopped, job) == 1);
        QVERIFY(f.lab.idle());
        f.lab.wantConvergence(true);
        f.lab.stop();
        f.settle();
        QVERIFY(f.lab.idle());
        QCOMPARE(asked(*f.fake).size(), std::size_t{2}); // Stop is not undone by itself
    }

    /// Neither a plain model nor one whose experts recur has such states.
    void modelsWithoutIt() {
        test::LabFixture f;
        f.lab.wantConvergence(true);
        for (const char* folder : {"demo-vanilla", "demo-more"}) {
            f.lab.loadModel(f.folder(folder));
            f.lab.setPrompt({folder, {}, {}});
            f.settle();
        }
        QCOMPARE(asked(*f.fake).size(), std::size_t{0});
    }

    /// Layer by layer there is no state between recursions.
    void sharingOrders() {
        spec::ModelInfo model;
        model.recursions = 2;
        model.blockLayers = 2;
        model.unsharedLayers = 2;
        model.sharedSlots = {0, 1, 2, 1, 2, 3};
        QVERIFY(trace::hasConvergence(model));
        model.sharedSlots = {0, 1, 1, 2, 2, 3};
        QVERIFY(!trace::hasConvergence(model));
    }
};

QTEST_MAIN(TestConvergenceDemand)
#include "tst_convergence_demand.moc"
