// SPDX-License-Identifier: MIT
// The figures that instruments show of a grid which is denoised step by step, with classes and
// experts of its own: those of the step looked at, each at its place.
#include "tests/widgets/instruments/grid_test.h"

#include <QTest>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

using namespace depthscope;
using namespace depthscope::instruments;
using tests::GridRun;
using tests::kPlace;
using tests::pinnedAt;
using tests::says;
using tests::storeOf;

namespace {

double number(const Table::Cell& cell) {
    const auto* value = std::get_if<double>(&cell);
    return value != nullptr ? *value : std::nan("");
}

bool isAbout(double value, double expected) {
    return std::isnan(expected) ? std::isnan(value) : std::abs(value - expected) < 1e-6;
}

std::string wordsIn(const Table::Cell& cell) {
    const auto* words = std::get_if<std::string>(&cell);
    return words != nullptr ? *words : std::string();
}

/// The figure in the last column of this title, at a row.
double cellAt(const Table& table, const std::string& title, std::size_t row) {
    for (std::size_t i = table.columns.size(); i-- > 0;) {
        if (table.columns[i].title == title) {
            return number(table.rows.at(row)[i]);
        }
    }
    return std::nan("");
}

const std::vector<std::string>& classNames() {
    static const std::vector<std::string> names{"sky", "edge", "face"};
    return names;
}

std::string nameOf(std::uint8_t number) {
    return number == trace::kNoClass ? "\xE2\x80\x93" : classNames()[number];
}

} // namespace

class TestGridFigures : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:
    void tablesAreOfTheStep_data();
    void tablesAreOfTheStep();

    void routerNamesItsClasses_data() { tablesAreOfTheStep_data(); }

    void routerNamesItsClasses();
    void expertsOfAPlace();
    void inspectorNamesThePlace();

    void savedIsOfEqualSteps_data() { tablesAreOfTheStep_data(); }

    void savedIsOfEqualSteps();

private:
    [[nodiscard]] Table tableOf(const char* id, const trace::TraceView& view) const {
        return tests::instrument(id)->table(view, m_text);
    }

    void checkPlaces(const trace::TraceView& view, const GridRun& grid, int step) const;
    void checkExperts(const trace::TraceView& view, const GridRun& grid, int step) const;
};

void TestGridFigures::tablesAreOfTheStep_data() {
    QTest::addColumn<int>("frames");
    QTest::addColumn<int>("step");
    for (const int frames : {1, 2}) {
        QTest::addRow("%d frames, the newest step", frames) << frames << GridRun::kSteps - 1;
        QTest::addRow("%d frames, step 2", frames) << frames << 1;
        QTest::addRow("%d frames, step 1", frames) << frames << 0;
    }
}

void TestGridFigures::tablesAreOfTheStep() {
    QFETCH(int, frames);
    QFETCH(int, step);
    const GridRun grid(frames);
    trace::TraceStore store = storeOf(grid);
    store.lookAt(static_cast<std::uint32_t>(step));
    checkPlaces(store.view(), grid, step);
    checkExperts(store.view(), grid, step);
}

void TestGridFigures::checkPlaces(const trace::TraceView& view,
                                  const GridRun& grid,
                                  int step) const {
    const Table depth = tableOf("panel.depth", view);
    const Table memory = tableOf("panel.kv", view);
    const Table token = tableOf("panel.token", view);
    for (const Table* table : {&depth, &memory, &token}) {
        QCOMPARE(table->rows.size(), static_cast<std::size_t>(grid.places()));
        QCOMPARE(table->columns[0].title, "place");
        QCOMPARE(table->columns[1].title, "position");
        QCOMPARE(number(table->rows[kPlace][0]), kPlace + 1.0);
        QCOMPARE(wordsIn(table->rows[kPlace][1]),
                 grid.places() == 24 ? "row 2, column 3" : "frame 1, row 2, column 3");
    }
    if (grid.places() > 24) {
        QCOMPARE(wordsIn(depth.rows[24 + kPlace][1]), "frame 2, row 2, column 3");
    }
    for (int place = 0; place < grid.places(); ++place) {
        const auto row = static_cast<std::size_t>(place);
        QCOMPARE(number(depth.rows[row][2]), static_cast<double>(grid.depth(step, place)));
        for (int r = 0; r < GridRun::kRecursions; ++r) {
            QVERIFY(isAbout(number(depth.rows[row][3 + static_cast<std::size_t>(r)]),
                            double{grid.score(step, r, place)}));
        }
        QCOMPARE(wordsIn(token.rows[row][3]), nameOf(grid.classOf(step, place)));
        QCOMPARE(number(token.rows[row][4]), static_cast<double>(grid.depth(step, place)));
        QVERIFY(std::isnan(cellAt(token, "id", row)) && std::isnan(cellAt(token, "loss", row)));
    }
    const auto last = static_cast<std::size_t>(grid.places()) - 1;
    QCOMPARE(cellAt(memory, "sum", last), static_cast<double>(grid.bytes(step)));
    QCOMPARE(cellAt(memory, "recursion 3", last),
             static_cast<double>(GridRun::kBlockBytes * grid.kept(step, 2)));
    QCOMPARE(cellAt(memory, "full cache", last), (64 + 3 * 32.0) * grid.places());
}

