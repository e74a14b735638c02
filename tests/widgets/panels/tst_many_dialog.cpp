// SPDX-License-Identifier: MIT
// Run > Generate many texts: the form becomes the request, answers become rows, and what failed
// says why in its row.
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/panels/many_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTableWidget>
#include <QTest>

using namespace depthscope;
using test::LabFixture;

namespace {

struct ManyFixture : LabFixture {
    ManyFixture()
        : dialog(lab) {
        dialog.show();
        settle();
    }

    template <class Control>
    Control* find(const char* name) {
        return dialog.findChild<Control*>(QString::fromLatin1(name));
    }

    void load() {
        openExpert();
        fake->automatic = false;
    }

    void useFile(const QByteArray& content) {
        QFile file(root.filePath("prompts.txt"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
        find<QComboBox>("many.source")->setCurrentIndex(1);
        find<QLineEdit>("many.file")->setText(file.fileName());
    }

    [[nodiscard]] QString cell(int row, int column) {
        return find<QTableWidget>("many.results")->item(row, column)->text();
    }

    panels::ManyDialog dialog;
};

} // namespace

class TestManyDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void needsAModelAndPrompts() {
        ManyFixture f;
        QVERIFY(!f.find<QPushButton>("many.start")->isEnabled());
        QVERIFY(f.find<QLabel>("many.state")->text().contains("Load a language model"));
        f.load();
        QVERIFY(f.find<QPushButton>("many.start")->isEnabled());
        f.find<QComboBox>("many.source")->setCurrentIndex(1);
        QVERIFY(!f.find<QPushButton>("many.start")->isEnabled());
        QVERIFY(f.find<QLineEdit>("many.file")->isVisible());
        QVERIFY(!f.find<QSpinBox>("many.graded")->isVisible());
    }

    void formIsTheRequest() {
        ManyFixture f;
        f.load();
        f.useFile("a\nb\n");
        f.find<QSpinBox>("many.rows")->setValue(7);
        f.find<QComboBox>("many.batching")->setCurrentIndex(1);
        f.find<QCheckBox>("many.compares")->setChecked(false);
        const lab::ManyTexts::Asked asked = f.dialog.asked();
        QCOMPARE(asked.batch.rows, 7);
        QVERIFY(asked.batch.batching == settings::Batching::Sequence);
        QVERIFY(!asked.comparesFullDepth && asked.file.endsWith("prompts.txt"));
        f.find<QPushButton>("many.start")->click();
        LabFixture::settle();
        const auto& request = std::get<runtime::BatchRequest>(f.fake->requests.back().second);
        QCOMPARE(request.batch.rows, 7);
        QVERIFY(!f.find<QPushButton>("many.start")->isEnabled());
        QVERIFY(f.find<QPushButton>("many.stop")->isEnabled());
    }

    void answersAreRows() {
        ManyFixture f;
        f.load();
        f.useFile("a\nb\n");
        f.find<QCheckBox>("many.compares")->setChecked(false);
        f.find<QPushButton>("many.start")->click();
        LabFixture::settle();
        const runtime::JobId job = f.fake->requests.back().first;
        runtime::BatchAnswer answer;
        answer.job = job;
        answer.number = 1;
        answer.tokens = {4, 5};
        answer.depth = {1, 2};
        answer.text = "x\ny";
        answer.hasText = true;
        f.fake->tell(answer);
        answer.number = 0;
        answer.error = Error(ErrorCode::OutOfMemory, "no room", "Ask for fewer tokens.");
        f.fake->tell(answer);
        LabFixture::settle();
        QCOMPARE(f.find<QTableWidget>("many.results")->rowCount(), 2);
        QCOMPARE(f.cell(1, 1), QString("2"));
        QCOMPARE(f.cell(1, 2), QLocale().toString(1.5, 'f', 2));
        QCOMPARE(f.cell(1, 3), QString("x y"));
        QCOMPARE(f.cell(0, 3), QString("no room. Ask for fewer tokens."));
        QVERIFY(f.cell(0, 1).isEmpty());
        runtime::BatchReport report;
        report.job = job;
        report.tokens = 2;
        report.seconds = 0.5;
        f.fake->tell(report);
        f.fake->answer(job);
        LabFixture::settle();
        QVERIFY(f.find<QLabel>("many.state")->text().startsWith("2 tokens in"));
        QVERIFY(f.find<QPushButton>("many.save")->isEnabled());
        QVERIFY(f.find<QPushButton>("many.start")->isEnabled());
    }

    void aFaultStaysInTheDialog() {
        ManyFixture f;
        f.load();
        f.useFile("");
        f.find<QPushButton>("many.start")->click();
        LabFixture::settle();
        QVERIFY(f.find<QLabel>("many.state")->text().contains("at least one line"));
        QVERIFY(!f.find<QPushButton>("many.stop")->isEnabled());
        QVERIFY(!f.find<QPushButton>("many.save")->isEnabled());
    }
};

QTEST_MAIN(TestManyDialog)
#include "tst_many_dialog.moc"
