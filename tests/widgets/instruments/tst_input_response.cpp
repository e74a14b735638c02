// SPDX-License-Identifier: MIT
#include "tests/widgets/fake_text_service.h"
#include "tests/widgets/instruments/synthetic_run.h"
#include "widgets/instruments/instrument.h"

#include <QTest>
#include <algorithm>
#include <cmath>

using namespace depthscope;
using namespace depthscope::instruments;
using scene::Point;

namespace {

// One panel with its run, looked at and touched like a host does.
class Touch {
public:
    explicit Touch(const std::string& id, tests::SyntheticRun synthetic = {})
        : m_run(tests::SyntheticSteps(std::move(synthetic)).view()) {
        for (auto& instrument : makeInstruments()) {
            if (id == instrument->id()) {
                m_instrument = std::move(instrument);
            }
        }
        view.main = &m_run;
        viewport = {{0, 0, 800, 240}, &m_theme, &m_text};
    }

    [[nodiscard]] scene::Scene scene() const {
        return m_instrument->draw(view, state, cursor, viewport);
    }

    // What it meant is kept; state and cursor go on from it.
    InputResponse send(const Input& input) {
        const InputResponse response =
            m_instrument->respond({view, state, cursor, scene(), viewport}, input);
        state = response.state;
        for (const Intent& intent : response.intents) {
            if (const auto* hover = std::get_if<HoverIntent>(&intent)) {
                cursor.hoverPlace = hover->place;
                cursor.hoverRecursion = hover->recursion;
            } else if (const auto* pin = std::get_if<PinIntent>(&intent)) {
                cursor.pinnedPlace = pin->place;
                cursor.pinnedRecursion = pin->recursion;
            }
        }
        return response;
    }

    InputResponse click(Point at) {
        send(PointerPress{at});
        return send(PointerRelease{at});
    }

    // The middle of a cell of the scene's grid.
    [[nodiscard]] Point cell(int token, int recursion) const {
        const scene::HitGrid grid = scene().grids.at(0);
        const float row = grid.rect.height / static_cast<float>(grid.rows);
        return {grid.originX + grid.cellWidth * (static_cast<float>(token) + 0.5F),
                grid.rect.bottom() - row * (static_cast<float>(recursion) + 0.5F)};
    }

    trace::TraceView view;
    ViewState state;
    Cursor cursor;
    Viewport viewport;

private:
    scene::Theme m_theme = scene::lightTheme();
    tests::FakeTextService m_text;
    trace::RunView m_run;
    std::unique_ptr<Instrument> m_instrument;
};

} // namespace

class TestInputResponse : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void hoverAndLeave();
    void clickPinsAndReleases();
    void dragPansAndDoesNotPin();
    void wheelZoomsAndScrolls();
    void keysMoveThePin();
    void keysZoom();
    void buttonsAct();
    void transportScrubs();
    void transportButtons();
    void scrubbingKeepsTheZoomedPlace();
    void textScrolls();
    void fitLeavesFollowing();
    void memoryNamesNoRecursion();
    void staleScene();
    void nothingThere();
};

void TestInputResponse::hoverAndLeave() {
    Touch touch("panel.depth");
    const InputResponse over = touch.send(PointerMove{touch.cell(7, 1)});
    QCOMPARE(over.intents.size(), std::size_t{1});
    QCOMPARE(touch.cursor.hoverPlace, std::optional<int>(7));
    QCOMPARE(touch.cursor.hoverRecursion, std::optional<int>(1));
    QVERIFY(over.tip.find("token 8 of 60") != std::string::npos);
    QVERIFY(over.tip.find("recursion 2") != std::string::npos);
    QVERIFY(over.tip.find("LIVE, measured") != std::string::npos);
    QVERIFY(touch.send(PointerMove{touch.cell(7, 1)}).intents.empty());
    touch.send(PointerLeave{});
    QCOMPARE(touch.cursor, Cursor{});
}

