// SPDX-License-Identifier: MIT
#include "tests/widgets/instruments/panel_test.h"

#include <QTest>

using namespace depthscope;
using namespace depthscope::instruments;

class TestRouterPanel : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:
    void rows();
    void tokenChoiceLoad();
};

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

QTEST_APPLESS_MAIN(TestRouterPanel)
#include "tst_router_panel.moc"
