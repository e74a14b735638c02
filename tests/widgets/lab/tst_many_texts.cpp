// SPDX-License-Identifier: MIT
// Many texts: graded ones are made first, a file's faulty lines stay with their line, the same
// prompts run at full depth where that is asked for, and a fault or a stop keeps what there is.
#include "tests/engine/recording/some_lanes.h"
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/lab/many_texts.h"

#include <QFile>
#include <QSignalSpy>
#include <QTest>
#include <cmath>

using namespace depthscope;
using lab::ManyTexts;
using test::LabFixture;

namespace {

struct ManyFixture : LabFixture {
    ManyFixture()
        : many(lab) {
        openExpert();
        fake->automatic = false;
    }

    [[nodiscard]] QString write(const char* name, const QByteArray& content) const {
        const QString path = root.filePath(QString::fromLatin1(name));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size()) {
            qFatal("no file");
        }
        return path;
    }

    /// Until the prompts of a file have been read.
    void begin(const ManyTexts::Asked& asked) {
        const std::size_t before = fake->requests.size();
        many.start(asked);
        QVERIFY(many.isRunning());
        QTRY_VERIFY(fake->requests.size() > before || !many.isRunning());
    }

    [[nodiscard]] const runtime::BatchRequest& requested() const {
        return std::get<runtime::BatchRequest>(fake->requests.back().second);
    }

    [[nodiscard]] runtime::JobId job() const { return fake->requests.back().first; }

    void answer(std::size_t number, std::optional<Error> error = {}) {
        runtime::BatchAnswer answer;
        answer.job = job();
        answer.number = number;
        answer.tokens = {1, 2};
        answer.depth = {1, 3};
        answer.text = "ab";
        answer.hasText = true;
        answer.error = std::move(error);
        fake->tell(answer);
        settle();
    }

    void report(double seconds) {
        auto lanes = tests::someLanes();
        lanes->fullSeconds = std::nan("");
        lanes->fullTokens = 0;
        fake->tell(runtime::LanesReport{job(), lanes});
        runtime::BatchReport report;
        report.job = job();
        report.tokens = 9;
        report.seconds = seconds;
        fake->tell(report);
        fake->answer(job());
        settle();
    }

    ManyTexts many;
};

} // namespace

