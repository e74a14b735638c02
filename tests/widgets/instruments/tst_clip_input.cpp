// SPDX-License-Identifier: MIT
// The panels of a video model's run answer for patches and denoising steps: pointer, arrows, zoom,
// scrubbing.
#include "tests/widgets/instruments/denoised_clip.h"
#include "tests/widgets/instruments/panel_test.h"

#include <QTest>

using namespace depthscope;
using namespace depthscope::instruments;
using tests::DenoisedClip;
using tests::number;
using tests::pinned;
using tests::says;

namespace {

constexpr int kPatch = 41; ///< frames 4-5, row 3, column 2
constexpr scene::Rect kCenter{0, 0, 700, 260};

scene::Point middle(const scene::Rect& rect) {
    return {rect.x + rect.width / 2, rect.y + rect.height / 2};
}

} // namespace

class TestClipInput : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:
    void depthAnswersForEveryPatch();
    void arrowsWalkThePatches_data();
    void arrowsWalkThePatches();
    void depthPansWhereItIsNarrow();
    void stepsAreScrubbed();

private:
    [[nodiscard]] Viewport viewport(scene::Rect rect) const { return {rect, &m_theme, &m_text}; }
};

void TestClipInput::depthAnswersForEveryPatch() {
    const trace::TraceStore store = DenoisedClip().store();
    const trace::TraceView view = store.view();
    const auto panel = tests::instrument("panel.depth");
    const scene::Scene scene = panel->draw(view, {}, {}, viewport(kCenter));
    for (int place = 0; place < DenoisedClip::kPlaces; ++place) {
        for (int r = 0; r < DenoisedClip::kRecursions; ++r) {
            const auto cell = scene::cellRect(scene, place, r);
            QVERIFY(cell);
            QVERIFY(cell->width >= 14 && cell->right() <= kCenter.width);
            const InputResponse over = panel->respond({view, {}, {}, scene, viewport(kCenter)},
                                                      PointerMove{middle(*cell)});
            const auto hover = std::get<HoverIntent>(over.intents.at(0));
            QCOMPARE(hover.place, std::optional<int>(place));
            QCOMPARE(hover.recursion, std::optional<int>(r));
        }
    }
    for (const char* name : {"0\xE2\x80\x93"
                             "1",
                             "6\xE2\x80\x93"
                             "7",
                             "given", "predicted", "recursion 3"}) {
        QVERIFY2(says(scene, name), name);
    }
    const auto cell = scene::cellRect(scene, kPatch, 1);
    const std::string tip =
        panel->respond({view, {}, {}, scene, viewport(kCenter)}, PointerMove{middle(*cell)}).tip;
    QVERIFY2(tip.find("frames 4\xE2\x80\x93"
                      "5, row 3, column 2  patch 42 of 64") == 0,
             tip.c_str());
    QVERIFY(tip.find("predicted") != std::string::npos);
}

void TestClipInput::arrowsWalkThePatches_data() {
    QTest::addColumn<int>("key");
    QTest::addColumn<bool>("shift");
    QTest::addColumn<int>("from");
    QTest::addColumn<int>("recursion");
    QTest::addColumn<int>("place");
    QTest::addColumn<int>("at");
    const auto row = [](const char* name, Key key, bool shift, int from, int recursion, int place,
                        int at) {
        QTest::newRow(name) << static_cast<int>(key) << shift << from << recursion << place << at;
    };
    row("a column", Key::Right, false, 41, 1, 42, 1);
    row("into the next frame", Key::Right, false, 43, 1, 56, 1);
    row("back", Key::Left, false, 56, 1, 43, 1);
    row("a frame", Key::Right, true, 9, 0, 25, 0);
    row("not past the end", Key::Right, true, 57, 0, 57, 0);
    row("a row", Key::Up, false, 41, 1, 37, 1);
    row("into the recursion above", Key::Up, false, 33, 1, 45, 2);
    row("into the recursion below", Key::Down, false, 45, 1, 33, 0);
    row("not over the top", Key::Up, false, 33, 2, 33, 2);
    row("a recursion", Key::Up, true, 41, 0, 41, 1);
    row("no recursion named", Key::Up, false, 33, -1, 33, -1);
}

