// SPDX-License-Identifier: MIT
#include "tests/widgets/instruments/panel_test.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <set>

using namespace depthscope;
using namespace depthscope::instruments;

namespace {

// Panels whose content may be taller than they are; the clip hides the rest.
bool scrolls(const Instrument& one) {
    const std::set<std::string> ids{"panel.text", "panel.saved", "panel.experts", "panel.router",
                                    "panel.token"};
    return ids.count(one.id()) > 0;
}

} // namespace

class TestInstruments : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:
    void idsAndTitles();
    void nothingIsClipped_data();
    void nothingIsClipped();
    void emptyStates();
    void tablesAreExact();
    void droppedTokens();
    void randomShowsNoCut();
    void cacheOff();
    void sameInputSameScene();
};

void TestInstruments::idsAndTitles() {
    std::set<std::string> ids;
    for (const auto& one : makeInstruments()) {
        QVERIFY(ids.insert(one->id()).second);
        QVERIFY(std::string(one->title()).size() > 3);
    }
    const std::set<std::string> expected{"panel.depth",   "panel.text",        "panel.kv",
                                         "panel.saved",   "panel.router",      "panel.token",
                                         "panel.experts", "panel.transport",   "panel.training",
                                         "panel.video",   "panel.convergence", "panel.lanes"};
    QCOMPARE(ids, expected);
}

void TestInstruments::nothingIsClipped_data() {
    QTest::addColumn<float>("width");
    QTest::addColumn<float>("height");
    QTest::addColumn<float>("zoom");
    for (const float width : {260.0F, 420.0F, 900.0F, 1500.0F}) {
        for (const float height : {60.0F, 90.0F, 140.0F, 260.0F, 900.0F}) {
            for (const float zoom : {1.0F, 1.5F, 2.0F}) {
                QTest::addRow("%gx%g at %g", double{width}, double{height}, double{zoom})
                    << width << height << zoom;
            }
        }
    }
}

void TestInstruments::nothingIsClipped() {
    QFETCH(float, width);
    QFETCH(float, height);
    QFETCH(float, zoom);
    const scene::Theme theme = scene::darkTheme(zoom);
    const trace::TrainingView training = tests::syntheticTraining(17, 3);
    const trace::TrainingView begun = tests::syntheticTraining(1, 0);
    for (int variant = 0; variant < 7; ++variant) {
        tests::SyntheticRun synthetic;
        synthetic.tokens = variant == 2 ? 700 : 60;
        synthetic.recursions = variant == 1 ? 1 : variant == 2 ? 12 : 3;
        synthetic.router = variant == 1 ? spec::RouterKind::None : spec::RouterKind::Expert;
        synthetic.classes = variant == 2;
        synthetic.experts = variant == 5 ? 4 : variant == 6 ? 40 : 0;
        synthetic.deadExpert = variant == 5 ? 2 : -1;
        if (synthetic.experts > 0) {
            synthetic.router = spec::RouterKind::None;
        }
        synthetic.generated = variant == 3 ? 20 : 0;
        synthetic.dropped = variant == 4 ? 50 : 0;
        synthetic.rule = variant == 4 ? settings::Rule::Random : settings::Rule::TopK;
        const trace::RunView run = tests::SyntheticSteps(synthetic).view();
        trace::TraceView view;
        view.main = &run;
        view.training = variant % 2 == 0 ? &training : &begun;
        Cursor cursor;
        cursor.pinnedPlace = 12;
        cursor.pinnedRecursion = 0;
        for (const auto& one : makeInstruments()) {
            const scene::Scene scene =
                one->draw(view, {}, cursor, {{0, 0, width, height}, &theme, &m_text});
            QVERIFY(!scene.summary.empty());
            for (const scene::Primitive& primitive : scene.primitives) {
                const auto* text = std::get_if<scene::TextRun>(&primitive.shape);
                if (text == nullptr || text->slope == scene::Slope::Rising) {
                    continue; // its box is around a turned line
                }
                const std::string where = std::string(one->id()) + ": " + text->text;
                QVERIFY2(m_text.width(text->text, text->style) <= text->box.width + 0.6F,
                         where.c_str());
                // Columns that a pan cuts off lie in a clip of their own.
                if (primitive.clip == 0) {
                    QVERIFY2(text->box.x >= -0.6F && text->box.right() <= width + 0.6F,
                             where.c_str());
                    QVERIFY2(scrolls(*one) ||
                                 (text->box.y >= -0.6F && text->box.bottom() <= height + 0.6F),
                             where.c_str());
                }
            }
        }
    }
}

