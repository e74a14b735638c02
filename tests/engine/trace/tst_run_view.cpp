// SPDX-License-Identifier: MIT
// Steps joined into one table: places appended, places visited again, in whole or in part.
#include "engine/trace/run_view.h"
#include "tests/engine/trace/made_step.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <random>

using namespace depthscope::trace;
using depthscope::tests::madeStep;
using depthscope::tests::textStep;

namespace {

constexpr int kRecursions = 3;
constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

ClassSetPtr setOf(std::vector<std::string> names) {
    return std::make_shared<const ClassSet>(ClassSet{"shapes", std::move(names)});
}

/// What is known of one place, written the slow way.
struct Place {
    std::uint8_t depth = 0;
    std::uint8_t number = kNoClass;
    std::vector<float> scores;
    std::vector<std::vector<std::uint8_t>> experts; ///< by layer
    std::vector<std::vector<float>> weights;
    std::int32_t id = 0;
    float nll = 0;
    std::string piece;
};

class Random {
public:
    explicit Random(unsigned seed)
        : m_random(seed) {}

    int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(m_random); }

    float number() { return static_cast<float>(below(1000)) / 8; }

    Place place() {
        Place place;
        place.depth = static_cast<std::uint8_t>(below(kRecursions + 1));
        place.number = below(3) == 0 ? kNoClass : static_cast<std::uint8_t>(below(3));
        for (int r = 0; r < kRecursions; ++r) {
            place.scores.push_back(number());
        }
        for (int layer = 0; layer < 2; ++layer) {
            place.experts.emplace_back();
            place.weights.emplace_back();
            for (int choices = below(4); choices > 0; --choices) {
                place.experts.back().push_back(static_cast<std::uint8_t>(below(4)));
                place.weights.back().push_back(number());
            }
        }
        place.id = below(1000);
        place.nll = number();
        place.piece =
            std::string(static_cast<std::size_t>(1 + below(3)), static_cast<char>('a' + below(26)));
        return place;
    }

private:
    std::mt19937 m_random;
};

std::shared_ptr<StepTrace>
stepOf(std::uint32_t number, std::size_t first, const std::vector<Place>& places, bool isText) {
    std::vector<std::uint8_t> depth;
    auto step = madeStep(1, number, static_cast<int>(first), {});
    RoutingStep& routing = step->routing;
    routing.recursions = kRecursions;
    routing.experts = {{.layer = 1, .experts = 4}, {.layer = 5, .experts = 4}};
    routing.cost.flops = 1;
    // A set of its own with the same names means the same.
    routing.classSet = setOf({"edge", "plain", "sky"});
    routing.scores.resize(places.size() * kRecursions);
    for (std::size_t n = 0; n < places.size(); ++n) {
        routing.depth.push_back(places[n].depth);
        routing.classes.push_back(places[n].number);
        for (std::size_t r = 0; r < kRecursions; ++r) {
            routing.scores[r * places.size() + n] = places[n].scores[r];
        }
        for (std::size_t layer = 0; layer < 2; ++layer) {
            ExpertChoices& choices = routing.experts[layer];
            const auto& index = places[n].experts[layer];
            const auto& weight = places[n].weights[layer];
            choices.index.insert(choices.index.end(), index.begin(), index.end());
            choices.weight.insert(choices.weight.end(), weight.begin(), weight.end());
            choices.endPlace();
        }
        if (isText) {
            TextContent& text = step->makeText();
            text.ids.push_back(places[n].id);
            text.nll.push_back(places[n].nll);
            text.text += places[n].piece;
            text.pieceEnds.push_back(static_cast<std::uint32_t>(text.text.size()));
        }
    }
    routing.layout = {1, 1, static_cast<std::int32_t>(first + places.size())};
    return step;
}

