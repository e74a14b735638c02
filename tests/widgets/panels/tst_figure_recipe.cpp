// SPDX-License-Identifier: MIT
// What a figure remembers, there and back, and what is said of one that is damaged.
#include "engine/base/error.h"
#include "engine/trace/graded_classes.h"
#include "widgets/panels/figure_recipe.h"

#include <QTest>
#include <algorithm>

using namespace depthscope;
using panels::FigureRecipe;
using panels::parseFigureRecipe;

namespace {

FigureRecipe sample() {
    FigureRecipe recipe;
    recipe.software = QStringLiteral("Depthscope 1.2");
    recipe.panel = QStringLiteral("panel.depth");
    recipe.model = QStringLiteral("demo-mor-expert");
    recipe.prompt.text = "a <b> & \xC3\xA4\xE4\xBB\x8A \"c\"\n";
    recipe.prompt.classes.set = trace::gradedClasses();
    recipe.prompt.classes.ranges = {{0, 2, 3}, {2, 7, trace::kNoClass}};
    recipe.settings.routing.rule = settings::Rule::Threshold;
    recipe.settings.routing.capacity = settings::parseCapacity("1,2/3,1/3");
    recipe.settings.routing.tau = 0.1 + 0.2;
    recipe.settings.generation.seed = 9'007'199'254'740'991 / 2;
    recipe.settings.video.clips = "counting";
    recipe.generated = true;
    recipe.cursor.pinnedPlace = 7;
    recipe.cursor.pinnedRecursion = 1;
    recipe.cursor.step = 3;
    panels::FigureView view;
    view.plotWidth = 700.1;
    view.state.cellWidth = 31.7;
    view.state.firstPlace = 2.5;
    view.state.followLive = false;
    view.state.quantity = trace::Quantity::Entropy;
    view.state.part = instruments::ConvergencePart::Path;
    recipe.views[QStringLiteral("panel.depth")] = view;
    recipe.layout = QByteArray("\x00\x01\xFF layout", 10);
    recipe.neededDocks = {QStringLiteral("prompt"), QStringLiteral("panel.text")};
    recipe.hasView = true;
    return recipe;
}

} // namespace

class TestFigureRecipe : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void comesBackWhole() {
        const FigureRecipe recipe = sample();
        const QByteArray json = toJson(recipe);
        QVERIFY(std::all_of(json.begin(), json.end(), [](char c) { return c >= 32 && c < 127; }));
        QVERIFY(parseFigureRecipe(json) == recipe);
    }

    void bytesThatAreNoText() {
        FigureRecipe recipe = sample();
        recipe.prompt = {std::string("\xFF\x00 \xE4", 4), {}, {}};
        QVERIFY(parseFigureRecipe(toJson(recipe)) == recipe);
        recipe.prompt = {{}, {1, 2, 2147483647}, {}};
        QVERIFY(parseFigureRecipe(toJson(recipe)) == recipe);
    }

    void ofAnEarlierVersion() {
        const FigureRecipe recipe = parseFigureRecipe(
            R"({"capacity":"1,1/2","ids":[5,6],"model":"demo-mor-expert","routing":"topk"})");
        QVERIFY(!recipe.hasView);
        QCOMPARE(recipe.prompt.ids, (std::vector<std::int32_t>{5, 6}));
        QCOMPARE(settings::toString(recipe.settings.routing.capacity), std::string("1,1/2"));
    }

    void damageIsNamed_data() {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("word");
        QTest::newRow("no JSON") << QByteArray("{\"model\": ") << QByteArray("JSON");
        QTest::newRow("nothing") << QByteArray("{}") << QByteArray("model");
        QTest::newRow("newer") << QByteArray(R"({"figure": 2})") << QByteArray("newer");
        QTest::newRow("rule") << QByteArray(R"({"figure": 1, "settings": {"routing": "best"}})")
                              << QByteArray("routing");
        QTest::newRow("capacity") << QByteArray(
                                         R"({"figure": 1, "settings": {"capacity": "1/3,1"}})")
                                  << QByteArray("capacity");
        QTest::newRow("range") << QByteArray(R"({"figure": 1, "settings": {"tau": 7}})")
                               << QByteArray("tau");
        QTest::newRow("ids") << QByteArray(R"({"figure": 1, "prompt": {"ids": [-1]}})")
                             << QByteArray("ids");
        QTest::newRow("classes") << QByteArray(R"({"figure": 1, "prompt": {"text": "ab", "classes":
                           {"set": "x", "names": ["a"], "ranges": [[0, 3, 0]]}}})")
                                 << QByteArray("classes");
        QTest::newRow("unknown class")
            << QByteArray(R"({"figure": 1, "prompt": {"text": "ab", "classes":
                           {"set": "x", "names": ["a"], "ranges": [[0, 1, 1]]}}})")
            << QByteArray("classes");
        QTest::newRow("view") << QByteArray(R"({"figure": 1, "views": {"panel.depth":
                                      {"plot_width": "wide"}}})")
                              << QByteArray("plot_width");
        QTest::newRow("cursor") << QByteArray(R"({"figure": 1, "cursor": {"place": -3}})")
                                << QByteArray("place");
    }

    void damageIsNamed() {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, word);
        try {
            static_cast<void>(parseFigureRecipe(json));
            QFAIL("nothing was thrown");
        } catch (const Error& error) {
            QVERIFY2(error.message().find(word.toStdString()) != std::string::npos, error.what());
            QVERIFY(!error.hint().empty());
        }
    }
};

QTEST_APPLESS_MAIN(TestFigureRecipe)
#include "tst_figure_recipe.moc"
