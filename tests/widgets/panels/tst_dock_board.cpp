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

/// Counts the docks that are shown while the window would lay itself out.
class ShownDuringLayout : public QObject {
public:
    explicit ShownDuringLayout(Fixture& fixture)
        : m_fixture(fixture) {
        for (panels::PanelDock* dock : fixture.board.docks()) {
            dock->installEventFilter(this);
        }
    }

    bool eventFilter(QObject*, QEvent* event) override {
        if (event->type() == QEvent::Show) {
            ++(m_fixture.window.layout()->isEnabled() ? during : others);
        }
        return false;
    }

    int during = 0, others = 0;

private:
    Fixture& m_fixture;
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

    void heightsGrowWithTheText() {
        const std::vector<Height> center{
            {.share = 30, .least = 300}, {.fixed = 104}, {.share = 70}};
        QCOMPARE(columnHeights(1400, center, 2), (std::vector<int>{600, 208, 592}));
        // However large the text is, the others keep a part.
        QCOMPARE(columnHeights(800, center, 2), (std::vector<int>{480, 208, 112}));
    }

    /// Qt shows a dock when its tab comes to the front, and lays out what is only half moved: it
    /// crashed there.
    void docksBecomeTabsAtRest() {
        Fixture fixture;
        fixture.board.reset(nullptr);
        fixture.window.show();
        ShownDuringLayout shown(fixture);
        for (const QSize size : {QSize(700, 320), QSize(1200, 800), QSize(700, 320)}) {
            fixture.window.resize(size);
            QCoreApplication::processEvents();
            QTest::qWait(0);
            fixture.board.present({QStringLiteral("text")}, {QStringLiteral("saved")});
            fixture.board.endPresenting();
        }
        QVERIFY(shown.others > 0);
        QCOMPARE(shown.during, 0);
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
