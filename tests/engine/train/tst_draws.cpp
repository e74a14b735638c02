// SPDX-License-Identifier: MIT
// What a micro-batch draws: the numbers of old, and the shares of several processes.
#include "engine/base/random.h"
#include "engine/train/draws.h"
#include "tests/engine/language_training.h"
#include "tests/engine/tolerance.h"

#include <QtTest>
#include <set>

using namespace depthscope;

class TestDraws : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// Computed by another program from the formulas: a run of before must go on with its data.
    void numbersOfOld() {
        QCOMPARE(train::batchKey(7, 41), std::uint64_t{6018027440424182969U});
        QCOMPARE(train::drawRows(train::batchKey(7, 41), 1000, 4),
                 (std::vector<std::uint32_t>{795, 457, 31, 419}));
        QCOMPARE(train::passSeed(7, 41), std::uint64_t{7 + 41 * 977});
    }

    /// Processes take turns in the rows of one global batch.
    void processesShareABatch() {
        constexpr std::int64_t kRows = 5, kWorld = 3;
        const std::uint64_t key = train::batchKey(2, 9);
        const std::vector<std::uint32_t> wide = train::drawRows(key, 100'000, kRows * kWorld);
        for (std::int64_t rank = 0; rank < kWorld; ++rank) {
            const auto own = train::drawRows(key, 100'000, kRows, {rank, kWorld});
            QCOMPARE(std::ssize(own), kRows);
            for (std::int64_t row = 0; row < kRows; ++row) {
                QCOMPARE(own[static_cast<std::size_t>(row)],
                         wide[static_cast<std::size_t>(row * kWorld + rank)]);
            }
        }
    }

    /// No two passes of a training draw from one seed, whatever process they are of.
    void passesDrawOnTheirOwn() {
        std::set<std::uint64_t> seeds;
        for (std::int64_t t = 0; t < 50; ++t) {
            for (std::int64_t rank = 0; rank < 4; ++rank) {
                seeds.insert(train::passSeed(1, t, {rank, 4}));
            }
        }
        QCOMPARE(seeds.size(), std::size_t{200});
    }

    /// Two processes see together what one with twice the micro-batch sees. Other orders of
    /// summation: fp32 rounding.
    void lossOfProcessesIsThatOfOne() {
        data::Corpus corpus;
        for (int i = 0; i < 4000; ++i) {
            corpus.train.ids.push_back(i * i / 7 % 300);
        }
        corpus.validation = corpus.train;
        spec::Preset narrow = spec::findPreset("tiny-vanilla");
        spec::Preset wide = narrow;
        wide.batch = 2 * narrow.batch;
        train::LanguageObjective objective(narrow, corpus), whole(wide, corpus);
        const auto lossOf = [](train::LanguageObjective& of, train::Share share) {
            return of.loss({3, 1, share}).value.item<double>();
        };
        const double first = lossOf(objective, {0, 2}), second = lossOf(objective, {1, 2});
        QVERIFY(first != second);
        QVERIFY(std::abs((first + second) / 2 - lossOf(whole, {})) < tests::kFloatRoutes);
    }
};

QTEST_APPLESS_MAIN(TestDraws)
#include "tst_draws.moc"
