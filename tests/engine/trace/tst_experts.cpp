// SPDX-License-Identifier: MIT
// Choices of experts: places of 0 to E choices, put over others, joined and counted over a run.
#include "engine/trace/experts.h"
#include "engine/trace/statistics.h"
#include "engine/trace/trace_store.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <random>
#include <utility>

using namespace depthscope::trace;

namespace {

using Choice = std::pair<std::uint8_t, float>;
/// The choices of each place, written the slow way.
using Slow = std::vector<std::vector<Choice>>;

Slow someChoices(std::mt19937& random, std::size_t places) {
    Slow slow(places);
    for (std::vector<Choice>& choices : slow) {
        for (unsigned left = random() % 4; left > 0; --left) {
            choices.emplace_back(static_cast<std::uint8_t>(random() % 8),
                                 static_cast<float>(random() % 100) / 4);
        }
    }
    return slow;
}

ExpertChoices choicesOf(const Slow& slow) {
    ExpertChoices made{.layer = 3, .experts = 8};
    for (const std::vector<Choice>& choices : slow) {
        for (const auto& [index, weight] : choices) {
            made.index.push_back(index);
            made.weight.push_back(weight);
        }
        made.endPlace();
    }
    return made;
}

void compare(const ExpertChoices& made, const Slow& slow) {
    QCOMPARE(made.places(), slow.size());
    std::size_t all = 0;
    for (std::size_t n = 0; n < slow.size(); ++n) {
        QCOMPARE(made.indexOf(n).size(), slow[n].size());
        QCOMPARE(made.weightOf(n).size(), slow[n].size());
        for (std::size_t c = 0; c < slow[n].size(); ++c) {
            QCOMPARE(made.indexOf(n)[c], slow[n][c].first);
            QCOMPARE(made.weightOf(n)[c], slow[n][c].second);
        }
        all += slow[n].size();
    }
    QCOMPARE(made.index.size(), all);
    QCOMPARE(made.weight.size(), all);
}

/// Of a text that has run one recursion.
std::shared_ptr<StepTrace> stepOf(std::int32_t tokens) {
    auto step = std::make_shared<StepTrace>();
    step->run = 1;
    step->model = std::make_shared<depthscope::spec::ModelInfo>();
    step->routing.layout.columns = tokens;
    step->routing.recursions = 3;
    const auto count = static_cast<std::size_t>(tokens);
    step->makeText().ids.assign(count, 7);
    step->routing.depth.assign(count, 1);
    return step;
}

} // namespace

class TestExperts : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void nothing() {
        ExpertChoices choices;
        compare(choices, {});
        choices.put(0, {});
        compare(choices, {});
        choices.endPlace();
        compare(choices, {{}});
    }

    void putsOverOthers_data() {
        QTest::addColumn<unsigned>("seed");
        for (unsigned seed = 1; seed <= 30; ++seed) {
            QTest::addRow("seed %u", seed) << seed;
        }
    }

    void putsOverOthers() {
        QFETCH(unsigned, seed);
        std::mt19937 random(seed);
        Slow slow = someChoices(random, random() % 20);
        ExpertChoices made = choicesOf(slow);
        compare(made, slow);
        for (int i = 0; i < 50; ++i) {
            // Within, past the end, or behind it; now and then no place at all.
            const std::size_t at = random() % (slow.size() + 1);
            const Slow from = someChoices(random, random() % 6);
            made.put(at, choicesOf(from));
            slow.resize(std::max(slow.size(), at + from.size()));
            std::copy(from.begin(), from.end(), slow.begin() + static_cast<std::ptrdiff_t>(at));
            compare(made, slow);
            QCOMPARE(made.layer, 3);
            QCOMPARE(made.experts, 8);
        }
    }

    void layers() {
        const ExpertChoices one{.layer = 1, .experts = 4};
        QVERIFY(one.sameLayer({.layer = 1, .experts = 4, .offsets = {0, 1}, .index = {2}}));
        QVERIFY(!one.sameLayer({.layer = 2, .experts = 4}));
        QVERIFY(!one.sameLayer({.layer = 1, .experts = 8}));
    }

    void expertsJoinAndCount() {
        TraceStore store;
        std::vector<std::size_t> counts(4, 0);
        for (std::uint32_t s = 0; s < 5; ++s) {
            auto step = stepOf(s == 0 ? 20 : 1);
            step->step = s;
            step->routing.firstPlace = s == 0 ? 0 : 19 + static_cast<std::int32_t>(s);
            ExpertChoices choices{.layer = 1, .experts = 4};
            for (std::size_t t = 0; t < step->routing.places(); ++t) {
                const std::uint8_t first = (t + s) % 3 == 0 ? 2 : 0;
                for (const std::uint8_t expert : {first, std::uint8_t{1}}) {
                    choices.index.push_back(expert);
                    choices.weight.push_back(expert == 1 ? 0.25F : 0.75F);
                    ++counts[expert];
                }
                choices.endPlace();
            }
            step->routing.experts = {choices};
            store.add(step);
        }
        const RunView& run = *store.view().main;
        QCOMPARE(run.experts.size(), std::size_t{1});
        QCOMPARE(run.experts[0].index.size(), run.places() * 2);
        const auto loads = expertLoads(run);
        QCOMPARE(loads.size(), std::size_t{1});
        QCOMPARE(loads[0].layer, 1);
        QCOMPARE(loads[0].counts, counts);
        QCOMPARE(std::accumulate(counts.begin(), counts.end(), std::size_t{0}), run.places() * 2);
        QCOMPARE(loads[0].dead, std::vector<int>{3});
        QVERIFY(loads[0].hasEnoughChoices);
        QVERIFY(std::abs(loads[0].entropy - entropy(loads[0].shares)) < 1e-12);
        QCOMPARE(loads[0].shares[1], 0.5);
        QVERIFY(std::abs(loads[0].maxViolation - 1.0) < 1e-12);
    }

    void changingExpertsAreDropped() {
        TraceStore store;
        auto first = stepOf(2);
        first->routing.experts = {{0, 4, {0, 1, 2}, {1, 2}, {1, 1}}};
        store.add(first);
        QVERIFY(!expertLoads(*store.view().main).empty());
        QVERIFY(!expertLoads(*store.view().main)[0].hasEnoughChoices);
        auto second = stepOf(1);
        second->step = 1;
        second->routing.firstPlace = 2;
        second->routing.experts = {{0, 8, {0, 1}, {1}, {1}}};
        store.add(second);
        QVERIFY(expertLoads(*store.view().main).empty());
    }
};

QTEST_APPLESS_MAIN(TestExperts)
#include "tst_experts.moc"
