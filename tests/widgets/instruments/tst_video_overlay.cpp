// SPDX-License-Identifier: MIT
// What lies over the pictures of a run: which place lies over which pixels, at every zoom and in
// every frame; tint, contour, veil; the legend and what it says of motion; the one cursor; values
// of a patch; names of runs in a comparison.
#include "tests/widgets/instruments/clip_run.h"
#include "tests/widgets/instruments/panel_test.h"
#include "tests/widgets/instruments/sample_clip.h"
#include "widgets/instruments/patch_grid.h"
#include "widgets/instruments/video_layout.h"
#include "widgets/scene/color_map.h"
#include "widgets/scene/geometry.h"

#include <QTest>
#include <cmath>
#include <optional>

using namespace depthscope;
using namespace depthscope::instruments;
using tests::ClipRun;

namespace {

constexpr scene::Rect kBounds{0, 0, 900, 500};

/// A prediction at one of its frames, alone.
struct Sight {
    explicit Sight(int frame, const trace::RunKey& beside = {}) {
        main = ClipRun::step(trace::kMainRun, 60);
        store.add(main);
        clip = ClipRun::view(*main, frame);
        if (!beside.empty()) {
            other = ClipRun::step(beside, 160);
            if (beside == trace::kTruthRun) { // pictures alone
                other->routing = {};
            }
            store.add(other);
            trace::ClipView view = ClipRun::view(*other, frame);
            view.generation += 100;
            clip.other = std::make_shared<const trace::ClipView>(view);
        }
        state.comparison = Comparison::Split;
        state.overlayOpacity = 0.5;
    }

    [[nodiscard]] trace::TraceView view() const {
        trace::TraceView made = store.view();
        made.clip = &clip;
        return made;
    }

    std::shared_ptr<trace::StepTrace> main;
    std::shared_ptr<trace::StepTrace> other;
    trace::TraceStore store;
    trace::ClipView clip;
    ViewState state;
};

std::vector<scene::FillRect> fillsOf(const scene::Scene& scene, scene::Color color) {
    std::vector<scene::FillRect> found;
    for (const scene::Primitive& primitive : scene.primitives) {
        const auto* fill = std::get_if<scene::FillRect>(&primitive.shape);
        if (fill != nullptr && fill->color == color) {
            found.push_back(*fill);
        }
    }
    return found;
}

scene::Point middleOf(scene::Rect rect) {
    return {rect.x + rect.width / 2, rect.y + rect.height / 2};
}

} // namespace

