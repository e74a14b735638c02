// SPDX-License-Identifier: MIT
#include "tests/widgets/instruments/panel_test.h"
#include "widgets/instruments/saved_figures.h"

#include <QTest>
#include <cmath>
#include <memory>
#include <optional>

using namespace depthscope;
using namespace depthscope::instruments;

namespace {

scene::Color inkOf(const scene::Scene& scene, const std::string& words) {
    for (const scene::Primitive& primitive : scene.primitives) {
        const auto* text = std::get_if<scene::TextRun>(&primitive.shape);
        if (text != nullptr && text->text == words) {
            return text->color;
        }
    }
    return {};
}

} // namespace

class TestSavedLost : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:
    void neverSavedWithoutLost();
    void timesInTurnsAreOfOneRevision();
    void caveatsAreSaidInAnySize();
    void saysWhyNot();
    void warnings();
    void lowPanelsShowLostToo();
    void aReferenceHasItsName();
    void aTextUnlikeTheTrainingDataIsSaidToBe();

private:
    /// The colour of the first text with these words.
    [[nodiscard]] static std::optional<scene::Color> colorOf(const scene::Scene& scene,
                                                             const std::string& words) {
        for (const scene::Primitive& primitive : scene.primitives) {
            const auto* text = std::get_if<scene::TextRun>(&primitive.shape);
            if (text != nullptr && text->text.find(words) != std::string::npos) {
                return text->color;
            }
        }
        return std::nullopt;
    }
};

void TestSavedLost::neverSavedWithoutLost() {
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
    trace::RunView vanilla = full;
    auto plain = std::make_shared<spec::ModelInfo>(*full.latest->model);
    plain->recursions = 1;
    auto step = std::make_shared<trace::StepTrace>(*full.latest);
    step->model = plain;
    vanilla.latest = step;
    view.others = {{trace::kFullDepthRun, &full}, {trace::kVanillaRun, &vanilla}};
    const Table table = tests::instrument("panel.saved")->table(view, m_text);
    QCOMPARE(table.rows.size(), std::size_t{5});
    const auto value = [&](std::size_t row) { return std::get<double>(table.rows[row][1]); };
    const trace::StepCost cost = run.totalCost();
    QVERIFY(std::abs(value(0) - (cost.flops / cost.fullFlops - 1) * 100) < 1e-9);
    QVERIFY(std::abs(value(1) + 50) < 1e-9);
    QVERIFY(std::abs(value(3) - 0.25) < 1e-6);
    QVERIFY(std::abs(value(4) - 0.25) < 1e-6);
    const scene::Scene scene = draw("panel.saved", view);
    for (const char* words :
         {"fewer FLOPs", "50 %", "less time", "KV memory", "0.250", "worse than full depth",
          "worse than vanilla", "computed", "measured"}) {
        QVERIFY2(tests::says(scene, words), words);
    }
}

void TestSavedLost::timesInTurnsAreOfOneRevision() {
    const trace::RunView run = tests::SyntheticSteps({}).view();
    trace::RunView full = run;
    auto paired = std::make_shared<trace::StepTrace>(*full.latest);
    paired->routing.cost.milliseconds = 20;
    paired->routing.cost.routedMilliseconds = 15;
    paired->routing.cost.rounds = 9;
    full.latest = paired;
    full.costs = {paired->routing.cost};
    trace::TraceView view;
    view.main = &run;
    view.others = {{trace::kFullDepthRun, &full}};
    const auto change = [&] {
        const Table table = tests::instrument("panel.saved")->table(view, m_text);
        return std::get<double>(table.rows[1][1]);
    };
    QVERIFY(std::abs(change() + 25) < 1e-9);
    QVERIFY(tests::says(draw("panel.saved", view), "median of 9"));
    QVERIFY(inkOf(draw("panel.saved", view), "25 %") == m_theme.text);
    QVERIFY(!tests::says(draw("panel.saved", view), "\xC2\xB1"));
    paired->routing.cost.roundsSpread = 3.25F;
    QVERIFY(tests::says(draw("panel.saved", view), "\xC2\xB1\xC2\xA0"
                                                   "3.2"));
    QVERIFY(std::abs(timeFigure(view)->spread - 3.25) < 1e-9);
    paired->routing.cost.roundsSpread = 26; // the rounds differ by more than routing saves
    QVERIFY(tests::says(draw("panel.saved", view), "too noisy to tell"));
    QVERIFY(!tests::says(draw("panel.saved", view), "less time"));
    paired->routing.cost.rounds = 1;
    QVERIFY(tests::says(draw("panel.saved", view), "too few rounds to tell"));
    paired->routing.cost.rounds = 9;
    paired->routing.cost.roundsSpread = 3.25F;
    ++paired->revision;                      // settings have moved on since
    QVERIFY(std::abs(change() + 25) < 1e-9); // the last that can be trusted
    QVERIFY(tests::says(draw("panel.saved", view), "before this change"));
    QVERIFY(inkOf(draw("panel.saved", view), "25 %") != m_theme.text); // faint until the next
    paired->routing.cost.rounds = 0;
    full.costs = {paired->routing.cost};
    view.awaited = {trace::kFullDepthRun};
    QVERIFY(tests::says(draw("panel.saved", view), "being timed"));
    QVERIFY(!timeFigure(view));
    view.awaited = {trace::kVanillaRun}; // the times come after it
    QVERIFY(tests::says(draw("panel.saved", view), "being timed"));
    view.awaited.clear();
    QVERIFY(std::abs(change() - (run.totalCost().milliseconds / 20 - 1) * 100) < 1e-9);
    QVERIFY(tests::says(draw("panel.saved", view), "one pass each"));
}

