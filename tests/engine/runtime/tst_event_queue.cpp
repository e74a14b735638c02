// SPDX-License-Identifier: MIT
// The event queue: order, the wait of a producer at the bound, its end by draining or stopping, and
// wake.
#include "engine/runtime/event_queue.h"

#include <QTest>
#include <atomic>
#include <semaphore>
#include <thread>

using namespace depthscope;
using namespace depthscope::runtime;

namespace {

StepPublished stepOf(std::uint32_t number) {
    auto step = std::make_shared<trace::StepTrace>();
    step->step = number;
    return {1, std::move(step)};
}

std::uint32_t numberOf(const Event& event) {
    return std::get<StepPublished>(event).step->step;
}

} // namespace

class TestEventQueue : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void eventsComeOutInOrderAndOnce() {
        EventQueue queue(nullptr);
        queue.push(JobStarted{7});
        queue.push(stepOf(0));
        queue.push(JobEnded{.job = 7, .replaced = false, .error = std::nullopt});
        const std::vector<Event> events = queue.drain();
        QCOMPARE(events.size(), std::size_t{3});
        QCOMPARE(std::get<JobStarted>(events[0]).job, JobId{7});
        QCOMPARE(numberOf(events[1]), 0u);
        QCOMPARE(std::get<JobEnded>(events[2]).job, JobId{7});
        QVERIFY(queue.drain().empty());
    }

    void wakeComesWhenTheQueueTurnsFromEmpty() {
        int wakes = 0;
        EventQueue queue([&] { ++wakes; });
        queue.push(JobStarted{1});
        queue.push(JobStarted{2});
        queue.push(stepOf(0));
        QCOMPARE(wakes, 1);
        (void)queue.drain();
        (void)queue.drain();
        QCOMPARE(wakes, 1);
        queue.push(stepOf(1));
        QCOMPARE(wakes, 2);
    }

    void wakeMayDrain() {
        std::size_t drained = 0;
        EventQueue* self = nullptr;
        EventQueue queue([&] { drained += self->drain().size(); });
        self = &queue;
        for (std::uint32_t i = 0; i < 1000; ++i) {
            queue.push(stepOf(i));
        }
        QCOMPARE(drained, std::size_t{1000});
        QCOMPARE(queue.waits(), std::uint64_t{0});
    }

    void otherEventsNeverWait() {
        EventQueue queue(nullptr);
        for (std::uint32_t i = 0; i < kMaxWaitingSteps; ++i) {
            queue.push(stepOf(i));
        }
        for (int i = 0; i < 1000; ++i) {
            queue.push(JobProgress{});
        }
        QCOMPARE(queue.waits(), std::uint64_t{0});
        QCOMPARE(queue.drain().size(), kMaxWaitingSteps + 1000);
    }

    void fullQueueHoldsTheProducerUntilDrained() {
        EventQueue queue(nullptr);
        std::atomic<std::uint32_t> pushed = 0;
        std::jthread producer([&] {
            for (std::uint32_t i = 0; i <= kMaxWaitingSteps; ++i) {
                queue.push(stepOf(i));
                ++pushed;
            }
        });
        while (queue.waits() == 0) {
            std::this_thread::yield();
        }
        QCOMPARE(pushed.load(), std::uint32_t{kMaxWaitingSteps});
        QCOMPARE(queue.drain().size(), kMaxWaitingSteps);
        producer.join();
        const std::vector<Event> rest = queue.drain();
        QCOMPARE(rest.size(), std::size_t{1});
        QCOMPARE(numberOf(rest[0]), std::uint32_t{kMaxWaitingSteps});
        QCOMPARE(queue.waits(), std::uint64_t{1});
    }

    void stopEndsTheWaitAndKeepsTheStep() {
        EventQueue queue(nullptr);
        std::jthread producer([&](const std::stop_token& stop) {
            for (std::uint32_t i = 0; i < kMaxWaitingSteps + 3; ++i) {
                queue.push(stepOf(i), stop);
            }
        });
        while (queue.waits() == 0) {
            std::this_thread::yield();
        }
        producer.request_stop();
        producer.join();
        const std::vector<Event> events = queue.drain();
        QCOMPARE(events.size(), kMaxWaitingSteps + 3);
        for (std::uint32_t i = 0; i < events.size(); ++i) {
            QCOMPARE(numberOf(events[i]), i);
        }
    }

    void manyStepsPassAllInOrder() {
        constexpr std::uint32_t kSteps = 20'000;
        std::counting_semaphore<> woken(0);
        EventQueue queue([&] { woken.release(); });
        std::jthread producer([&] {
            for (std::uint32_t i = 0; i < kSteps; ++i) {
                queue.push(stepOf(i));
                if (i % 7 == 0) {
                    queue.push(JobProgress{});
                }
            }
        });
        std::uint32_t expected = 0;
        while (expected < kSteps) {
            woken.acquire();
            std::size_t steps = 0;
            for (const Event& event : queue.drain()) {
                if (std::holds_alternative<StepPublished>(event)) {
                    QCOMPARE(numberOf(event), expected);
                    ++expected;
                    ++steps;
                }
            }
            QVERIFY(steps <= kMaxWaitingSteps);
        }
        producer.join();
    }

    void manyThreadsMayPushOtherEvents() {
        constexpr int kEach = 2'000;
        std::atomic<int> wakes = 0;
        EventQueue queue([&] { ++wakes; });
        std::vector<std::jthread> threads;
        for (int t = 0; t < 3; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < kEach; ++i) {
                    queue.push(JobProgress{});
                }
            });
        }
        std::size_t taken = 0;
        int drains = 0;
        while (taken < 3 * kEach) {
            const std::size_t batch = queue.drain().size();
            taken += batch;
            drains += batch > 0 ? 1 : 0;
        }
        threads.clear();
        QCOMPARE(wakes.load(), drains);
    }
};

QTEST_APPLESS_MAIN(TestEventQueue)
#include "tst_event_queue.moc"
