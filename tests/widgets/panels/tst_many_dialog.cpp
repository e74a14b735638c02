// SPDX-License-Identifier: MIT
// Run > Generate many texts: the form becomes the request, answers become rows, and what failed
// says why in its row.
#include "tests/engine/recording/some_lanes.h"
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/panels/many_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTableView>
#include <QTest>
#include <algorithm>
#include <ctime>

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
        return find<QTableView>("many.results")->model()->index(row, column).data().toString();
    }

    /// Until the texts are asked for, or the file is refused.
    void start() {
        const std::size_t before = fake->requests.size();
        find<QPushButton>("many.start")->click();
        QTRY_VERIFY(fake->requests.size() > before || find<QPushButton>("many.start")->isEnabled());
    }

    panels::ManyDialog dialog;
};

/// What this thread has computed, in milliseconds: other programs do not count.
double threadMilliseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

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
        f.start();
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
        f.start();
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
        QCOMPARE(f.find<QTableView>("many.results")->model()->rowCount(), 2);
        QCOMPARE(f.cell(1, 1), QString("2"));
        QCOMPARE(f.cell(1, 2), QLocale().toString(1.5, 'f', 2));
        QCOMPARE(f.cell(1, 3), QString("x y"));
        QCOMPARE(f.cell(0, 3), QString("no room. Ask for fewer tokens."));
        QVERIFY(f.cell(0, 1).isEmpty());
        auto lanes = tests::someLanes();
        f.fake->tell(runtime::LanesReport{job, lanes});
        runtime::BatchReport report;
        report.job = job;
        report.tokens = lanes->tokens;
        report.seconds = 0.5; // the engine's work alone
        f.fake->tell(report);
        f.fake->answer(job);
        LabFixture::settle();
        QCOMPARE(f.find<QLabel>("many.state")->text(), // as LANES says it
                 QStringLiteral("9 tokens in %1 s, 7 tokens/s.").arg(QLocale().toString(1.25)));
        QVERIFY(f.find<QPushButton>("many.save")->isEnabled());
        QVERIFY(f.find<QPushButton>("many.start")->isEnabled());
    }

    /// The rule that generates, which is not always the one of ROUTING.
    void saysItsRule() {
        ManyFixture f;
        auto* rule = f.find<QLabel>("many.rule");
        QVERIFY(rule->isHidden());
        f.load();
        QCOMPARE(rule->text(), QString("Uses threshold, tau 0.5. The rule of "
                                       "ROUTING, Top-k, needs the whole text."));
        const auto choose = [&](const settings::RoutingSettings& routing) {
            f.lab.edit({}, -1, [&](settings::LabSettings& s) { s.routing = routing; });
            LabFixture::settle();
        };
        settings::RoutingSettings routing;
        routing.rule = settings::Rule::Fixed;
        routing.fixedDepth = 2;
        choose(routing);
        QCOMPARE(rule->text(), QString("Uses the rule of ROUTING: 2 recursions for every token."));
        f.fake->automatic = true;
        f.lab.loadModel(f.folder("demo-mor-token"));
        LabFixture::settle();
        routing.rule = settings::Rule::Random;
        choose(routing);
        QCOMPARE(
            rule->text(),
            QString(
                "Uses token-choice. The rule of ROUTING, Random scores, needs the whole text."));
        routing.rule = settings::Rule::Token;
        routing.maxDepth = 2;
        choose(routing);
        QCOMPARE(rule->text(),
                 QString("Uses the rule of ROUTING: token-choice, at most 2 recursions."));
    }

    /// The window answers while a large file is read and when its rows come.
    void aLargeFileStopsNothing() {
        constexpr double kMostMilliseconds = 50;
        ManyFixture f;
        f.load();
        f.useFile((QByteArray(99, 'a') + '\n').repeated(500'000)); // 50 MB
        double longest = 0;
        const auto timed = [&longest](const auto& work) {
            const double before = threadMilliseconds();
            work();
            longest = std::max(longest, threadMilliseconds() - before);
        };
        const auto isAsked = [&] {
            return std::holds_alternative<runtime::BatchRequest>(f.fake->requests.back().second);
        };
        timed([&] { f.find<QPushButton>("many.start")->click(); });
        QVERIFY(f.find<QPushButton>("many.stop")->isEnabled());
        QVERIFY(!isAsked());
        QElapsedTimer patience;
        patience.start();
        while (!isAsked() && patience.elapsed() < 60'000) {
            timed([] { QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 20); });
        }
        for (int i = 0; i < 8; ++i) {
            timed([] { QCoreApplication::processEvents(); });
        }
        QCOMPARE(f.find<QTableView>("many.results")->model()->rowCount(), 500'000);
        QVERIFY2(longest < kMostMilliseconds, qPrintable(QString::number(longest)));
    }

    void aFaultStaysInTheDialog() {
        ManyFixture f;
        f.load();
        f.useFile("");
        f.start();
        QVERIFY(f.find<QLabel>("many.state")->text().contains("at least one line"));
        QVERIFY(!f.find<QPushButton>("many.stop")->isEnabled());
        QVERIFY(!f.find<QPushButton>("many.save")->isEnabled());
    }
};

QTEST_MAIN(TestManyDialog)
#include "tst_many_dialog.moc"
