// SPDX-License-Identifier: MIT
// Writing and reading back: bit for bit, through a killed program, on a full disk, over an older
// file.
#include "engine/base/error.h"
#include "engine/recording/reader.h"
#include "engine/recording/save.h"
#include "engine/recording/writer.h"
#include "engine/trace/graded_classes.h"
#include "tests/engine/recording/random_trace.h"
#include "tests/engine/recording/some_lanes.h"
#include "tests/engine/recording/trace_difference.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <csignal>
#include <limits>

using namespace depthscope;
using namespace depthscope::recording;
using tests::differenceOf;
using tests::RandomTrace;
using tests::someLanes;

class TestRecording : public QObject {
    Q_OBJECT

private:
    using Step = trace::StepTrace;
    using Change = void (*)(Step&);

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
        std::uint64_t number = ~std::uint64_t{0};
        for (const char* key : {trace::kMainRun, trace::kFullDepthRun, "control \u5b57"}) {
            const auto run = random.run(number--, key, 1 + random.below(20), random.below(300));
            const auto grid = random.grid(number--, key, 5);
            steps.insert(steps.end(), run.begin(), run.end());
            steps.insert(steps.end(), grid.begin(), grid.end());
        }
        const RunSetup recipe = random.recipe();
        const WindowState window{{"window", random.bytes(100)}, {"", ""}, {"\u5b57", "x"}};
        const std::vector<Annotation> notes{{~std::uint64_t{0}, 17, random.bytes(10)}, {1, 0, ""}};
        saveRecording(pathOf("saved.depthscope"), steps, recipe, window, {notes, nullptr});

