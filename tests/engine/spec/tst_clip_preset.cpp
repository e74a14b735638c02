// SPDX-License-Identifier: MIT
// The named kinds of procedural clips: sixteen, each with a sentence, found by name.
#include "engine/spec/clip_preset.h"
#include "tests/engine/folder_fixture.h"

#include <QtTest>
#include <set>
#include <string>

using namespace depthscope;
using namespace depthscope::spec;
using namespace depthscope::tests;

class TestClipPreset : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sixteenNamesAndSentences();
    void everySpeedAndSizeCanBeDrawn();
    void unknownName();
};

void TestClipPreset::sixteenNamesAndSentences() {
    std::set<std::string_view> names;
    std::set<std::string> sentences;
    for (const ClipPreset& preset : clipPresets()) {
        names.insert(preset.name);
        sentences.insert(preset.help);
        QVERIFY(std::string(preset.help).ends_with('.'));
        QCOMPARE(&findClipPreset(preset.name), &preset);
    }
    QCOMPARE(clipPresets().size(), std::size_t{16});
    QCOMPARE(names.size(), std::size_t{16});
    QCOMPARE(sentences.size(), std::size_t{16});
    QCOMPARE(clipPresets().front().name, std::string_view("moving-shapes"));
}

void TestClipPreset::everySpeedAndSizeCanBeDrawn() {
    for (const ClipPreset& preset : clipPresets()) {
        QVERIFY(preset.objects >= 1 && preset.objects < 16);
        // A speed is drawn from a ring: one without width would never be met.
        QVERIFY(preset.speed.low < preset.speed.high || preset.speed.high == 0);
        // A triangle reaches 4/3 of its radius to each side.
        QVERIFY(preset.radius.low > 0 && preset.radius.low <= preset.radius.high);
        QVERIFY(preset.radius.high * 8 / 3 < 1000);
    }
}

void TestClipPreset::unknownName() {
    const std::string message = errorOf(ErrorCode::Usage, [] { (void)findClipPreset("shapes"); });
    QVERIFY(message.starts_with("clips: unknown preset \"shapes\", valid: moving-shapes, "));
    QVERIFY(message.ends_with("sensor-noise"));
}

QTEST_APPLESS_MAIN(TestClipPreset)
#include "tst_clip_preset.moc"
