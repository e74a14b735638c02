// SPDX-License-Identifier: MIT
// What MoRE-DiT learns beside the flow: aligned routing, and the selection bias of its experts.
// Steps are counted.
#include "engine/data/procedural_clips.h"
#include "engine/train/flow_objective.h"
#include "engine/train/trainer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QtTest>
#include <cmath>
#include <memory>

using namespace depthscope;
using train::FlowObjective;

namespace {

spec::VideoPreset smallPreset() {
    spec::VideoPreset preset = *spec::findVideoPreset("demo-more-dit");
    preset.model.clip = {4, 8, 8};
    preset.model.contextFrames = 2;
    preset.model.width = 48;
    preset.model.heads = 2;
    preset.steps = 40;
    preset.batch = 4;
    preset.schedule.warmup = 5;
    preset.validationClips = 4;
    return preset;
}

train::ClipSets clipsOf(const spec::VideoPreset& preset) {
    const auto& clip = preset.model.clip;
    auto clips = std::make_shared<const data::ProceduralClips>(
        spec::findClipPreset(preset.clips),
        spec::ClipSize{static_cast<std::int32_t>(clip.frames), static_cast<std::int32_t>(clip.rows),
                       static_cast<std::int32_t>(clip.columns)},
        1);
    const evaluate::ClipSource source = [clips](std::uint64_t index) { return clips->clip(index); };
    return {source, source, UINT32_MAX, preset.clips};
}

at::Tensor balanceOf(FlowObjective& objective) {
    for (const train::Weight& weight : objective.weights()) {
        if (weight.key.ends_with("balance")) {
            return weight.tensor;
        }
    }
    return {};
}

} // namespace

class TestMoreObjective : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() { at::set_num_threads(1); }

    /// Two recursions select; with routers at random each adds about ln 2.
    void alignedRoutingIsAdded() {
        spec::VideoPreset preset = smallPreset();
        FlowObjective aligned(preset, clipsOf(preset));
        const train::Loss with = aligned.loss({0, 1, {}});
        const double added = (with.total - with.value).item<double>();
        QVERIFY2(std::abs(added - 0.1 * 2 * std::log(2.0)) < 0.02,
                 qPrintable(QString::number(added)));
        preset.model.recursion->alignedCoefficient = 0;
        FlowObjective plain(preset, clipsOf(preset));
        const train::Loss without = plain.loss({0, 1, {}});
        QVERIFY(at::equal(without.total, without.value));
        QVERIFY(at::equal(without.value, with.value)); // the pass is the same
    }

    /// Each step moves the bias by 0.001 against the shares, and no gradient moves it.
    void biasFollowsTheShares() {
        const spec::VideoPreset preset = smallPreset();
        FlowObjective objective(preset, clipsOf(preset));
        train::Trainer trainer(train::trainerSettings(preset), objective);
        const at::Tensor balance = balanceOf(objective);
        for (int step = 1; step <= 5; ++step) {
            trainer.step();
            const at::Tensor steps = balance / 1e-3;
            QVERIFY((steps - steps.round()).abs().max().item<double>() < 1e-3);
            QVERIFY(steps.abs().max().item<double>() < step + 1e-3);
        }
        QVERIFY(balance.abs().sum().item<double>() > 0);
    }
};

QTEST_APPLESS_MAIN(TestMoreObjective)
#include "tst_more_objective.moc"
