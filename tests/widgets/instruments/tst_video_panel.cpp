// SPDX-License-Identifier: MIT
// The picture of a clip: where it lies, turned and with its aspect, zoom and pan, values of pixels,
// what is said of the frame, an empty panel, an error.
#include "tests/widgets/instruments/panel_test.h"
#include "tests/widgets/instruments/sample_clip.h"
#include "widgets/instruments/picture_map.h"

#include <QTest>
#include <cmath>
#include <optional>

using namespace depthscope;
using namespace depthscope::instruments;

namespace {

constexpr scene::Rect kBounds{0, 0, 640, 400};

using Sample = tests::SampleClip;

std::optional<scene::Video> videoIn(const scene::Scene& scene) {
    const std::vector<scene::Video> videos = tests::videosIn(scene);
    return videos.empty() ? std::nullopt : std::optional(videos.front());
}

} // namespace

class TestVideoPanel : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:

    void emptyPanelOffersAClip() {
        const auto panel = tests::instrument("panel.video");
        const trace::TraceView view;
        const Viewport port{kBounds, &m_theme, &m_text};
        const scene::Scene scene = panel->draw(view, {}, {}, port);
        QVERIFY(!scene.summary.empty());
        for (const scene::Hit& hit : scene.hits) {
            if (hit.kind != scene::HitKind::Button) {
                continue;
            }
            const scene::Point at{hit.rect.x + 3, hit.rect.y + 3};
            ViewState state = panel->respond({view, {}, {}, scene, port}, PointerPress{at}).state;
            const auto response =
                panel->respond({view, state, {}, scene, port}, PointerRelease{at, Button::Left});
            QCOMPARE(std::get<ActionIntent>(response.intents.at(0)).action, hit.action);
        }
        QCOMPARE(panel->table(view, m_text).rows.size(), std::size_t{0});
    }

    void saysWhereTheFrameStands() {
        Sample sample(64, 48);
        trace::TraceView view;
        view.clip = &sample.clip;
        const scene::Scene scene = draw("panel.video", view, {}, kBounds);
        QVERIFY(tests::says(scene, "frame 77 / 199"));
        QVERIFY(tests::says(scene, "00:00:03:02"));
        QVERIFY(tests::says(scene, "pts 39424"));
        QVERIFY(tests::says(scene, "key frame"));
        QVERIFY(!tests::says(scene, "damaged"));
        sample.clip.frame->damaged = true;
        QVERIFY(tests::says(draw("panel.video", view, {}, kBounds), "damaged"));
        sample.clip.exact = false;
        sample.clip.target = 90;
        QVERIFY(tests::says(draw("panel.video", view, {}, kBounds), "until frame 90"));
        sample.clip.error = "some.mp4: frame 90 did not come out";
        sample.clip.hint = "Open the file again.";
        QVERIFY(tests::says(draw("panel.video", view, {}, kBounds), "Open the file again."));
        QVERIFY(tests::instrument("panel.video")->table(view, m_text).rows.size() > 20);
    }

    void scenesDifferByGenerationAlone() {
        Sample sample(64, 48);
        trace::TraceView view;
        view.clip = &sample.clip;
        const scene::Scene before = draw("panel.video", view, {}, kBounds);
        QVERIFY(before == draw("panel.video", view, {}, kBounds));
        sample.clip.generation = 6;
        QVERIFY(!(before == draw("panel.video", view, {}, kBounds)));
    }

    void shape_data() {
        QTest::addColumn<int>("rotation");
        QTest::addColumn<int>("aspect"); // times as wide as high
        QTest::addColumn<double>("wideToHigh");
        QTest::newRow("as it is") << 0 << 1 << 2.0;
        QTest::newRow("a quarter") << 90 << 1 << 0.5;
        QTest::newRow("upside down") << 180 << 1 << 2.0;
        QTest::newRow("wide pixels") << 0 << 2 << 4.0;
        QTest::newRow("wide pixels, turned") << 270 << 2 << 0.25;
    }

    void shape() {
        QFETCH(int, rotation);
        QFETCH(int, aspect);
        QFETCH(double, wideToHigh);
        Sample sample(64, 32);
        sample.clip.rotation = rotation;
        sample.clip.sampleAspect = {aspect, 1};
        const PictureMap map = pictureMap(sample.clip, {}, {0, 0, 600, 300});
        QVERIFY(std::abs(double{map.whole.width} / double{map.whole.height} - wideToHigh) < 1e-3);
        const scene::Rect source = map.source();
        QVERIFY(source.width > 63.5F && source.height > 31.5F);
        // The rectangle of each pixel is where the pixel is found.
        for (const PixelPlace pixel : {PixelPlace{0, 0}, PixelPlace{63, 0}, PixelPlace{5, 31}}) {
            const scene::Rect rect = map.rectOf(pixel);
            const scene::Point middle{rect.x + rect.width / 2, rect.y + rect.height / 2};
            QCOMPARE(*map.pixelAt(middle), pixel);
        }
        const bool isTurned = rotation == 90;
        const scene::Rect first = map.rectOf({0, 0});
        QVERIFY(!isTurned || first.right() > map.whole.right() - 1); // to the upper right corner
    }

    void oddAndTinySizes() {
        for (const auto& [width, height] : {std::pair(1, 1), std::pair(3, 1), std::pair(17, 251)}) {
            Sample sample(width, height);
            trace::TraceView view;
            view.clip = &sample.clip;
            for (const double scale : {0.0, 0.25, 32.0}) {
                ViewState state;
                state.pictureScale = scale;
                const auto video =
                    videoIn(tests::instrument("panel.video")
                                ->draw(view, state, {}, {kBounds, &m_theme, &m_text}));
                QVERIFY(video && video->source.right() <= static_cast<float>(width) &&
                        video->source.bottom() <= static_cast<float>(height));
            }
        }
        Sample sample(64, 48);
        trace::TraceView view;
        view.clip = &sample.clip;
        QVERIFY(!videoIn(draw("panel.video", view, {}, {0, 0, 20, 4}))); // no room at all
    }

    void zoomKeepsThePointAndPanMoves() {
        Sample sample(640, 480);
        const scene::Rect area{0, 0, 600, 300};
        const scene::Point at{250, 100};
        ViewState state;
        PictureMap map = pictureMap(sample.clip, state, area);
        const PixelPlace before = *map.pixelAt(at);
        state = zoomedPicture(state, map, at, 16);
        map = pictureMap(sample.clip, state, area);
        QVERIFY(std::abs(map.pixelAt(at)->column - before.column) <= 1);
        QVERIFY(std::abs(map.pixelAt(at)->row - before.row) <= 1);
        const PixelPlace zoomed = *map.pixelAt(at);
        state = pannedPicture(state, map, -30, 0);
        map = pictureMap(sample.clip, state, area);
        const auto moved = static_cast<double>(map.pixelAt(at)->column - zoomed.column);
        QVERIFY(std::abs(moved - 30 / map.scale) <= 1);
        for (int n = 0; n < 60; ++n) {
            state = zoomedPicture(state, map, at, 2);
            map = pictureMap(sample.clip, state, area);
        }
        QCOMPARE(map.scale, kMostPictureScale);
    }

    /// While it plays the picture is smaller than the frame: the same part of it is shown, and its
    /// rounded colours are not told as values.
    void aQuickPictureShowsTheSamePart() {
        Sample sample(64, 48);
        trace::TraceView view;
        view.clip = &sample.clip;
        ViewState state;
        state.pictureScale = 20;
        const auto panel = tests::instrument("panel.video");
        const Viewport port{kBounds, &m_theme, &m_text};
        const auto exact = videoIn(panel->draw(view, state, {}, port));
        sample.clip.picture = std::make_shared<RgbPicture>(
            RgbPicture{32, 24, std::vector<std::uint8_t>(32 * 24 * 3)});
        sample.clip.quick = true;
        const scene::Scene scene = panel->draw(view, state, {}, port);
        const auto quick = videoIn(scene);
        QVERIFY(exact && quick);
        QCOMPARE(quick->rect, exact->rect);
        QVERIFY(std::abs(quick->source.width * 2 - exact->source.width) < 1e-3F);
        QVERIFY(std::abs(quick->source.y * 2 - exact->source.y) < 1e-3F);
        const std::string tip =
            panel->respond({view, state, {}, scene, port}, PointerMove{{300, 150}}).tip;
        QVERIFY(tip.find("Y ") != std::string::npos);
        QVERIFY(tip.find("R ") == std::string::npos);
    }

    void filterOfPixels() {
        Sample sample(64, 48);
        trace::TraceView view;
        view.clip = &sample.clip;
        const auto panel = tests::instrument("panel.video");
        const auto isSmooth = [&](double scale, PixelFilter filter) {
            ViewState state;
            state.pictureScale = scale;
            state.filter = filter;
            return videoIn(panel->draw(view, state, {}, {kBounds, &m_theme, &m_text}))->smooth;
        };
        QVERIFY(isSmooth(1, PixelFilter::Auto) && !isSmooth(2, PixelFilter::Auto));
        QVERIFY(!isSmooth(1, PixelFilter::Sharp) && isSmooth(8, PixelFilter::Smooth));
    }

    void pointerTellsValues() {
        Sample sample(64, 48);
        trace::TraceView view;
        view.clip = &sample.clip;
        const auto panel = tests::instrument("panel.video");
        const Viewport port{kBounds, &m_theme, &m_text};
        const scene::Scene scene = panel->draw(view, {}, {}, port);
        const auto video = videoIn(scene);
        QVERIFY(video);
        const scene::Point at{video->rect.x + video->rect.width * 10.5F / 64,
                              video->rect.y + video->rect.height * 2.5F / 48};
        const std::string tip = panel->respond({view, {}, {}, scene, port}, PointerMove{at}).tip;
        QVERIFY(tip.find("column 10, row 2") != std::string::npos);
        QVERIFY(tip.find("R 138  G 7  B 9") != std::string::npos); // 2 * 64 + 10
        QVERIFY(tip.find("Y 138  gray") != std::string::npos);
        const auto wheel = panel->respond({view, {}, {}, scene, port}, Wheel{at, 1, false, false});
        QVERIFY(wheel.state.pictureScale > 0);
        const auto key = panel->respond({view, {}, {}, scene, port}, KeyPress{Key::Right, false});
        QCOMPARE(std::get<ActionIntent>(key.intents.at(0)).action, std::string("clip.next"));
    }
};

QTEST_APPLESS_MAIN(TestVideoPanel)
#include "tst_video_panel.moc"
