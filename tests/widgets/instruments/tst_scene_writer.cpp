// SPDX-License-Identifier: MIT
#include "tests/widgets/fake_text_service.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/scene/color_map.h"

#include <QTest>

using namespace depthscope;
using namespace depthscope::instruments;

class TestSceneWriter : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void textIsLegible();
    void fillsPlaces();

private:
    tests::FakeTextService m_text;
};

void TestSceneWriter::textIsLegible() {
    for (int i = 0; i <= 100; ++i) {
        const scene::Color ground = scene::cividis(static_cast<float>(i) / 100);
        QVERIFY(scene::contrast(inkOn(ground), ground) >= 4.2F);
    }
}

void TestSceneWriter::fillsPlaces() {
    QCOMPARE(fill("%1 of %2", {"a", "b"}), "a of b");
    QCOMPARE(fill("%2 %1 %1", {"%2", "x"}), "x %2 %2");
    QCOMPARE(fill("100 % %3 %", {"a"}), "100 % %3 %");
    const auto lines = wrapText(m_text, "one two three", {scene::FontFamily::Ui, 10, {}}, 45);
    QCOMPARE(lines, (std::vector<std::string>{"one two", "three"}));
}

QTEST_APPLESS_MAIN(TestSceneWriter)
#include "tst_scene_writer.moc"
