// SPDX-License-Identifier: MIT
#include "tests/widgets/instruments/panel_test.h"

#include <QTest>
#include <cmath>

using namespace depthscope;
using namespace depthscope::instruments;

class TestTrainingCurves : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:
    void curvesAndTable();
    void predictionsOfAVideoModel();
};

void TestTrainingCurves::curvesAndTable() {
    const trace::TrainingView training = tests::syntheticTraining(17, 3);
    trace::TraceView view;
    view.training = &training;
    const auto curves = tests::instrument("panel.training");
    const scene::Scene scene = curves->draw(view, {}, {}, {{0, 0, 1100, 260}, &m_theme, &m_text});
    QVERIFY(tests::says(scene, "validation"));
    QVERIFY(tests::says(scene, "mean depth"));
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
    const trace::TrainingView empty{.preset = "tiny", .steps = 100, .points = {}};
    view.training = &empty;
    QVERIFY(tests::says(curves->draw(view, {}, {}, {{0, 0, 900, 200}, &m_theme, &m_text}),
                        "No evaluation yet"));
}

/// The gate is a line at copy-last plus what is asked, with its name; losses have their own unit.
void TestTrainingCurves::predictionsOfAVideoModel() {
    trace::TrainingView training = tests::syntheticTraining(9, 0);
    training.unit = "weighted squared error";
    for (std::size_t i = 0; i < training.points.size(); ++i) {
        training.points[i].exitShares.clear();
        training.points[i].psnrCopyLast = 17.5;
        training.points[i].psnrPrediction = 14.5 + static_cast<double>(i);
    }
    trace::TraceView view;
    view.training = &training;
    const auto curves = tests::instrument("panel.training");
    const scene::Scene scene = curves->draw(view, {}, {}, {{0, 0, 1100, 260}, &m_theme, &m_text});
    QVERIFY(tests::says(scene, "loss, weighted squared error"));
    QVERIFY(tests::says(scene, "asked: +9 dB"));
    QVERIFY(tests::says(scene, "copy-last"));
    QVERIFY(tests::says(scene, "+5.0 dB over copy-last"));
    const Table table = curves->table(view, m_text);
    QCOMPARE(table.columns.size(), std::size_t{6 + 2});
    QCOMPARE(std::get<double>(table.rows[8][6]), 22.5);
    QCOMPARE(std::get<double>(table.rows[8][7]), 17.5);
}

QTEST_APPLESS_MAIN(TestTrainingCurves)
#include "tst_training_curves.moc"
