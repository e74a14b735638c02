// SPDX-License-Identifier: MIT
// Building scenes and asking them what lies under the pointer.
#include "widgets/scene/scene.h"

#include <QTest>
#include <stdexcept>

using namespace depthscope::scene;

class TestScene : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equalCallsBuildEqualScenes();
    void takeLeavesAnEmptyBuilder();
    void clipsIntersectAndAreShared();
    void emptyShapesAreLeftOut();
    void wrongShapesAreRefused();
    void laterHitsLieOnTop();
    void hitsAreCutByTheClip();
    void gridAnswersAsCells_data();
    void gridAnswersAsCells();
    void gridStandsAboveBodyAndBelowButtons();
    void mosaicsCountOnFromLineToLine();
    void imagesAreEqualByPixels();
};

namespace {

Scene sample() {
    Builder b({0, 0, 200, 100});
    b.fill({0, 0, 200, 100}, {10, 20, 30}, 4);
    b.pushClip({10, 10, 50, 50});
    b.text({12, 12, 40, 16}, "text", {}, {1, 2, 3});
    b.popClip();
    b.line({0, 0}, {5, 5}, {9, 9, 9});
    b.summary("A sample.");
    return b.take();
}

} // namespace

void TestScene::equalCallsBuildEqualScenes() {
    QCOMPARE(sample(), sample());
    Builder other({0, 0, 200, 100});
    other.fill({0, 0, 200, 100}, {10, 20, 31}, 4);
    QVERIFY(!(sample() == other.take()));
}

void TestScene::takeLeavesAnEmptyBuilder() {
    Builder b({0, 0, 20, 10});
    b.pushClip({0, 0, 5, 5});
    b.fill({0, 0, 5, 5}, {});
    (void)b.take();
    QCOMPARE(b.take(), Builder({0, 0, 20, 10}).take());
}

void TestScene::clipsIntersectAndAreShared() {
    Builder b({0, 0, 100, 100});
    b.pushClip({10, 10, 50, 50});
    b.pushClip({40, 0, 100, 20});
    b.fill({0, 0, 100, 100}, {});
    b.popClip();
    b.popClip();
    b.pushClip({40, 10, 20, 10});
    b.fill({0, 0, 100, 100}, {});
    b.popClip();
    b.fill({0, 0, 100, 100}, {});
    const Scene scene = b.take();
    QCOMPARE(scene.clips.size(), std::size_t{3});
    QCOMPARE(scene.clips[2], (Rect{40, 10, 20, 10}));
    QCOMPARE(int{scene.primitives[0].clip}, 2);
    QCOMPARE(int{scene.primitives[1].clip}, 2);
    QCOMPARE(int{scene.primitives[2].clip}, 0);
}

void TestScene::emptyShapesAreLeftOut() {
    Builder b({0, 0, 100, 100});
    b.fill({0, 0, 0, 10}, {});
    b.fill({0, 0, 10, std::numeric_limits<float>::quiet_NaN()}, {});
    b.stroke({0, 0, 10, 10}, {}, 0);
    b.hatch({0, 0, 10, 10}, {}, 0);
    b.polyline({{1, 1}}, {});
    b.band({{1, 1}}, {2}, {});
    b.text({0, 0, 10, 10}, "", {}, {});
    b.image({0, 0, 10, 10}, nullptr);
    QVERIFY(b.take().primitives.empty());
}

void TestScene::wrongShapesAreRefused() {
    Builder b({0, 0, 100, 100});
    QVERIFY_EXCEPTION_THROWN(b.band({{0, 0}, {1, 1}}, {1}, {}), std::invalid_argument);
    QVERIFY_EXCEPTION_THROWN(b.popClip(), std::logic_error);
    Bitmap bitmap{2, 2, std::vector<std::uint8_t>(15)};
    QVERIFY_EXCEPTION_THROWN(b.image({0, 0, 10, 10}, std::make_shared<Bitmap>(bitmap)),
                             std::invalid_argument);
}

void TestScene::laterHitsLieOnTop() {
    Builder b({0, 0, 100, 100});
    b.hit({{0, 0, 50, 50}, HitKind::Cell, 1, -1, {}, {}});
    b.hit({{25, 25, 50, 50}, HitKind::Button, -1, -1, "go", "Go"});
    const Scene scene = b.take();
    QCOMPARE(hitAt(scene, {10, 10}).column, 1);
    QCOMPARE(hitAt(scene, {30, 30}).action, std::string("go"));
    QCOMPARE(hitAt(scene, {75, 30}).kind, HitKind::Body); // the right edge belongs to the neighbour
    QCOMPARE(hitAt(scene, {90, 90}).column, -1);
}

