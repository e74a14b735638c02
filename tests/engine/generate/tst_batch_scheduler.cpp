// SPDX-License-Identifier: MIT
// Who runs with whom, over texts whose depths are given (docs/routing.md 8: 32, 33).
#include "engine/base/random.h"
#include "engine/generate/batch_scheduler.h"

#include <QtTest>
#include <algorithm>
#include <set>

using namespace depthscope;
using generate::BatchScheduler;
using settings::Batching;

namespace {

/// The depths of a text's tokens, and how far it is.
struct FakeText {
    std::vector<int> depths;
    std::size_t token = 0; // that it is at
    int ran = 0;           // recursions of it
    bool begun = false;
    int recursions = 0; // all that it ran
};

/// Plays all texts to their end, admitting them in order as there is room.
struct Play {
    Play(Batching batching, std::size_t rows, std::vector<FakeText> all)
        : scheduler(batching, rows)
        , texts(std::move(all)) {}

    void run() {
        while (true) {
            while (scheduler.hasRoom() && next < texts.size()) {
                scheduler.admit(next++);
            }
            const bool crowded = scheduler.inFlight() == scheduler.places();
            BatchScheduler::Turn turn = scheduler.next();
            if (turn.texts.empty()) {
                return;
            }
            if (crowded) {
                fewestWhenCrowded = std::min(fewestWhenCrowded, turn.texts.size());
            }
            most = std::max(most, turn.texts.size());
            const std::set<std::size_t> distinct(turn.texts.begin(), turn.texts.end());
            twice = twice || distinct.size() != turn.texts.size();
            std::set<int> recursions;
            for (const std::size_t number : turn.texts) {
                recursions.insert(texts[number].ran);
                turn.recurs ? recur(number) : pass(number);
            }
            mixes = mixes || (turn.recurs && recursions.size() > 1);
        }
    }

    void recur(std::size_t number) {
        FakeText& text = texts[number];
        ++text.ran;
        ++text.recursions;
        sendOn(number);
    }

    /// From a token to the next one.
    void pass(std::size_t number) {
        FakeText& text = texts[number];
        if (text.begun) {
            ++text.token;
        }
        text.begun = true;
        text.ran = 0;
        sendOn(number);
    }

    void sendOn(std::size_t number) {
        const FakeText& text = texts[number];
        if (text.ran < text.depths[text.token]) {
            scheduler.recurs(number);
        } else if (text.token + 1 < text.depths.size()) {
            scheduler.leaves(number);
        } else {
            scheduler.ends();
            ended.push_back(number);
        }
    }

    BatchScheduler scheduler;
    std::vector<FakeText> texts;
    std::size_t next = 0;
    std::vector<std::size_t> ended;
    std::size_t fewestWhenCrowded = SIZE_MAX, most = 0;
    bool twice = false, mixes = false;
};

std::vector<FakeText> someTexts(std::size_t count, int deepest) {
    SplitMix random(7);
    std::vector<FakeText> texts(count);
    for (FakeText& text : texts) {
        const std::size_t tokens = 1 + random.next() % 40;
        for (std::size_t t = 0; t < tokens; ++t) {
            text.depths.push_back(
                deepest == 0
                    ? 0
                    : 1 + static_cast<int>(random.next() % static_cast<std::uint64_t>(deepest)));
        }
    }
    return texts;
}

} // namespace

class TestBatchScheduler : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void everyTextRunsItsDepths_data() {
        QTest::addColumn<int>("batching");
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("deepest");
        for (const Batching batching : {Batching::Sequence, Batching::Depth}) {
            for (const int rows : {1, 3, 16}) {
                for (const int deepest : {0, 1, 3}) {
                    QTest::addRow("%s, %d rows, depth %d",
                                  batching == Batching::Depth ? "depth" : "sequence", rows, deepest)
                        << static_cast<int>(batching) << rows << deepest;
                }
            }
        }
    }

    /// Conservation: all end, each token runs its depth and no more, nobody is twice in a batch.
    void everyTextRunsItsDepths() {
        QFETCH(int, batching);
        QFETCH(int, rows);
        QFETCH(int, deepest);
        Play play(static_cast<Batching>(batching), static_cast<std::size_t>(rows),
                  someTexts(100, deepest));
        play.run();
        QCOMPARE(play.ended.size(), std::size_t{100});
        QCOMPARE(std::set(play.ended.begin(), play.ended.end()).size(), std::size_t{100});
        for (const FakeText& text : play.texts) {
            int wanted = 0;
            for (const int depth : text.depths) {
                wanted += depth;
            }
            QCOMPARE(text.recursions, wanted);
            QCOMPARE(text.token + 1, text.depths.size());
        }
        QVERIFY(!play.twice);
        QVERIFY(play.most <= static_cast<std::size_t>(rows));
        QCOMPARE(play.scheduler.inFlight(), std::size_t{0});
    }

    /// While texts wait to come in, every batch is full.
    void depthFillsEveryBatch() {
        for (const std::size_t rows : {1, 2, 5, 16}) {
            Play play(Batching::Depth, rows, someTexts(200, 3));
            play.run();
            QCOMPARE(play.fewestWhenCrowded, rows);
            QVERIFY(play.mixes == (rows > 1));
        }
    }

    /// The control: texts together are at the same recursion, so batches empty with depth.
    void sequenceKeepsRecursionsApart() {
        Play play(Batching::Sequence, 16, someTexts(200, 3));
        play.run();
        QVERIFY(!play.mixes);
        QVERIFY(play.fewestWhenCrowded < 16);
    }

    /// Of texts that are alike, who came first ends first: nobody is overtaken.
    void firstInFirstOut() {
        for (const Batching batching : {Batching::Sequence, Batching::Depth}) {
            Play play(batching, 4, std::vector<FakeText>(50, FakeText{{2, 3, 1, 2}}));
            play.run();
            QVERIFY(std::ranges::is_sorted(play.ended));
        }
    }

    /// One text of full depth among shallow ones is not left waiting.
    void nobodyStarves() {
        std::vector<FakeText> texts(300, FakeText{std::vector<int>(20, 1)});
        texts[3].depths.assign(20, 8);
        Play play(Batching::Depth, 4, std::move(texts));
        play.run();
        const auto place = std::ranges::find(play.ended, std::size_t{3}) - play.ended.begin();
        // A recursion comes at least at every second turn: eight take at most 16 turns, in which
        // the others pass at most 16 tokens.
        QVERIFY2(place < 3 + 16 * 4, qPrintable(QString::number(place)));
    }
};

QTEST_APPLESS_MAIN(TestBatchScheduler)
#include "tst_batch_scheduler.moc"
