// SPDX-License-Identifier: MIT
#include "tests/widgets/fake_text_service.h"
#include "tests/widgets/instruments/synthetic_run.h"
#include "widgets/instruments/place_axis.h"

#include <QTest>
#include <cmath>

using namespace depthscope;
using namespace depthscope::instruments;

namespace {

struct Stage {
    scene::Theme theme = scene::lightTheme();
    tests::FakeTextService text;

    [[nodiscard]] Viewport viewport(float width) const {
        return {{0, 0, width, 200}, &theme, &text};
    }
};

trace::RunView run(std::size_t tokens, std::size_t generated = 0) {
    tests::SyntheticRun synthetic;
    synthetic.tokens = tokens;
    synthetic.generated = generated;
    return tests::SyntheticSteps(synthetic).view();
}

} // namespace

class TestPlaceAxis : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fits_data();
    void fits();
    void panelsLineUp();
    void zoomKeepsTokenUnderPointer_data();
    void zoomKeepsTokenUnderPointer();
    void panStaysInside();
    void followsOnlyGeneration();
    void reveals();
    void hostileStates();
    void rulerSteps();
};

void TestPlaceAxis::fits_data() {
    QTest::addColumn<int>("tokens");
    QTest::addColumn<float>("width");
    for (const int tokens : {1, 5, 60, 4096}) {
        for (const float width : {260.0F, 860.0F, 1500.0F}) {
            QTest::addRow("%d in %g", tokens, double{width}) << tokens << width;
        }
    }
}

void TestPlaceAxis::fits() {
    QFETCH(int, tokens);
    QFETCH(float, width);
    const Stage stage;
    const trace::RunView some = run(static_cast<std::size_t>(tokens));
    const PlaceAxis axis = placeAxis({}, &some, stage.viewport(width));
    QCOMPARE(axis.firstVisible(), 0);
    QCOMPARE(axis.endVisible(), tokens);
    QVERIFY(axis.cell <= 64);
    QVERIFY(axis.dataRight() <= axis.left + axis.width + 0.01F);
    for (int t = 0; t < tokens; t += 1 + tokens / 50) {
        QCOMPARE(axis.placeAt(axis.x(t + 0.5)), t);
    }
    QCOMPARE(axis.placeAt(axis.left - 1), -1);
    QCOMPARE(axis.placeAt(axis.dataRight() + 1), -1);
}

void TestPlaceAxis::panelsLineUp() {
    const Stage stage;
    Viewport low = stage.viewport(900);
    Viewport high = stage.viewport(900);
    low.bounds.height = 60;
    high.bounds.height = 900;
    QCOMPARE(plotFrame(low).left, plotFrame(high).left);
    QCOMPARE(plotFrame(low).width, plotFrame(high).width);
}

void TestPlaceAxis::zoomKeepsTokenUnderPointer_data() {
    QTest::addColumn<float>("share");
    QTest::addColumn<double>("factor");
    QTest::newRow("left edge in") << 0.0F << 2.0;
    QTest::newRow("middle in") << 0.5F << 3.0;
    QTest::newRow("right in") << 0.9F << 8.0;
    QTest::newRow("beyond the widest cell") << 0.4F << 1000.0;
}

void TestPlaceAxis::zoomKeepsTokenUnderPointer() {
    QFETCH(float, share);
    QFETCH(double, factor);
    const Stage stage;
    const Viewport viewport = stage.viewport(800);
    const trace::RunView some = run(200);
    const PlaceAxis before = placeAxis({}, &some, viewport);
    const float at = before.left + share * before.width;
    const ViewState state = zoomed({}, before, at, factor);
    const PlaceAxis after = placeAxis(state, &some, viewport);
    QVERIFY(after.cell > before.cell);
    QVERIFY(after.cell <= 64);
    QVERIFY(std::abs(after.placeUnder(at) - before.placeUnder(at)) < 1e-6);
    // Back out again: everything is in sight, and the state says "fit".
    const ViewState out = zoomed(state, after, at, 1e-3);
    QCOMPARE(out.cellWidth, 0.0);
    QVERIFY(out.followLive);
}

void TestPlaceAxis::panStaysInside() {
    const Stage stage;
    const Viewport viewport = stage.viewport(800);
    const trace::RunView some = run(200);
    ViewState state;
    state.cellWidth = 20;
    const PlaceAxis axis = placeAxis(state, &some, viewport);
    QCOMPARE(panned(state, axis, 100).firstPlace, 0.0);
    QVERIFY(std::abs(panned(state, axis, -100).firstPlace - 5) < 1e-9);
    const ViewState end = panned(state, axis, -1e6F);
    QCOMPARE(placeAxis(end, &some, viewport).endVisible(), 200);
    QVERIFY(end.followLive);
    QVERIFY(!panned(state, axis, -100).followLive);
    const PlaceAxis fitting = placeAxis({}, &some, viewport);
    QCOMPARE(panned({}, fitting, -100), ViewState{});
}

void TestPlaceAxis::followsOnlyGeneration() {
    const Stage stage;
    const Viewport viewport = stage.viewport(800);
    ViewState state;
    state.cellWidth = 20;
    const trace::RunView pass = run(200);
    const trace::RunView generation = run(200, 50);
    QCOMPARE(placeAxis(state, &pass, viewport).firstVisible(), 0);
    QCOMPARE(placeAxis(state, &generation, viewport).endVisible(), 200);
    state.followLive = false;
    QCOMPARE(placeAxis(state, &generation, viewport).firstVisible(), 0);
}

void TestPlaceAxis::reveals() {
    const Stage stage;
    const Viewport viewport = stage.viewport(800);
    const trace::RunView some = run(200);
    ViewState state;
    state.cellWidth = 20;
    for (const int token : {150, 10, 199, 0, 80}) {
        state = revealed(state, placeAxis(state, &some, viewport), token);
        const PlaceAxis axis = placeAxis(state, &some, viewport);
        QVERIFY(axis.x(token) >= axis.left - 0.01F);
        QVERIFY(axis.x(token + 1) <= axis.left + axis.width + 0.01F);
        QCOMPARE(revealed(state, axis, token), state);
    }
}

void TestPlaceAxis::hostileStates() {
    const Stage stage;
    const trace::RunView some = run(30);
    for (const double bad : {std::nan(""), -5.0, 1e300, -1e300}) {
        ViewState state;
        state.cellWidth = bad;
        state.firstPlace = bad;
        state.followLive = false;
        const PlaceAxis axis = placeAxis(state, &some, stage.viewport(500));
        QVERIFY(axis.cell > 0 && axis.cell <= 64);
        QVERIFY(axis.first >= 0 && axis.first < 30);
    }
    QCOMPARE(placeAxis({}, nullptr, stage.viewport(500)).places, 0);
    QCOMPARE(placeAxis({}, nullptr, stage.viewport(500)).placeAt(250), -1);
}

void TestPlaceAxis::rulerSteps() {
    QCOMPARE(rulerStep(64, 40), 1);
    QCOMPARE(rulerStep(20, 40), 2);
    QCOMPARE(rulerStep(9, 40), 5);
    QCOMPARE(rulerStep(1, 40), 50);
    QCOMPARE(rulerStep(0.2, 40), 200);
}

QTEST_APPLESS_MAIN(TestPlaceAxis)
#include "tst_place_axis.moc"