void TestInputResponse::clickPinsAndReleases() {
    Touch touch("panel.depth");
    touch.click(touch.cell(7, 1));
    QCOMPARE(touch.cursor.pinnedPlace, std::optional<int>(7));
    QCOMPARE(touch.cursor.pinnedRecursion, std::optional<int>(1));
    touch.click(touch.cell(7, 2)); // the same token elsewhere: the pin moves
    QCOMPARE(touch.cursor.pinnedRecursion, std::optional<int>(2));
    touch.click(touch.cell(7, 2));
    QVERIFY(!touch.cursor.pinnedPlace);
    touch.click(touch.cell(9, 0));
    touch.click({1, 1});
    QVERIFY(!touch.cursor.pinnedPlace);
    QVERIFY(touch.click({1, 1}).intents.empty());
    touch.click(touch.cell(9, 0));
    touch.send(KeyPress{Key::Escape});
    QVERIFY(!touch.cursor.pinnedPlace);
    touch.send(PointerPress{touch.cell(3, 0), Button::Right});
    QVERIFY(touch.send(PointerRelease{touch.cell(3, 0), Button::Right}).intents.empty());
}

void TestInputResponse::dragPansAndDoesNotPin() {
    Touch touch("panel.depth");
    touch.state.cellWidth = 40;
    touch.state.firstPlace = 20;
    touch.state.followLive = false;
    const Point from = touch.cell(25, 1);
    touch.send(PointerPress{from});
    touch.send(PointerMove{{from.x + 3, from.y}});
    QCOMPARE(touch.state.firstPlace, 20.0);
    touch.send(PointerMove{{from.x + 80, from.y}});
    QVERIFY(std::abs(touch.state.firstPlace - 18) < 1e-4);
    touch.send(PointerMove{{from.x + 120, from.y}});
    QVERIFY(std::abs(touch.state.firstPlace - 17) < 1e-4);
    QVERIFY(touch.send(PointerRelease{{from.x + 120, from.y}}).intents.empty());
    QVERIFY(!touch.state.dragFrom);
    QVERIFY(!touch.state.dragging);
    touch.send(PointerPress{from, Button::Middle});
    touch.send(PointerMove{{from.x - 40, from.y}});
    QVERIFY(std::abs(touch.state.firstPlace - 18) < 1e-4);
    QVERIFY(touch.send(PointerRelease{{from.x - 40, from.y}, Button::Middle}).intents.empty());
    touch.send(DoubleClick{from});
    QCOMPARE(touch.state.cellWidth, 0.0);
}

void TestInputResponse::wheelZoomsAndScrolls() {
    Touch touch("panel.kv");
    const float x = touch.cell(30, 0).x;
    touch.send(Wheel{{x, 100}, 4, true, false});
    QVERIFY(touch.state.cellWidth > 20);
    touch.send(PointerMove{{x, 100}});
    QCOMPARE(touch.cursor.hoverPlace, std::optional<int>(30));
    const double first = touch.state.firstPlace;
    touch.send(Wheel{{x, 100}, -1, false, false});
    QVERIFY(touch.state.firstPlace > first);
    touch.send(Wheel{{x, 100}, 1, false, true});
    QVERIFY(std::abs(touch.state.firstPlace - first) < 1e-6);
    touch.send(Wheel{{x, 100}, -100, true, false});
    QCOMPARE(touch.state.cellWidth, 0.0);
}

void TestInputResponse::keysMoveThePin() {
    Touch touch("panel.depth");
    const auto press = [&](Key key, bool shift = false) {
        touch.send(KeyPress{key, shift});
        return touch.cursor.pinnedPlace.value_or(-1);
    };
    QCOMPARE(press(Key::Right), 0);
    QCOMPARE(press(Key::Right, true), 10);
    QCOMPARE(press(Key::Left), 9);
    QCOMPARE(press(Key::Left, true), 0);
    QCOMPARE(press(Key::End), 59);
    QCOMPARE(press(Key::Right), 59);
    QCOMPARE(press(Key::Home), 0);
    QCOMPARE(press(Key::Up), 0);
    QCOMPARE(touch.cursor.pinnedRecursion, std::optional<int>(0));
    press(Key::Up);
    press(Key::Up);
    press(Key::Up);
    QCOMPARE(touch.cursor.pinnedRecursion, std::optional<int>(2));
    press(Key::Down);
    QCOMPARE(touch.cursor.pinnedRecursion, std::optional<int>(1));
    QCOMPARE(press(Key::Right), 1);
    QCOMPARE(touch.cursor.pinnedRecursion, std::optional<int>(1));
    press(Key::Escape);
    touch.cursor.hoverPlace = 33;
    QCOMPARE(press(Key::Enter), 33);
    touch.state.cellWidth = 60;
    touch.state.firstPlace = 0;
    touch.state.followLive = false;
    press(Key::Right);
    QVERIFY(touch.state.firstPlace > 20); // brought into sight
    QVERIFY(touch.state.firstPlace <= 34);
}