void TestInstruments::emptyStates() {
    for (const auto& one : makeInstruments()) {
        const scene::Scene scene = one->draw({}, {}, {}, {{0, 0, 600, 200}, &m_theme, &m_text});
        const bool training = std::string(one->id()) == "panel.training";
        const bool video = std::string(one->id()) == "panel.video";
        QVERIFY(scene.summary.find(training ? "Choose a recipe"
                                   : video  ? "Any frame of a video"
                                            : "Type or paste some text") == 0);
        QVERIFY(!scene.primitives.empty());
        (void)one->table({}, m_text);
        trace::TraceView refused;
        refused.emptyReason = trace::EmptyReason::Refused;
        const scene::Scene why = one->draw(refused, {}, {}, {{0, 0, 600, 200}, &m_theme, &m_text});
        QCOMPARE(why.summary.find("Nothing was routed") == 0, !training && !video);
        QVERIFY(one->tip({}, {}, m_text).empty());
    }
    const trace::RunView run = tests::SyntheticSteps({}).view();
    trace::TraceView view;
    view.main = &run;
    QVERIFY(tests::says(draw("panel.token", view), "Point at a token"));
    QVERIFY(tests::says(draw("panel.router", view), "No difficulty classes in this text."));
    QVERIFY(tests::says(draw("panel.router", view), "New graded text"));
    const scene::Scene paper =
        tests::instrument("panel.router")
            ->draw(view, {}, {}, {{0, 0, 300, 900}, &m_theme, &m_text, true});
    QVERIFY(tests::says(paper, "No difficulty classes in this text."));
    QVERIFY(!tests::says(paper, "New graded text")); // paper is not pressed
}

void TestInstruments::tablesAreExact() {
    const trace::RunView run = tests::SyntheticSteps({}).view();
    trace::TraceView view;
    view.main = &run;
    for (const auto& one : makeInstruments()) {
        const Table table = one->table(view, m_text);
        const std::set<std::string> without{"panel.experts", "panel.training", "panel.video",
                                            "panel.convergence", "panel.lanes"};
        QCOMPARE(table.rows.empty(), without.count(one->id()) > 0);
        for (const auto& row : table.rows) {
            QCOMPARE(row.size(), table.columns.size());
        }
    }
    const Table depth = tests::instrument("panel.depth")->table(view, m_text);
    QCOMPARE(depth.rows.size(), run.places());
    QCOMPARE(depth.columns.size(), std::size_t{3 + 3});
    QCOMPARE(std::get<double>(depth.rows[5][0]), 6.0);
    QCOMPARE(std::get<double>(depth.rows[5][2]), static_cast<double>(run.depth[5]));
    QCOMPARE(std::get<double>(depth.rows[5][3]), double{run.scores[0][5]});
    for (std::size_t t = 0; t < run.places(); ++t) {
        QCOMPARE(std::holds_alternative<std::monostate>(depth.rows[t][5]),
                 std::isnan(run.scores[2][t]));
    }
}

