// SPDX-License-Identifier: MIT
// TRANSPORT while a clip is on screen: it walks along frames by the shared cursor.
#include "tests/widgets/instruments/panel_test.h"
#include "tests/widgets/instruments/sample_clip.h"

#include <QTest>

using namespace depthscope;
using namespace depthscope::instruments;

namespace {

constexpr scene::Rect kBounds{0, 0, 640, 80};

} // namespace

class TestTransportFrames : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:

    void saysTheFrameOfTheCursor() {
        const scene::Scene scene = drawn(at(120));
        QVERIFY(tests::says(scene, "frame 120 / 199"));
        QVERIFY(!(scene == drawn(at(121))));
        // No frame: the clip is not on screen, and places are walked.
        QVERIFY(!tests::says(drawn({}), "frame"));
    }

    void theTrackMovesTheCursor() {
        const scene::Scene scene = drawn(at(0));
        const Viewport port = viewport();
        const auto panel = tests::instrument("panel.transport");
        auto press = panel->respond({m_view, {}, at(0), scene, port}, PointerPress{{320, 14}});
        QCOMPARE(frameOf(press), std::optional<std::int64_t>(100));
        auto move =
            panel->respond({m_view, press.state, at(100), scene, port}, PointerMove{{622, 60}});
        QCOMPARE(frameOf(move), std::optional<std::int64_t>(199));
        auto same =
            panel->respond({m_view, move.state, at(199), scene, port}, PointerMove{{630, 60}});
        QVERIFY(same.intents.empty());
        auto end = panel->respond({m_view, same.state, at(199), scene, port},
                                  PointerRelease{{630, 60}, Button::Left});
        QVERIFY(end.intents.empty() && !end.state.dragFrom);
        auto later =
            panel->respond({m_view, end.state, at(199), scene, port}, PointerMove{{5, 14}});
        QVERIFY(later.intents.empty());
    }

    void buttonsAndKeysStep() {
        const scene::Scene scene = drawn(at(7));
        const auto panel = tests::instrument("panel.transport");
        QStringList actions;
        for (const scene::Hit& hit : scene.hits) {
            if (hit.kind != scene::HitKind::Button) {
                continue;
            }
            const scene::Point middle{hit.rect.x + 4, hit.rect.y + 4};
            const auto press =
                panel->respond({m_view, {}, at(7), scene, viewport()}, PointerPress{middle});
            const auto release = panel->respond({m_view, press.state, at(7), scene, viewport()},
                                                PointerRelease{middle, Button::Left});
            actions << QString::fromStdString(std::get<ActionIntent>(release.intents.at(0)).action);
        }
        QCOMPARE(actions, (QStringList{"clip.first", "clip.prev", "clip.next", "clip.last"}));
        const auto key =
            panel->respond({m_view, {}, at(7), scene, viewport()}, KeyPress{Key::Left, false});
        QCOMPARE(std::get<ActionIntent>(key.intents.at(0)).action, std::string("clip.prev"));
        QVERIFY(panel->traits().followsFrames);
    }

private:
    [[nodiscard]] static Cursor at(std::int64_t frame) {
        Cursor cursor;
        cursor.frame = frame;
        return cursor;
    }

    [[nodiscard]] static std::optional<std::int64_t> frameOf(const InputResponse& response) {
        return response.intents.empty()
                   ? std::nullopt
                   : std::optional(std::get<FrameIntent>(response.intents.at(0)).frame);
    }

    [[nodiscard]] Viewport viewport() const { return {kBounds, &m_theme, &m_text}; }

    [[nodiscard]] scene::Scene drawn(const Cursor& cursor) {
        m_view.clip = &m_clip.clip;
        return tests::instrument("panel.transport")->draw(m_view, {}, cursor, viewport());
    }

    tests::SampleClip m_clip{64, 48};
    trace::TraceView m_view;
};

QTEST_APPLESS_MAIN(TestTransportFrames)
#include "tst_transport_frames.moc"
