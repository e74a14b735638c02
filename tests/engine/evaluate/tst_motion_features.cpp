// SPDX-License-Identifier: MIT
// What the network of F-dist is asked, and the spoilt frames of its self-test. That it learns and
// passes: tst_motion_objective.
#include "engine/data/procedural_clips.h"
#include "engine/evaluate/clip_batch.h"
#include "engine/evaluate/motion_features.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <QtTest>

using namespace depthscope;

namespace {

data::Clip movingClip(double speedX, double speedY, data::ObjectKind kind) {
    data::Clip clip;
    clip.size = {8, 16, 16};
    data::Track track;
    track.kind = kind;
    for (int t = 0; t < 8; ++t) {
        track.points.push_back({8 + speedX * t, 8 + speedY * t, speedX, speedY});
    }
    clip.objects.push_back(track);
    return clip;
}

} // namespace

class TestMotionFeatures : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void labels() {
        using Labels = std::array<std::int64_t, evaluate::kMotionAnswers.size()>;
        using data::ObjectKind;
        QCOMPARE(evaluate::motionLabels(movingClip(0.5, 0.1, ObjectKind::Disc), 4),
                 (Labels{0, 0, 3, 0}));
        QCOMPARE(evaluate::motionLabels(movingClip(-1.0, 0.1, ObjectKind::Triangle), 4),
                 (Labels{2, 1, 1, 0}));
        QCOMPARE(evaluate::motionLabels(movingClip(0.2, -0.1, ObjectKind::Square), 4),
                 (Labels{1, 0, 2, 0}));
        QCOMPARE(evaluate::motionLabels(movingClip(0.2, -0.1, ObjectKind::Glyph), 4)[0],
                 std::int64_t{0});
        QCOMPARE(evaluate::motionLabels(data::Clip{}, 4), (Labels{0, 0, 0, 0}));
    }

    void shuffles() {
        const at::Tensor frames = at::arange(5, at::kFloat).view({1, 1, 5, 1, 1});
        QVERIFY(at::equal(evaluate::shuffledFrames(frames).flatten(),
                          at::tensor({1.0F, 3.0F, 0.0F, 2.0F, 4.0F})));
    }

    /// As wrong as the shuffled frames, clip by clip.
    void blursToAnError() {
        at::manual_seed(1);
        const at::Tensor frames = at::rand({3, 3, 4, 16, 16}) * 2 - 1;
        const at::Tensor error = at::tensor({0.05F, 0.2F, 0.0F});
        const at::Tensor made =
            (evaluate::blurredFrames(frames, error) - frames).square().flatten(1).mean(1);
        QVERIFY((made - error).abs().max().item<double>() < 1e-6); // fp32 means of 3,072 squares
    }

    void batchesDoNotMatter() {
        const c10::NoGradGuard noGrad;
        const evaluate::MotionFeatures net(3), same(3), other(4);
        QCOMPARE(net.hash(), same.hash());
        QVERIFY(net.hash() != other.hash());
        at::manual_seed(1);
        const at::Tensor frames = at::rand({4, 3, 4, 16, 16});
        const at::Tensor features = net.features(frames);
        QCOMPARE(features.sizes(), (at::IntArrayRef{4, evaluate::kMotionFeatures}));
        QVERIFY((net.features(frames.narrow(0, 1, 1)) - features.narrow(0, 1, 1))
                    .abs()
                    .max()
                    .item<double>() < 1e-6); // fp32, another order of summation
        QCOMPARE(net.answers(features)[2].size(1), std::int64_t{4});
    }
};

QTEST_APPLESS_MAIN(TestMotionFeatures)
#include "tst_motion_features.moc"
