// SPDX-License-Identifier: MIT
#include "engine/trace/statistics.h"
#include "tests/widgets/fake_text_service.h"
#include "tests/widgets/instruments/synthetic_run.h"
#include "widgets/instruments/facts.h"
#include "widgets/instruments/instrument.h"
#include "widgets/instruments/pen.h"
#include "widgets/scene/color_map.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <set>

using namespace depthscope;
using namespace depthscope::instruments;

namespace {

std::unique_ptr<Instrument> instrument(const std::string& id) {
    for (auto& one : makeInstruments()) {
        if (id == one->id()) {
            return std::move(one);
        }
    }
    return nullptr;
}

bool says(const scene::Scene& scene, const std::string& words) {
    for (const scene::Primitive& primitive : scene.primitives) {
        const auto* text = std::get_if<scene::TextRun>(&primitive.shape);
        if (text != nullptr && text->text.find(words) != std::string::npos) {
            return true;
        }
    }
    return false;
}

bool has(const scene::Scene& scene, const std::string& text) {
    return std::any_of(scene.primitives.begin(), scene.primitives.end(), [&](const auto& one) {
        const auto* run = std::get_if<scene::TextRun>(&one.shape);
        return run != nullptr && run->text == text;
    });
}

// Panels whose content may be taller than they are; the clip hides the rest.
bool scrolls(const Instrument& one) {
    const std::set<std::string> ids{"panel.text", "panel.saved", "panel.experts", "panel.router",
                                    "panel.token"};
    return ids.count(one.id()) > 0;
}

} // namespace

class TestInstruments : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void idsAndTitles();
    void nothingIsClipped_data();
    void nothingIsClipped();
    void emptyStates();
    void tablesAreExact();
    void savedNeverWithoutLost();
    void savedSaysWhy();
    void warnings();
    void memoryHead();
    void memoryTableEqualsMeasured();
    void policiesAreNamedOnTheirCurves();
    void expertsOfOneTokenAndOfAll();
    void routerRows();
    void tokenChoiceLoad();
    void inspector();
    void droppedTokens();
    void randomShowsNoCut();
    void cacheOff();
    void tokenChoiceAboveItsDepth();
    void trainingCurves();
    void textIsLegible();
    void fillsPlaces();
    void sameInputSameScene();

private:
    [[nodiscard]] scene::Scene
    draw(const char* id, const trace::TraceView& view, const Cursor& cursor = {}) const {
        return instrument(id)->draw(view, {}, cursor, {{0, 0, 300, 900}, &m_theme, &m_text});
    }

    scene::Theme m_theme = scene::lightTheme();
    tests::FakeTextService m_text;
};

