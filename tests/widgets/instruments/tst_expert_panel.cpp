// SPDX-License-Identifier: MIT
#include "tests/widgets/instruments/panel_test.h"

#include <QTest>
#include <cmath>

using namespace depthscope;
using namespace depthscope::instruments;

namespace {

/// Whether a text of the scene is this one.
bool has(const scene::Scene& scene, const std::string& text) {
    return std::any_of(scene.primitives.begin(), scene.primitives.end(), [&](const auto& one) {
        const auto* run = std::get_if<scene::TextRun>(&one.shape);
        return run != nullptr && run->text == text;
    });
}

} // namespace

class TestExpertPanel : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:
    void ofOneTokenAndOfAll();
};

void TestExpertPanel::ofOneTokenAndOfAll() {
    tests::SyntheticRun synthetic;
    synthetic.experts = 4;
    synthetic.router = spec::RouterKind::None;
    trace::RunView run = tests::SyntheticSteps(synthetic).view();
    trace::TraceView view;
    view.main = &run;
    QVERIFY(tests::says(draw("panel.experts", view), "Point at a token"));
    QVERIFY(tests::says(draw("panel.experts", view), "No dead experts."));
    QVERIFY(tests::says(draw("panel.experts", view), "of 1.39 nats"));
    QVERIFY(tests::says(draw("panel.experts", view), "not adaptive"));
    for (const char* letter : {"A", "B", "C", "D"}) {
        QVERIFY(has(draw("panel.experts", view), letter));
    }
    QVERIFY(tests::says(draw("panel.depth", view), "not adaptive"));
    Cursor cursor;
    cursor.pinnedPlace = 3;
    const scene::Scene scene = draw("panel.experts", view, cursor);
    const trace::ExpertChoices& first = run.experts[0];
    const std::string name(1, static_cast<char>('A' + first.indexOf(3)[0]));
    QVERIFY(tests::says(scene, name + ' ' + m_text.number(double{first.weightOf(3)[0]}, 2)));
    const Table table = tests::instrument("panel.experts")->table(view, m_text);
    double choices = 0;
    double weights = 0;
    for (const auto& row : table.rows) {
        choices += std::get<std::string>(row[4]) == "choices" ? std::get<double>(row[5]) : 0;
        weights += std::get<std::string>(row[4]) == "weight" ? std::get<double>(row[5]) : 0;
    }
    const auto tokens = static_cast<double>(run.places());
    QCOMPARE(choices, tokens * 2 * 2);
    QVERIFY(std::abs(weights - tokens * 2) < 1e-4);

    synthetic.deadExpert = 2;
    run = tests::SyntheticSteps(synthetic).view();
    QVERIFY(tests::says(draw("panel.experts", view), "Dead experts"));
    synthetic.tokens = 3;
    run = tests::SyntheticSteps(synthetic).view();
    QVERIFY(tests::says(draw("panel.experts", view), "Too few tokens"));
    run = tests::SyntheticSteps({}).view();
    QVERIFY(tests::says(draw("panel.experts", view), "This model has no experts."));
}

QTEST_APPLESS_MAIN(TestExpertPanel)
#include "tst_expert_panel.moc"
