// SPDX-License-Identifier: MIT
// Run > Measure routing: the form becomes the request, the report becomes rows, the threshold that
// was found is used, and a fault stays in the dialog.
#include "engine/trace/statistics.h"
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/panels/measure_dialog.h"
#include "widgets/panels/routing_table.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTableWidget>
#include <QTest>
#include <cmath>

using namespace depthscope;
using test::LabFixture;

namespace {

struct MeasureFixture : LabFixture {
    MeasureFixture()
        : dialog(lab) {
        dialog.show();
        settle();
    }

    template <class Control>
    Control* find(const char* name) {
        return dialog.findChild<Control*>(QString::fromLatin1(name));
    }

    void click(const char* name) {
        find<QPushButton>(name)->click();
        settle();
    }

    [[nodiscard]] const runtime::ScoreRequest& requested() const {
        return std::get<runtime::ScoreRequest>(fake->requests.back().second);
    }

    [[nodiscard]] QString valueOf(const QString& name) {
        const auto* table = find<QTableWidget>("measure.results");
        for (int row = 0; row < table->rowCount(); ++row) {
            if (table->item(row, 0)->text() == name) {
                return table->item(row, 1)->text();
            }
        }
        return {};
    }

    panels::MeasureDialog dialog;
};

runtime::ScoreReport someReport(runtime::JobId job) {
    runtime::ScoreReport report;
    report.job = job;
    report.tokens = 40;
    report.nll = 1.25;
    report.meanDepth = 1.9;
    report.decisionAccuracy = 0.875;
    report.maxVio = report.entropy = std::nan("");
    report.tau = 0.375;
    report.regret = 0.0625;
    report.regretAtEqualCost = std::nan("");
    report.classes = {{"noise", 7, 3.5, 1.0}};
    return report;
}

} // namespace

class TestMeasureDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void needsModelAndText() {
        MeasureFixture fixture;
        QVERIFY(!fixture.find<QPushButton>("measure.start")->isEnabled());
        fixture.openExpert();
        QVERIFY(fixture.find<QPushButton>("measure.start")->isEnabled());
        fixture.find<QComboBox>("measure.source")->setCurrentIndex(1);
        Q_EMIT fixture.find<QComboBox>("measure.source")->activated(1);
        QVERIFY(!fixture.find<QPushButton>("measure.start")->isEnabled()); // which file?
        fixture.find<QLineEdit>("measure.file")->setText(QStringLiteral("some.txt"));
        QVERIFY(fixture.find<QPushButton>("measure.start")->isEnabled());
        QCOMPARE(fixture.dialog.request().textFile, std::string("some.txt"));
        QVERIFY(fixture.dialog.request().prompt.text.empty());
    }

    void formBecomesTheRequest() {
        MeasureFixture fixture;
        fixture.openExpert("so it is");
        fixture.click("measure.start");
        QCOMPARE(fixture.requested().prompt.text, std::string("so it is"));
        QCOMPARE(fixture.requested().meanDepth, 0.0);
        QCOMPARE(fixture.requested().regretTokens, 0);
        fixture.fake->tell(runtime::JobEnded{fixture.fake->requests.back().first, false, {}});
        fixture.settle();
        fixture.find<QCheckBox>("measure.wants-depth")->setChecked(true);
        fixture.find<QDoubleSpinBox>("measure.depth")->setValue(1.5);
        fixture.find<QCheckBox>("measure.wants-regret")->setChecked(true);
        fixture.find<QSpinBox>("measure.regret")->setValue(12);
        fixture.click("measure.start");
        QCOMPARE(fixture.requested().meanDepth, 1.5);
        QCOMPARE(fixture.requested().regretTokens, 12);
        QVERIFY(fixture.requested().routing.rule == settings::Rule::Threshold);
    }

    void reportBecomesRowsAndThreshold() {
        MeasureFixture fixture;
        fixture.openExpert();
        fixture.click("measure.start");
        QVERIFY(!fixture.find<QPushButton>("measure.use")->isEnabled());
        const runtime::JobId job = fixture.fake->requests.back().first;
        fixture.fake->tell(someReport(job));
        fixture.fake->tell(runtime::JobEnded{job, false, {}});
        fixture.settle();
        const QLocale locale;
        QCOMPARE(fixture.valueOf(QStringLiteral("Nats per token")), locale.toString(1.25, 'f', 4));
        QCOMPARE(fixture.valueOf(QStringLiteral("Routing regret, nats per token")),
                 locale.toString(0.0625, 'f', 4));
        QVERIFY(fixture.valueOf(QStringLiteral("noise, 7 tokens")).contains(QStringLiteral("3")));
        QVERIFY(fixture.valueOf(QStringLiteral("MaxVio")).isEmpty()); // not for this model
        fixture.click("measure.use");
        QCOMPARE(fixture.lab.settings().routing.tau, 0.375);
        QVERIFY(fixture.lab.settings().routing.rule == settings::Rule::Threshold);
        fixture.lab.undoStack().undo();
        QVERIFY(fixture.lab.settings().routing.rule != settings::Rule::Threshold);
    }

    void comparesRoutings() {
        MeasureFixture fixture;
        fixture.openExpert();
        fixture.click("measure.compare");
        QVERIFY(!fixture.find<QPushButton>("measure.start")->isEnabled());
        for (const double nll : {1.0, 1.5, 1.3, 1.2, 1.25, 0.9}) {
            runtime::ScoreReport report = someReport(fixture.fake->requests.back().first);
            report.nll = nll;
            report.losses.assign(320, static_cast<float>(nll));
            report.activeTokens = {64, 64, 32, 16};
            fixture.fake->tell(report);
            fixture.fake->tell(runtime::JobEnded{report.job, false, {}});
            fixture.settle();
        }
        const auto* table = fixture.find<QTableWidget>("measure.comparison");
        QCOMPARE(table->rowCount(), 6);
        QCOMPARE(table->item(3, 0)->text(), QString("every token 2 recursions, best fixed depth"));
        QCOMPARE(table->item(5, 0)->text(), QString("vanilla model"));
        QCOMPARE(table->item(5, 3)->text(), QString(QChar(0x2013))); // has no recursions
        QVERIFY(fixture.find<QLabel>("measure.verdict")->text().contains("is worth it"));
        const QStringList lines = panels::rowsOf(*table).split('\n');
        QCOMPARE(lines.size(), 8); // head, rows, end
        QCOMPARE(lines[0].split('\t').size(), 5);
        QVERIFY(lines[2].contains("+0.5000  (+0.5000 to +0.5000)"));
        QVERIFY(fixture.find<QPushButton>("measure.start")->isEnabled());
    }

    void depthStartsAtThePresentOne() {
        MeasureFixture fixture;
        fixture.openExpert();
        const trace::RunView& run = *fixture.main();
        const double mean = trace::meanDepth(run);
        QVERIFY(mean > 1.2);
        QVERIFY(std::abs(fixture.find<QDoubleSpinBox>("measure.depth")->value() - mean) < 0.006);
    }

    void aFoundThresholdStaysWithItsModel() {
        MeasureFixture fixture;
        fixture.openExpert();
        fixture.click("measure.start");
        const runtime::JobId job = fixture.fake->requests.back().first;
        fixture.fake->tell(someReport(job));
        fixture.fake->tell(runtime::JobEnded{job, false, {}});
        fixture.settle();
        fixture.click("measure.use");
        QCOMPARE(fixture.lab.settings().routing.tau, 0.375);
        fixture.lab.loadModel(fixture.folder("demo-mor-token"));
        fixture.settle();
        QCOMPARE(fixture.lab.settings().routing.tau, 0.5);
    }

    void stopsAndSaysWhatFailed() {
        MeasureFixture fixture;
        const auto says = [&](const QString& words) {
            const auto labels = fixture.dialog.findChildren<QLabel*>();
            return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
                return label->isVisible() && label->text().contains(words);
            });
        };
        fixture.openExpert();
        fixture.click("measure.start");
        QVERIFY(!fixture.find<QPushButton>("measure.start")->isEnabled());
        fixture.click("measure.stop");
        QVERIFY(!fixture.fake->stopped.empty());
        QVERIFY(says(QStringLiteral("Stopped")));
        fixture.click("measure.start");
        fixture.fake->tell(
            runtime::JobEnded{fixture.fake->requests.back().first, false,
                              Error(ErrorCode::BadInput, "the file is bad", "Take another.")});
        fixture.settle();
        QVERIFY(fixture.find<QPushButton>("measure.start")->isEnabled());
        QVERIFY(says(QStringLiteral("the file is bad")));
        fixture.click("measure.compare");
        runtime::ScoreReport first = someReport(fixture.fake->requests.back().first);
        fixture.fake->tell(first);
        fixture.fake->tell(runtime::JobEnded{first.job, false, {}});
        fixture.settle();
        fixture.fake->tell(
            runtime::JobEnded{fixture.fake->requests.back().first, false,
                              Error(ErrorCode::Usage, "the control is refused", "Choose.")});
        fixture.settle();
        QVERIFY(says(QStringLiteral("the control is refused")));
    }
};

QTEST_MAIN(TestMeasureDialog)
#include "tst_measure_dialog.moc"
