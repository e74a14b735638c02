// SPDX-License-Identifier: MIT
// The physics of predicted frames: true frames measure as true, moved, recoloured and missing
// objects as what they are.
#include "engine/data/procedural_clips.h"
#include "engine/evaluate/clip_physics.h"
#include "tests/engine/folder_fixture.h"

#include <QtTest>
#include <algorithm>
#include <cmath>

using namespace depthscope;
using namespace depthscope::data;
using namespace depthscope::evaluate;
using namespace depthscope::tests;

namespace {

constexpr spec::ClipSize kSize{8, 16, 16};
constexpr std::size_t kFrame = 3 * 16 * 16;

/// Of frames 5 to 8 of 96 clips, as `predict` makes them of the true clip and its ground.
template <class Predict>
PhysicsReport measure(const char* preset, Predict predict) {
    const ProceduralClips clips(spec::findClipPreset(preset), kSize, 1);
    PhysicsMeter meter;
    for (std::uint64_t index = 0; index < 96; ++index) {
        const Clip clip = clips.clip(index);
        const std::vector<std::uint8_t> ground = clips.ground(index);
        const std::vector<std::uint8_t> frames = predict(clip, ground);
        meter.add(clip, ground, {frames, 4});
    }
    return meter.report();
}

std::vector<std::uint8_t> truth(const Clip& clip, const std::vector<std::uint8_t>& /*ground*/) {
    return {clip.rgb.begin() + 4 * kFrame, clip.rgb.end()};
}

} // namespace

class TestClipPhysics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void trueFrames_data();
    void trueFrames();
    void copiedFrames();
    void movedByOnePixel();
    void missingAndFaded();
    void wrongSizes();
};

void TestClipPhysics::trueFrames_data() {
    QTest::addColumn<QString>("preset");
    QTest::addColumn<double>("median");
    for (const spec::ClipPreset& preset : spec::clipPresets()) {
        if (preset.noise == 0) { // which no object can be told from, to a tenth of its colour
            const bool isGlyph = preset.object == spec::ClipObject::Glyph;
            const bool isCrowd = preset.objects > 3; // they touch each other more often than not
            QTest::newRow(std::string(preset.name).c_str())
                << QString::fromUtf8(preset.name.data(), qsizetype(preset.name.size()))
                << (isGlyph || isCrowd ? 0.08 : 0.04);
        }
    }
}

void TestClipPhysics::trueFrames() {
    QFETCH(QString, preset);
    QFETCH(double, median);
    const PhysicsReport report = measure(preset.toUtf8().constData(), truth);
    QVERIFY(report.measured > 50);
    QCOMPARE(report.lost, std::int64_t{0});
    QVERIFY2(report.centroidMedian < median, qPrintable(QString::number(report.centroidMedian)));
    QVERIFY(report.centroidHigh < 0.4);
    QVERIFY(report.areaLow > 0.93 && report.areaHigh < 1.07);
    QVERIFY(std::abs(report.areaMedian - 1) < 0.015);
    QVERIFY(report.colourMedian < 0.04);
}

void TestClipPhysics::copiedFrames() {
    const PhysicsReport report = measure("moving-shapes", [](const Clip& clip, const auto&) {
        std::vector<std::uint8_t> frames;
        for (int t = 0; t < 4; ++t) {
            frames.insert(frames.end(), clip.rgb.begin() + 3 * kFrame,
                          clip.rgb.begin() + 4 * kFrame);
        }
        return frames;
    });
    // The reference's figures for its clips: 1.79, 3.6.
    QVERIFY(report.centroidMedian > 1.5 && report.centroidMedian < 2.1);
    QVERIFY(report.centroidHigh > 3 && report.centroidHigh < 4);
}

void TestClipPhysics::movedByOnePixel() {
    // A single object on a plain ground, shifted to the right: what is off by a pixel reads so.
    const PhysicsReport report = measure("one-shape", [](const Clip& clip, const auto& ground) {
        std::vector<std::uint8_t> frames = truth(clip, ground);
        for (std::size_t row = 0; row < 4 * 16; ++row) {
            const auto begin = frames.begin() + static_cast<std::ptrdiff_t>(row * 48);
            std::copy_backward(begin, begin + 45, begin + 48);
            std::copy_n(ground.begin(), 3, begin);
        }
        return frames;
    });
    QVERIFY(std::abs(report.centroidMedian - 1) < 0.02);
}

void TestClipPhysics::missingAndFaded() {
    const auto ground = [](const Clip&, const auto& plain) {
        return std::vector<std::uint8_t>(plain.begin() + 4 * kFrame, plain.end());
    };
    const PhysicsReport none = measure("one-shape", ground);
    QCOMPARE(none.lost, none.measured);
    QVERIFY(none.measured > 0 && std::isnan(none.areaMedian));
    QCOMPARE(none.centroidMedian, std::hypot(16, 16) / 2);
    const PhysicsReport faded = measure("one-shape", [](const Clip& clip, const auto& plain) {
        std::vector<std::uint8_t> frames = truth(clip, plain);
        for (std::size_t i = 0; i < frames.size(); ++i) {
            frames[i] = static_cast<std::uint8_t>((frames[i] + plain[i]) / 2);
        }
        return frames;
    });
    QVERIFY(std::abs(faded.areaMedian - 0.5) < 0.03);
}

void TestClipPhysics::wrongSizes() {
    const ProceduralClips clips(spec::clipPresets().front(), kSize, 1);
    const Clip clip = clips.clip(0);
    PhysicsMeter meter;
    for (const std::size_t frames : {std::size_t{5}, std::size_t{8}}) {
        const std::vector<std::uint8_t> predicted(frames * kFrame);
        QVERIFY(errorOf(ErrorCode::Internal, [&] {
                    meter.add(clip, clips.ground(0), {predicted, 4});
                }).starts_with("physics: "));
    }
    QCOMPARE(meter.report().measured, std::int64_t{0});
    QVERIFY(std::isnan(meter.report().centroidMedian));
}

QTEST_APPLESS_MAIN(TestClipPhysics)
#include "tst_clip_physics.moc"