void compare(const RunView& run, const std::vector<Place>& expected, bool isText) {
    QCOMPARE(run.places(), expected.size());
    QCOMPARE(run.classes.size(), expected.size());
    QCOMPARE(run.scores.size(), std::size_t{kRecursions});
    QCOMPARE(run.ids.size(), isText ? expected.size() : 0);
    QCOMPARE(run.pieces.size(), isText ? expected.size() : 0);
    QCOMPARE(run.nll.size(), expected.size());
    QCOMPARE(run.experts.size(), std::size_t{2});
    for (std::size_t n = 0; n < expected.size(); ++n) {
        QCOMPARE(run.depth[n], expected[n].depth);
        QCOMPARE(run.classes[n], expected[n].number);
        for (std::size_t r = 0; r < kRecursions; ++r) {
            QCOMPARE(run.scores[r].size(), expected.size());
            QCOMPARE(run.scores[r][n], expected[n].scores[r]);
        }
        for (std::size_t layer = 0; layer < 2; ++layer) {
            QCOMPARE(run.experts[layer].places(), expected.size());
            const auto index = run.experts[layer].indexOf(n);
            const auto weight = run.experts[layer].weightOf(n);
            QCOMPARE(std::vector(index.begin(), index.end()), expected[n].experts[layer]);
            QCOMPARE(std::vector(weight.begin(), weight.end()), expected[n].weights[layer]);
        }
        if (isText) {
            QCOMPARE(run.ids[n], expected[n].id);
            QCOMPARE(run.nll[n], expected[n].nll);
            QCOMPARE(run.pieces[n], expected[n].piece);
        } else {
            QVERIFY(std::isnan(run.nll[n]));
        }
    }
}

} // namespace

