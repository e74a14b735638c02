// SPDX-License-Identifier: MIT
// Choices of experts: places of 0 to E choices, put over others.
#include "engine/trace/experts.h"

#include <QTest>
#include <algorithm>
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
};

QTEST_APPLESS_MAIN(TestExperts)
#include "tst_experts.moc"
