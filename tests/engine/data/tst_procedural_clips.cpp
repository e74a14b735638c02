// SPDX-License-Identifier: MIT
// Procedural clips: the same bytes on every machine, pixels where the ground truth says, the task
// of the reference, and the classes of their patches.
#include "engine/base/hash.h"
#include "engine/data/patch_truth.h"
#include "engine/data/procedural_clips.h"
#include "tests/engine/folder_fixture.h"

#include <QtTest>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

using namespace depthscope;
using namespace depthscope::data;
using namespace depthscope::tests;
using spec::ClipPreset;
using spec::ClipSize;

namespace {

constexpr ClipSize kSmall{8, 16, 16};

std::uint64_t hashOf(const ClipPreset& preset, const ClipSize& size) {
    const ProceduralClips clips(preset, size, 1);
    Fnv hash;
    const auto addBytes = [&](const std::vector<std::uint8_t>& bytes) {
        hash.add(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    };
    for (std::uint64_t index = 0; index < 8; ++index) {
        const Clip clip = clips.clip(index);
        addBytes(clip.rgb);
        addBytes(clip.cover);
        for (const Track& track : clip.objects) {
            for (const TrackPoint& point : track.points) {
                hash.add(static_cast<std::uint64_t>(std::llround(point.x * 256)));
                hash.add(static_cast<std::uint64_t>(std::llround(point.y * 256)));
                hash.add(static_cast<std::uint64_t>(point.bounces));
            }
        }
    }
    return hash.value();
}

/// How much of a pixel is an object's, from the pixel's colour alone.
double shareOf(const std::uint8_t* pixel, const std::uint8_t* ground, const Rgb& colour) {
    double way = 0;
    double gone = 0;
    for (std::size_t c = 0; c < 3; ++c) {
        const double whole = double(colour[c]) - ground[c];
        way += whole * whole;
        gone += whole * (double(pixel[c]) - ground[c]);
    }
    return gone / way;
}

struct Centroid {
    double x = 0;
    double y = 0;
    double area = 0;
};

Centroid centroidOf(const Clip& clip,
                    const std::vector<std::uint8_t>& ground,
                    std::size_t t,
                    const Rgb& colour) {
    Centroid found;
    for (std::size_t i = 0; i < clip.framePixels(); ++i) {
        const std::size_t at = 3 * (t * clip.framePixels() + i);
        const double share = shareOf(&clip.rgb[at], &ground[at], colour);
        const auto width = static_cast<std::size_t>(clip.size.width);
        found.area += share;
        found.x += share * (static_cast<double>(i % width) + 0.5);
        found.y += share * (static_cast<double>(i / width) + 0.5);
    }
    return {found.x / found.area, found.y / found.area, found.area};
}

void addPresets() {
    QTest::addColumn<int>("number");
    int number = 0;
    for (const ClipPreset& preset : spec::clipPresets()) {
        QTest::newRow(std::string(preset.name).c_str()) << number++;
    }
}

const ClipPreset& presetOf(int number) {
    return spec::clipPresets()[static_cast<std::size_t>(number)];
}

/// Shares of the classes over many clips, 2 x 4 x 4 patches of 16 pixels.
std::array<double, trace::kPatchClasses> sharesOf(const ClipPreset& preset) {
    const ProceduralClips clips(preset, kSmall, 7);
    std::array<double, trace::kPatchClasses> shares{};
    for (std::uint64_t index = 0; index < 200; ++index) {
        for (const std::uint8_t known : patchClassesOf(clips.clip(index), {2, 4, 4})) {
            shares[known] += 1.0 / (200 * 64);
        }
    }
    return shares;
}

} // namespace

class TestProceduralClips : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void storedHash_data();
    void storedHash();

    void centroidsFromPixels_data() { addPresets(); }

    void centroidsFromPixels();

    void motionIsStraightBetweenBounces_data() { addPresets(); }

    void motionIsStraightBetweenBounces();

    void streamsDoNotDependOnOrder_data() { addPresets(); }

    void streamsDoNotDependOnOrder();
    void sizesShowTheSameScene();
    void groundAndNoise();
    void hiddenShares();
    void copyingTheLastFrame();
    void classHistograms();
    void classesOfMadeCover();
    void badSizes();
};

