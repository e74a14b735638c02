// SPDX-License-Identifier: MIT
#include "engine/trace/statistics.h"
#include "tests/widgets/fake_text_service.h"
#include "tests/widgets/instruments/synthetic_run.h"
#include "widgets/instruments/depth_bitmap.h"
#include "widgets/instruments/instrument.h"
#include "widgets/instruments/panels.h"
#include "widgets/scene/color_map.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <ctime>

using namespace depthscope;
using namespace depthscope::instruments;

namespace {

trace::RunView run(std::size_t tokens, int recursions) {
    tests::SyntheticRun synthetic;
    synthetic.tokens = tokens;
    synthetic.recursions = recursions;
    return tests::SyntheticSteps(synthetic).view();
}

scene::Color pixel(const scene::Bitmap& bitmap, int x, int y) {
    const auto at = static_cast<std::size_t>((y * bitmap.width + x) * 4);
    return {bitmap.rgba[at], bitmap.rgba[at + 1], bitmap.rgba[at + 2], bitmap.rgba[at + 3]};
}

int distance(scene::Color a, scene::Color b) {
    return std::max(
        {std::abs(a.r - b.r), std::abs(a.g - b.g), std::abs(a.b - b.b), std::abs(a.a - b.a)});
}

template <typename Shape>
std::vector<Shape> shapes(const scene::Scene& scene) {
    std::vector<Shape> found;
    for (const scene::Primitive& primitive : scene.primitives) {
        if (const auto* shape = std::get_if<Shape>(&primitive.shape)) {
            found.push_back(*shape);
        }
    }
    return found;
}

bool says(const scene::Scene& scene, const std::string& words) {
    const auto runs = shapes<scene::TextRun>(scene);
    return std::any_of(runs.begin(), runs.end(),
                       [&](const scene::TextRun& text) { return text.text == words; });
}

} // namespace

class TestDepthHeatmap : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyCellIsTheRouting_data();
    void everyCellIsTheRouting();
    void droppedTokensAreMarked();
    void tiles();
    void narrowTokensAreAveraged();
    void ghost();
    void numbersWhenWide();
    void aGateHasExitProbabilities();
    void wordsOfNarrowColumnsRise();
    void partsOfCharactersHaveNames();
    void explainsModelsWithoutRouter();
    void followsNewTokens();
    void timeOfALargeMap();

private:
    [[nodiscard]] scene::Scene draw(const trace::TraceView& view,
                                    const ViewState& state = {},
                                    scene::Rect bounds = {0, 0, 900, 260}) const {
        return makeDepthHeatmap()->draw(view, state, {}, {bounds, &m_theme, &m_text});
    }

    scene::Theme m_theme = scene::lightTheme();
    tests::FakeTextService m_text;
};

void TestDepthHeatmap::everyCellIsTheRouting_data() {
    QTest::addColumn<int>("dropped");
    QTest::newRow("all pass recursion 1") << 0;
    QTest::newRow("some do not") << 40;
}

void TestDepthHeatmap::everyCellIsTheRouting() {
    QFETCH(int, dropped);
    tests::SyntheticRun synthetic;
    synthetic.tokens = 97;
    synthetic.recursions = 4;
    synthetic.dropped = static_cast<std::size_t>(dropped);
    const trace::RunView some = tests::SyntheticSteps(synthetic).view();
    const auto made = depthTiles({&some, &m_theme, 0, 97, 8, 1});
    QCOMPARE(made.size(), std::size_t{1});
    const scene::Bitmap& bitmap = *made[0].bitmap;
    QCOMPARE(bitmap.width, 97);
    QCOMPARE(bitmap.height, 4);
    for (int t = 0; t < 97; ++t) {
        for (int r = 0; r < 4; ++r) {
            const auto token = static_cast<std::size_t>(t);
            const scene::Color color = pixel(bitmap, t, 3 - r); // recursion 1 at the bottom
            const float score = some.scores[static_cast<std::size_t>(r)][token];
            if (some.depth[token] > r) {
                QVERIFY(distance(color, scene::plum(score)) <= 1);
            } else if (!std::isnan(score)) {
                QCOMPARE(color, m_theme.absent);
            } else {
                QCOMPARE(color.a, std::uint8_t{0});
            }
        }
    }
}

