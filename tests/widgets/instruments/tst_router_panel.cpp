// SPDX-License-Identifier: MIT
#include "engine/trace/graded_classes.h"
#include "tests/widgets/instruments/panel_test.h"
#include "widgets/instruments/class_rows.h"

#include <QTest>
#include <memory>

using namespace depthscope;
using namespace depthscope::instruments;

class TestRouterPanel : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:
    void rows();
    void tokenChoiceLoad();
    void saysWhatHoldsOfSumsAndPhrases();

private:
    /// Words of a graded text whose sums and phrases ran so deep: ten of each, two tokens long.
    [[nodiscard]] std::string verdictOf(std::uint8_t sums, std::uint8_t phrases, int spread) const;
};

std::string TestRouterPanel::verdictOf(std::uint8_t sums, std::uint8_t phrases, int spread) const {
    tests::SyntheticRun graded;
    graded.classes = true;
    trace::RunView run = tests::SyntheticSteps(graded).view();
    for (std::size_t t = 0; t < run.places(); ++t) {
        const bool isFrame = t % 3 == 0;
        const bool isSum = (t / 3) % 2 == 0;
        const auto kind = isFrame ? trace::Difficulty::Frame
                          : isSum ? trace::Difficulty::Sum
                                  : trace::Difficulty::Memorised;
        run.classes[t] = static_cast<std::uint8_t>(kind);
        const int drawn = static_cast<int>(t / 6) % 2 == 0 ? spread : -spread;
        run.depth[t] = static_cast<std::uint8_t>((isSum ? sums : phrases) + drawn);
    }
    return depthVerdict(run, trace::classDepths(run), m_text);
}

void TestRouterPanel::rows() {
    tests::SyntheticRun graded;
    graded.classes = true;
    const trace::RunView run = tests::SyntheticSteps(graded).view();
    trace::TraceView view;
    view.main = &run;
    const scene::Scene scene = draw("panel.router", view);
    for (const char* words :
         {"recursion 3", "67 %", "mean depth 2.00", "cut at", "memorised", "nats"}) {
        QVERIFY2(tests::says(scene, words), words);
    }
    QVERIFY(!tests::says(scene, "LOAD"));
    QVERIFY(!tests::says(scene, "New graded text"));
}

void TestRouterPanel::tokenChoiceLoad() {
    tests::SyntheticRun token;
    token.router = spec::RouterKind::Token;
    token.rule = settings::Rule::Token;
    const trace::RunView run = tests::SyntheticSteps(token).view();
    trace::TraceView view;
    view.main = &run;
    const scene::Scene scene = draw("panel.router", view);
    QVERIFY(tests::says(scene, "LOAD"));
    QVERIFY(tests::says(scene, "1.099 of 1.099 nats"));
    QVERIFY(tests::says(scene, "MaxVio"));
}

void TestRouterPanel::saysWhatHoldsOfSumsAndPhrases() {
    QCOMPARE(verdictOf(3, 1, 0),
             std::string("In this model sums are deeper than memorised phrases: +2.00 recursions, "
                         "95 % interval +2.00 to +2.00."));
    QCOMPARE(verdictOf(1, 3, 0),
             std::string("In this model sums are not deeper than memorised phrases but less deep: "
                         "-2.00 recursions, 95 % interval -2.00 to -2.00."));
    const std::string unclear = verdictOf(2, 2, 1);
    QVERIFY2(unclear.starts_with("This text does not show whether"), unclear.c_str());
    // Too few of them, a fixed depth, other classes: nothing is claimed.
    tests::SyntheticRun few;
    few.classes = true;
    few.tokens = 20;
    trace::RunView run = tests::SyntheticSteps(few).view();
    QVERIFY(depthVerdict(run, trace::classDepths(run), m_text).starts_with("Too few sums"));
    auto step = std::make_shared<trace::StepTrace>(*run.latest);
    step->settings.rule = settings::Rule::Fixed;
    run.latest = step;
    QCOMPARE(depthVerdict(run, trace::classDepths(run), m_text), std::string());
    // In sight: above the scores, with how far the means can be trusted.
    tests::SyntheticRun graded;
    graded.classes = true;
    const trace::RunView all = tests::SyntheticSteps(graded).view();
    trace::TraceView view;
    view.main = &all;
    const scene::Scene scene = draw("panel.router", view);
    QVERIFY(tests::says(scene, "\xC2\xB1 95 %"));
    QVERIFY(tests::topOf(scene, "CLASSES") < tests::topOf(scene, "ROUTER SCORE"));
}

QTEST_APPLESS_MAIN(TestRouterPanel)
#include "tst_router_panel.moc"