void TestInstruments::idsAndTitles() {
    std::set<std::string> ids;
    for (const auto& one : makeInstruments()) {
        QVERIFY(ids.insert(one->id()).second);
        QVERIFY(std::string(one->title()).size() > 3);
    }
    const std::set<std::string> expected{"panel.depth",   "panel.text",      "panel.kv",
                                         "panel.saved",   "panel.router",    "panel.token",
                                         "panel.experts", "panel.transport", "panel.training"};
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
        synthetic.router = variant == 1 ? trace::RouterKind::None : trace::RouterKind::Expert;
        synthetic.classes = variant == 2;
        synthetic.experts = variant == 5 ? 4 : variant == 6 ? 40 : 0;
        synthetic.deadExpert = variant == 5 ? 2 : -1;
        if (synthetic.experts > 0) {
            synthetic.router = trace::RouterKind::None;
        }
        synthetic.generated = variant == 3 ? 20 : 0;
        synthetic.dropped = variant == 4 ? 50 : 0;
        synthetic.rule = variant == 4 ? settings::Rule::Random : settings::Rule::TopK;
        const trace::RunView run = tests::SyntheticSteps(synthetic).view();
        trace::TraceView view;
        view.main = &run;
        view.training = variant % 2 == 0 ? &training : &begun;
        Cursor cursor;
        cursor.pinnedToken = 12;
        cursor.pinnedRecursion = 0;
        for (const auto& one : makeInstruments()) {
            const scene::Scene scene =
                one->draw(view, {}, cursor, {{0, 0, width, height}, &theme, &m_text});
            QVERIFY(!scene.summary.empty());
            for (const scene::Primitive& primitive : scene.primitives) {
                const auto* text = std::get_if<scene::TextRun>(&primitive.shape);
                if (text == nullptr) {
                    continue;
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
        QVERIFY(scene.summary.find(training ? "Choose a recipe" : "Type or paste a text") == 0);
        QVERIFY(!scene.primitives.empty());
        (void)one->table({}, m_text);
        QVERIFY(one->tip({}, {}, m_text).empty());
    }
    const trace::RunView run = tests::SyntheticSteps({}).view();
    trace::TraceView view;
    view.main = &run;
    QVERIFY(says(draw("panel.token", view), "Point at a token"));
    QVERIFY(says(draw("panel.router", view), "No difficulty classes in this text."));
    QVERIFY(says(draw("panel.router", view), "New graded text"));
}

void TestInstruments::tablesAreExact() {
    const trace::RunView run = tests::SyntheticSteps({}).view();
    trace::TraceView view;
    view.main = &run;
    for (const auto& one : makeInstruments()) {
        const Table table = one->table(view, m_text);
        const std::set<std::string> without{"panel.experts", "panel.training"};
        QCOMPARE(table.rows.empty(), without.count(one->id()) > 0);
        for (const auto& row : table.rows) {
            QCOMPARE(row.size(), table.columns.size());
        }
    }
    const Table depth = instrument("panel.depth")->table(view, m_text);
    QCOMPARE(depth.rows.size(), run.tokens());
    QCOMPARE(depth.columns.size(), std::size_t{3 + 3});
    QCOMPARE(std::get<double>(depth.rows[5][0]), 6.0);
    QCOMPARE(std::get<double>(depth.rows[5][2]), static_cast<double>(run.depth[5]));
    QCOMPARE(std::get<double>(depth.rows[5][3]), double{run.scores[0][5]});
    for (std::size_t t = 0; t < run.tokens(); ++t) {
        QCOMPARE(std::holds_alternative<std::monostate>(depth.rows[t][5]),
                 std::isnan(run.scores[2][t]));
    }
}

void TestInstruments::savedNeverWithoutLost() {
    const trace::RunView run = tests::SyntheticSteps({}).view();
    trace::RunView full = run;
    for (trace::StepCost& cost : full.costs) {
        cost.milliseconds *= 2;
    }
    for (float& nll : full.nll) {
        nll -= 0.25F;
    }
    trace::TraceView view;
    view.main = &run;
    view.fullDepth = &full;
    view.vanilla = &full;
    const Table table = instrument("panel.saved")->table(view, m_text);
    QCOMPARE(table.rows.size(), std::size_t{5});
    const auto value = [&](std::size_t row) { return std::get<double>(table.rows[row][1]); };
    const trace::StepCost cost = run.totalCost();
    QVERIFY(std::abs(value(0) - (cost.flops / cost.fullFlops - 1) * 100) < 1e-9);
    QVERIFY(std::abs(value(1) + 50) < 1e-9);
    QVERIFY(std::abs(value(3) - 0.25) < 1e-6);
    QVERIFY(std::abs(value(4) - 0.25) < 1e-6);
    const scene::Scene scene = draw("panel.saved", view);
    for (const char* words : {"FLOPs", "-50 %", "time", "KV memory", "+0.250", "vs full depth",
                              "vs vanilla", "computed", "measured"}) {
        QVERIFY2(says(scene, words), words);
    }
}

void TestInstruments::savedSaysWhy() {
    const trace::RunView run = tests::SyntheticSteps({}).view();
    trace::TraceView view;
    view.main = &run;
    QVERIFY(says(draw("panel.saved", view), "not computed"));
    QVERIFY(says(draw("panel.saved", view), "no vanilla model"));
    view.awaitsFullDepth = true;
    view.awaitsVanilla = true;
    QVERIFY(says(draw("panel.saved", view), "computing"));
    QVERIFY(!says(draw("panel.saved", view), "no vanilla model"));
    view.source = trace::Source::Recorded;
    QVERIFY(!says(draw("panel.saved", view), "computing"));
    QVERIFY(says(draw("panel.saved", view), "not in this"));

    tests::SyntheticRun generation;
    generation.generated = 10;
    const trace::RunView generated = tests::SyntheticSteps(generation).view();
    trace::TraceView mixed;
    mixed.main = &generated;
    mixed.fullDepth = &run;
    const Table table = instrument("panel.saved")->table(mixed, m_text);
    QVERIFY(std::holds_alternative<std::monostate>(table.rows[1][1]));
    QCOMPARE(std::get<std::string>(table.rows[1][6]), "a generation is not timed against one pass");
}

void TestInstruments::warnings() {
    trace::RunView run = tests::SyntheticSteps({}).view();
    auto step = std::make_shared<trace::StepTrace>(*run.latest);
    trace::TraceView view;
    view.main = &run;
    step->causal = true;
    step->offDistribution = false;
    run.latest = step;
    QVERIFY(!says(draw("panel.saved", view), "outside training"));
    QVERIFY(!says(draw("panel.saved", view), "sees later tokens"));
    step->causal = false;
    step->offDistribution = true;
    QVERIFY(says(draw("panel.saved", view), "outside training"));
    QVERIFY(says(draw("panel.saved", view), "sees later tokens"));
}

void TestInstruments::memoryHead() {
    trace::RunView run = tests::SyntheticSteps({}).view();
    auto step = std::make_shared<trace::StepTrace>(*run.latest);
    step->kv.measuredBytes = 96 * 1024;
    step->kv.fullBytes = 144 * 1024;
    step->kv.predictedBytes = 97 * 1024;
    run.latest = step;
    trace::TraceView view;
    view.main = &run;
    const scene::Scene scene =
        instrument("panel.kv")->draw(view, {}, {}, {{0, 0, 1100, 240}, &m_theme, &m_text});
    QVERIFY(says(scene, "96 KiB of 144 KiB (-33 %)"));
    QVERIFY(says(scene, "predicted 97 KiB   error +1.0 %"));
    QVERIFY(says(scene, "full cache"));
    step->kv.groups.clear();
    QVERIFY(says(draw("panel.kv", view), "This run kept no keys"));
}

void TestInstruments::memoryTableEqualsMeasured() {
    const trace::RunView run = tests::SyntheticSteps({}).view();
    trace::TraceView view;
    view.main = &run;
    const Table table = instrument("panel.kv")->table(view, m_text);
    const auto last = [&](const char* title) {
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (table.columns[i].title == title) {
                return std::get<double>(table.rows.back()[i]);
            }
        }
        return -1.0;
    };
    const auto measured = static_cast<double>(run.latest->kv.measuredBytes);
    QCOMPARE(last("sum"), measured);
    QCOMPARE(last("full cache"), static_cast<double>(run.latest->kv.fullBytes));
    QCOMPARE(last("recursion-wise"), measured);
    // Everyone passes recursion 1 here: a fresh first recursion for all changes nothing.
    QCOMPARE(last("hybrid"), measured);
    QCOMPARE(last("recursive sharing"), (1024.0 + 512.0) * static_cast<double>(run.tokens()));
}

void TestInstruments::policiesAreNamedOnTheirCurves() {
    trace::RunView run = tests::SyntheticSteps({}).view();
    trace::TraceView view;
    view.main = &run;
    const auto memory = [&] {
        return instrument("panel.kv")->draw(view, {}, {}, {{0, 0, 1100, 240}, &m_theme, &m_text});
    };
    QVERIFY(says(memory(), "recursion-wise, hybrid"));
    QVERIFY(says(memory(), "recursive sharing"));
    const auto strong = [&] {
        std::size_t found = 0;
        for (const scene::Primitive& primitive : memory().primitives) {
            const auto* line = std::get_if<scene::Polyline>(&primitive.shape);
            found += line != nullptr && line->points.size() > 10 && line->width == 2 ? 1U : 0U;
        }
        return found;
    };
    QCOMPARE(strong(), std::size_t{1});
    auto step = std::make_shared<trace::StepTrace>(*run.latest);
    step->routing.kv = settings::KvPolicy::Share;
    run.latest = step;
    QCOMPARE(strong(), std::size_t{1});
    view.computing = true; // the figures of before: no curves over them
    QVERIFY(!says(memory(), "recursive sharing"));
}

void TestInstruments::expertsOfOneTokenAndOfAll() {
    tests::SyntheticRun synthetic;
    synthetic.experts = 4;
    synthetic.router = trace::RouterKind::None;
    trace::RunView run = tests::SyntheticSteps(synthetic).view();
    trace::TraceView view;
    view.main = &run;
    QVERIFY(says(draw("panel.experts", view), "Point at a token"));
    QVERIFY(says(draw("panel.experts", view), "No dead experts."));
    QVERIFY(says(draw("panel.experts", view), "of 1.39 nats"));
    QVERIFY(says(draw("panel.experts", view), "not adaptive"));
    for (const char* letter : {"A", "B", "C", "D"}) {
        QVERIFY(has(draw("panel.experts", view), letter));
    }
    QVERIFY(says(draw("panel.depth", view), "not adaptive"));
    Cursor cursor;
    cursor.pinnedToken = 3;
    const scene::Scene scene = draw("panel.experts", view, cursor);
    const trace::ExpertChoices& first = run.experts[0];
    const std::string name(1, static_cast<char>('A' + first.index[6]));
    QVERIFY(says(scene, name + ' ' + m_text.number(double{first.weight[6]}, 2)));
    const Table table = instrument("panel.experts")->table(view, m_text);
    double choices = 0;
    double weights = 0;
    for (const auto& row : table.rows) {
        choices += std::get<std::string>(row[4]) == "choices" ? std::get<double>(row[5]) : 0;
        weights += std::get<std::string>(row[4]) == "weight" ? std::get<double>(row[5]) : 0;
    }
    const auto tokens = static_cast<double>(run.tokens());
    QCOMPARE(choices, tokens * 2 * 2);
    QVERIFY(std::abs(weights - tokens * 2) < 1e-4);

    synthetic.deadExpert = 2;
    run = tests::SyntheticSteps(synthetic).view();
    QVERIFY(says(draw("panel.experts", view), "Dead experts"));
    synthetic.tokens = 3;
    run = tests::SyntheticSteps(synthetic).view();
    QVERIFY(says(draw("panel.experts", view), "Too few tokens"));
    run = tests::SyntheticSteps({}).view();
    QVERIFY(says(draw("panel.experts", view), "This model has no experts."));
}

void TestInstruments::routerRows() {
    tests::SyntheticRun graded;
    graded.classes = true;
    const trace::RunView run = tests::SyntheticSteps(graded).view();
    trace::TraceView view;
    view.main = &run;
    const scene::Scene scene = draw("panel.router", view);
    for (const char* words :
         {"recursion 3", "67 %", "mean depth 2.00", "cut at", "memorised", "nats"}) {
        QVERIFY2(says(scene, words), words);
    }
    QVERIFY(!says(scene, "LOAD"));
    QVERIFY(!says(scene, "New graded text"));
}

void TestInstruments::tokenChoiceLoad() {
    tests::SyntheticRun token;
    token.router = trace::RouterKind::Token;
    token.rule = settings::Rule::Token;
    const trace::RunView run = tests::SyntheticSteps(token).view();
    trace::TraceView view;
    view.main = &run;
    const scene::Scene scene = draw("panel.router", view);
    QVERIFY(says(scene, "LOAD"));
    QVERIFY(says(scene, "1.099 of 1.099 nats"));
    QVERIFY(says(scene, "MaxVio"));
}

void TestInstruments::inspector() {
    const trace::RunView run = tests::SyntheticSteps({}).view();
    trace::TraceView view;
    view.main = &run;
    Cursor cursor;
    cursor.pinnedToken = 1;
    const scene::Scene scene = draw("panel.token", view, cursor);
    QVERIFY(says(scene, "\xE2\x80\x9C cat\xE2\x80\x9D"));
    QVERIFY(says(scene, "2 of 60"));
    QVERIFY(says(scene, "rank "));
    QVERIFY(says(scene, "stays at capacity"));
    const trace::RouterMargin margin = trace::routerMargin(run, 0, 1);
    const std::string exact =
        m_text.number(static_cast<double>(margin.staysFrom->numerator), 0) + "/60";
    QVERIFY(marginText(run, 0, 1, m_text).find(exact) != std::string::npos);
    cursor.pinnedToken = 600; // of a longer text that is gone
    QVERIFY(says(draw("panel.token", view, cursor), "Point at a token"));
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
    cursor.pinnedToken = static_cast<int>(first);
    const scene::Scene inspector = draw("panel.token", view, cursor);
    QVERIFY(says(inspector, "0 of 3"));
    QVERIFY(says(inspector, "left here"));
    QVERIFY(says(inspector, "not considered"));
    QVERIFY(draw("panel.transport", view, cursor).summary.find("left at recursion 1") !=
            std::string::npos);
    scene::Hit hit;
    hit.token = static_cast<int>(first);
    const std::string memory = instrument("panel.kv")->tip(view, hit, m_text);
    QVERIFY(memory.find("this token: 1024 bytes kept, 1536 bytes saved") != std::string::npos);
}

void TestInstruments::randomShowsNoCut() {
    tests::SyntheticRun synthetic;
    synthetic.rule = settings::Rule::Random;
    const trace::RunView run = tests::SyntheticSteps(synthetic).view();
    trace::TraceView view;
    view.main = &run;
    Cursor cursor;
    cursor.pinnedToken = 1;
    const scene::Scene token = draw("panel.token", view, cursor);
    QVERIFY(says(token, "random: the score does"));
    QVERIFY(!says(token, "stays at capacity"));
    QVERIFY(!says(token, "rank "));
    const scene::Scene router = draw("panel.router", view);
    QVERIFY(says(router, "random: the score does"));
    QVERIFY(!says(router, "cut at"));
    QCOMPARE(marginText(run, 0, 1, m_text), "random: the score does not decide");
}

void TestInstruments::cacheOff() {
    trace::RunView run = tests::SyntheticSteps({}).view();
    auto step = std::make_shared<trace::StepTrace>(*run.latest);
    step->kv.measuredBytes = 0;
    step->kv.reservedBytes = 0;
    run.latest = step;
    trace::TraceView view;
    view.main = &run;
    QVERIFY(says(draw("panel.saved", view), "KV cache off"));
    QVERIFY(!says(draw("panel.saved", view), "-100 %"));
    const scene::Scene memory =
        instrument("panel.kv")->draw(view, {}, {}, {{0, 0, 1100, 240}, &m_theme, &m_text});
    QVERIFY(says(memory, "KV cache off"));
    QVERIFY(says(memory, "a cache would hold"));
    QVERIFY(!says(memory, "-100 %"));
    scene::Hit hit;
    hit.token = 3;
    const std::string tip = instrument("panel.kv")->tip(view, hit, m_text);
    QVERIFY(tip.find("LIVE, computed") != std::string::npos);
    QVERIFY(tip.find("is measured") == std::string::npos);
}

void TestInstruments::tokenChoiceAboveItsDepth() {
    tests::SyntheticRun synthetic;
    synthetic.router = trace::RouterKind::Token;
    synthetic.rule = settings::Rule::Token;
    trace::RunView run = tests::SyntheticSteps(synthetic).view();
    run.depth[1] = 1;
    for (std::vector<float>& row : run.scores) {
        row[1] = 0.25F;
    }
    trace::TraceView view;
    view.main = &run;
    Cursor cursor;
    cursor.pinnedToken = 1;
    const scene::Scene scene = draw("panel.token", view, cursor);
    QVERIFY(says(scene, "left here"));
    QVERIFY(says(scene, "left earlier"));
    QVERIFY(!says(scene, "not considered"));
    QVERIFY(says(scene, "LIVE, measured; KV bytes"));
}

void TestInstruments::trainingCurves() {
    const trace::TrainingView training = tests::syntheticTraining(17, 3);
    trace::TraceView view;
    view.training = &training;
    const auto curves = instrument("panel.training");
    const scene::Scene scene = curves->draw(view, {}, {}, {{0, 0, 1100, 260}, &m_theme, &m_text});
    QVERIFY(says(scene, "validation"));
    QVERIFY(says(scene, "mean depth"));
    // Over each evaluation its exact values.
    const trace::TrainingPoint& point = training.points[8];
    std::size_t exact = 0;
    for (const scene::Hit& hit : scene.hits) {
        exact += hit.tip.find(m_text.number(point.valLoss, 4)) != std::string::npos &&
                         hit.rect.contains({hit.rect.x + hit.rect.width / 2, hit.rect.y})
                     ? 1U
                     : 0U;
    }
    QCOMPARE(exact, std::size_t{2}); // both charts
    const Table table = curves->table(view, m_text);
    QCOMPARE(table.rows.size(), training.points.size());
    QCOMPARE(table.columns.size(), std::size_t{6 + 3});
    QCOMPARE(std::get<double>(table.rows[8][3]), point.valLoss);
    double sum = 0;
    for (std::size_t i = 6; i < 9; ++i) {
        sum += std::get<double>(table.rows[8][i]);
    }
    QVERIFY(std::abs(sum - 1) < 1e-9);
    const trace::TrainingView empty{"tiny", 100, {}};
    view.training = &empty;
    QVERIFY(says(curves->draw(view, {}, {}, {{0, 0, 900, 200}, &m_theme, &m_text}),
                 "first evaluation"));
}

void TestInstruments::textIsLegible() {
    for (int i = 0; i <= 100; ++i) {
        const scene::Color ground = scene::cividis(static_cast<float>(i) / 100);
        QVERIFY(scene::contrast(inkOn(ground), ground) >= 4.2F);
    }
}

void TestInstruments::fillsPlaces() {
    QCOMPARE(fill("%1 of %2", {"a", "b"}), "a of b");
    QCOMPARE(fill("%2 %1 %1", {"%2", "x"}), "x %2 %2");
    QCOMPARE(fill("100 % %3 %", {"a"}), "100 % %3 %");
    const auto lines = wrapText(m_text, "one two three", {scene::Family::Ui, 10, {}}, 45);
    QCOMPARE(lines, (std::vector<std::string>{"one two", "three"}));
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
