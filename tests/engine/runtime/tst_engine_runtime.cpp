// SPDX-License-Identifier: MIT
// The job loop with a fake session: order, replacement, stopping, errors, joining.
#include "engine/runtime/engine_runtime.h"

#include <QtTest>
#include <algorithm>
#include <atomic>
#include <latch>
#include <semaphore>
#include <thread>

using namespace depthscope;
using namespace depthscope::runtime;

namespace {

/// What the fake jobs share with the test. Steps wait for a permit where the test gives permits.
struct Stage {
    std::atomic<int> alive{0};
    std::atomic<int> steps{0};
    std::counting_semaphore<1000> permits{0};
    std::atomic<bool> gated{false};
    std::atomic<bool> session{false}; ///< one is there
    std::atomic<int> orphans{0};      ///< jobs that ended without it
};

class FakeJob final : public Job {
public:
    FakeJob(Stage& stage, int steps, std::function<void()> onStep)
        : m_stage(stage)
        , m_left(steps)
        , m_onStep(std::move(onStep)) {
        ++m_stage.alive;
    }

    ~FakeJob() override {
        --m_stage.alive;
        m_stage.orphans += m_stage.session ? 0 : 1;
    }

    bool step() override {
        if (m_stage.gated) {
            m_stage.permits.acquire();
        }
        ++m_stage.steps;
        if (m_onStep) {
            m_onStep();
        }
        return --m_left > 0;
    }

private:
    Stage& m_stage;
    int m_left;
    std::function<void()> m_onStep;
};

/// A pass has 3 steps and publishes its revision as run; a generation 1000; a score throws Error;
/// info throws a foreign exception.
class FakeSession final : public Session {
public:
    explicit FakeSession(Stage& stage)
        : m_stage(stage) {
        m_stage.session = true;
    }

    FakeSession(const FakeSession&) = delete;
    FakeSession& operator=(const FakeSession&) = delete;

    ~FakeSession() override { m_stage.session = false; }

    std::unique_ptr<Job> start(JobId id, const Request& request, const Publish& publish) override {
        if (const auto* pass = std::get_if<PassRequest>(&request)) {
            const std::uint64_t revision = pass->revision;
            return std::make_unique<FakeJob>(
                m_stage, 3, [publish, id, revision, step = 0]() mutable {
                    if (++step == 3) {
                        auto trace = std::make_shared<trace::StepTrace>();
                        trace->run = revision;
                        publish(StepPublished{id, trace});
                    }
                });
        }
        if (std::holds_alternative<ScoreRequest>(request)) {
            throw Error(ErrorCode::BadInput, "no such text", "Give one.");
        }
        if (std::holds_alternative<InfoRequest>(request)) {
            return std::make_unique<FakeJob>(m_stage, 1,
                                             [] { throw std::runtime_error("foreign"); });
        }
        return std::make_unique<FakeJob>(m_stage, 1000, nullptr);
    }

    [[nodiscard]] EngineStatus status() const override { return {}; }

    [[nodiscard]] Error translate(const std::exception& error) override {
        return {ErrorCode::Internal, error.what()};
    }

private:
    Stage& m_stage;
};

struct Fixture {
    Stage stage;
    std::unique_ptr<EngineRuntime> runtime =
        std::make_unique<EngineRuntime>([this] { return std::make_unique<FakeSession>(stage); },
                                        [] {});
    std::vector<Event> seen;

    const JobEnded* ended(JobId job) {
        for (Event& event : runtime->drain()) {
            seen.push_back(std::move(event));
        }
        for (const Event& event : seen) {
            const auto* end = std::get_if<JobEnded>(&event);
            if (end != nullptr && end->job == job) {
                return end;
            }
        }
        return nullptr;
    }

    [[nodiscard]] std::vector<std::uint64_t> runs() const {
        std::vector<std::uint64_t> runs;
        for (const Event& event : seen) {
            if (const auto* step = std::get_if<StepPublished>(&event)) {
                runs.push_back(step->step->run);
            }
        }
        return runs;
    }
};

PassRequest passOf(std::uint64_t revision, const trace::RunKey& run = trace::kMainRun) {
    PassRequest pass;
    pass.revision = revision;
    pass.run = run;
    return pass;
}

} // namespace