void TestDepthHeatmap::droppedTokensAreMarked() {
    tests::SyntheticRun synthetic;
    synthetic.dropped = 30;
    const trace::RunView some = tests::SyntheticSteps(synthetic).view();
    trace::TraceView view;
    view.main = &some;
    const auto zeros =
        static_cast<std::size_t>(std::count(some.depth.begin(), some.depth.end(), 0));
    QCOMPARE(zeros, std::size_t{30});
    // Every token that did not pass all recursions has its dot, those of depth 0 in the lowest row.
    const scene::Scene scene = draw(view);
    const scene::HitGrid grid = scene.grids.at(0);
    const float row = grid.rect.height / 3;
    std::size_t lowest = 0;
    for (const scene::FillRect& dot : shapes<scene::FillRect>(scene)) {
        const bool inside = dot.rect.x > grid.rect.x && dot.rect.right() < grid.rect.right();
        lowest += inside && dot.color == m_theme.muted && dot.radius > 0 &&
                          dot.rect.y > grid.rect.bottom() - row &&
                          dot.rect.bottom() < grid.rect.bottom()
                      ? 1U
                      : 0U;
    }
    QCOMPARE(lowest, zeros);
}

void TestDepthHeatmap::tiles() {
    const trace::RunView some = run(10000, 2);
    const auto all = depthTiles({&some, &m_theme, 0, 10000, 4, 1});
    QCOMPARE(all.size(), std::size_t{3});
    QCOMPARE(all[0].bitmap->width, 4096);
    QCOMPARE(all[2].firstPlace, 8192);
    QCOMPARE(all[2].bitmap->width, 10000 - 8192);
    const auto part = depthTiles({&some, &m_theme, 5000, 5100, 4, 1});
    QCOMPARE(part.size(), std::size_t{1});
    QCOMPARE(part[0].firstPlace, 4096);
    QVERIFY(*part[0].bitmap == *all[1].bitmap);
}

void TestDepthHeatmap::narrowTokensAreAveraged() {
    const trace::RunView some = run(101, 1);
    const auto made = depthTiles({&some, &m_theme, 0, 101, 0.25, 1});
    QCOMPARE(made[0].bitmap->width, 26);
    double red = 0;
    for (std::size_t t = 4; t < 8; ++t) {
        red += scene::plum(some.scores[0][t]).r / 4.0;
    }
    QVERIFY(std::abs(pixel(*made[0].bitmap, 1, 0).r - red) <= 1.5);
}

void TestDepthHeatmap::ghost() {
    const trace::RunView some = run(20, 3);
    trace::TraceView view;
    view.main = &some;
    view.previous = &some;
    view.computing = true;
    const auto images = shapes<scene::Image>(draw(view));
    QVERIFY(!images.empty());
    QCOMPARE(pixel(*images[0].bitmap, 0, 2).a, std::uint8_t{89}); // 35 % of 255
}

void TestDepthHeatmap::numbersWhenWide() {
    const trace::RunView some = run(60, 3);
    trace::TraceView view;
    view.main = &some;
    ViewState state;
    state.cellWidth = 44;
    state.followLive = false;
    const std::string score = m_text.number(double{some.scores[0][2]}, 2);
    QVERIFY(!says(draw(view), score));
    QVERIFY(says(draw(view, state), score));
    QVERIFY(says(draw(view, state), "cat"));
    QVERIFY(says(draw(view), "recursion 3"));
    QVERIFY(says(draw(view), "router score"));
}

/// The gate of a looped model says with which probability a token leaves.
void TestDepthHeatmap::aGateHasExitProbabilities() {
    tests::SyntheticRun looped;
    looped.router = spec::RouterKind::Exit;
    const trace::RunView some = tests::SyntheticSteps(looped).view();
    trace::TraceView view;
    view.main = &some;
    const scene::Scene scene = draw(view);
    QVERIFY(says(scene, "exit probability"));
    QVERIFY(!says(scene, "router score"));
    QCOMPARE(makeDepthHeatmap()->table(view, m_text).columns[3].title,
             std::string("exit probability 1"));
}