void TestSavedLost::caveatsAreSaidInAnySize() {
    const trace::RunView run = tests::SyntheticSteps({}).view();
    trace::RunView full = run;
    auto step = std::make_shared<trace::StepTrace>(*full.latest);
    step->offDistribution = true;
    step->routing.cost.rounds = 0;
    full.latest = step;
    trace::TraceView view;
    view.main = &run;
    view.others = {{trace::kFullDepthRun, &full}};
    const scene::Scene large = draw("panel.saved", view, {}, {0, 0, 600, 600});
    const scene::Scene small = draw("panel.saved", view, {}, {0, 0, 300, 200});
    for (const scene::Scene* scene : {&large, &small}) {
        QVERIFY(tests::says(*scene, "outside its training"));
        QVERIFY(tests::says(*scene, "one pass each"));
    }
    QVERIFY(tests::says(large, "computed"));
    QVERIFY(!tests::says(small, "computed"));
}

void TestSavedLost::saysWhyNot() {
    const trace::RunView run = tests::SyntheticSteps({}).view();
    trace::TraceView view;
    view.main = &run;
    QVERIFY(tests::says(draw("panel.saved", view), "not computed"));
    QVERIFY(tests::says(draw("panel.saved", view), "no vanilla model"));
    view.awaited = {trace::kFullDepthRun, trace::kVanillaRun};
    QVERIFY(tests::says(draw("panel.saved", view), "computing"));
    QVERIFY(!tests::says(draw("panel.saved", view), "no vanilla model"));
    view.source = trace::Source::Recorded;
    QVERIFY(!tests::says(draw("panel.saved", view), "computing"));
    QVERIFY(tests::says(draw("panel.saved", view), "not in this"));

    tests::SyntheticRun generation;
    generation.generated = 10;
    const trace::RunView generated = tests::SyntheticSteps(generation).view();
    trace::TraceView mixed;
    mixed.main = &generated;
    mixed.others = {{trace::kFullDepthRun, &run}};
    const Table table = tests::instrument("panel.saved")->table(mixed, m_text);
    QVERIFY(std::holds_alternative<std::monostate>(table.rows[1][1]));
    QCOMPARE(std::get<std::string>(table.rows[1][6]), "generation is not timed against one pass");
    QCOMPARE(std::get<std::string>(table.rows[3][6]), "contains the model's samples");
}

void TestSavedLost::warnings() {
    trace::RunView run = tests::SyntheticSteps({}).view();
    auto step = std::make_shared<trace::StepTrace>(*run.latest);
    trace::TraceView view;
    view.main = &run;
    step->causal = true;
    step->offDistribution = false;
    run.latest = step;
    QVERIFY(!tests::says(draw("panel.saved", view), "Outside training"));
    QVERIFY(!tests::says(draw("panel.saved", view), "Sees later tokens"));
    step->causal = false;
    step->offDistribution = true;
    QVERIFY(tests::says(draw("panel.saved", view), "Outside training"));
    QVERIFY(tests::says(draw("panel.saved", view), "Sees later tokens"));
    trace::RunView full = run; // a router's model run in full
    full.latest = step;
    view.others = {{trace::kFullDepthRun, &full}};
    QVERIFY(tests::says(draw("panel.saved", view), "as good as full depth"));
    QVERIFY(colorOf(draw("panel.saved", view), "outside its training") == m_theme.warning);
}