void TestProceduralClips::storedHash_data() {
    QTest::addColumn<int>("number");
    QTest::addColumn<quint64>("square");
    QTest::addColumn<quint64>("oblong"); // 5 frames of 9 rows and 31 columns
    constexpr std::array<std::array<quint64, 2>, 16> kHashes{{
        {0x02b3c48219aa33d4U, 0x5fa9d9ab9d3d98d6U}, // moving-shapes
        {0x3717051399e3b429U, 0xccbfdb83529e7ae7U}, // one-shape
        {0x020a86b41b6dedb7U, 0xa83ce25376044012U}, // many-shapes
        {0x73176059c2b971fdU, 0xeb1424490f2db77eU}, // slow-shapes
        {0x509d59d8dcf2c044U, 0xba6222974d936779U}, // fast-shapes
        {0x6339ce321c53fdd5U, 0x2caf235d19e00c1aU}, // large-shapes
        {0x8512c43ef7890495U, 0x3c60ad64dc27bc0dU}, // still-shapes
        {0x9aeb3357824120c1U, 0x2e8e625052481123U}, // glyphs
        {0x5e111a7f49481647U, 0x796f2463a1683935U}, // large-glyph
        {0x714bc98f09e23fe3U, 0x1ae8d5c478fc8c73U}, // occlusion
        {0x60f1fc009c31e3e5U, 0x4205f5963cd9eabfU}, // crossing
        {0x9efbd27ce52107f8U, 0x7840632cb1db0e5aU}, // textured-ground
        {0xb1955cf19b88f807U, 0x9947a890f1b63ffbU}, // texture-motion
        {0xa96f059d6eb03df9U, 0xb3e3d3f267c19ce7U}, // camera-pan
        {0xd394345a3bbe930eU, 0x147608d124feb3c6U}, // falling
        {0x829a4893ad6c4e2fU, 0x5be9b8abb064e4f5U}, // sensor-noise
    }};
    for (std::size_t n = 0; n < kHashes.size(); ++n) {
        QTest::newRow(std::string(presetOf(static_cast<int>(n)).name).c_str())
            << static_cast<int>(n) << kHashes[n][0] << kHashes[n][1];
    }
}

void TestProceduralClips::storedHash() {
    QFETCH(int, number);
    QTEST(quint64{hashOf(presetOf(number), kSmall)}, "square");
    QTEST(quint64{hashOf(presetOf(number), {5, 9, 31})}, "oblong");
}

void TestProceduralClips::centroidsFromPixels() {
    QFETCH(int, number);
    ClipPreset preset = presetOf(number); // one object, so that no other stands in its way
    preset.objects = 1;
    preset.noise = 0;
    int measured = 0;
    for (const ClipSize& size : {kSmall, ClipSize{6, 33, 47}}) {
        const ProceduralClips clips(preset, size, 3);
        for (std::uint64_t index = 0; index < 40; ++index) {
            const Clip clip = clips.clip(index);
            const std::vector<std::uint8_t> ground = clips.ground(index);
            const Track& track = clip.objects.front();
            for (std::size_t t = 0; t < track.points.size(); ++t) {
                if (track.points[t].visible < 1) {
                    continue;
                }
                ++measured;
                const Centroid found = centroidOf(clip, ground, t, track.colour);
                QVERIFY(std::hypot(found.x - track.points[t].x, found.y - track.points[t].y) < 0.2);
                // A level edge is known to 1/32 pixel.
                QVERIFY(std::abs(found.area - track.area) < 0.05 * track.area);
            }
        }
    }
    QVERIFY(measured > 100);
}

void TestProceduralClips::motionIsStraightBetweenBounces() {
    QFETCH(int, number);
    const ClipPreset& preset = presetOf(number);
    const ProceduralClips clips(preset, {16, 32, 32}, 5);
    int bounces = 0;
    for (std::uint64_t index = 0; index < 40; ++index) {
        for (const Track& track : clips.clip(index).objects) {
            for (std::size_t t = 1; t < track.points.size(); ++t) {
                const TrackPoint& before = track.points[t - 1];
                const TrackPoint& now = track.points[t];
                bounces += now.bounces - before.bounces;
                QVERIFY(preset.followsGround ||
                        (now.x > 0 && now.x < 32 && now.y > 0 && now.y < 32));
                if (now.bounces == before.bounces) {
                    QCOMPARE(now.x, before.x + before.speedX);
                    QCOMPARE(now.y, before.y + now.speedY);
                    QCOMPARE(now.speedX, before.speedX);
                    QVERIFY(preset.gravity > 0 ? now.speedY > before.speedY
                                               : now.speedY == before.speedY);
                }
                if (preset.gravity == 0) {
                    QCOMPARE(std::abs(now.speedX), std::abs(before.speedX));
                    QCOMPARE(std::abs(now.speedY), std::abs(before.speedY));
                }
            }
        }
    }
    QCOMPARE(bounces > 0, !preset.followsGround && preset.speed.high > 0);
}