void TestInputResponse::keysZoom() {
    Touch touch("panel.depth");
    touch.send(KeyPress{Key::Plus});
    QVERIFY(touch.state.cellWidth > 0);
    touch.send(KeyPress{Key::Minus});
    touch.send(KeyPress{Key::Minus});
    QCOMPARE(touch.state.cellWidth, 0.0);
    touch.send(KeyPress{Key::Plus});
    touch.send(KeyPress{Key::Fit});
    QCOMPARE(touch.state.cellWidth, 0.0);
}

void TestInputResponse::buttonsAct() {
    Touch touch("panel.router");
    touch.viewport.bounds = {0, 0, 260, 900};
    const scene::Scene scene = touch.scene();
    const auto button =
        std::find_if(scene.hits.begin(), scene.hits.end(),
                     [](const scene::Hit& hit) { return hit.kind == scene::HitKind::Button; });
    QVERIFY(button != scene.hits.end());
    touch.cursor.pinnedPlace = 3;
    const InputResponse response = touch.click({button->rect.x + 5, button->rect.y + 5});
    QCOMPARE(response.intents.size(), std::size_t{1});
    QCOMPARE(std::get<ActionIntent>(response.intents[0]).action, "graded.new");
    QCOMPARE(touch.cursor.pinnedPlace, std::optional<int>(3));
}

void TestInputResponse::transportScrubs() {
    Touch touch("panel.transport");
    touch.viewport.bounds = {0, 0, 800, 60};
    touch.send(PointerPress{{400, 14}});
    QCOMPARE(touch.cursor.pinnedPlace, std::optional<int>(30));
    touch.send(PointerMove{{784, 40}});
    QCOMPARE(touch.cursor.pinnedPlace, std::optional<int>(59));
    touch.send(PointerMove{{-50, 40}});
    QCOMPARE(touch.cursor.pinnedPlace, std::optional<int>(0));
    QVERIFY(touch.send(PointerRelease{{-50, 40}}).intents.empty());
    QVERIFY(!touch.state.dragFrom);
}

void TestInputResponse::scrubbingKeepsTheZoomedPlace() {
    tests::SyntheticRun synthetic;
    synthetic.tokens = 300;
    synthetic.generated = 100;
    Touch touch("panel.transport", synthetic);
    touch.viewport.bounds = {0, 0, 800, 60};
    touch.state.cellWidth = 40;
    Touch depth("panel.depth", synthetic);
    depth.state.cellWidth = 40;
    const float origin = depth.scene().grids.at(0).originX;
    QVERIFY(origin < 0);
    touch.send(PointerPress{{400, 14}});
    QVERIFY(!touch.state.followLive);
    depth.state.firstPlace = touch.state.firstPlace;
    depth.state.followLive = touch.state.followLive;
    QVERIFY(std::abs(depth.scene().grids.at(0).originX - origin) < 0.1F);
    // A drag goes on from there.
    touch.send(PointerMove{{300, 14}});
    QCOMPARE(touch.state.firstPlace, depth.state.firstPlace);
}

void TestInputResponse::transportButtons() {
    Touch touch("panel.transport");
    touch.viewport.bounds = {0, 0, 800, 60};
    std::vector<std::string> actions;
    const scene::Scene scene = touch.scene();
    for (const scene::Hit& hit : scene.hits) {
        if (hit.kind == scene::HitKind::Button) {
            QVERIFY(hit.rect.width >= 24 && hit.rect.height >= 24);
            QVERIFY(!hit.tip.empty());
            const Point middle{hit.rect.x + hit.rect.width / 2, hit.rect.y + hit.rect.height / 2};
            const InputResponse response = touch.click(middle);
            actions.push_back(std::get<ActionIntent>(response.intents.at(0)).action);
        }
    }
    QCOMPARE(actions, (std::vector<std::string>{"cursor.first", "cursor.prev", "cursor.next",
                                                "cursor.last", "view.follow"}));
}

