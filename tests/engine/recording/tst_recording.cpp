// SPDX-License-Identifier: MIT
// Writing and reading back: bit for bit, through a killed program, on a full disk, over an older
// file.
#include "engine/base/error.h"
#include "engine/recording/reader.h"
#include "engine/recording/save.h"
#include "engine/recording/writer.h"
#include "tests/engine/recording/random_trace.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>

using namespace depthscope;
using namespace depthscope::recording;
using tests::differenceOf;
using tests::RandomTrace;

class TestRecording : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    [[nodiscard]] std::string pathOf(const char* name) const {
        return m_folder.filePath(name).toStdString();
    }

    [[nodiscard]] static QStringList namesIn(const QString& folder) {
        return QDir(folder).entryList(QDir::Files | QDir::Hidden, QDir::Name);
    }

    static void compare(const std::vector<trace::StepPtr>& is,
                        const std::vector<trace::StepPtr>& expected) {
        QCOMPARE(is.size(), expected.size());
        for (std::size_t s = 0; s < is.size(); ++s) {
            QCOMPARE(differenceOf(*is[s], *expected[s]), std::string());
        }
    }

    /// Runs `work` in a child process and gives its wait status.
    template <class Work>
    static int inChild(Work&& work) {
        const pid_t child = ::fork();
        if (child == 0) {
            work();
            ::_exit(0);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        return status;
    }

private Q_SLOTS:

    void savedRunComesBackBitForBit_data() {
        QTest::addColumn<int>("seed");
        for (int seed = 1; seed <= 25; ++seed) {
            QTest::addRow("seed %d", seed) << seed;
        }
    }

    void savedRunComesBackBitForBit() {
        QFETCH(int, seed);
        RandomTrace random(static_cast<std::uint32_t>(seed));
        std::vector<trace::StepPtr> steps;
        for (const auto role :
             {trace::RunRole::Main, trace::RunRole::FullDepth, trace::RunRole::Vanilla}) {
            const auto run = random.run(~std::uint64_t{0} - static_cast<std::uint64_t>(role), role,
                                        1 + random.below(20), random.below(300));
            steps.insert(steps.end(), run.begin(), run.end());
        }
        const Recipe recipe = random.recipe();
        const Layout layout{{"window", random.bytes(100)}, {"", ""}, {"\u5b57", "x"}};
        const std::vector<Annotation> notes{{~std::uint64_t{0}, 17, random.bytes(10)}, {1, 0, ""}};
        saveRecording(pathOf("saved.depthscope"), steps, recipe, layout, notes);

        const Recording read = readRecording(pathOf("saved.depthscope"));
        compare(read.steps, steps);
        QVERIFY(read.recipe == recipe);
        QVERIFY(read.layout == layout);
        QVERIFY(read.annotations == notes);
        QVERIFY(read.steps[0]->logits.empty());
        QVERIFY(read.steps.size() == 1 || read.steps[0]->role != read.steps[1]->role ||
                read.steps[0]->model == read.steps[1]->model);
    }

    void emptyStepAndEmptyRecordingComeBack() {
        auto empty = std::make_shared<trace::StepTrace>();
        empty->model = std::make_shared<const trace::ModelInfo>();
        saveRecording(pathOf("empty.depthscope"), {empty}, {}, {});
        compare(readRecording(pathOf("empty.depthscope")).steps, {empty});
        saveRecording(pathOf("empty.depthscope"), {}, {}, {});
        QVERIFY(readRecording(pathOf("empty.depthscope")).steps.empty());
    }

    void savingLeavesOneFileAndReplacesStaleLogs() {
        QTemporaryDir folder;
        const std::string path = folder.filePath("a ?#%.depthscope").toStdString();
        QFile stale(QString::fromStdString(path) + "-wal");
        QVERIFY(stale.open(QIODevice::WriteOnly));
        stale.write("left by a recording that was cut short");
        stale.close();
        RandomTrace random(3);
        const auto steps = random.run(1, trace::RunRole::Main, 3, 10);
        saveRecording(path, {}, {}, {});
        saveRecording(path, steps, {}, {});
        QCOMPARE(namesIn(folder.path()), QStringList{"a ?#%.depthscope"});
        compare(readRecording(path).steps, steps);
        QCOMPARE(namesIn(folder.path()), QStringList{"a ?#%.depthscope"});
    }

    void closedWriterLeavesOneFile() {
        QTemporaryDir folder;
        const std::string path = folder.filePath("r.depthscope").toStdString();
        RandomTrace random(4);
        const auto steps = random.run(1, trace::RunRole::Main, 40, 64);
        Writer writer(path, random.recipe());
        for (const trace::StepPtr& step : steps) {
            writer.add(*step);
        }
        writer.put(Layout{{"a", "b"}});
        writer.add(Annotation{1, 2, "here"});
        QCOMPARE(writer.steps(), std::uint64_t{40});
        writer.close();
        QCOMPARE(namesIn(folder.path()), QStringList{"r.depthscope"});
        const Recording read = readRecording(path);
        compare(read.steps, steps);
        QCOMPARE(read.layout.at("a"), std::string("b"));
        QCOMPARE(read.annotations.size(), std::size_t{1});
        QVERIFY_EXCEPTION_THROWN(writer.add(*steps[0]), Error);
    }

    void recordingInProgressCanBeRead() {
        RandomTrace random(5);
        const auto steps = random.run(1, trace::RunRole::Main, 30, 64);
        Writer writer(pathOf("live.depthscope"), {});
        for (const trace::StepPtr& step : steps) {
            writer.add(*step);
            compare(readRecording(pathOf("live.depthscope")).steps,
                    {steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(writer.steps())});
        }
    }

    void killedWriterLosesNothingThatWasAdded() {
        const std::string path = pathOf("killed.depthscope");
        RandomTrace random(6);
        const auto steps = random.run(1, trace::RunRole::Main, 200, 64);
        const int status = inChild([&] {
            Writer writer(path, {});
            for (const trace::StepPtr& step : steps) {
                writer.add(*step);
            }
            ::raise(SIGKILL);
        });
        QVERIFY(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        QVERIFY(QFile::exists(QString::fromStdString(path) + "-wal"));
        const QByteArray before = contentOf(path) + contentOf(path + "-wal");
        compare(readRecording(path).steps, steps);
        QCOMPARE(contentOf(path) + contentOf(path + "-wal"), before);
    }

    void killedBeforeTheFirstStepIsStillARecording() {
        const std::string path = pathOf("early.depthscope");
        RandomTrace random(7);
        const Recipe recipe = random.recipe();
        (void)inChild([&] {
            const Writer writer(path, recipe);
            ::raise(SIGKILL);
        });
        QVERIFY(readRecording(path).recipe == recipe);
    }

    void fullDiskIsNamedAndEarlierStepsStay() {
        const std::string path = pathOf("full.depthscope");
        RandomTrace random(8);
        const auto steps = random.run(1, trace::RunRole::Main, 400, 2000);
        const int status = inChild([&] {
            ::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{400'000, 400'000};
            ::setrlimit(RLIMIT_FSIZE, &limit);
            Writer writer(path, {});
            try {
                for (const trace::StepPtr& step : steps) {
                    writer.add(*step);
                }
            } catch (const Error& fault) {
                const bool isNamed = fault.code() == ErrorCode::OutOfMemory &&
                                     fault.message().find("full.depthscope") != std::string::npos &&
                                     !fault.hint().empty();
                bool isFinal = false;
                try {
                    writer.add(*steps[writer.steps()]);
                } catch (const Error&) {
                    isFinal = true;
                }
                ::_exit(isNamed && isFinal && writer.steps() > 0 ? 42 : 1);
            }
        });
        QVERIFY(WIFEXITED(status));
        QCOMPARE(WEXITSTATUS(status), 42);
        const auto read = readRecording(path).steps;
        QVERIFY(!read.empty());
        compare(read, {steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(read.size())});
    }

    void savingOnAFullDiskKeepsTheOlderFile() {
        QTemporaryDir folder;
        const std::string path = folder.filePath("kept.depthscope").toStdString();
        RandomTrace random(9);
        const auto older = random.run(1, trace::RunRole::Main, 2, 20);
        const auto newer = random.run(2, trace::RunRole::Main, 900, 2000);
        saveRecording(path, older, {}, {});
        const int status = inChild([&] {
            ::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{300'000, 300'000};
            ::setrlimit(RLIMIT_FSIZE, &limit);
            try {
                saveRecording(path, newer, {}, {});
            } catch (const Error& fault) {
                ::_exit(fault.code() == ErrorCode::OutOfMemory ? 42 : 1);
            }
        });
        QVERIFY(WIFEXITED(status));
        QCOMPARE(WEXITSTATUS(status), 42);
        QCOMPARE(namesIn(folder.path()), QStringList{"kept.depthscope"});
        compare(readRecording(path).steps, older);
    }

    void readOnlyFolderIsRefused() {
        if (::geteuid() == 0) {
            QSKIP("root may write everywhere");
        }
        QTemporaryDir folder;
        const std::string path = folder.filePath("r.depthscope").toStdString();
        saveRecording(path, {}, {}, {});
        QVERIFY(QFile::setPermissions(folder.path(), QFile::ReadOwner | QFile::ExeOwner));
        QVERIFY(readRecording(path).steps.empty());
        expect(ErrorCode::BadInput, [&] { saveRecording(path, {}, {}, {}); });
        expect(ErrorCode::BadInput, [&] { Writer(path + "2", {}); });
        QFile::setPermissions(folder.path(),
                              QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    }

    void missingFolderIsRefused() {
        expect(ErrorCode::BadInput,
               [&] { saveRecording(pathOf("no/such/r.depthscope"), {}, {}, {}); });
        expect(ErrorCode::BadInput, [&] { Writer(pathOf("no/such/r.depthscope"), {}); });
    }

    void existingFileIsRefusedOrReplaced() {
        const std::string path = pathOf("there.depthscope");
        saveRecording(path, {}, {}, {});
        expect(ErrorCode::Usage, [&] { Writer(path, {}); });
        QVERIFY(readRecording(path).recipe == Recipe{});
        RandomTrace random(11);
        const Recipe recipe = random.recipe();
        Writer(path, recipe, Writer::IfExists::Replace).close();
        QVERIFY(readRecording(path).recipe == recipe);

        QFile empty(QString::fromStdString(pathOf("placeholder.depthscope")));
        QVERIFY(empty.open(QIODevice::WriteOnly));
        empty.close();
        Writer(pathOf("placeholder.depthscope"), recipe).close();
        QVERIFY(readRecording(pathOf("placeholder.depthscope")).recipe == recipe);
    }

    void unsoundStepIsADefectAndNotStored_data() {
        QTest::addColumn<int>("fault");
        const char* names[] = {
            "no model",          "short depth",   "depth above R", "short scores",
            "piece beyond text", "unknown class", "tau 2",         "R 65",
            "negative position", "NaN tau"};
        for (int fault = 0; fault < 10; ++fault) {
            QTest::newRow(names[fault]) << fault;
        }
    }

    void unsoundStepIsADefectAndNotStored() {
        QFETCH(int, fault);
        trace::StepTrace step;
        step.model = std::make_shared<const trace::ModelInfo>();
        step.ids = {1, 2};
        step.depth = {1, 1};
        step.recursions = 2;
        switch (fault) {
        case 0:
            step.model = nullptr;
            break;
        case 1:
            step.depth = {0};
            break;
        case 2:
            step.depth[1] = 3;
            break;
        case 3:
            step.scores = {0.5f, 0.5f, 0.5f};
            break;
        case 4:
            step.pieceEnds = {0, 1};
            break;
        case 5:
            step.classes = {0, 77};
            break;
        case 6:
            step.routing.tau = 2;
            break;
        case 7:
            step.recursions = 65;
            break;
        case 8:
            step.firstToken = -1;
            break;
        default:
            step.routing.tau = std::numeric_limits<double>::quiet_NaN();
        }
        Writer writer(pathOf("unsound.depthscope"), {}, Writer::IfExists::Replace);
        expect(ErrorCode::Internal, [&] { writer.add(step); });
        writer.close();
        QVERIFY(readRecording(pathOf("unsound.depthscope")).steps.empty());
    }

    void missingStepIsADefect() {
        RandomTrace random(12);
        const auto steps = random.run(1, trace::RunRole::Main, 3, 5);
        Writer writer(pathOf("gap.depthscope"), {});
        writer.add(*steps[1]); // a recording may begin in the middle of a run
        expect(ErrorCode::Internal, [&] { writer.add(*steps[1]); });
    }

private:
    static QByteArray contentOf(const std::string& path) {
        QFile file(QString::fromStdString(path));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    template <class Call>
    static void expect(ErrorCode code, Call&& call) {
        try {
            call();
        } catch (const Error& fault) {
            QCOMPARE(static_cast<int>(fault.code()), static_cast<int>(code));
            QVERIFY(!fault.hint().empty());
            QVERIFY(fault.message().find(".depthscope") != std::string::npos);
            return;
        }
        QFAIL("nothing was thrown");
    }
};

QTEST_APPLESS_MAIN(TestRecording)
#include "tst_recording.moc"
