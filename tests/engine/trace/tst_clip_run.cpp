// SPDX-License-Identifier: MIT
#include "engine/trace/clip_run.h"
#include "engine/trace/statistics.h"

#include <QTest>
#include <cmath>
#include <memory>
#include <random>

using namespace depthscope;
using namespace depthscope::trace;

namespace {

/// Every pair of one of a class and one of another, counted.
double countedPairs(const RunView& run, std::size_t from, PatchClass of) {
    double pairs = 0, won = 0;
    for (std::size_t a = from; a < run.places(); ++a) {
        for (std::size_t b = from; b < run.places(); ++b) {
            if (run.classes[a] != static_cast<std::uint8_t>(of) || run.classes[b] == kNoClass ||
                run.classes[b] == static_cast<std::uint8_t>(of)) {
                continue;
            }
            pairs += 1;
            won += run.depth[a] > run.depth[b] ? 1 : run.depth[a] == run.depth[b] ? 0.5 : 0;
        }
    }
    return won / pairs;
}

/// 4 x 3 x 5 patches of two frames each, of which the first two are given.
std::shared_ptr<StepTrace> drawnStep(unsigned seed) {
    constexpr int kPlaces = 60;
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> depths(0, 3), classes(0, 4);
    auto info = std::make_shared<spec::ModelInfo>();
    info->clip = spec::ClipTraits{{8, 12, 20}, {2, 4, 4}, 4, 0, {}};
    auto step = std::make_shared<StepTrace>();
    step->run = 1;
    step->model = info;
    ClipContent content;
    content.contextFrames = 4;
    step->content = std::move(content);
    step->routing.layout = {4, 3, 5};
    step->routing.recursions = 3;
    step->routing.classSet = patchClasses();
    for (int place = 0; place < kPlaces; ++place) {
        step->routing.depth.push_back(static_cast<std::uint8_t>(depths(random)));
        const int kind = classes(random);
        step->routing.classes.push_back(kind == 4 ? kNoClass : static_cast<std::uint8_t>(kind));
    }
    return step;
}

RunView viewOf(const StepPtr& step) {
    RunView run;
    run.add(step);
    return run;
}

} // namespace

class TestClipRun : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void givenAndPredicted() {
        const auto step = drawnStep(1);
        RunView run = viewOf(step);
        QVERIFY(isClip(run));
        QCOMPARE(patchFrames(run), 2);
        QCOMPARE(givenFrames(run), 2);
        QCOMPARE(givenPlaces(run), std::size_t{30});
        std::get<ClipContent>(step->content).contextFrames = 1000; // a stranger's file
        run = viewOf(step);
        QCOMPARE(givenPlaces(run), std::size_t{60});
        step->content = {};
        step->model = nullptr;
        run = viewOf(step);
        QVERIFY(!isClip(run));
        QCOMPARE(givenPlaces(run), std::size_t{0});
        QCOMPARE(patchFrames(run), 1);
    }

    void aucEqualsCountedPairs() {
        for (unsigned seed = 1; seed <= 20; ++seed) {
            const RunView run = viewOf(drawnStep(seed));
            for (const PatchClass of : {PatchClass::Background, PatchClass::Interior,
                                        PatchClass::Edge, PatchClass::Motion}) {
                const double expected = countedPairs(run, givenPlaces(run), of);
                const double found = depthAuc(run, of);
                QVERIFY(std::isnan(expected) ? std::isnan(found)
                                             : std::abs(found - expected) < 1e-12);
            }
        }
    }

    void aucWithoutAComparison() {
        auto step = drawnStep(3);
        step->routing.depth.assign(60, 2);
        QVERIFY(std::isnan(depthAuc(viewOf(step), PatchClass::Motion)));
        step = drawnStep(3);
        step->routing.classSet =
            std::make_shared<const ClassSet>(ClassSet{"scene parts", {"a", "b", "c", "d"}});
        QVERIFY(std::isnan(depthAuc(viewOf(step), PatchClass::Motion)));
        const std::vector<std::int64_t> none, some{1, 2};
        QVERIFY(std::isnan(areaUnderCurve(none, some)) && std::isnan(areaUnderCurve(some, none)));
        QCOMPARE(areaUnderCurve(std::vector<std::int64_t>{0, 0, 5}, some), 1.0);
    }
};

QTEST_APPLESS_MAIN(TestClipRun)
#include "tst_clip_run.moc"
