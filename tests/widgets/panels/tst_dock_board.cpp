// SPDX-License-Identifier: MIT
#include "widgets/panels/dock_board.h"
#include "widgets/panels/panel_dock.h"

#include <QLabel>
#include <QLayout>
#include <QMainWindow>
#include <QTest>
#include <algorithm>
#include <numeric>

using namespace depthscope;
using instruments::Column;
using instruments::Height;
using panels::columnHeights;
using panels::DockBoard;

namespace {

spec::ModelInfo modelOf(int experts) {
    spec::ModelInfo model;
    model.experts = experts;
    return model;
}

struct Fixture {
    Fixture() {
        window.resize(1200, 800);
        add("prompt", Column::Left, {});
        add("text", Column::Center, {.share = 40});
        add("depth", Column::Center, {.share = 60});
        add("saved", Column::Right, {.fixed = 200});
        add("experts", Column::Right, {},
            [](const spec::ModelInfo& model) { return model.experts > 0; });
        add("router", Column::Right, {},
            [](const spec::ModelInfo& model) { return model.experts == 0; });
        add("train", Column::Center, {}, nullptr, false);
    }

    void add(const char* id,
             Column column,
             Height height,
             bool (*isFor)(const spec::ModelInfo&) = nullptr,
             bool shown = true) {
        const QString name = QString::fromLatin1(id);
        board.add({name, name, new QLabel(name), column, height, isFor, shown});
    }

    [[nodiscard]] panels::PanelDock* dock(const char* id) const {
        for (panels::PanelDock* each : board.docks()) {
            if (each->windowTitle() == QLatin1String(id)) {
                return each;
            }
        }
        return nullptr;
    }

    [[nodiscard]] QStringList shown() const {
        QStringList ids;
        for (const panels::PanelDock* dock : board.docks()) {
            if (!dock->isHidden()) {
                ids << dock->windowTitle();
            }
        }
        return ids;
    }

    QMainWindow window;
    DockBoard board{window};
};

/// Counts the tab bars that come while the window's layout rests, and while it would act.
class TabBarsWhile : public QObject {
public:
    explicit TabBarsWhile(QMainWindow& window)
        : m_window(window) {
        window.installEventFilter(this);
    }

    bool eventFilter(QObject*, QEvent* event) override {
        if (event->type() == QEvent::ChildAdded) {
            ++(m_window.layout()->isEnabled() ? acting : resting);
        }
        return false;
    }

    int acting = 0, resting = 0;

private:
    QMainWindow& m_window;
};

} // namespace

