// SPDX-License-Identifier: MIT
#include "engine/trace/statistics.h"
#include "tests/widgets/instruments/panel_test.h"
#include "widgets/instruments/trace_text.h"

#include <QTest>

using namespace depthscope;
using namespace depthscope::instruments;

class TestTokenInspector : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:
    void figuresOfAToken();
    void tokenChoiceAboveItsDepth();
};

void TestTokenInspector::figuresOfAToken() {
    const trace::RunView run = tests::SyntheticSteps({}).view();
    trace::TraceView view;
    view.main = &run;
    Cursor cursor;
    cursor.pinnedPlace = 1;
    const scene::Scene scene = draw("panel.token", view, cursor);
    QVERIFY(tests::says(scene, "\xE2\x80\x9C cat\xE2\x80\x9D"));
    QVERIFY(tests::says(scene, "2 of 60"));
    QVERIFY(tests::says(scene, "rank "));
    QVERIFY(tests::says(scene, "stays at capacity"));
    const trace::RouterMargin margin = trace::routerMargin(run, 0, 1);
    const std::string exact =
        m_text.number(static_cast<double>(margin.staysFrom->numerator), 0) + "/60";
    QVERIFY(marginText(run, 0, 1, m_text).find(exact) != std::string::npos);
    cursor.pinnedPlace = 600; // of a longer text that is gone
    QVERIFY(tests::says(draw("panel.token", view, cursor), "Point at a token"));
}

void TestTokenInspector::tokenChoiceAboveItsDepth() {
    tests::SyntheticRun synthetic;
    synthetic.router = spec::RouterKind::Token;
    synthetic.rule = settings::Rule::Token;
    trace::RunView run = tests::SyntheticSteps(synthetic).view();
    run.depth[1] = 1;
    for (std::vector<float>& row : run.scores) {
        row[1] = 0.25F;
    }
    trace::TraceView view;
    view.main = &run;
    Cursor cursor;
    cursor.pinnedPlace = 1;
    const scene::Scene scene = draw("panel.token", view, cursor);
    QVERIFY(tests::says(scene, "exited here"));
    QVERIFY(tests::says(scene, "exited earlier"));
    QVERIFY(!tests::says(scene, "not considered"));
    QVERIFY(tests::says(scene, "LIVE, measured; KV bytes"));
}

QTEST_APPLESS_MAIN(TestTokenInspector)
#include "tst_token_inspector.moc"
