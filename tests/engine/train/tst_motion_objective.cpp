// SPDX-License-Identifier: MIT
// The network of F-dist learns shape, speed and direction, and its distances put real, blurred,
// shuffled and random frames in order. Steps are counted, never seconds.
#include "engine/data/procedural_clips.h"
#include "engine/train/motion_objective.h"
#include "engine/train/trainer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QtTest>
#include <numeric>

using namespace depthscope;

namespace {

evaluate::ClipSource clipsOf(std::uint64_t seed) {
    auto clips = std::make_shared<const data::ProceduralClips>(spec::findClipPreset("one-shape"),
                                                               spec::ClipSize{8, 16, 16}, seed);
    return [clips](std::uint64_t index) { return clips->clip(index); };
}

at::Tensor framesOf(std::uint64_t first, std::size_t count) {
    std::vector<std::uint64_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), first);
    return evaluate::batchOf(clipsOf(2), numbers).pixels.narrow(2, 4, 4);
}

} // namespace

class TestMotionObjective : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void learnsToSeeMotion() {
        at::set_num_threads(1);
        train::MotionRecipe recipe;
        recipe.validationClips = 384;
        train::MotionObjective objective(recipe, clipsOf(1), clipsOf(2));
        spec::TrainingRecipe training;
        training.steps = 1500;
        training.schedule = {spec::RateShape::Constant, 2e-3, 50, 0};
        training.weightDecay = 0;
        train::Trainer trainer(train::trainerSettings(training), objective);
        for (int i = 0; i < training.steps; ++i) {
            trainer.step();
        }
        const std::vector<double> accuracy = trainer.evaluate().series("accuracy");
        QCOMPARE(accuracy.size(), std::size_t{4});
        // Chance: a third, a half, a quarter, a half.
        QVERIFY2(accuracy[0] > 0.45, qPrintable(QString::number(accuracy[0])));
        QVERIFY2(accuracy[1] > 0.7, qPrintable(QString::number(accuracy[1])));
        QVERIFY2(accuracy[2] > 0.5, qPrintable(QString::number(accuracy[2])));
        QVERIFY2(accuracy[3] > 0.7, qPrintable(QString::number(accuracy[3])));
        const evaluate::FeatureSelfTest test =
            evaluate::selfTest(objective.net(), framesOf(1000, 128), framesOf(2000, 128));
        QVERIFY2(test.passes(), qPrintable(QString("%1 %2 %3 %4")
                                               .arg(test.floor)
                                               .arg(test.blurred)
                                               .arg(test.shuffled)
                                               .arg(test.noise)));
    }
};

QTEST_APPLESS_MAIN(TestMotionObjective)
#include "tst_motion_objective.moc"
