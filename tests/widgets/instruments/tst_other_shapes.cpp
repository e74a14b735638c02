// SPDX-License-Identifier: MIT
// The instruments of a run that is no text: a grid that is denoised step by step. They draw it,
// name its places by row and column, find them under the pointer, walk along its steps, and show
// the same of a recording.
#include "engine/recording/reader.h"
#include "engine/recording/save.h"
#include "tests/widgets/instruments/grid_test.h"

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <initializer_list>
#include <set>
#include <utility>

using namespace depthscope;
using namespace depthscope::instruments;
using tests::GridRun;
using tests::kPlace;
using tests::pinnedAt;
using tests::says;
using tests::storeOf;

namespace {

/// Everything that a scene says: texts, tooltips, summary.
std::vector<std::string> wordsOf(const scene::Scene& scene) {
    std::vector<std::string> words{scene.summary};
    for (const scene::Primitive& primitive : scene.primitives) {
        if (const auto* text = std::get_if<scene::TextRun>(&primitive.shape)) {
            words.push_back(text->text);
        }
    }
    for (const scene::Hit& hit : scene.hits) {
        words.push_back(hit.tip);
    }
    return words;
}

bool namesToken(const std::string& words) {
    static const QRegularExpression pattern(QStringLiteral("\\btoken \\d"));
    return pattern.match(QString::fromStdString(words)).hasMatch();
}

scene::Point middleOf(const scene::Rect& cell) {
    return {cell.x + cell.width / 2, cell.y + cell.height / 2};
}

} // namespace

class TestOtherShapes : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:
    void drawsAtEverySize_data();
    void drawsAtEverySize();
    void textSaysThatThereIsNone();
    void transportNamesTheStep();
    void noPlaceIsCalledAToken();
    void reactionsGiveThePlace();
    void aRecordingShowsTheSame_data();
    void aRecordingShowsTheSame();
};

void TestOtherShapes::drawsAtEverySize_data() {
    QTest::addColumn<int>("frames");
    QTest::addColumn<bool>("dark");
    for (const int frames : {1, 2}) {
        for (const bool dark : {false, true}) {
            QTest::addRow("%d frames, %s", frames, dark ? "dark" : "light") << frames << dark;
        }
    }
}

void TestOtherShapes::drawsAtEverySize() {
    QFETCH(int, frames);
    QFETCH(bool, dark);
    const trace::TraceStore store = storeOf(GridRun(frames));
    const trace::TraceView view = store.view();
    QVERIFY(view.other(trace::kFullDepthRun) != nullptr);
    Cursor cursor = pinnedAt(kPlace);
    cursor.pinnedRecursion = 1;
    for (const auto& [width, height] : std::initializer_list<std::pair<float, float>>{
             {40, 20}, {260, 60}, {260, 900}, {900, 104}, {900, 260}, {2400, 600}}) {
        for (const float zoom : {1.0F, 2.0F}) {
            const scene::Theme theme = dark ? scene::darkTheme(zoom) : scene::lightTheme(zoom);
            for (const auto& one : makeInstruments()) {
                const scene::Scene scene =
                    one->draw(view, {}, cursor, {{0, 0, width, height}, &theme, &m_text});
                QVERIFY(!scene.summary.empty());
                QVERIFY(!scene.primitives.empty() || width < 100);
                for (const scene::Primitive& primitive : scene.primitives) {
                    const auto* text = std::get_if<scene::TextRun>(&primitive.shape);
                    QVERIFY2(text == nullptr ||
                                 m_text.width(text->text, text->style) <= text->box.width + 0.6F,
                             one->id());
                }
            }
        }
    }
}

void TestOtherShapes::textSaysThatThereIsNone() {
    const trace::TraceStore store = storeOf(GridRun());
    const scene::Scene scene = draw("panel.text", store.view(), {}, {0, 0, 600, 200});
    QVERIFY(says(scene, "This run has no text."));
    QVERIFY(tests::instrument("panel.text")->table(store.view(), m_text).rows.empty());
}

void TestOtherShapes::transportNamesTheStep() {
    trace::TraceStore store = storeOf(GridRun());
    const auto transport = [&] {
        return draw("panel.transport", store.view(), pinnedAt(kPlace), {0, 0, 900, 104});
    };
    QVERIFY(says(transport(), "step 5 of 5, t = 0.00"));
    QVERIFY(says(transport(), "place 9 / 24"));
    store.lookAt(1);
    QVERIFY(says(transport(), "step 2 of 5, t = 0.75"));
    QVERIFY(says(transport(), "place 9 / 24"));
    std::set<std::string> actions;
    for (const scene::Hit& hit : transport().hits) {
        actions.insert(hit.action);
    }
    QVERIFY(actions.count("step.prev") == 1 && actions.count("step.next") == 1);
    store.lookAt(std::nullopt);
    QVERIFY(says(transport(), "step 5 of 5, t = 0.00"));
}