void TestClipInput::arrowsWalkThePatches() {
    QFETCH(int, key);
    QFETCH(bool, shift);
    QFETCH(int, from);
    QFETCH(int, recursion);
    QFETCH(int, place);
    QFETCH(int, at);
    const auto named = [](int r) { return r < 0 ? std::nullopt : std::optional<int>(r); };
    const trace::TraceStore store = DenoisedClip().store();
    const auto panel = tests::instrument("panel.depth");
    const Cursor cursor = pinned(from, named(recursion));
    const scene::Scene scene = panel->draw(store.view(), {}, cursor, viewport(kCenter));
    const InputResponse response =
        panel->respond({store.view(), {}, cursor, scene, viewport(kCenter)},
                       KeyPress{static_cast<Key>(key), shift});
    const auto pin = std::get<PinIntent>(response.intents.at(0));
    QCOMPARE(pin.place, std::optional<int>(place));
    QCOMPARE(pin.recursion, named(at));
}

void TestClipInput::depthPansWhereItIsNarrow() {
    const trace::TraceStore store = DenoisedClip().store();
    const scene::Rect narrow{0, 0, 300, 260};
    const auto panel = tests::instrument("panel.depth");
    const auto draws = [&](const ViewState& state) {
        return panel->draw(store.view(), state, {}, viewport(narrow));
    };
    QVERIFY(scene::cellRect(draws({}), 63, 0)); // all of them fit
    ViewState zoomed;
    for (int i = 0; i < 8; ++i) {
        zoomed = panel
                     ->respond({store.view(), zoomed, {}, draws(zoomed), viewport(narrow)},
                               Wheel{{100, 100}, 1, true})
                     .state;
    }
    const auto first = scene::cellRect(draws(zoomed), 0, 0);
    QVERIFY(!scene::cellRect(draws(zoomed), 63, 0));
    const InputResponse right =
        panel->respond({store.view(), zoomed, pinned(47, 0), draws(zoomed), viewport(narrow)},
                       KeyPress{Key::Right, true});
    QCOMPARE(std::get<PinIntent>(right.intents.at(0)).place, std::optional<int>(63));
    const auto shown = scene::cellRect(draws(right.state), 63, 0);
    QVERIFY(shown && (!first || shown->width == first->width));
}

void TestClipInput::stepsAreScrubbed() {
    const DenoisedClip clip;
    trace::TraceStore store = clip.store();
    store.lookAt(2);
    const scene::Rect strip{0, 0, 700, 76};
    const auto panel = tests::instrument("panel.transport");
    const trace::TraceView view = store.view();
    const scene::Scene scene = panel->draw(view, {}, pinned(kPatch), viewport(strip));
    for (const char* word : {"step 3 of 8, t = 0.75", "noise", "clip", "patch 42 / 64"}) {
        QVERIFY2(says(scene, word), word);
    }
    const auto tipAt = [&](const std::string& tip) {
        for (const scene::Hit& hit : scene.hits) {
            if (hit.tip == tip) {
                return middle(hit.rect);
            }
        }
        return scene::Point{-1, -1};
    };
    const scene::Point fifth = tipAt("step 5 of 8, t = 0.50");
    QVERIFY(fifth.x > 0);
    const auto stepOf = [](const InputResponse& response) {
        return std::get<StepIntent>(response.intents.at(0)).step;
    };
    const InputResponse press =
        panel->respond({view, {}, pinned(kPatch), scene, viewport(strip)}, PointerPress{fifth});
    QCOMPARE(stepOf(press), 4U);
    // Dragged upwards out of its track it still moves the step.
    const InputResponse drag = panel->respond(
        {view, press.state, pinned(kPatch), scene, viewport(strip)}, PointerMove{{690, 5}});
    QCOMPARE(stepOf(drag), 7U);
    const InputResponse up = panel->respond({view, {}, pinned(kPatch), scene, viewport(strip)},
                                            KeyPress{Key::Up, false});
    QCOMPARE(stepOf(up), 3U);
    const InputResponse down = panel->respond({view, {}, pinned(kPatch), scene, viewport(strip)},
                                              KeyPress{Key::Down, false});
    QCOMPARE(stepOf(down), 1U);
    const Table table = panel->table(view, m_text);
    QCOMPARE(number(table.rows.at(0)[1]), 32.0);
    QCOMPARE(number(table.rows.at(4)[1]), 0.75);
}

QTEST_APPLESS_MAIN(TestClipInput)
#include "tst_clip_input.moc"