void TestDepthHeatmap::wordsOfNarrowColumnsRise() {
    const trace::RunView some = run(55, 3);
    trace::TraceView view;
    view.main = &some;
    const auto wordsAt = [&](float width) {
        std::vector<scene::TextRun> words;
        for (const scene::TextRun& text :
             shapes<scene::TextRun>(draw(view, {}, {0, 0, width, 260}))) {
            if (text.style.family == scene::FontFamily::Mono) {
                words.push_back(text);
            }
        }
        return words;
    };
    // 55 tokens in 900 pixels: a level word would have lost all but its first letter.
    const std::vector<scene::TextRun> words = wordsAt(1000);
    QCOMPARE(words.size(), std::size_t{55});
    const scene::HitGrid grid = draw(view, {}, {0, 0, 1000, 260}).grids.at(0);
    QVERIFY(grid.cellWidth >= 12 && grid.cellWidth < 20);
    for (std::size_t t = 0; t < words.size(); ++t) {
        const scene::TextRun& word = words[t];
        QVERIFY(word.slope == scene::Slope::Rising);
        QVERIFY2(word.text.find("\xC2\xB7") == std::string::npos, word.text.c_str());
        QVERIFY(word.text.find("\xE2\x80\xA6") == std::string::npos); // whole
        QVERIFY(word.box.x >= 0 && word.box.bottom() <= 260);
        const float end = word.box.right() - 6.0F; // half of what its line is wide
        const float middle = grid.originX + grid.cellWidth * (static_cast<float>(t) + 0.5F);
        QVERIFY(std::abs(end - middle) < grid.cellWidth / 2);
    }
    QVERIFY(wordsAt(600).empty()); // columns of less than 12 pixels
}

void TestDepthHeatmap::partsOfCharactersHaveNames() {
    tests::SyntheticRun synthetic;
    synthetic.tokens = 6;
    synthetic.pieces = {"a", "\xE4\xBB", "\x8A", " b", "\xE4", "c"};
    const trace::RunView some = tests::SyntheticSteps(synthetic).view();
    trace::TraceView view;
    view.main = &some;
    const std::string now = "\xE4\xBB\x8A";
    QVERIFY(says(draw(view), now + " 1\xE2\x80\x93"
                                   "2/3"));
    QVERIFY(says(draw(view), now + " 3/3"));
    scene::Hit hit;
    hit.column = 2;
    hit.row = 0;
    const std::string tip = makeDepthHeatmap()->tip(view, hit, m_text);
    QVERIFY2(tip.find("byte 3 of " + now) == 0, tip.c_str());
    // What no neighbour completes stays a mark.
    hit.column = 4;
    QVERIFY(makeDepthHeatmap()->tip(view, hit, m_text).find("byte") == std::string::npos);
    const Table table = makeDepthHeatmap()->table(view, m_text);
    QCOMPARE(std::get<std::string>(table.rows[1][1]), "bytes 1\xE2\x80\x93"
                                                      "2 of " +
                                                          now);
}

void TestDepthHeatmap::explainsModelsWithoutRouter() {
    tests::SyntheticRun plain;
    plain.recursions = 1;
    plain.router = spec::RouterKind::None;
    const trace::RunView some = tests::SyntheticSteps(plain).view();
    trace::TraceView view;
    view.main = &some;
    const scene::Scene scene = draw(view);
    QVERIFY(says(scene, "This model has no router: every token runs all 8 layers."));
    QCOMPARE(scene.grids.at(0).columns, 60);
    QVERIFY(!says(scene, "router score"));
    QVERIFY(scene.summary.find("no router") != std::string::npos);
}

void TestDepthHeatmap::followsNewTokens() {
    tests::SyntheticRun growing;
    growing.tokens = 300;
    growing.generated = 100;
    const trace::RunView some = tests::SyntheticSteps(growing).view();
    trace::TraceView view;
    view.main = &some;
    ViewState state;
    state.cellWidth = 20;
    const scene::HitGrid grid = draw(view, state).grids.at(0);
    QVERIFY(grid.originX + grid.cellWidth * 300 <= grid.rect.right() + 0.1F);
    QVERIFY(grid.originX + grid.cellWidth * 300 > grid.rect.right() - 1);
}

void TestDepthHeatmap::timeOfALargeMap() {
    const trace::RunView some = run(4096, 12);
    trace::TraceView view;
    view.main = &some;
    const std::clock_t begin = std::clock();
    constexpr int kDraws = 20;
    std::size_t primitives = 0;
    for (int i = 0; i < kDraws; ++i) {
        primitives = draw(view, {}, {0, 0, 1500, 400}).primitives.size();
    }
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    qInfo("4,096 tokens x 12 recursions: %.2f ms of CPU a draw, %zu primitives",
          seconds * 1000 / kDraws, primitives);
    QVERIFY(primitives < 2000);
}

QTEST_APPLESS_MAIN(TestDepthHeatmap)
#include "tst_depth_heatmap.moc"