class TestVideoOverlay : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:

    /// Every pixel of every frame lies under the colour of its patch's depth and under no other.
    void tintCoversThePatchesOfAPlace_data() {
        QTest::addColumn<double>("zoom");
        QTest::addColumn<double>("center");
        QTest::newRow("all of it") << 0.0 << 0.5;
        QTest::newRow("odd zoom") << 13.7 << 0.5;
        QTest::newRow("a part") << 32.0 << 0.2;
        QTest::newRow("small") << 0.9 << 0.5;
    }

    void tintCoversThePatchesOfAPlace() {
        QFETCH(double, zoom);
        QFETCH(double, center);
        for (const int frame : {0, 1, 2, 7}) {
            Sight shown(frame);
            shown.state.pictureScale = zoom;
            shown.state.centerX = center;
            const scene::Scene scene = drawn(shown);
            const VideoLayout layout = videoLayout(&shown.clip, shown.state, viewport());
            int seen = 0;
            for (int row = 0; row < ClipRun::kSide; ++row) {
                for (int column = 0; column < ClipRun::kSide; ++column) {
                    const scene::Point at = middleOf(layout.a->rectOf({column, row}));
                    if (!layout.a->shown().contains(at)) {
                        continue;
                    }
                    ++seen;
                    const int place = ((frame / 2) * 4 + row / 4) * 4 + column / 4;
                    for (int depth = 1; depth <= ClipRun::kRecursions; ++depth) {
                        scene::Color color =
                            scene::depthColor(m_theme, depth, ClipRun::kRecursions);
                        color.a = 128;
                        const auto fills = fillsOf(scene, color);
                        const auto over = std::ranges::count_if(
                            fills, [&](const auto& fill) { return fill.rect.contains(at); });
                        QCOMPARE(over, ClipRun::depth(place) == depth ? 1 : 0);
                    }
                }
            }
            QVERIFY(seen > 0);
        }
    }

    /// Neighbours share their edges: no pixel of the screen is tinted twice or left out.
    void patchesAreCrisp() {
        Sight shown(4);
        shown.state.pictureScale = 13.7;
        const VideoLayout layout = videoLayout(&shown.clip, shown.state, viewport());
        const auto grid = patchGrid(*shown.view().main, shown.clip);
        QVERIFY(grid);
        for (int row = 0; row < 4; ++row) {
            for (int column = 0; column < 4; ++column) {
                const scene::Rect rect = grid->rectOf(*layout.a, row, column);
                QCOMPARE(rect.x, std::round(rect.x));
                QCOMPARE(rect.bottom(), std::round(rect.bottom()));
                if (column < 3) {
                    QCOMPARE(rect.right(), grid->rectOf(*layout.a, row, column + 1).x);
                }
            }
        }
    }

    void offHiddenAndOfAFile() {
        Sight shown(4);
        const std::size_t with = drawn(shown).primitives.size();
        shown.state.hidesOverlay = true;
        QVERIFY(drawn(shown).primitives.size() < with);
        QVERIFY(!tests::says(drawn(shown), "recursion depth"));
        shown.state.hidesOverlay = false;
        shown.state.overlay = Overlay::Off;
        QVERIFY(!tests::says(drawn(shown), "recursion depth"));
        shown.state.overlay = Overlay::Tint;
        shown.clip.run.clear();
        QVERIFY(!tests::says(drawn(shown), "recursion depth"));
        // A clip that is not the run's: a patch could not be told.
        shown.clip.run = trace::kMainRun;
        shown.clip.frameCount = 7;
        QVERIFY(!tests::says(drawn(shown), "recursion depth"));
    }

    void legendOfDepthAndItsCaution() {
        const Sight shown(4);
        const scene::Scene scene = drawn(shown);
        QVERIFY(tests::says(scene, "recursion depth"));
        for (const char* depth : {"1", "2", "3"}) {
            QVERIFY(tests::says(scene, depth));
        }
        // The synthetic classes follow the depth exactly.
        QVERIFY(tests::says(scene, "AUC of depth against motion"));
        QVERIFY(tests::says(scene, "1.00, 0.5 is chance"));
        Sight unknown(4);
        auto step = ClipRun::step(trace::kMainRun, 60, 2);
        step->routing.classSet.reset();
        step->routing.classes.clear();
        unknown.store.add(step);
        QVERIFY(!tests::says(drawn(unknown), "AUC"));
    }

    /// No pixel is hidden as long as there is room beside the pictures.
    void theLegendStandsBesideThePictures() {
        const Sight shown(3, trace::kTruthRun);
        Viewport wide = viewport();
        wide.bounds.width *= 2;
        const scene::Scene scene =
            tests::instrument("panel.video")->draw(shown.view(), shown.state, {}, wide);
        const VideoLayout layout = videoLayout(&shown.clip, shown.state, wide);
        int found = 0;
        for (const scene::Primitive& primitive : scene.primitives) {
            const auto* text = std::get_if<scene::TextRun>(&primitive.shape);
            if (text != nullptr && text->text == "recursion depth") {
                ++found;
                QVERIFY(scene::intersected(text->box, layout.a->shown()).width <= 0);
                QVERIFY(scene::intersected(text->box, layout.b->shown()).width <= 0);
            }
        }
        QCOMPARE(found, 1);
    }

    void legendOfExperts() {
        Sight shown(4);
        shown.state.overlayBy = OverlayBy::Expert;
        const scene::Scene scene = drawn(shown);
        QVERIFY(tests::says(scene, "Temporal") && tests::says(scene, "Context"));
        QVERIFY(tests::says(scene, "D"));
        scene::Color color = scene::okabeIto(2);
        color.a = 128;
        QCOMPARE(fillsOf(scene, color).size(), std::size_t{4}); // one in each row
        auto step = ClipRun::step(trace::kMainRun, 60, 2);
        step->routing.experts.clear();
        shown.store.add(step);
        QVERIFY(tests::says(drawn(shown), "This model has no experts."));
    }

    void contourStandsOnTheDeeperSide() {
        Sight shown(4);
        shown.state.overlay = Overlay::Contour;
        shown.state.overlayOpacity = 1;
        const scene::Scene scene = drawn(shown);
        // Lines have sharp corners, the numbers of patches and of the legend round ones.
        const auto lines = [&](int depth) {
            return std::ranges::count_if(
                fillsOf(scene, scene::depthColor(m_theme, depth, ClipRun::kRecursions)),
                [](const scene::FillRect& fill) { return fill.radius == 0; });
        };
        QCOMPARE(lines(1), 0);
        QVERIFY(lines(2) > 0);
        QVERIFY(lines(3) > lines(2)); // all its neighbours are shallower
    }

    void dimmedByDepthAndByTheCursorsExpert() {
        Sight shown(4);
        shown.state.overlay = Overlay::Dim;
        shown.state.overlayOpacity = 0.8;
        scene::Color veil = m_theme.surface;
        veil.a = 204; // of depth 1
        const auto most = fillsOf(drawn(shown), veil);
        veil.a = 102;
        const auto half = fillsOf(drawn(shown), veil);
        QCOMPARE(most.size() + half.size(), std::size_t{5 + 5}); // the deepest 6 patches stay
        shown.state.overlayBy = OverlayBy::Expert;
        veil.a = 204;
        QVERIFY(fillsOf(drawn(shown), veil).empty());
        Cursor cursor;
        cursor.hoverPlace = 34; // of expert 2
        const auto others = fillsOf(drawn(shown, cursor), veil);
        const auto area = [](const auto& fills) {
            float sum = 0;
            for (const auto& fill : fills) {
                sum += fill.rect.width * fill.rect.height;
            }
            return sum;
        };
        const VideoLayout layout = videoLayout(&shown.clip, shown.state, viewport());
        const float whole = layout.a->whole.width * layout.a->whole.height;
        QVERIFY(std::abs(area(others) / whole - 0.75F) < 0.01F);
    }

    void onlyTheCursorsFrameOutlinesIt() {
        Sight shown(4);
        shown.state.overlay = Overlay::Off;
        Cursor cursor;
        cursor.pinnedPlace = 2 * 16 + 5; // of frames 4 and 5
        const auto strokes = [&](const Cursor& at) {
            int count = 0;
            for (const scene::Primitive& primitive : drawn(shown, at).primitives) {
                const auto* stroke = std::get_if<scene::StrokeRect>(&primitive.shape);
                count += stroke != nullptr && stroke->color == m_theme.accent ? 1 : 0;
            }
            return count;
        };
        QCOMPARE(strokes(cursor), 1);
        cursor.pinnedPlace = 16 + 5;
        QCOMPARE(strokes(cursor), 0);
        cursor.pinnedPlace = 400; // of a longer run
        QCOMPARE(strokes(cursor), 0);
    }

    void pointerMeansAPlace() {
        const Sight shown(5);
        const auto panel = tests::instrument("panel.video");
        const trace::TraceView view = shown.view();
        const Viewport port = viewport();
        const scene::Scene scene = drawn(shown);
        const VideoLayout layout = videoLayout(&shown.clip, shown.state, port);
        const scene::Point at = middleOf(layout.a->rectOf({9, 6})); // row 2, column 3 from 1
        const int place = (2 * 4 + 1) * 4 + 2;
        const auto moved = panel->respond({view, shown.state, {}, scene, port}, PointerMove{at});
        QCOMPARE(std::get<HoverIntent>(moved.intents.at(0)).place, std::optional(place));
        for (const char* words :
             {"column 9, row 6", "R 65  G 65  B 65", "frame 5, predicted",
              "patch of frames 4 to 5: row 2, column 3", "class: motion", "depth 3 of 3",
              "recursion 2: router score 0.8000, kept", "experts: C Motion 1.0000"}) {
            QVERIFY2(moved.tip.find(words) != std::string::npos, (moved.tip + words).c_str());
        }
        QVERIFY(moved.tip.find("as decoded") == std::string::npos);
        Cursor cursor;
        cursor.hoverPlace = place;
        QVERIFY(panel->respond({view, shown.state, cursor, scene, port}, PointerMove{at})
                    .intents.empty());
        const auto left = panel->respond({view, shown.state, cursor, scene, port}, PointerLeave{});
        QVERIFY(!std::get<HoverIntent>(left.intents.at(0)).place);
        const auto click = [&](const Cursor& now) {
            ViewState state = shown.state;
            state.dragFrom = at;
            return panel->respond({view, state, now, scene, port},
                                  PointerRelease{at, Button::Left});
        };
        QCOMPARE(std::get<PinIntent>(click(cursor).intents.at(0)).place, std::optional(place));
        cursor.pinnedPlace = place;
        QVERIFY(!std::get<PinIntent>(click(cursor).intents.at(0)).place);
        // The scene names the patch, so that scripts can press it.
        QVERIFY(std::ranges::any_of(scene.hits, [&](const scene::Hit& hit) {
            return hit.column == place && hit.rect.contains(at);
        }));
    }

    /// Over the truth, which has no routing, the place is the prediction's.
    void namesAndTheCursorInAComparison() {
        const Sight shown(3, trace::kTruthRun);
        const scene::Scene scene = drawn(shown);
        QVERIFY(tests::says(scene, "prediction") && tests::says(scene, "truth"));
        QVERIFY(tests::says(scene, "predicted"));
        QVERIFY(tests::says(scene, "PSNR 24.1 dB, copy-last 17.5 dB"));
        QVERIFY(!tests::says(scene, "pts") && !tests::says(scene, "key frame"));
        const VideoLayout layout = videoLayout(&shown.clip, shown.state, viewport());
        QVERIFY(layout.isSplit && layout.b);
        const scene::Point at = middleOf(layout.b->rectOf({0, 15}));
        const trace::TraceView view = shown.view();
        const Viewport port = viewport();
        const auto panel = tests::instrument("panel.video");
        const auto moved = panel->respond({view, shown.state, {}, scene, port}, PointerMove{at});
        QCOMPARE(std::get<HoverIntent>(moved.intents.at(0)).place, std::optional(16 + 12));
        QVERIFY2(moved.tip.find("prediction - truth  R -100  G -100  B -100") != std::string::npos,
                 moved.tip.c_str());
        // Tinted is the prediction alone.
        scene::Color color = scene::depthColor(m_theme, 3, 3);
        color.a = 128;
        for (const scene::FillRect& fill : fillsOf(scene, color)) {
            QVERIFY(fill.rect.right() <= layout.a->area.right());
        }
        const Sight given(1, trace::kTruthRun);
        QVERIFY(tests::says(drawn(given), "given"));
        QVERIFY(!tests::says(drawn(given), "PSNR")); // which is of the predicted frames
    }

    /// Another routed run has its own colours.
    void besideFullDepth() {
        const Sight shown(4, trace::kFullDepthRun);
        const scene::Scene scene = drawn(shown);
        const VideoLayout layout = videoLayout(&shown.clip, shown.state, viewport());
        scene::Color color = scene::depthColor(m_theme, 3, 3);
        color.a = 128;
        float right = 0;
        for (const scene::FillRect& fill : fillsOf(scene, color)) {
            right += fill.rect.x >= layout.b->area.x ? fill.rect.width * fill.rect.height : 0;
        }
        QVERIFY(std::abs(right / (layout.b->whole.width * layout.b->whole.height) - 1) < 0.01F);
        QVERIFY(tests::says(scene, "full depth"));
    }

    void theTableHasWhatIsSaid() {
        const Sight shown(4), given(1);
        const auto valueOf = [&](const Sight& sight, const std::string& fact) {
            const Table table = tests::instrument("panel.video")->table(sight.view(), m_text);
            const auto row = std::ranges::find_if(table.rows, [&](const auto& each) {
                return std::get<std::string>(each[0]) == fact;
            });
            return row == table.rows.end() ? std::nullopt : std::optional((*row)[1]);
        };
        QVERIFY(valueOf(shown, "context frames") && valueOf(shown, "name"));
        QCOMPARE(std::get<double>(*valueOf(shown, "PSNR")), 24.125);
        QVERIFY(valueOf(shown, "PSNR of copy-last"));
        QCOMPARE(std::get<std::string>(*valueOf(given, "PSNR")), std::string("given"));
        QVERIFY(!valueOf(given, "PSNR of copy-last"));
    }

private:
    [[nodiscard]] Viewport viewport() const { return {kBounds, &m_theme, &m_text}; }

    [[nodiscard]] scene::Scene drawn(const Sight& shown, const Cursor& cursor = {}) const {
        return tests::instrument("panel.video")
            ->draw(shown.view(), shown.state, cursor, viewport());
    }
};

QTEST_APPLESS_MAIN(TestVideoOverlay)
#include "tst_video_overlay.moc"