void TestProceduralClips::streamsDoNotDependOnOrder() {
    QFETCH(int, number);
    const ClipPreset& preset = presetOf(number);
    const ProceduralClips clips(preset, kSmall, 11);
    const ProceduralClips others(preset, kSmall, 12);
    std::vector<Clip> drawn;
    for (std::uint64_t index = 0; index < 6; ++index) {
        drawn.push_back(clips.clip(index));
    }
    for (std::uint64_t index = 6; index-- > 0;) {
        QCOMPARE(ProceduralClips(preset, kSmall, 11).clip(index).rgb, drawn[index].rgb);
        QVERIFY(others.clip(index).rgb != drawn[index].rgb);
        QVERIFY(index == 0 || drawn[index].rgb != drawn[index - 1].rgb);
    }
    QVERIFY(clips.clip(std::uint64_t{1} << 40U).rgb != drawn[0].rgb);
}

void TestProceduralClips::sizesShowTheSameScene() {
    const ClipPreset& preset = spec::findClipPreset("moving-shapes");
    const Clip small = ProceduralClips(preset, kSmall, 2).clip(9);
    const Clip large = ProceduralClips(preset, {8, 128, 128}, 2).clip(9);
    for (std::size_t n = 0; n < small.objects.size(); ++n) {
        QCOMPARE(large.objects[n].kind, small.objects[n].kind);
        QCOMPARE(large.objects[n].colour, small.objects[n].colour);
        // Units are 1/256 pixel: eight frames of rounded speeds are off by less than 1/10.
        QVERIFY(std::abs(large.objects[n].points[0].x / 8 - small.objects[n].points[0].x) < 0.1);
        QVERIFY(std::abs(large.objects[n].points[7].y / 8 - small.objects[n].points[7].y) < 0.1);
    }
}

void TestProceduralClips::groundAndNoise() {
    for (const char* name : {"moving-shapes", "camera-pan", "occlusion"}) {
        const ProceduralClips clips(spec::findClipPreset(name), kSmall, 4);
        const Clip clip = clips.clip(0);
        const std::vector<std::uint8_t> ground = clips.ground(0);
        for (std::size_t i = 0; i < clip.cover.size(); ++i) {
            const bool isSame = std::equal(&ground[3 * i], &ground[3 * i] + 3, &clip.rgb[3 * i]);
            QVERIFY(isSame || clip.cover[i] > 0);
        }
    }
    const ProceduralClips noisy(spec::findClipPreset("sensor-noise"), kSmall, 4);
    const Clip clip = noisy.clip(0);
    const std::vector<std::uint8_t> ground = noisy.ground(0);
    std::array<int, 49> offsets{};
    for (std::size_t i = 0; i < clip.rgb.size(); ++i) {
        if (clip.cover[i / 3] == 0) {
            const int off = int{clip.rgb[i]} - int{ground[i]};
            QVERIFY(std::abs(off) <= 24);
            ++offsets[static_cast<std::size_t>(off + 24)];
        }
    }
    QVERIFY(std::ranges::all_of(offsets, [](int count) { return count > 0; }));
}

void TestProceduralClips::hiddenShares() {
    // What is seen of a single object is its share of the area.
    for (const char* name : {"occlusion", "camera-pan"}) {
        ClipPreset preset = spec::findClipPreset(name);
        preset.objects = 1;
        const ProceduralClips clips(preset, {12, 64, 64}, 6);
        int hidden = 0;
        for (std::uint64_t index = 0; index < 20; ++index) {
            const Clip clip = clips.clip(index);
            for (std::size_t t = 0; t < 12; ++t) {
                const auto begin = clip.cover.begin() + static_cast<std::ptrdiff_t>(t * 64 * 64);
                const double seen = std::accumulate(begin, begin + 64 * 64, 0.0) / kFullCover;
                const Track& track = clip.objects.front();
                QVERIFY(std::abs(seen / track.area - track.points[t].visible) < 0.02);
                hidden += track.points[t].visible < 0.5 ? 1 : 0;
            }
        }
        QVERIFY2(hidden > 0, name);
    }
}