class TestDockBoard : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void sharesDivideWhatFixedHeightsLeave() {
        const std::vector<Height> center{
            {.share = 29}, {.share = 43}, {.share = 28}, {.fixed = 104}};
        for (int total = 400; total < 1600; ++total) {
            const std::vector<int> pixels = columnHeights(total, center);
            const int rest = total - 104;
            QCOMPARE(pixels,
                     (std::vector<int>{rest * 29 / 100, rest * 43 / 100, rest * 28 / 100, 104}));
        }
    }

    void leastHeightsComeBeforeShares() {
        const std::vector<Height> side{
            {.fixed = 322, .mostShare = 47}, {.share = 68}, {.share = 32, .least = 140}};
        for (int total = 300; total < 1600; ++total) {
            const std::vector<int> pixels = columnHeights(total, side);
            const int top = std::min(322, total * 47 / 100);
            const int bottom = std::max(140, (total - top) * 32 / 100);
            QCOMPARE(pixels, (std::vector<int>{top, total - top - bottom, bottom}));
        }
        QVERIFY(columnHeights(500, {}).empty());
    }

    void whatIsSpareGoesWhereItIsNeeded() {
        const auto given = [](std::vector<int> heights, std::vector<int> needs, int total) {
            panels::giveWay(heights, needs, total);
            return heights;
        };
        // The last two have 20 and 80 to spare, the first needs 100 more.
        QCOMPARE(given({70, 310, 240}, {170, 290, 160}, 620), (std::vector<int>{170, 290, 160}));
        // No more than there is, and nothing of a height that is not known.
        QCOMPARE(given({70, 310, 240}, {270, 290, 0}, 620), (std::vector<int>{90, 290, 240}));
        // All together first.
        QCOMPARE(given({140, 310, 240}, {0, 270, 200}, 640), (std::vector<int>{140, 285, 215}));
        QCOMPARE(given({200, 310, 110}, {180, 300, 110}, 620), (std::vector<int>{200, 310, 110}));
        // Where it does not go round, one is cut.
        QCOMPARE(given({60, 280, 280}, {160, 290, 240}, 620), (std::vector<int>{90, 290, 240}));
        QCOMPARE(given({140, 310, 240}, {0, 300, 230}, 640), (std::vector<int>{140, 300, 200}));
    }

    void heightsGrowWithTheText() {
        const std::vector<Height> center{
            {.share = 30, .least = 300}, {.fixed = 104}, {.share = 70}};
        QCOMPARE(columnHeights(1400, center, 2), (std::vector<int>{600, 208, 592}));
        // However large the text is, the others keep a part.
        QCOMPARE(columnHeights(800, center, 2), (std::vector<int>{480, 208, 112}));
    }

    /// Qt lays out the window when a tab comes to the front, whose docks are then half moved: it
    /// crashed there.
    void docksBecomeTabsAtRest() {
        Fixture fixture;
        fixture.board.reset(nullptr);
        fixture.window.show();
        const TabBarsWhile bars(fixture.window);
        fixture.window.resize(700, 320);
        QTRY_VERIFY(!fixture.window.tabifiedDockWidgets(fixture.dock("text")).isEmpty());
        QVERIFY(bars.resting > 0);
        QCOMPARE(bars.acting, 0);
        QVERIFY(fixture.window.layout()->isEnabled());
    }

    void modelDecidesWhichOfThePairIsShown() {
        Fixture fixture;
        fixture.board.reset(nullptr);
        const QStringList plain{"prompt", "text", "depth", "saved", "router"};
        const QStringList withExperts{"prompt", "text", "depth", "saved", "experts"};
        QCOMPARE(fixture.shown(), plain);
        const spec::ModelInfo more = modelOf(4);
        fixture.board.showFor(&more);
        QCOMPARE(fixture.shown(), withExperts);
        const spec::ModelInfo llama = modelOf(0);
        fixture.board.showFor(&llama);
        QCOMPARE(fixture.shown(), plain);
        fixture.board.reset(&more);
        QCOMPARE(fixture.shown(), withExperts);
    }

    void whatTheUserOpenedOrClosedStays() {
        Fixture fixture;
        const spec::ModelInfo llama = modelOf(0);
        fixture.board.reset(&llama);
        fixture.dock("router")->hide();
        fixture.dock("train")->show();
        fixture.board.showFor(&llama); // another one of the same kind
        QCOMPARE(fixture.shown(), (QStringList{"prompt", "text", "depth", "saved", "train"}));
    }

    void neededDocksAreKeptWithTheLayout() {
        Fixture before;
        const spec::ModelInfo more = modelOf(4);
        before.board.reset(&more);
        before.dock("experts")->hide();
        Fixture after;
        after.board.reset(nullptr);
        after.board.setNeeded(before.board.needed());
        after.dock("experts")->hide();
        after.board.showFor(&more); // the layout was of such a model: nothing changes
        QVERIFY(after.dock("experts")->isHidden());
    }

    void layoutWithoutNeededDocksGoesByWhatIsShown() {
        Fixture fixture;
        const spec::ModelInfo more = modelOf(4);
        fixture.board.reset(&more);
        fixture.board.setNeeded({});
        const spec::ModelInfo llama = modelOf(0);
        fixture.board.showFor(&llama);
        QCOMPARE(fixture.shown(), (QStringList{"prompt", "text", "depth", "saved", "router"}));
    }
};

QTEST_MAIN(TestDockBoard)
#include "tst_dock_board.moc"
