// SPDX-License-Identifier: MIT
// A recording as a runtime: the same steps in the same order, errors as events, requests refused,
// stops obeyed.
#include "engine/recording/save.h"
#include "engine/runtime/replay_runtime.h"
#include "tests/engine/recording/random_trace.h"
#include "tests/engine/recording/trace_difference.h"

#include <QTemporaryDir>
#include <QTest>
#include <semaphore>

using namespace depthscope;
using namespace depthscope::runtime;
using tests::RandomTrace;

namespace {

/// Drains whenever the runtime wakes it.
class Listener {
public:
    explicit Listener(const std::string& path)
        : m_runtime(path, [this] { m_woken.release(); }) {}

    [[nodiscard]] std::vector<Event> untilEnd(JobId job) {
        std::vector<Event> all;
        while (!hasEnd(all, job)) {
            m_woken.acquire();
            for (Event& event : m_runtime.drain()) {
                all.push_back(std::move(event));
            }
        }
        return all;
    }

    [[nodiscard]] static bool hasEnd(const std::vector<Event>& events, JobId job) {
        for (const Event& event : events) {
            const auto* end = std::get_if<JobEnded>(&event);
            if (end != nullptr && end->job == job) {
                return true;
            }
        }
        return false;
    }

    [[nodiscard]] ReplayRuntime& runtime() { return m_runtime; }

private:
    std::counting_semaphore<> m_woken{0};
    ReplayRuntime m_runtime;
};

const std::optional<Error>& errorOf(const std::vector<Event>& events) {
    return std::get<JobEnded>(events.back()).error;
}

} // namespace

class TestReplayRuntime : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    std::vector<trace::StepPtr> m_steps;
    std::string m_path;
    recording::RunSetup m_recipe;

private Q_SLOTS:

    void initTestCase() {
        RandomTrace random(5);
        m_steps = random.run(1, trace::kMainRun, 700, 90);
        const auto reference = random.run(2, trace::kVanillaRun, 1, 90);
        const auto second = random.run(3, trace::kMainRun, 2, 9);
        m_steps.insert(m_steps.end(), reference.begin(), reference.end());
        m_steps.insert(m_steps.end(), second.begin(), second.end());
        m_recipe = random.recipe();
        m_path = m_folder.filePath("run.depthscope").toStdString();
        recording::saveRecording(m_path, m_steps, m_recipe, {{"a", "b"}});
    }

    void deliversEveryStepInOrder() {
        Listener listener(m_path);
        const std::vector<Event> events = listener.untilEnd(ReplayRuntime::kReading);
        QCOMPARE(std::get<JobStarted>(events.front()).job, ReplayRuntime::kReading);
        QVERIFY(!errorOf(events).has_value());
        std::size_t steps = 0;
        std::shared_ptr<const spec::ModelInfo> model;
        int models = 0;
        for (const Event& event : events) {
            if (const auto* loaded = std::get_if<ModelLoaded>(&event)) {
                model = loaded->model;
                ++models;
            } else if (const auto* published = std::get_if<StepPublished>(&event)) {
                QVERIFY(steps < m_steps.size());
                QCOMPARE(tests::differenceOf(*published->step, *m_steps[steps]), std::string());
                QVERIFY(published->step->key != trace::kMainRun || published->step->model == model);
                ++steps;
            }
        }
        QCOMPARE(steps, m_steps.size());
        QCOMPARE(models, 2);
        const auto held = listener.runtime().recording();
        QVERIFY(held != nullptr);
        QVERIFY(held->recipe == m_recipe);
        QCOMPARE(held->window.at("a"), std::string("b"));
    }

    void emptyRecordingsSaySo() {
        const std::string path = m_folder.filePath("empty.depthscope").toStdString();
        recording::saveRecording(path, {}, m_recipe, {});
        Listener listener(path);
        const auto error = errorOf(listener.untilEnd(ReplayRuntime::kReading));
        QVERIFY(error.has_value());
        QVERIFY(error->message().find("no steps") != std::string::npos);
        QVERIFY(!error->hint().empty());
    }

    void requestsEndWithUsage() {
        Listener listener(m_path);
        (void)listener.untilEnd(ReplayRuntime::kReading);
        const JobId first = listener.runtime().submit(PassRequest{});
        const JobId second = listener.runtime().submit(LoadRequest{});
        QVERIFY(first != second && first != ReplayRuntime::kReading);
        const std::vector<Event> events = listener.untilEnd(second);
        QVERIFY(Listener::hasEnd(events, first));
        QCOMPARE(static_cast<int>(errorOf(events)->code()), static_cast<int>(ErrorCode::Usage));
        QVERIFY(errorOf(events)->message().starts_with("This is a recording"));
        QVERIFY(!errorOf(events)->hint().empty());
    }

    void damagedFileEndsWithItsError() {
        Listener listener(m_folder.filePath("missing.depthscope").toStdString());
        const std::vector<Event> events = listener.untilEnd(ReplayRuntime::kReading);
        QVERIFY(errorOf(events).has_value());
        QCOMPARE(static_cast<int>(errorOf(events)->code()), static_cast<int>(ErrorCode::BadInput));
        QVERIFY(listener.runtime().recording() == nullptr);
    }

    void stoppedReplayEndsInterrupted() {
        Listener listener(m_path);
        listener.runtime().stop(77);
        listener.runtime().stopAll();
        const std::vector<Event> events = listener.untilEnd(ReplayRuntime::kReading);
        // 703 steps do not fit undrained: it was stopped while reading or at the bound.
        QVERIFY(errorOf(events).has_value());
        QCOMPARE(static_cast<int>(errorOf(events)->code()),
                 static_cast<int>(ErrorCode::Interrupted));
    }

    void destructorEndsAWaitingReplay() {
        std::binary_semaphore woken(0);
        const ReplayRuntime runtime(m_path, [&] { woken.release(); });
        woken.acquire();
        // Nobody drains: without its stop the destructor would wait for ever.
    }
};

QTEST_APPLESS_MAIN(TestReplayRuntime)
#include "tst_replay_runtime.moc"