void TestGridFigures::checkExperts(const trace::TraceView& view,
                                   const GridRun& grid,
                                   int step) const {
    using Key = std::tuple<int, int, std::string>; // place, layer, expert
    std::map<Key, double> expected;
    std::map<std::pair<int, std::string>, double> counts;
    for (int place = 0; place < grid.places(); ++place) {
        for (int layer = 0; layer < 2; ++layer) {
            const int chosen = GridRun::choicesOf(step, layer, place);
            for (int i = 0; i < chosen; ++i) {
                const std::string name(1,
                                       static_cast<char>('A' + GridRun::expertOf(step, place, i)));
                expected[{place + 1, GridRun::kLayers[layer] + 1, name}] =
                    double{GridRun::weightOf(chosen, i)};
                counts[{GridRun::kLayers[layer] + 1, name}] += 1;
            }
        }
    }
    const Table table = tableOf("panel.experts", view);
    QCOMPARE(table.columns[0].title, "place");
    QCOMPARE(table.columns[1].title, "position");
    std::map<Key, double> found;
    for (const auto& row : table.rows) {
        const int layer = static_cast<int>(number(row[2]));
        if (wordsIn(row[4]) == "weight") {
            found[{static_cast<int>(number(row[0])), layer, wordsIn(row[3])}] = number(row[5]);
        } else if (wordsIn(row[4]) == "choices") {
            QCOMPARE(number(row[5]), (counts[{layer, wordsIn(row[3])}]));
        }
    }
    QCOMPARE(found, expected);
}

void TestGridFigures::routerNamesItsClasses() {
    QFETCH(int, frames);
    QFETCH(int, step);
    const GridRun grid(frames);
    trace::TraceStore store = storeOf(grid);
    store.lookAt(static_cast<std::uint32_t>(step));
    const scene::Scene scene = draw("panel.router", store.view());
    const auto share = [&](int recursion) {
        const double kept = grid.kept(step, recursion);
        return m_text.number(std::round(kept / grid.places() * 100), 0) + " %";
    };
    double depths = 0;
    double cut = 1;
    std::map<std::string, std::pair<int, double>> classes;
    for (int place = 0; place < grid.places(); ++place) {
        cut = grid.depth(step, place) > 1 ? std::min(cut, double{grid.score(step, 1, place)}) : cut;
        depths += grid.depth(step, place);
        if (grid.classOf(step, place) != trace::kNoClass) {
            auto& [count, sum] = classes[nameOf(grid.classOf(step, place))];
            ++count;
            sum += grid.depth(step, place);
        }
    }
    for (const std::string& words :
         {share(1), share(2), "mean depth " + m_text.number(depths / grid.places(), 2),
          "cut at " + m_text.number(cut, 2)}) {
        QVERIFY2(says(scene, words), words.c_str());
    }
    QVERIFY(!says(scene, "memorised"));
    QVERIFY(!says(scene, "New graded text"));
    for (const auto& row : tableOf("panel.router", store.view()).rows) {
        if (wordsIn(row[0]) != "classes") {
            continue;
        }
        QVERIFY2(classes.count(wordsIn(row[1])) == 1, wordsIn(row[1]).c_str());
        const auto& [count, sum] = classes[wordsIn(row[1])];
        QVERIFY(says(scene, wordsIn(row[1])));
        const std::map<std::string, double> figures{
            {"count", count}, {"mean depth", sum / count}, {"loss", std::nan("")}};
        QVERIFY(isAbout(number(row[3]), figures.at(wordsIn(row[2]))));
    }
}