void TestProceduralClips::copyingTheLastFrame() {
    // The task of the reference: PSNR of frames 5 to 8 by copying frame 4, over the mean error.
    const ProceduralClips clips(spec::clipPresets().front(), kSmall, 1);
    double sum = 0;
    constexpr std::size_t kFrame = 3 * 16 * 16;
    constexpr int kClips = 384;
    for (std::uint64_t index = 0; index < kClips; ++index) {
        const Clip clip = clips.clip(index);
        for (std::size_t i = 4 * kFrame; i < 8 * kFrame; ++i) {
            const double off = (double(clip.rgb[i]) - clip.rgb[3 * kFrame + i % kFrame]) / 255;
            sum += off * off;
        }
    }
    const double decibels = -10 * std::log10(sum / (kClips * 4 * double(kFrame)));
    QVERIFY2(decibels > 17.3 && decibels < 17.9, qPrintable(QString::number(decibels)));
}

void TestProceduralClips::classHistograms() {
    // Of 200 clips; a share of 12,800 patches, drawn 64 at a time, is known to about 0.02.
    const auto isNear = [](double share, double expected) {
        return std::abs(share - expected) < 0.02;
    };
    const auto shapes = sharesOf(spec::findClipPreset("moving-shapes"));
    QVERIFY(isNear(shapes[0], 0.371) && shapes[1] < 0.001 && isNear(shapes[2], 0.074) &&
            isNear(shapes[3], 0.555));
    const auto large = sharesOf(spec::findClipPreset("large-shapes"));
    QVERIFY(isNear(large[1], 0.115) && isNear(large[3], 0.359));
    const auto still = sharesOf(spec::findClipPreset("still-shapes"));
    QCOMPARE(still[3], 0.0);
}

void TestProceduralClips::classesOfMadeCover() {
    // Two patches of 2 x 4 x 4 in each of two rows and two times.
    Clip clip;
    clip.size = {4, 8, 8};
    clip.cover.assign(4 * 64, 0);
    const auto set = [&](int t, int y, int x, std::uint8_t cover) {
        clip.cover[static_cast<std::size_t>(t * 64 + y * 8 + x)] = cover;
    };
    for (int t = 0; t < 4; ++t) {
        for (int i = 0; i < 16; ++i) {
            set(t, i / 4, i % 4, kFullCover);         // always full
            set(t, i / 4, 4 + i % 4, i < 8 ? 64 : 0); // half, and stands still
        }
    }
    set(3, 4, 0, 64); // 1 of 16 pixels appears in the last of two frames: 1/32 = 0.03125
    set(3, 4, 4, 61); // 61/2048 = 0.0298
    const std::vector<std::uint8_t> classes = patchClassesOf(clip, {2, 4, 4});
    using Known = trace::PatchClass;
    std::vector<std::uint8_t> expected;
    for (const Known known : {Known::Interior, Known::Edge, Known::Background, Known::Background,
                              Known::Interior, Known::Edge, Known::Motion, Known::Edge}) {
        expected.push_back(static_cast<std::uint8_t>(known));
    }
    QCOMPARE(classes, expected);
    const std::vector<float> change = patchChange(clip, {2, 4, 4});
    QCOMPARE(change[6], 1.0F / 32);
    QCOMPARE(change[7], 61.0F / 2048);
    // With patches of one frame the first has no frame before it: the second stands for it.
    const std::vector<float> single = patchChange(clip, {1, 4, 4});
    QCOMPARE(single[14], 1.0F / 16);
    QCOMPARE(single[2], 0.0F);
    QCOMPARE(trace::patchClasses()->names.size(), trace::kPatchClasses);
    QVERIFY(errorOf(ErrorCode::Usage, [&] {
                (void)patchClassesOf(clip, {2, 3, 4});
            }).starts_with("patch: 2 x 3 x 4"));
}

void TestProceduralClips::badSizes() {
    for (const ClipSize& size : {ClipSize{8, 7, 16}, ClipSize{8, 16, 257}, ClipSize{0, 16, 16},
                                 ClipSize{257, 16, 16}, ClipSize{8, -1, 16}}) {
        QVERIFY(errorOf(ErrorCode::Usage, [&] {
                    (void)ProceduralClips(spec::clipPresets().front(), size, 1);
                }).starts_with("moving-shapes: "));
    }
}

QTEST_APPLESS_MAIN(TestProceduralClips)
#include "tst_procedural_clips.moc"