void TestScene::hitsAreCutByTheClip() {
    Builder b({0, 0, 100, 100});
    b.pushClip({0, 0, 20, 20});
    b.hit({{10, 10, 50, 50}, HitKind::Cell, 3, -1, {}, {}});
    b.hit({{50, 50, 10, 10}, HitKind::Cell, 4, -1, {}, {}});
    b.popClip();
    const Scene scene = b.take();
    QCOMPARE(scene.hits.size(), std::size_t{1});
    QCOMPARE(hitAt(scene, {15, 15}).column, 3);
    QCOMPARE(hitAt(scene, {25, 25}).column, -1);
}

void TestScene::gridAnswersAsCells_data() {
    QTest::addColumn<float>("x");
    QTest::addColumn<float>("y");
    QTest::addColumn<int>("token");
    QTest::addColumn<int>("recursion");
    QTest::newRow("bottom left") << 20.0F << 69.0F << 2 << 0;
    QTest::newRow("top left") << 20.0F << 10.0F << 2 << 2;
    QTest::newRow("edge between columns") << 25.0F << 45.0F << 3 << 1;
    QTest::newRow("last column") << 54.9F << 45.0F << 8 << 1;
    QTest::newRow("right of the last column") << 55.1F << 45.0F << -1 << -1;
    QTest::newRow("above") << 30.0F << 9.0F << -1 << -1;
    QTest::newRow("left of the rectangle") << 15.0F << 45.0F << -1 << -1;
}

// Scrolled by two and a half columns: column 2 is cut in half by the left edge.
void TestScene::gridAnswersAsCells() {
    QFETCH(float, x);
    QFETCH(float, y);
    QFETCH(int, token);
    QFETCH(int, recursion);
    Builder b({0, 0, 100, 100});
    b.pushClip({16, 0, 60, 100});
    b.grid({{10, 10, 60, 60}, 10, 5, 9, 3});
    b.popClip();
    const Hit hit = hitAt(b.take(), {x, y});
    QCOMPARE(hit.column, token);
    QCOMPARE(hit.row, recursion);
    QCOMPARE(hit.kind, token < 0 ? HitKind::Body : HitKind::Cell);
}

void TestScene::gridStandsAboveBodyAndBelowButtons() {
    Builder b({0, 0, 100, 100});
    b.grid({{0, 0, 100, 100}, 0, 10, 10, 2});
    b.hit({{0, 0, 100, 100}, HitKind::Body, -1, -1, {}, "plot"});
    b.hit({{0, 0, 10, 10}, HitKind::Button, -1, -1, "x", {}});
    const Scene scene = b.take();
    QCOMPARE(hitAt(scene, {50, 60}).kind, HitKind::Cell);
    QCOMPARE(hitAt(scene, {50, 60}).column, 5);
    QCOMPARE(hitAt(scene, {5, 5}).kind, HitKind::Button);
    QCOMPARE(hitAt(scene, {-5, 5}).tip, std::string());
}

// Two pictures of 2 x 3 cells, one row each; the second is cut by the clip.
void TestScene::mosaicsCountOnFromLineToLine() {
    Builder b({0, 0, 100, 100});
    b.grid({{0, 0, 100, 100}, 0, 10, 10, 2}); // below them
    b.mosaic({{10, 10, 30, 20}, 3, 2, 12, 4});
    b.pushClip({0, 0, 65, 100});
    b.mosaic({{50, 10, 30, 20}, 3, 2, 18, 1});
    b.mosaic({{70, 10, 30, 20}, 3, 2, 24, 1});
    b.popClip();
    const Scene scene = b.take();
    QCOMPARE(scene.mosaics.size(), std::size_t{2});
    QCOMPARE(hitAt(scene, {25, 15}).column, 13);
    QCOMPARE(hitAt(scene, {25, 25}).column, 16);
    QCOMPARE(hitAt(scene, {25, 25}).row, 4);
    QCOMPARE(hitAt(scene, {64, 15}).column, 19);
    QCOMPARE(hitAt(scene, {66, 15}).column, 6); // of the grid
    for (int column = 12; column < 18; ++column) {
        const std::optional<Rect> cell = cellRect(scene, column, 4);
        QVERIFY(cell);
        QCOMPARE(hitAt(scene, {cell->x + 5, cell->y + 5}).column, column);
    }
    QVERIFY(!cellRect(scene, 20, 1)); // behind the clip
    QVERIFY(!cellRect(scene, 12, 3));
    QCOMPARE(cellRect(scene, 3, 1)->x, 30.0F); // of the grid
}

void TestScene::imagesAreEqualByPixels() {
    const Bitmap bitmap{1, 1, {1, 2, 3, 4}};
    const Bitmap other{1, 1, {1, 2, 3, 5}};
    const Rect rect{0, 0, 1, 1};
    const Image a{rect, std::make_shared<Bitmap>(bitmap)};
    QVERIFY((a == Image{rect, std::make_shared<Bitmap>(bitmap)}));
    QVERIFY(!(a == Image{rect, std::make_shared<Bitmap>(other)}));
    QVERIFY(!(a == Image{rect, nullptr}));
}

QTEST_APPLESS_MAIN(TestScene)
#include "tst_scene.moc"