void TestOtherShapes::noPlaceIsCalledAToken() {
    const GridRun grid(2);
    const trace::TraceStore store = storeOf(grid);
    for (const auto& one : makeInstruments()) {
        const scene::Scene scene = draw(one->id(), store.view(), pinnedAt(kPlace));
        for (const std::string& words : wordsOf(scene)) {
            QVERIFY2(!namesToken(words), (std::string(one->id()) + ": " + words).c_str());
        }
        for (int place = 0; place < grid.places(); ++place) {
            for (int row = -1; row < GridRun::kRecursions; ++row) {
                scene::Hit hit;
                hit.kind = scene::HitKind::Cell;
                hit.column = place;
                hit.row = row;
                const std::string tip = one->tip(store.view(), hit, m_text);
                QVERIFY2(!namesToken(tip), (std::string(one->id()) + ": " + tip).c_str());
                QVERIFY(tip.find("nats") == std::string::npos);
                const std::string name = "place " + m_text.number(place + 1.0, 0) + " of 48";
                QVERIFY(tip.empty() || tip.find(name) != std::string::npos);
            }
        }
    }
}

void TestOtherShapes::reactionsGiveThePlace() {
    const trace::TraceStore store = storeOf(GridRun());
    const trace::TraceView view = store.view();
    const Viewport viewport{{0, 0, 900, 260}, &m_theme, &m_text};
    for (const char* id : {"panel.depth", "panel.kv"}) {
        const auto panel = tests::instrument(id);
        const scene::Scene scene = panel->draw(view, {}, {}, viewport);
        const bool named = std::string(id) == "panel.depth";
        for (int place = 0; place < 24; ++place) {
            QVERIFY(scene::cellRect(scene, place, named ? GridRun::kRecursions - 1 : 0));
        }
        QVERIFY(!scene::cellRect(scene, 24, 0));
        QVERIFY(!scene::cellRect(scene, 0, named ? GridRun::kRecursions : 1));
        const scene::Point at = middleOf(*scene::cellRect(scene, kPlace, named ? 1 : 0));
        const std::optional<int> recursion = named ? std::optional<int>(1) : std::nullopt;

        const InputResponse over = panel->respond({view, {}, {}, scene, viewport}, PointerMove{at});
        QCOMPARE(over.intents.size(), std::size_t{1});
        const auto hover = std::get<HoverIntent>(over.intents[0]);
        QCOMPARE(hover.place, std::optional<int>(kPlace));
        QCOMPARE(hover.recursion, recursion);
        QVERIFY(over.tip.find("row 2, column 3  place 9 of 24") == 0);

        const InputResponse press =
            panel->respond({view, {}, {}, scene, viewport}, PointerPress{at});
        const InputResponse click =
            panel->respond({view, press.state, {}, scene, viewport}, PointerRelease{at});
        const auto pin = std::get<PinIntent>(click.intents.at(0));
        QCOMPARE(pin.place, std::optional<int>(kPlace));
        QCOMPARE(pin.recursion, recursion);

        const InputResponse key =
            panel->respond({view, {}, pinnedAt(kPlace), scene, viewport}, KeyPress{Key::Right});
        QCOMPARE(std::get<PinIntent>(key.intents.at(0)).place, std::optional<int>(kPlace + 1));
        const InputResponse end =
            panel->respond({view, {}, pinnedAt(kPlace), scene, viewport}, KeyPress{Key::End});
        QCOMPARE(std::get<PinIntent>(end.intents.at(0)).place, std::optional<int>(23));
    }
}

void TestOtherShapes::aRecordingShowsTheSame_data() {
    QTest::addColumn<int>("frames");
    QTest::newRow("one frame") << 1;
    QTest::newRow("two frames") << 2;
}

void TestOtherShapes::aRecordingShowsTheSame() {
    QFETCH(int, frames);
    trace::TraceStore live = storeOf(GridRun(frames));
    const QTemporaryDir folder;
    const std::string file = folder.filePath(QStringLiteral("grid.depthscope")).toStdString();
    recording::saveRecording(file, live.steps(), {}, {});
    const recording::Recording kept = recording::readRecording(file);
    QCOMPARE(kept.steps.size(), std::size_t{2 * GridRun::kSteps});
    for (std::size_t i = 0; i < kept.steps.size(); ++i) {
        QCOMPARE(kept.steps[i]->routing.layout, live.steps()[i]->routing.layout);
        QCOMPARE(kept.steps[i]->routing.noiseLevel, live.steps()[i]->routing.noiseLevel);
        QVERIFY(kept.steps[i]->text() == nullptr);
    }
    trace::TraceStore replayed = storeOf(kept.steps);
    Cursor cursor = pinnedAt(kPlace);
    cursor.pinnedRecursion = 1;
    std::set<std::string> heatMaps;
    for (int step = 0; step < GridRun::kSteps; ++step) {
        live.lookAt(static_cast<std::uint32_t>(step));
        replayed.lookAt(static_cast<std::uint32_t>(step));
        for (const auto& one : makeInstruments()) {
            for (const scene::Rect& rect : {scene::Rect{0, 0, 300, 900}, {0, 0, 1100, 240}}) {
                const Viewport viewport{rect, &m_theme, &m_text};
                QVERIFY2(one->draw(live.view(), {}, cursor, viewport) ==
                             one->draw(replayed.view(), {}, cursor, viewport),
                         qPrintable(QStringLiteral("%1, step %2").arg(one->id()).arg(step)));
            }
        }
        heatMaps.insert(draw("panel.depth", replayed.view()).summary);
    }
    QCOMPARE(heatMaps.size(), std::size_t{GridRun::kSteps}); // each step shows something else
}

QTEST_APPLESS_MAIN(TestOtherShapes)
#include "tst_other_shapes.moc"