void TestInputResponse::textScrolls() {
    tests::SyntheticRun synthetic;
    synthetic.tokens = 2000;
    Touch touch("panel.text", synthetic);
    touch.state.followLive = false;
    touch.send(Wheel{{100, 100}, 1, false, false});
    QCOMPARE(touch.state.scrollY, 0.0);
    touch.send(Wheel{{100, 100}, -2, false, false});
    QCOMPARE(touch.state.scrollY, 96.0);
    touch.send(Wheel{{100, 100}, -1e6, false, false});
    const double end = touch.state.scrollY;
    QVERIFY(end > 1000);
    QVERIFY(touch.state.followLive);
    touch.send(KeyPress{Key::Home});
    QCOMPARE(touch.state.scrollY, 0.0);
    QVERIFY(!touch.state.followLive);
    touch.send(KeyPress{Key::End});
    QVERIFY(touch.state.scrollY > end - 30);
    for (const scene::Hit& hit : touch.scene().hits) {
        QVERIFY(hit.column < 2000);
    }
    const auto last = touch.scene().hits.back();
    QCOMPARE(last.column, 1999);
    touch.click({last.rect.x + 2, last.rect.y + 5});
    QVERIFY(!touch.cursor.pinnedPlace);
}

void TestInputResponse::fitLeavesFollowing() {
    tests::SyntheticRun synthetic;
    synthetic.tokens = 2000;
    synthetic.generated = 20;
    const auto topToken = [](const Touch& touch) {
        const scene::Scene scene = touch.scene();
        const auto token = std::find_if(scene.hits.begin(), scene.hits.end(),
                                        [](const scene::Hit& hit) { return hit.column >= 0; });
        return token == scene.hits.end() ? -1 : token->column;
    };
    Touch touch("panel.text", synthetic);
    QVERIFY(topToken(touch) > 1000); // follows
    touch.send(KeyPress{Key::Fit});
    QCOMPARE(topToken(touch), 0);
    touch.send(KeyPress{Key::End});
    QVERIFY(topToken(touch) > 1000);
    touch.send(DoubleClick{{100, 100}});
    QCOMPARE(topToken(touch), 0);
}

void TestInputResponse::memoryNamesNoRecursion() {
    Touch touch("panel.kv");
    const InputResponse over = touch.send(PointerMove{touch.cell(12, 0)});
    QCOMPARE(touch.cursor.hoverPlace, std::optional<int>(12));
    QVERIFY(!touch.cursor.hoverRecursion);
    QVERIFY(over.tip.find("bytes kept") != std::string::npos);
}

void TestInputResponse::staleScene() {
    Touch touch("panel.depth");
    const scene::Scene old = touch.scene();
    tests::SyntheticRun fewer;
    fewer.tokens = 5;
    const Touch other("panel.depth", fewer);
    for (const auto& instrument : makeInstruments()) {
        const InputResponse response = instrument->respond(
            {other.view, {}, {}, old, touch.viewport}, PointerMove{touch.cell(40, 1)});
        QVERIFY(response.intents.empty());
        QVERIFY(response.tip.empty());
    }
}

void TestInputResponse::nothingThere() {
    for (const char* id : {"panel.depth", "panel.text", "panel.kv", "panel.transport",
                           "panel.saved", "panel.router", "panel.token"}) {
        Touch touch(id);
        touch.view = {};
        for (const Key key : {Key::Left, Key::Right, Key::Up, Key::Down, Key::Home, Key::End,
                              Key::Escape, Key::Enter, Key::Plus, Key::Minus, Key::Fit}) {
            QVERIFY(touch.send(KeyPress{key}).intents.empty());
        }
        touch.send(Wheel{{10, 10}, 3, true, false});
        touch.send(PointerMove{{50, 20}});
        QVERIFY(touch.click({50, 20}).intents.empty());
    }
}

QTEST_APPLESS_MAIN(TestInputResponse)
#include "tst_input_response.moc"
