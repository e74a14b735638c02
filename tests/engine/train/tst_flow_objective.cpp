// SPDX-License-Identifier: MIT
// Video models learn: steps are counted, never seconds.
#include "engine/base/random.h"
#include "engine/data/procedural_clips.h"
#include "engine/evaluate/clip_score.h"
#include "engine/evaluate/depth_probe.h"
#include "engine/train/flow_objective.h"
#include "engine/train/trainer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <QtTest>
#include <cmath>

using namespace depthscope;
using train::FlowObjective;
using train::Trainer;

namespace {

spec::VideoPreset smallPreset() {
    spec::VideoPreset preset = *spec::findVideoPreset("demo-dit");
    preset.model.clip = {4, 8, 8};
    preset.model.contextFrames = 2;
    preset.model.width = 48;
    preset.model.heads = 2;
    preset.model.entryBlocks = 2;
    preset.steps = 40;
    preset.batch = 4;
    preset.schedule.warmup = 5;
    preset.validationClips = 4;
    return preset;
}

train::ClipSets clipsOf(const spec::VideoPreset& preset, std::uint32_t count = UINT32_MAX) {
    const auto& clip = preset.model.clip;
    const spec::ClipSize size{static_cast<std::int32_t>(clip.frames),
                              static_cast<std::int32_t>(clip.rows),
                              static_cast<std::int32_t>(clip.columns)};
    const auto made = [&](std::uint64_t seed) -> evaluate::ClipSource {
        auto clips = std::make_shared<const data::ProceduralClips>(
            spec::findClipPreset(preset.clips), size, seed);
        return [clips](std::uint64_t index) { return clips->clip(index); };
    };
    return {made(1), made(2), count, preset.clips};
}

struct Training {
    explicit Training(const spec::VideoPreset& preset, std::uint32_t clips = UINT32_MAX)
        : objective(preset, clipsOf(preset, clips))
        , trainer(train::trainerSettings(preset), objective) {}

    void run(std::int64_t steps) {
        for (std::int64_t i = 0; i < steps; ++i) {
            trainer.step();
        }
    }

    FlowObjective objective;
    Trainer trainer;
};

void compareWeights(Training& a, Training& b) {
    const auto one = a.objective.weights(), two = b.objective.weights();
    QCOMPARE(one.size(), two.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
        QVERIFY2(at::equal(one[i].tensor, two[i].tensor), one[i].key.c_str());
    }
}

} // namespace

class TestFlowObjective : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() { at::set_num_threads(1); }

    void resumesBitForBit() {
        const QTemporaryDir folder;
        const std::filesystem::path file =
            std::filesystem::path(folder.path().toStdString()) / "checkpoint.safetensors";
        Training straight(smallPreset()), broken(smallPreset()), resumed(smallPreset());
        straight.run(6);
        broken.run(3);
        broken.trainer.saveCheckpoint(file, {});
        static_cast<void>(resumed.trainer.restore(file));
        resumed.run(3);
        compareWeights(straight, resumed);
        spec::VideoPreset same = *spec::findVideoPreset("demo-dit");
        train::applyCheckpointRecipe(file, same);
        QCOMPARE(same.model.width, std::int64_t{48});
    }

    /// Models with a depth router say which of its two states it is in.
    void measuresWhereDepthGoes() {
        spec::VideoPreset preset = smallPreset();
        QVERIFY(std::isnan(Training(preset).trainer.evaluate().metric("depth_auc")));
        preset.model = spec::findVideoPreset("demo-more-dit")->model;
        preset.model.clip = {4, 8, 8};
        preset.model.contextFrames = 2;
        Training training(preset);
        evaluate::DepthProbing probing;
        probing.clips = preset.validationClips;
        evaluate::DepthProbe probe(training.objective.model(), clipsOf(preset).validation, probing);
        QVERIFY(!probe.step());
        const double auc = probe.figures().auc.at(3); // trace::PatchClass::Motion
        QVERIFY(auc >= 0 && auc <= 1);
        QCOMPARE(training.trainer.evaluate().metric("depth_auc"), auc);
        preset.model.recursion->rule = settings::Rule::Fixed;
        QVERIFY(std::isnan(Training(preset).trainer.evaluate().metric("depth_auc")));
    }

    /// The average is what is measured, and the weights are as before.
    void measuresTheAverage() {
        Training training(smallPreset());
        training.run(4);
        const at::Tensor before = training.objective.weights().front().tensor.detach().clone();
        const train::Evaluation evaluation = training.trainer.evaluate();
        QVERIFY(at::equal(before, training.objective.weights().front().tensor));
        QVERIFY(std::isfinite(evaluation.metric("val_loss")));
        QVERIFY(std::isfinite(evaluation.metric("psnr_prediction")));
        QCOMPARE(evaluation.series("flow_loss").size(), evaluate::kFlowLevels.size());
        training.trainer.adoptAverage();
        QCOMPARE(training.trainer.evaluate().metric("val_loss"), evaluation.metric("val_loss"));
    }

    /// Four clips by heart: the loss falls below 5 % of the beginning's.
    void learnsFourClipsByHeart() {
        spec::VideoPreset preset = smallPreset();
        preset.steps = 700;
        preset.batch = 8;
        preset.schedule.rate = 4e-3;
        preset.average = 0.99;
        Training training(preset, 4);
        const auto meanLoss = [&](std::int64_t first) {
            const c10::NoGradGuard noGrad;
            double sum = 0;
            for (std::int64_t i = 0; i < 8; ++i) {
                sum += training.objective.loss({1'000'000 + first + i, 1, {}}).value.item<double>();
            }
            return sum / 8;
        };
        const double before = meanLoss(0);
        training.run(preset.steps);
        training.trainer.adoptAverage();
        const double after = meanLoss(0);
        QVERIFY2(after < 0.05 * before, qPrintable(QString("%1 of %2").arg(after).arg(before)));
        // Predictions of those clips are those clips.
        evaluate::ClipScoring scoring;
        scoring.clips = 4;
        scoring.flow = false;
        const evaluate::ClipScore score =
            evaluate::scoreClips(training.objective.model(), clipsOf(preset).training, scoring);
        QVERIFY2(score.psnrPrediction > 30, qPrintable(QString("%1 dB").arg(score.psnrPrediction)));
    }

    /// A network narrower than its patches cannot return their noise: 1 - D / P of it remains. If
    /// it did better, the clean clip would leak.
    void velocityOfWideTokensStays() {
        spec::VideoPreset preset = smallPreset();
        preset.model.patch = {2, 8, 8};
        preset.model.prediction = spec::Prediction::V;
        preset.model.contextFrames = 0;
        preset.contextShare = 0;
        preset.steps = 60;
        Training training(preset);
        training.run(preset.steps);
        const train::Evaluation evaluation = training.trainer.evaluate();
        for (const double loss : evaluation.series("flow_loss")) {
            QVERIFY2(loss > 0.7, qPrintable(QString::number(loss)));
        }
    }

    /// Clips that stand still are their last frame repeated.
    void copyOfStillClipsIsExact() {
        spec::VideoPreset preset = smallPreset();
        preset.clips = "still-shapes";
        Training training(preset);
        const train::Evaluation evaluation = training.trainer.evaluate();
        QVERIFY(evaluation.metric("psnr_copy_last") > 60);
        QCOMPARE(evaluation.metric("share_above_copy"), 0.0);
    }
};

QTEST_GUILESS_MAIN(TestFlowObjective)
#include "tst_flow_objective.moc"
