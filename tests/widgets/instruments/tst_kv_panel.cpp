// SPDX-License-Identifier: MIT
#include "tests/widgets/instruments/panel_test.h"

#include <QTest>

using namespace depthscope;
using namespace depthscope::instruments;

class TestKvPanel : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:
    void head();
    void tableEqualsMeasured();
    void policiesAreNamedOnTheirCurves();
    void keyIsNeverCut();
};

void TestKvPanel::head() {
    trace::RunView run = tests::SyntheticSteps({}).view();
    auto step = std::make_shared<trace::StepTrace>(*run.latest);
    step->routing.kv.measuredBytes = 96 * 1024;
    step->routing.kv.fullBytes = 144 * 1024;
    step->routing.kv.predictedBytes = 97 * 1024;
    run.latest = step;
    trace::TraceView view;
    view.main = &run;
    const scene::Scene scene = draw("panel.kv", view, {}, {0, 0, 1100, 240});
    QVERIFY(tests::says(scene, "96 KiB of 144 KiB (-33 %)"));
    QVERIFY(tests::says(scene, "predicted 97 KiB   error +1.0 %"));
    QVERIFY(tests::says(scene, "full cache"));
    step->routing.kv.groups.clear();
    QVERIFY(tests::says(draw("panel.kv", view), "This run cached no keys"));
}

void TestKvPanel::tableEqualsMeasured() {
    const trace::RunView run = tests::SyntheticSteps({}).view();
    trace::TraceView view;
    view.main = &run;
    const Table table = tests::instrument("panel.kv")->table(view, m_text);
    const auto last = [&](const char* title) {
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (table.columns[i].title == title) {
                return std::get<double>(table.rows.back()[i]);
            }
        }
        return -1.0;
    };
    const auto measured = static_cast<double>(run.latest->routing.kv.measuredBytes);
    QCOMPARE(last("sum"), measured);
    QCOMPARE(last("full cache"), static_cast<double>(run.latest->routing.kv.fullBytes));
    QCOMPARE(last("recursion-wise"), measured);
    // Everyone passes recursion 1 here: a fresh first recursion for all changes nothing.
    QCOMPARE(last("hybrid"), measured);
    QCOMPARE(last("recursive sharing"), (1024.0 + 512.0) * static_cast<double>(run.places()));
}

void TestKvPanel::policiesAreNamedOnTheirCurves() {
    trace::RunView run = tests::SyntheticSteps({}).view();
    trace::TraceView view;
    view.main = &run;
    const auto memory = [&] { return draw("panel.kv", view, {}, {0, 0, 1100, 240}); };
    QVERIFY(tests::says(memory(), "recursion-wise, hybrid"));
    QVERIFY(tests::says(memory(), "recursive sharing"));
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
    step->settings.kv = settings::KvPolicy::Share;
    run.latest = step;
    QCOMPARE(strong(), std::size_t{1});
    view.computing = true; // the figures of before: no curves over them
    QVERIFY(!tests::says(memory(), "recursive sharing"));
}

void TestKvPanel::keyIsNeverCut() {
    const trace::RunView run = tests::SyntheticSteps({}).view();
    trace::TraceView view;
    view.main = &run;
    const std::size_t groups = run.latest->routing.kv.groups.size();
    // Large text in a panel that is low, and in one that is too narrow for a key beside the plot.
    for (const scene::Rect rect : {scene::Rect{0, 0, 1100, 220}, scene::Rect{0, 0, 915, 300}}) {
        for (const float zoom : {1.0F, 2.0F, 2.5F}) {
            const scene::Theme theme = scene::lightTheme(zoom);
            const scene::Scene scene =
                tests::instrument("panel.kv")->draw(view, {}, {}, {rect, &theme, &m_text});
            QVERIFY(tests::says(scene, "full cache"));
            QVERIFY(tests::says(scene, "unshared"));
            for (std::size_t r = 1; r < groups; ++r) {
                const std::string number = std::to_string(r);
                QVERIFY2(tests::says(scene, "rec. " + number) ||
                             tests::says(scene, "recursion " + number),
                         number.c_str());
            }
        }
    }
}

QTEST_APPLESS_MAIN(TestKvPanel)
#include "tst_kv_panel.moc"
