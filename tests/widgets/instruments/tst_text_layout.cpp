// SPDX-License-Identifier: MIT
#include "tests/widgets/fake_text_service.h"
#include "tests/widgets/instruments/synthetic_run.h"
#include "widgets/instruments/text_layout.h"

#include <QTest>

using namespace depthscope;
using namespace depthscope::instruments;

namespace {

// Ten pixels a character.
constexpr scene::TextStyle kStyle{scene::FontFamily::Mono, 10 / 0.6F, scene::FontWeight::Regular};

TextLayout layOut(std::vector<std::string> pieces, float width) {
    tests::SyntheticRun synthetic;
    synthetic.tokens = pieces.size();
    synthetic.pieces = std::move(pieces);
    return layOutText(tests::SyntheticSteps(synthetic).view(), tests::FakeTextService(), kStyle,
                      width);
}

std::vector<int> begins(const TextLayout& layout) {
    std::vector<int> list;
    for (const TextLine& line : layout.lines) {
        list.push_back(line.begin);
    }
    return list;
}

} // namespace

class TestTextLayout : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void breaksAtSpaces();
    void breaksAfterLineEnds();
    void breaksLongWordsAtPieces();
    void narrowerThanAPiece();
    void findsLines();
};

void TestTextLayout::breaksAtSpaces() {
    const TextLayout layout = layOut({"The", " cat", " re", "curs", "es", "."}, 120);
    QCOMPARE(begins(layout), (std::vector<int>{0, 2}));
    QCOMPARE(layout.pieces[1].x, 30.0F);
    QCOMPARE(layout.pieces[2].x, 0.0F);
    QCOMPARE(layout.pieces[3].x, 30.0F);
}

void TestTextLayout::breaksAfterLineEnds() {
    const TextLayout layout = layOut({"a", "\n", "\n", "b", ".\n", "c"}, 500);
    QCOMPARE(begins(layout), (std::vector<int>{0, 2, 3, 5}));
    QCOMPARE(layout.lines.back().end, 6);
}

void TestTextLayout::breaksLongWordsAtPieces() {
    const TextLayout layout = layOut({"aaaa", "bbbb", "cccc", "dddd"}, 90);
    QCOMPARE(begins(layout), (std::vector<int>{0, 2}));
}

void TestTextLayout::narrowerThanAPiece() {
    const TextLayout layout = layOut({"internationalisation", " of", "\xFF\xFE"}, 40);
    QCOMPARE(layout.lines.size(), std::size_t{3});
    for (const PlacedPiece& piece : layout.pieces) {
        QVERIFY(piece.x + piece.width <= 40.01F);
    }
}

void TestTextLayout::findsLines() {
    const TextLayout layout = layOut({"a", "\n", "b", "c", "\n", "d"}, 500);
    QCOMPARE(layout.lineOf(0), 0);
    QCOMPARE(layout.lineOf(1), 0);
    QCOMPARE(layout.lineOf(2), 1);
    QCOMPARE(layout.lineOf(4), 1);
    QCOMPARE(layout.lineOf(5), 2);
}

QTEST_APPLESS_MAIN(TestTextLayout)
#include "tst_text_layout.moc"