void TestGridFigures::expertsOfAPlace() {
    const GridRun grid;
    trace::TraceStore store = storeOf(grid);
    for (const int step : {GridRun::kSteps - 1, 1}) {
        store.lookAt(static_cast<std::uint32_t>(step));
        std::set<int> seen;
        for (int place = 0; place < grid.places(); ++place) {
            const scene::Scene scene = draw("panel.experts", store.view(), pinnedAt(place));
            const std::string position = "row " + m_text.number(place / 6 + 1, 0) + ", column " +
                                         m_text.number(place % 6 + 1, 0);
            QVERIFY(says(scene, position));
            std::size_t bars = 0;
            for (const scene::Hit& hit : scene.hits) {
                bars += hit.tip.find(": weight ") != std::string::npos ? 1U : 0U;
            }
            std::size_t expected = 0;
            for (int layer = 0; layer < 2; ++layer) {
                const int chosen = GridRun::choicesOf(step, layer, place);
                seen.insert(chosen);
                expected += static_cast<std::size_t>(chosen);
                for (int i = 0; i < chosen; ++i) {
                    const std::string tip =
                        "layer " + m_text.number(GridRun::kLayers[layer] + 1, 0) + ", expert " +
                        static_cast<char>('A' + GridRun::expertOf(step, place, i)) + ": weight " +
                        m_text.number(double{GridRun::weightOf(chosen, i)}, 4);
                    QVERIFY2(std::any_of(scene.hits.begin(), scene.hits.end(),
                                         [&](const scene::Hit& hit) { return hit.tip == tip; }),
                             tip.c_str());
                }
            }
            QCOMPARE(bars, expected);
        }
        QCOMPARE(seen, (std::set<int>{0, 1, 2, 3}));
    }
}

void TestGridFigures::inspectorNamesThePlace() {
    const GridRun grid;
    trace::TraceStore store = storeOf(grid);
    for (const int step : {GridRun::kSteps - 1, 1}) {
        store.lookAt(static_cast<std::uint32_t>(step));
        for (const int place : {kPlace, 0, 23}) {
            const scene::Scene scene = draw("panel.token", store.view(), pinnedAt(place));
            const std::string depth = m_text.number(grid.depth(step, place), 0) + " of 3";
            const std::string score = m_text.number(double{grid.score(step, 1, place)}, 4);
            const std::string position = m_text.number(place + 1.0, 0) + " of 24";
            for (const std::string& words : {depth, score, position}) {
                QVERIFY2(says(scene, words), words.c_str());
            }
            QCOMPARE(says(scene, "class"), grid.classOf(step, place) != trace::kNoClass);
            QVERIFY(!says(scene, "probability") && !says(scene, "loss") && !says(scene, "nats"));
        }
        const scene::Scene scene = draw("panel.token", store.view(), pinnedAt(kPlace));
        QVERIFY(says(scene, "row 2, column 3"));
        QVERIFY(says(scene, nameOf(grid.classOf(step, kPlace))));
        QVERIFY(scene.summary.find("row 2, column 3, place 9 of 24") == 0);
    }
    const trace::TraceStore clip = storeOf(GridRun(2));
    QVERIFY(
        says(draw("panel.token", clip.view(), pinnedAt(24 + kPlace)), "frame 2, row 2, column 3"));
}

/// Of this run as far as it is looked at, and of as much of the reference.
void TestGridFigures::savedIsOfEqualSteps() {
    QFETCH(int, frames);
    QFETCH(int, step);
    const GridRun grid(frames);
    trace::TraceStore store = storeOf(grid);
    store.lookAt(static_cast<std::uint32_t>(step));
    double depths = 0;
    for (int one = 0; one <= step; ++one) {
        for (int place = 0; place < grid.places(); ++place) {
            depths += grid.depth(one, place);
        }
    }
    const Table table = tableOf("panel.saved", store.view());
    const auto change = [&](std::size_t row) { return number(table.rows[row][1]); };
    QVERIFY(isAbout(change(0), (depths / ((step + 1) * 3 * grid.places()) - 1) * 100));
    QCOMPARE(change(1), -50.0);
    const double full = (64 + 3 * 32.0) * grid.places();
    QVERIFY(isAbout(change(2), (static_cast<double>(grid.bytes(step)) / full - 1) * 100));
    QVERIFY(std::isnan(change(3)) && std::isnan(change(4)));
}

QTEST_APPLESS_MAIN(TestGridFigures)
#include "tst_grid_figures.moc"