class TestEngineRuntime : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// A job's end may use the session: a training saves its last steps.
    void jobsEndBeforeTheirSession() {
        Fixture f;
        f.stage.gated = true;
        static_cast<void>(f.runtime->submit(GenerateRequest{}));
        QTRY_COMPARE(f.stage.alive.load(), 1);
        std::jthread closing([&] { f.runtime.reset(); });
        f.stage.permits.release(1000);
        closing.join();
        QCOMPARE(f.stage.alive.load(), 0);
        QCOMPARE(f.stage.orphans.load(), 0);
        QVERIFY(!f.stage.session);
    }

    void newestPassWins() {
        Fixture f;
        f.stage.gated = true;
        std::vector<JobId> jobs;
        for (std::uint64_t revision = 1; revision <= 20; ++revision) {
            jobs.push_back(f.runtime->submit(passOf(revision)));
        }
        f.stage.permits.release(100);
        QTRY_VERIFY(f.ended(jobs.back()) != nullptr);
        QCOMPARE(f.runs(), (std::vector<std::uint64_t>{20}));
        for (std::size_t i = 0; i + 1 < jobs.size(); ++i) {
            QTRY_VERIFY(f.ended(jobs[i]) != nullptr);
            QVERIFY(f.ended(jobs[i])->replaced);
        }
        QVERIFY(!f.ended(jobs.back())->replaced);
    }

    void runsDoNotReplaceEachOther() {
        Fixture f;
        const JobId main = f.runtime->submit(passOf(1));
        const JobId reference = f.runtime->submit(passOf(2, trace::kFullDepthRun));
        QTRY_VERIFY(f.ended(main) != nullptr && f.ended(reference) != nullptr);
        QCOMPARE(f.runs(), (std::vector<std::uint64_t>{1, 2}));
    }

    /// Between two steps of a generation the pass on screen goes first.
    void passOvertakesGeneration() {
        Fixture f;
        f.stage.gated = true;
        const JobId generation = f.runtime->submit(GenerateRequest{});
        f.stage.permits.release(2);
        QTRY_COMPARE(f.stage.steps.load(), 2);
        const JobId pass = f.runtime->submit(passOf(7));
        f.stage.permits.release(4);
        QTRY_VERIFY(f.ended(pass) != nullptr);
        QVERIFY(f.ended(generation) == nullptr);
        f.runtime->stop(generation);
        f.stage.permits.release(3);
        QTRY_VERIFY(f.ended(generation) != nullptr);
        QCOMPARE(f.ended(generation)->error->code(), ErrorCode::Interrupted);
    }

    void errorsEndTheJobAlone() {
        Fixture f;
        const JobId score = f.runtime->submit(ScoreRequest{});
        const JobId info = f.runtime->submit(InfoRequest{});
        const JobId pass = f.runtime->submit(passOf(1));
        QTRY_VERIFY(f.ended(score) && f.ended(info) && f.ended(pass));
        QCOMPARE(f.ended(score)->error->hint(), std::string("Give one."));
        QCOMPARE(f.ended(info)->error->message(), std::string("foreign"));
        QVERIFY(!f.ended(pass)->error);
    }

    void noEngineRefusesEverything() {
        EngineRuntime runtime(
            []() -> std::unique_ptr<Session> {
                throw Error(ErrorCode::Device, "no LibTorch", "Install it.");
            },
            [] {});
        const JobId job = runtime.submit(passOf(1));
        std::optional<Error> error;
        QTRY_VERIFY([&] {
            for (const Event& event : runtime.drain()) {
                if (const auto* end = std::get_if<JobEnded>(&event);
                    end != nullptr && end->job == job) {
                    error = end->error;
                }
            }
            return error.has_value();
        }());
        QCOMPARE(error->code(), ErrorCode::Device);
    }

    /// Closing in the middle of a job joins the thread and destroys the job, 100 times.
    void closesDuringAJob() {
        for (int i = 0; i < 100; ++i) {
            Fixture f;
            f.runtime->submit(GenerateRequest{});
            f.runtime->submit(passOf(1));
            f.runtime.reset();
            QCOMPARE(f.stage.alive.load(), 0);
        }
    }
};

QTEST_GUILESS_MAIN(TestEngineRuntime)
#include "tst_engine_runtime.moc"