class TestRunView : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void newestVisitCounts_data() {
        QTest::addColumn<unsigned>("seed");
        QTest::addColumn<bool>("isText");
        for (unsigned seed = 1; seed <= 20; ++seed) {
            QTest::addRow("seed %u", seed) << seed << (seed % 2 == 0);
        }
    }

    /// Random steps that append, visit everything again, or a part, or a part and more.
    void newestVisitCounts() {
        QFETCH(unsigned, seed);
        QFETCH(bool, isText);
        Random random(seed);
        RunView run;
        std::vector<Place> expected;
        const int late = random.below(2) * random.below(50); // the recording may begin there
        for (std::uint32_t s = 0; s < 12; ++s) {
            const bool appends = s == 0 || random.below(3) == 0;
            const auto before = static_cast<int>(expected.size());
            const int first = appends ? before : random.below(before + 1);
            std::vector<Place> places;
            for (int n = 1 + random.below(s == 0 ? 20 : 9); n > 0; --n) {
                places.push_back(random.place());
            }
            const auto at = static_cast<std::size_t>(first);
            expected.resize(std::max(expected.size(), at + places.size()));
            std::copy(places.begin(), places.end(), expected.begin() + first);
            const auto step = stepOf(s, static_cast<std::size_t>(late + first), places, isText);
            run.add(step);
            compare(run, expected, isText);
            QVERIFY(run.latest == step);
            QVERIFY(run.layout == step->routing.layout);
            QCOMPARE(run.firstPlace, late);
            QCOMPARE(run.costs.size(), std::size_t{s} + 1);
            QCOMPARE(run.totalCost().flops, static_cast<double>(s) + 1);
        }
    }

    void promptIsTheFirstStep() {
        RunView run;
        run.add(madeStep(1, 0, 0, {1, 2, 3}));
        run.add(madeStep(1, 1, 3, {1}));
        run.add(madeStep(1, 2, 0, {2, 2, 2, 2}));
        QCOMPARE(run.promptPlaces, std::size_t{3});
        QCOMPARE(run.depth, (std::vector<std::uint8_t>{2, 2, 2, 2}));
        QVERIFY(!run.isText());
        QVERIFY(run.pieces.empty());
    }

    /// What is not told at the newest visit is not considered; other places keep theirs.
    void scoresThatAStepLacks() {
        RunView run;
        auto first = madeStep(1, 0, 0, {1, 1, 1});
        first->routing.scores = {0.25F, 0.5F, 0.75F};
        run.add(first);
        run.add(madeStep(1, 1, 1, {1}));
        QCOMPARE(run.scores.at(0).size(), std::size_t{3});
        QCOMPARE(run.scores[0][0], 0.25F);
        QVERIFY(std::isnan(run.scores[0][1]));
        QCOMPARE(run.scores[0][2], 0.75F);
        run.add(madeStep(1, 2, 3, {1}));
        QVERIFY(std::isnan(run.scores[0].at(3)));
    }

    /// Numbers of another set than the run's mean something else.
    void classesOfAnotherSetAreUnknown() {
        RunView run;
        run.add(madeStep(1, 0, 0, {1}));
        QVERIFY(!run.hasClasses() && !run.classSet);
        auto step = madeStep(1, 1, 1, {1, 1});
        step->routing.classSet = setOf({"edge", "plain"});
        step->routing.classes = {1, kNoClass};
        run.add(step);
        QVERIFY(run.hasClasses());
        step = madeStep(1, 2, 3, {1, 1});
        step->routing.classSet = setOf({"edge", "sky"});
        step->routing.classes = {1, 0};
        run.add(step);
        step = madeStep(1, 3, 5, {1});
        step->routing.classSet = setOf({"edge", "plain"});
        step->routing.classes = {0};
        run.add(step);
        QCOMPARE(run.classes,
                 (std::vector<std::uint8_t>{kNoClass, 1, kNoClass, kNoClass, kNoClass, 0}));
        QVERIFY(*run.classSet == *setOf({"edge", "plain"}));
    }

    /// A character that tokens share stands whole at the first of them.
    void charactersOverTokens() {
        RunView run;
        const std::vector<std::vector<std::string>> steps{{"na", "\xc3",
                                                           "\xaf"
                                                           "v",
                                                           "\xf0\x9f", "\x98"},
                                                          {"\x80!"},
                                                          {"\xe4"},
                                                          {"x"},
                                                          {"\x80"}};
        std::uint32_t number = 0;
        int first = 0;
        for (const std::vector<std::string>& pieces : steps) {
            run.add(textStep(1, number++, first, pieces));
            first += static_cast<int>(pieces.size());
        }
        const std::vector<std::string> expected{
            "na", "\xc3\xaf", "v", "\xf0\x9f\x98\x80", "", "!", "\xe4", "x", "\x80"};
        QCOMPARE(run.pieces, expected);
    }

    void sameContent() {
        const auto viewOf = [](const StepPtr& step) {
            RunView run;
            run.add(step);
            return run;
        };
        const RunView text = viewOf(textStep(1, 0, 0, {"a", "b"}));
        QVERIFY(text.sameContent(viewOf(textStep(2, 0, 0, {"a", "b"}))));
        QVERIFY(!text.sameContent(viewOf(textStep(2, 0, 0, {"a", "c"}))));
        QVERIFY(!text.sameContent(viewOf(textStep(2, 0, 0, {"a", "b", "c"}))));
        const RunView line = viewOf(madeStep(1, 0, 0, {1, 1}));
        QVERIFY(!text.sameContent(line));
        QVERIFY(line.sameContent(viewOf(madeStep(2, 0, 0, {3, 2}))));
        QVERIFY(!line.sameContent(viewOf(madeStep(2, 0, 0, {1, 1, 1}))));
        auto column = madeStep(1, 0, 0, {1, 1});
        column->routing.layout = {1, 2, 1};
        QVERIFY(!line.sameContent(viewOf(column)));
    }

    void meanOfTheKnown() {
        RunView run;
        auto step = textStep(1, 0, 0, {"a", "b", "c"});
        step->makeText().nll = {kNone, 1, 2};
        run.add(step);
        QCOMPARE(run.meanNll(), 1.5);
        run.add(textStep(1, 1, 3, {"d"}));
        QCOMPARE(run.meanNll(), 1.5);
        RunView unknown;
        unknown.add(textStep(1, 0, 0, {"a"}));
        QVERIFY(std::isnan(unknown.meanNll()));
    }
};

QTEST_APPLESS_MAIN(TestRunView)
#include "tst_run_view.moc"