void TestSavedLost::aReferenceHasItsName() {
    const trace::RunView run = tests::SyntheticSteps({}).view();
    trace::TraceView view;
    view.main = &run;
    QVERIFY(tests::says(draw("panel.saved", view), "Choose reference"));
    trace::RunView other = run;
    auto step = std::make_shared<trace::StepTrace>(*other.latest);
    auto model = std::make_shared<spec::ModelInfo>(*step->model);
    model->name = "my-router";
    step->model = model;
    other.latest = step;
    view.others = {{trace::kVanillaRun, &other}};
    QVERIFY(tests::says(draw("panel.saved", view), "as good as my-router"));
    QVERIFY(!tests::says(draw("panel.saved", view), "Choose reference"));
    model->recursions = 1;
    QVERIFY(tests::says(draw("panel.saved", view), "as good as vanilla"));
}

// The synthetic losses are 0.2 to 3.8 nats, 2.0 on average, give or take a standard error of 0.17.
void TestSavedLost::aTextUnlikeTheTrainingDataIsSaidToBe() {
    trace::RunView run = tests::SyntheticSteps({}).view();
    auto step = std::make_shared<trace::StepTrace>(*run.latest);
    auto model = std::make_shared<spec::ModelInfo>(*step->model);
    step->model = model;
    step->offDistribution = false;
    run.latest = step;
    trace::TraceView view;
    view.main = &run;
    view.others = {{trace::kFullDepthRun, &run}};
    const auto drawn = [&](const char* training) {
        model->heldOut = spec::heldOutLoss(training);
        return draw("panel.saved", view, {}, {0, 0, 1400, 900}); // no line is broken
    };
    const scene::Scene unlike = drawn(R"({"validation": {"as_trained": {"nats_per_token": 0.5,
        "classes": {"sum": {"nats_per_token": 0.1}, "prose": {"nats_per_token": 0.9}}}}})");
    QVERIFY(tests::says(unlike, "Unlike the training data"));
    QVERIFY(tests::says(unlike, "at most 0.90 on held-out"));
    QVERIFY(colorOf(unlike, "text unlike the training data") == m_theme.warning);
    step->offDistribution = true; // the routing may be the cause
    QVERIFY(!tests::says(drawn(R"({"validation": {"as_trained": {"nats_per_token": 0.5}}})"),
                         "Unlike the training data"));
    step->offDistribution = false;
    // Within two standard errors, harder classes, and files that do not tell: nothing is claimed.
    for (const char* training :
         {R"({"validation": {"as_trained": {"nats_per_token": 1.8}}})",
          R"({"validation": {"as_trained": {"nats_per_token": 0.5,
              "classes": {"noise": {"nats_per_token": 4.1}}}}})",
          R"({"validation": {"as_trained": {"nats_per_token": "?"}}})", "{", "[]", ""}) {
        QVERIFY2(!tests::says(drawn(training), "nlike the training data"), training);
    }
}

void TestSavedLost::lowPanelsShowLostToo() {
    const trace::RunView run = tests::SyntheticSteps({}).view();
    trace::RunView full = run;
    trace::TraceView view;
    view.main = &run;
    view.others = {{trace::kFullDepthRun, &full}, {trace::kVanillaRun, &full}};
    // As in a column beside the others at zoom 2.5 of 1080 lines.
    const scene::Rect low{0, 0, 200, 290};
    const scene::Scene scene = draw("panel.saved", view, {}, low);
    for (const scene::Primitive& primitive : scene.primitives) {
        const auto* text = std::get_if<scene::TextRun>(&primitive.shape);
        if (text != nullptr) {
            QVERIFY2(text->box.bottom() <= low.height, text->text.c_str());
        }
    }
    QVERIFY(tests::says(scene, "LOST"));
    QVERIFY(tests::says(scene, full.latest->model->name)); // in the place of a vanilla model
    const scene::Scene high = draw("panel.saved", view, {}, {0, 0, 300, 900});
    QVERIFY(tests::says(high, "computed")); // with sources where there is room
}

QTEST_APPLESS_MAIN(TestSavedLost)
#include "tst_saved_lost.moc"
