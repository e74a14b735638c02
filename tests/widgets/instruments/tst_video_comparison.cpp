// SPDX-License-Identifier: MIT
// Two clips against each other in the VIDEO panel: wipe, split, blink, difference, what is said of
// sizes and lengths that differ, and the values of both under the pointer.
#include "tests/widgets/instruments/panel_test.h"
#include "tests/widgets/instruments/sample_clip.h"
#include "widgets/instruments/video_layout.h"

#include <QTest>
#include <cmath>

using namespace depthscope;
using namespace depthscope::instruments;

namespace {

constexpr scene::Rect kBounds{0, 0, 640, 400};

/// A of 64 x 48 against B.
struct Pair {
    tests::SampleClip a{64, 48};
    tests::SampleClip b;
    trace::TraceView view;

    explicit Pair(std::int32_t width = 64, std::int32_t height = 48)
        : b(width, height) {
        b.clip.name = "other.mp4";
        b.clip.generation = 6;
        update();
        view.clip = &a.clip;
    }

    void update() { a.clip.other = std::make_shared<const trace::ClipView>(b.clip); }
};

ViewState viewOf(Comparison comparison) {
    ViewState state;
    state.comparison = comparison;
    return state;
}

} // namespace

class TestVideoComparison : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:

    void wipe() {
        const Pair pair;
        ViewState state = viewOf(Comparison::Wipe);
        state.wipeShare = 0.25;
        const scene::Scene scene = drawn(pair, state);
        const auto videos = tests::videosIn(scene);
        QCOMPARE(videos.size(), std::size_t{2});
        QCOMPARE(videos[0].generation, 5U);
        QCOMPARE(videos[1].generation, 6U);
        QVERIFY(videos[0].slot != videos[1].slot); // else one texture would be filled twice a frame
        QCOMPARE(videos[0].rect, videos[1].rect);
        QCOMPARE(clipOf(scene, 0).right(), 160.0F);
        QCOMPARE(clipOf(scene, 1).x, 160.0F);
        // The line is taken and moved; the picture stays where it is.
        const Viewport port = viewport();
        state =
            panel()->respond({pair.view, state, {}, scene, port}, PointerPress{{161, 30}}).state;
        QVERIFY(state.draggingWipe);
        state = panel()->respond({pair.view, state, {}, scene, port}, PointerMove{{480, 90}}).state;
        QCOMPARE(state.wipeShare, 0.75);
        QCOMPARE(state.centerX, 0.5);
        state = panel()->respond({pair.view, state, {}, scene, port}, PointerMove{{900, 90}}).state;
        QCOMPARE(state.wipeShare, 1.0);
        const auto end = panel()->respond({pair.view, state, {}, scene, port},
                                          PointerRelease{{900, 90}, Button::Left});
        QVERIFY(!end.state.draggingWipe && !end.state.dragFrom && end.intents.empty());
    }

    void split() {
        const Pair pair;
        ViewState state = viewOf(Comparison::Split);
        state.pictureScale = 20;
        const VideoLayout layout = videoLayout(&pair.a.clip, state, viewport());
        QVERIFY(layout.a && layout.b);
        QCOMPARE(layout.a->area.width, layout.b->area.width);
        QVERIFY(layout.b->area.x >= layout.a->area.right());
        QCOMPARE(layout.a->scale, layout.b->scale);
        // The same pixel under both halves.
        const scene::Point left{100, 120};
        const scene::Point right{left.x + layout.b->area.x - layout.a->area.x, left.y};
        QCOMPARE(*layout.under(left).a, *layout.under(left).b);
        QCOMPARE(*layout.under(right).a, *layout.under(left).a);
        QCOMPARE(*layout.under(right).b, *layout.under(left).b);
        const auto videos = tests::videosIn(drawn(pair, state));
        QCOMPARE(videos.size(), std::size_t{2});
        QCOMPARE(videos[0].source, videos[1].source);
        // The wheel over B zooms at that pixel.
        const scene::Scene scene = drawn(pair, state);
        state =
            panel()
                ->respond({pair.view, state, {}, scene, viewport()}, Wheel{right, 1, false, false})
                .state;
        const VideoLayout zoomed = videoLayout(&pair.a.clip, state, viewport());
        QVERIFY(std::abs(zoomed.under(right).b->column - layout.under(right).b->column) <= 1);
    }

    void blink() {
        const Pair pair;
        ViewState state = viewOf(Comparison::Blink);
        QCOMPARE(tests::videosIn(drawn(pair, state)).at(0).generation, 5U);
        state.showsOther = true;
        const auto videos = tests::videosIn(drawn(pair, state));
        QCOMPARE(videos.size(), std::size_t{1});
        QCOMPARE(videos[0].generation, 6U);
    }

    void difference() {
        Pair pair;
        const ViewState state = viewOf(Comparison::Difference);
        pair.a.clip.difference = pair.a.clip.picture;
        pair.a.clip.differenceGeneration = 9;
        pair.a.clip.differenceGain = 4;
        const scene::Scene scene = drawn(pair, state);
        QCOMPARE(tests::videosIn(scene).at(0).generation, 9U);
        QVERIFY(tests::says(scene, "x4"));
    }

    void whatDiffersIsSaid() {
        Pair pair(32, 24);
        QVERIFY(tests::says(drawn(pair, viewOf(Comparison::Wipe)), "B is 32 x 24"));
        QVERIFY(tests::says(drawn(pair, viewOf(Comparison::Difference)), "no difference"));
        // Both fill the same place, and the same share of both lies under the pointer.
        const VideoLayout layout = videoLayout(&pair.a.clip, viewOf(Comparison::Wipe), viewport());
        const VideoLayout::Under under = layout.under({320, 180});
        QVERIFY(std::abs(2 * under.b->column - under.a->column) <= 1);
        pair.b.clip.frame.reset();
        pair.b.clip.frameCount = 70;
        pair.update();
        const scene::Scene ended = drawn(pair, viewOf(Comparison::Split));
        QVERIFY(tests::says(ended, "B ends with frame 69"));
        QCOMPARE(tests::videosIn(ended).size(), std::size_t{1});
        pair.b.clip.frameCount = 0;
        pair.b.clip.error = "other.mp4: must be a video";
        pair.update();
        QVERIFY(tests::says(drawn(pair, viewOf(Comparison::Wipe)), "must be a video"));
        const Table table = panel()->table(pair.view, m_text);
        QVERIFY(std::ranges::any_of(table.rows, [](const auto& row) {
            return std::get<std::string>(row[0]) == "B: error";
        }));
    }

    void valuesOfBothAndTheirDifference() {
        Pair pair;
        auto other = std::make_shared<RgbPicture>(*pair.b.clip.picture);
        for (std::size_t i = 0; i < other->bytes.size(); i += 3) {
            other->bytes[i] = 130;
        }
        pair.b.clip.picture = other;
        pair.update();
        const scene::Scene scene = drawn(pair, viewOf(Comparison::Wipe));
        const auto video = tests::videosIn(scene).at(0);
        const scene::Point at{video.rect.x + video.rect.width * 10.5F / 64,
                              video.rect.y + video.rect.height * 2.5F / 48};
        const std::string tip =
            panel()
                ->respond({pair.view, viewOf(Comparison::Wipe), {}, scene, viewport()},
                          PointerMove{at})
                .tip;
        QVERIFY2(tip.find("R 138  G 7  B 9") != std::string::npos, tip.c_str());
        QVERIFY2(tip.find("R 130  G 7  B 9") != std::string::npos, tip.c_str());
        QVERIFY2(tip.find("A - B  R +8  G 0  B 0") != std::string::npos, tip.c_str());
    }

private:
    [[nodiscard]] Viewport viewport() const { return {kBounds, &m_theme, &m_text}; }

    [[nodiscard]] static std::unique_ptr<Instrument> panel() {
        return tests::instrument("panel.video");
    }

    [[nodiscard]] scene::Scene drawn(const Pair& pair, const ViewState& state) const {
        return panel()->draw(pair.view, state, {}, viewport());
    }

    /// The clip that the n-th picture is drawn in.
    [[nodiscard]] static scene::Rect clipOf(const scene::Scene& scene, int n) {
        for (const scene::Primitive& primitive : scene.primitives) {
            if (std::holds_alternative<scene::Video>(primitive.shape) && n-- == 0) {
                return scene.clips.at(primitive.clip);
            }
        }
        return {};
    }
};

QTEST_APPLESS_MAIN(TestVideoComparison)
#include "tst_video_comparison.moc"