        const Recording read = readRecording(pathOf("saved.depthscope"));
        compare(read.steps, steps);
        QVERIFY(read.recipe == recipe);
        QVERIFY(read.window == window);
        QVERIFY(read.annotations == notes);
        QVERIFY(read.steps[0]->text()->logits.empty());
        const auto isGrid = [](const trace::StepPtr& step) { return step->text() == nullptr; };
        QCOMPARE(std::ranges::count_if(read.steps, isGrid), 15);
        QVERIFY(read.steps[0]->run != read.steps[1]->run ||
                read.steps[0]->model == read.steps[1]->model);
        const std::size_t last = read.steps.size() - 1;
        QVERIFY(read.steps[last]->model == read.steps[last - 1]->model);
    }

    /// In a table of their own, which a file without them does not have.
    void lanesComeBack() {
        RandomTrace random(3);
        const auto steps = random.run(1, trace::kMainRun, 3, 8);
        const std::string path = pathOf("lanes.depthscope");
        saveRecording(path, steps, {}, {}, {{}, someLanes()});
        const Recording read = readRecording(path);
        compare(read.steps, steps);
        QVERIFY(read.lanes && *read.lanes == *someLanes());
        auto odd = someLanes();
        odd->spans[1].rows = 9; // of 4
        expect(ErrorCode::Internal, [&] { saveRecording(path, steps, {}, {}, {{}, odd}); });
        QVERIFY(readRecording(path).lanes); // the old file is still there
        saveRecording(path, steps, {}, {});
        QVERIFY(!readRecording(path).lanes);
    }

    void emptyStepAndEmptyRecordingComeBack() {
        auto empty = std::make_shared<trace::StepTrace>();
        empty->model = std::make_shared<const spec::ModelInfo>();
        saveRecording(pathOf("empty.depthscope"), {empty}, {}, {});
        compare(readRecording(pathOf("empty.depthscope")).steps, {empty});
        (void)empty->makeText(); // a text of no tokens is a text
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
        const auto steps = random.run(1, trace::kMainRun, 3, 10);
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
        const auto steps = random.run(1, trace::kMainRun, 40, 64);
        Writer writer(path, random.recipe());
        for (const trace::StepPtr& step : steps) {
            writer.add(*step);
        }
        writer.put(WindowState{{"a", "b"}});
        writer.add(Annotation{1, 2, "here"});
        QCOMPARE(writer.steps(), std::uint64_t{40});
        writer.close();
        QCOMPARE(namesIn(folder.path()), QStringList{"r.depthscope"});
        const Recording read = readRecording(path);
        compare(read.steps, steps);
        QCOMPARE(read.window.at("a"), std::string("b"));
        QCOMPARE(read.annotations.size(), std::size_t{1});
        QVERIFY_EXCEPTION_THROWN(writer.add(*steps[0]), Error);
    }

    void recordingInProgressCanBeRead() {
        RandomTrace random(5);
        const auto steps = random.run(1, trace::kMainRun, 30, 64);
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
        const auto steps = random.run(1, trace::kMainRun, 200, 64);
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
        const RunSetup recipe = random.recipe();
        (void)inChild([&] {
            const Writer writer(path, recipe);
            ::raise(SIGKILL);
        });
        QVERIFY(readRecording(path).recipe == recipe);
    }

    void fullDiskIsNamedAndEarlierStepsStay() {
        const std::string path = pathOf("full.depthscope");
        RandomTrace random(8);
        const auto steps = random.run(1, trace::kMainRun, 400, 2000);
        const int status = inChild([&] {
            ::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{400'000, 400'000};
            ::setrlimit(RLIMIT_FSIZE, &limit);
            Writer writer(path, {});
            try {
                for (const trace::StepPtr& step : steps) {
                    writer.add(*step);
                }
            } catch (const Error& error) {
                const bool isNamed = error.code() == ErrorCode::OutOfMemory &&
                                     error.message().find("full.depthscope") != std::string::npos &&
                                     !error.hint().empty();
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
        const auto older = random.run(1, trace::kMainRun, 2, 20);
        const auto newer = random.run(2, trace::kMainRun, 900, 2000);
        saveRecording(path, older, {}, {});
        const int status = inChild([&] {
            ::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{300'000, 300'000};
            ::setrlimit(RLIMIT_FSIZE, &limit);
            try {
                saveRecording(path, newer, {}, {});
            } catch (const Error& error) {
                ::_exit(error.code() == ErrorCode::OutOfMemory ? 42 : 1);
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
        QVERIFY(readRecording(path).recipe == RunSetup{});
        RandomTrace random(11);
        const RunSetup recipe = random.recipe();
        Writer(path, recipe, Writer::IfExists::Replace).close();
        QVERIFY(readRecording(path).recipe == recipe);

        QFile empty(QString::fromStdString(pathOf("placeholder.depthscope")));
        QVERIFY(empty.open(QIODevice::WriteOnly));
        empty.close();
        Writer(pathOf("placeholder.depthscope"), recipe).close();
        QVERIFY(readRecording(pathOf("placeholder.depthscope")).recipe == recipe);
    }

    void unsoundStepIsADefectAndNotStored_data() {
        QTest::addColumn<Change>("change");
        const auto row = [](const char* name, Change change) { QTest::newRow(name) << change; };
        row("no model", [](Step& s) { s.model = nullptr; });
        row("no key", [](Step& s) { s.key.clear(); });
        row("endless key", [](Step& s) { s.key.assign(257, 'k'); });
        row("short depth", [](Step& s) { s.routing.depth = {0}; });
        row("depth above R", [](Step& s) { s.routing.depth[1] = 3; });
        row("short scores", [](Step& s) { s.routing.scores = {0.5f, 0.5f, 0.5f}; });
        row("short ids", [](Step& s) { s.makeText().ids = {1}; });
        row("piece beyond text", [](Step& s) { s.makeText().pieceEnds = {0, 1}; });
        row("classes without a set", [](Step& s) { s.routing.classes = {0, 1}; });
        row("set without classes", [](Step& s) { s.routing.classSet = trace::gradedClasses(); });
        row("unknown class", [](Step& s) {
            s.routing.classSet = trace::gradedClasses();
            s.routing.classes = {0, 77};
        });
        row("tau 2", [](Step& s) { s.settings.tau = 2; });
        row("NaN tau", [](Step& s) { s.settings.tau = std::numeric_limits<double>::quiet_NaN(); });
        row("R 65", [](Step& s) { s.routing.recursions = 65; });
        row("negative position", [](Step& s) { s.routing.firstPlace = -1; });
        row("past the layout", [](Step& s) { s.routing.firstPlace = 1; });
        row("no frame", [](Step& s) { s.routing.layout.frames = 0; });
        row("no row", [](Step& s) { s.routing.layout.rows = 0; });
        row("negative columns", [](Step& s) { s.routing.layout.columns = -2; });
        row("huge layout", [](Step& s) {
            constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
            s.routing.layout = {kMost, kMost, kMost};
        });
        row("noise level 1.5", [](Step& s) { s.routing.noiseLevel = 1.5; });
        row("noise level without end",
            [](Step& s) { s.routing.noiseLevel = -std::numeric_limits<double>::infinity(); });
        row("offsets too short", [](Step& s) { s.routing.experts = {{0, 4, {0, 1}, {1}, {1}}}; });
        row("no offsets", [](Step& s) { s.routing.experts = {{0, 4, {}, {}, {}}}; });
        row("offsets fall", [](Step& s) { s.routing.experts = {{0, 4, {0, 2, 1}, {1}, {1}}}; });
        row("offsets begin late", [](Step& s) {
            s.routing.experts = {{0, 4, {1, 1, 1}, {1}, {1}}};
        });
        row("layers fall", [](Step& s) {
            s.routing.experts = {{1, 4, {0, 0, 0}, {}, {}}, {0, 4, {0, 0, 0}, {}, {}}};
        });
    }

    void unsoundStepIsADefectAndNotStored() {
        QFETCH(Change, change);
        trace::StepTrace step;
        step.model = std::make_shared<const spec::ModelInfo>();
        step.makeText().ids = {1, 2};
        step.routing.layout.columns = 2;
        step.routing.depth = {1, 1};
        step.routing.recursions = 2;
        Writer(pathOf("sound.depthscope"), {}, Writer::IfExists::Replace).add(step);
        change(step);
        Writer writer(pathOf("unsound.depthscope"), {}, Writer::IfExists::Replace);
        expect(ErrorCode::Internal, [&] { writer.add(step); });
        writer.close();
        QVERIFY(readRecording(pathOf("unsound.depthscope")).steps.empty());
    }

    void missingStepIsADefect() {
        RandomTrace random(12);
        const auto steps = random.run(1, trace::kMainRun, 3, 5);
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
        } catch (const Error& error) {
            QCOMPARE(static_cast<int>(error.code()), static_cast<int>(code));
            QVERIFY(!error.hint().empty());
            QVERIFY(error.message().find(".depthscope") != std::string::npos);
            return;
        }
        QFAIL("nothing was thrown");
    }
};

QTEST_APPLESS_MAIN(TestRecording)
#include "tst_recording.moc"