class TestManyTexts : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void gradedTextsThenFullDepth() {
        ManyFixture f;
        ManyTexts::Asked asked;
        asked.graded = 3;
        asked.batch.rows = 5;
        f.many.start(asked);
        for (std::uint64_t i = 0; i < 3; ++i) {
            const auto& graded =
                std::get<runtime::GradedTextRequest>(f.fake->requests.back().second);
            QCOMPARE(graded.seed, f.lab.settings().generation.seed + i);
            f.fake->answer(f.job());
            f.settle();
        }
        QCOMPARE(f.requested().prompts->size(), std::size_t{3});
        QCOMPARE(f.requested().batch.rows, 5);
        QVERIFY(f.requested().routing.rule == settings::Rule::Threshold); // causal
        QCOMPARE((*f.requested().prompts)[2].tokens, f.lab.settings().generation.count);
        f.answer(1);
        QVERIFY(f.many.rows()[1].answer && !f.many.rows()[0].answer);
        f.report(1.5);
        QVERIFY(f.lab.store().lanes() && std::isnan(f.lab.store().lanes()->fullSeconds));
        QVERIFY(f.requested().routing.rule == settings::Rule::Fixed);
        QCOMPARE(f.requested().prompts->size(), std::size_t{3});
        f.answer(0); // of full depth: of no interest
        QVERIFY(!f.many.rows()[0].answer);
        f.report(4);
        QVERIFY(!f.many.isRunning());
        // Both without the half second in which the engine did other work.
        QCOMPARE(f.lab.store().lanes()->fullSeconds, 0.75);
        QCOMPARE(f.lab.store().lanes()->fullTokens, 9);
        QCOMPARE(f.many.lanes()->seconds, 1.25); // the one time of the texts
    }

    void faultsStayWithTheirLine() {
        ManyFixture f;
        ManyTexts::Asked asked;
        asked.file = f.write("p.jsonl", "{\"text\": \"a\"}\n{\"text\": 7}\n{\"text\": \"c\", "
                                        "\"tokens\": 2}\n");
        asked.comparesFullDepth = false;
        f.begin(asked);
        QCOMPARE(f.requested().prompts->size(), std::size_t{2});
        QCOMPARE(f.many.rows().size(), std::size_t{3});
        QVERIFY(f.many.rows()[1].error);
        f.answer(2);
        f.answer(0, Error(ErrorCode::BadInput, "not finite", "Load another."));
        f.report(1);
        QVERIFY(!f.many.isRunning());
        const QByteArray lines = QByteArray::fromStdString(f.many.lines());
        const QList<QByteArray> each = lines.trimmed().split('\n');
        QCOMPARE(each.size(), 3);
        QVERIFY(each[0].contains("\"error\":\"not finite\"") && each[0].contains("remedy"));
        QVERIFY(each[1].contains("line 2") && each[1].contains("\"request\":1"));
        QVERIFY(each[2].contains("\"text\":\"ab\"") && each[2].contains("[1,3]"));
    }

    void everyLineOfATextFile() {
        ManyFixture f;
        ManyTexts::Asked asked;
        asked.file = f.write("p.txt", "To be\r\n\n or not\n");
        f.begin(asked);
        QCOMPARE(f.requested().prompts->size(), std::size_t{2});
        QCOMPARE((*f.requested().prompts)[0].prompt.text, std::string("To be"));
        QCOMPARE((*f.requested().prompts)[1].prompt.text, std::string(" or not"));
        QCOMPARE((*f.requested().prompts)[1].number, std::size_t{2});
    }

    void unreadableFile() {
        ManyFixture f;
        QSignalSpy failed(&f.many, &ManyTexts::failed);
        ManyTexts::Asked asked;
        asked.file = f.root.filePath("none.jsonl");
        f.begin(asked);
        QCOMPARE(failed.size(), 1);
        QVERIFY(failed[0][0].toString().contains("none.jsonl"));
        asked.file = f.write("picture.txt", QByteArray("\x89PNG\r\n\x1a\n\0\0", 10));
        f.begin(asked);
        QCOMPARE(failed.size(), 2);
        QVERIFY(failed[1][0].toString().contains("picture.txt: must be text"));
        QVERIFY(!failed[0][1].toString().isEmpty());
        QVERIFY(!f.many.isRunning());
    }

    /// A file that would need more memory than there is, and one that is given up while it is read.
    void tooManyLinesAndStopped() {
        ManyFixture f;
        QSignalSpy failed(&f.many, &ManyTexts::failed);
        ManyTexts::Asked asked;
        asked.file = f.write("p.txt", QByteArray("a\n").repeated(1'000'001));
        f.begin(asked);
        QCOMPARE(failed.size(), 1);
        QVERIFY(failed[0][0].toString().contains("at most 1000000 lines"));
        asked.file = f.write("p.txt", QByteArray("a\n").repeated(900'000));
        const std::size_t requests = f.fake->requests.size();
        f.many.start(asked);
        f.many.stop();
        QTRY_VERIFY(!f.many.isRunning());
        QCOMPARE(failed.size(), 1); // nobody needs to be told
        QCOMPARE(f.fake->requests.size(), requests);
        QVERIFY(f.many.rows().empty());
    }

    /// Keeps what has been answered, and asks for no full depth.
    void stops() {
        ManyFixture f;
        ManyTexts::Asked asked;
        asked.file = f.write("p.txt", "a\nb\n");
        f.begin(asked);
        f.answer(0);
        const std::size_t requests = f.fake->requests.size();
        f.many.stop();
        f.settle();
        QVERIFY(!f.many.isRunning());
        QCOMPARE(f.fake->requests.size(), requests);
        QVERIFY(f.many.lines().find("\"request\":0") != std::string::npos);
    }

    /// A model that cannot: the reason is told, and the laboratory goes on.
    void refused() {
        ManyFixture f;
        QSignalSpy failed(&f.many, &ManyTexts::failed);
        ManyTexts::Asked asked;
        asked.file = f.write("p.txt", "a\n");
        f.begin(asked);
        f.fake->tell(runtime::JobEnded{f.job(), false,
                                       Error(ErrorCode::Usage, "more: cannot", "One at a time.")});
        f.settle();
        QCOMPARE(failed.size(), 1);
        QVERIFY(!f.many.isRunning());
    }

    /// They are saved with the run on screen and come back with it.
    void lanesAreSaved() {
        ManyFixture f;
        f.lab.showLanes(tests::someLanes());
        f.lab.saveRecording(f.root.filePath("r.depthscope"));
        QTRY_VERIFY(f.savedSteps > 0);
        QVERIFY(f.savedLanes == f.lab.store().lanes());
    }
};

QTEST_GUILESS_MAIN(TestManyTexts)
#include "tst_many_texts.moc"