void TestInstruments::droppedTokens() {
    const auto shades = [&](std::size_t dropped) {
        tests::SyntheticRun synthetic;
        synthetic.dropped = dropped;
        const trace::RunView run = tests::SyntheticSteps(synthetic).view();
        trace::TraceView view;
        view.main = &run;
        int absent = 0;
        const scene::Scene scene = draw("panel.text", view);
        for (const scene::Primitive& primitive : scene.primitives) {
            const auto* ground = std::get_if<scene::FillRect>(&primitive.shape);
            absent += ground != nullptr && ground->color == m_theme.absent ? 1 : 0;
        }
        return absent;
    };
    QCOMPARE(shades(0), 0);
    QCOMPARE(shades(30), 30 + 1); // and one in the legend
    QVERIFY(scene::contrast(inkOn(m_theme.absent), m_theme.absent) >= 4.5);

    tests::SyntheticRun synthetic;
    synthetic.dropped = 30;
    const trace::RunView run = tests::SyntheticSteps(synthetic).view();
    trace::TraceView view;
    view.main = &run;
    const auto first = std::find(run.depth.begin(), run.depth.end(), 0) - run.depth.begin();
    Cursor cursor;
    cursor.pinnedPlace = static_cast<int>(first);
    const scene::Scene inspector = draw("panel.token", view, cursor);
    QVERIFY(tests::says(inspector, "0 of 3"));
    QVERIFY(tests::says(inspector, "exited here"));
    QVERIFY(tests::says(inspector, "not considered"));
    QVERIFY(draw("panel.transport", view, cursor).summary.find("exited at recursion 1") !=
            std::string::npos);
    scene::Hit hit;
    hit.column = static_cast<int>(first);
    const std::string memory = tests::instrument("panel.kv")->tip(view, hit, m_text);
    QVERIFY(memory.find("this token: 1024 bytes kept, 1536 bytes saved") != std::string::npos);
}

void TestInstruments::randomShowsNoCut() {
    tests::SyntheticRun synthetic;
    synthetic.rule = settings::Rule::Random;
    const trace::RunView run = tests::SyntheticSteps(synthetic).view();
    trace::TraceView view;
    view.main = &run;
    Cursor cursor;
    cursor.pinnedPlace = 1;
    const scene::Scene token = draw("panel.token", view, cursor);
    QVERIFY(tests::says(token, "random: the score does"));
    QVERIFY(!tests::says(token, "stays at capacity"));
    QVERIFY(!tests::says(token, "rank "));
    const scene::Scene router = draw("panel.router", view);
    QVERIFY(tests::says(router, "random: the score does"));
    QVERIFY(!tests::says(router, "cut at"));
    QCOMPARE(marginText(run, 0, 1, m_text), "random: the score does not decide");
}

void TestInstruments::cacheOff() {
    trace::RunView run = tests::SyntheticSteps({}).view();
    auto step = std::make_shared<trace::StepTrace>(*run.latest);
    step->routing.kv.measuredBytes = 0;
    step->routing.kv.reservedBytes = 0;
    run.latest = step;
    trace::TraceView view;
    view.main = &run;
    QVERIFY(tests::says(draw("panel.saved", view), "no KV cache in use"));
    QVERIFY(!tests::says(draw("panel.saved", view), "-100 %"));
    const scene::Scene memory = draw("panel.kv", view, {}, {0, 0, 1100, 240});
    QVERIFY(tests::says(memory, "no KV cache in use"));
    QVERIFY(tests::says(memory, "a cache would hold"));
    QVERIFY(!tests::says(memory, "-100 %"));
    scene::Hit hit;
    hit.column = 3;
    const std::string tip = tests::instrument("panel.kv")->tip(view, hit, m_text);
    QVERIFY(tip.find("LIVE, computed") != std::string::npos);
    QVERIFY(tip.find("is measured") == std::string::npos);
}

void TestInstruments::sameInputSameScene() {
    const trace::RunView run = tests::SyntheticSteps({}).view();
    trace::TraceView view;
    view.main = &run;
    for (const auto& one : makeInstruments()) {
        const Viewport viewport{{0, 0, 700, 300}, &m_theme, &m_text};
        QVERIFY(one->draw(view, {}, {}, viewport) == one->draw(view, {}, {}, viewport));
    }
}

QTEST_APPLESS_MAIN(TestInstruments)
#include "tst_instruments.moc"
