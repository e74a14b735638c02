// SPDX-License-Identifier: MIT
// The panels of a video model's run: what they say of given and predicted patches, of each
// denoising step, of what was saved and lost.
#include "engine/trace/clip_run.h"
#include "engine/trace/statistics.h"
#include "tests/widgets/instruments/denoised_clip.h"
#include "tests/widgets/instruments/panel_test.h"

#include <QRegularExpression>
#include <QTest>
#include <cmath>
#include <set>

using namespace depthscope;
using namespace depthscope::instruments;
using tests::DenoisedClip;
using tests::number;
using tests::pinned;
using tests::says;

namespace {

constexpr int kPatch = 41; ///< frames 4-5, row 3, column 2
constexpr scene::Rect kCenter{0, 0, 700, 260};

std::string words(const Table::Cell& cell) {
    const auto* text = std::get_if<std::string>(&cell);
    return text != nullptr ? *text : std::string();
}

} // namespace

class TestClipPanels : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:
    void drawsAtEverySize();
    void noPatchIsCalledAToken();
    void depthColoursArePictures();
    void routerTellsOfThePredicted();
    void inspectorTellsThePatch();
    void marginsAreOfTheSide();
    void expertsByNoise();
    void memoryIsOfTheGiven();
    void savedAndLost();
    void timesInTurns();
    void withoutTruth();

private:
    [[nodiscard]] Table tableOf(const char* id, const trace::TraceView& view) const {
        return tests::instrument(id)->table(view, m_text);
    }
};

void TestClipPanels::drawsAtEverySize() {
    const trace::TraceStore store = DenoisedClip().store();
    const trace::TraceView view = store.view();
    for (const auto& [width, height] : std::initializer_list<std::pair<float, float>>{
             {40, 20}, {260, 60}, {260, 900}, {700, 76}, {900, 260}, {2400, 600}}) {
        for (const float zoom : {1.0F, 2.0F}) {
            const scene::Theme theme = scene::darkTheme(zoom);
            for (const auto& one : makeInstruments()) {
                const scene::Scene scene = one->draw(view, {}, pinned(kPatch, 1),
                                                     {{0, 0, width, height}, &theme, &m_text});
                QVERIFY(!scene.summary.empty());
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

void TestClipPanels::noPatchIsCalledAToken() {
    static const QRegularExpression token(QStringLiteral("\\b[Tt]okens?\\b|TOKEN"));
    const trace::TraceStore store = DenoisedClip().store();
    for (const char* id : {"panel.depth", "panel.kv", "panel.transport", "panel.saved",
                           "panel.experts", "panel.router", "panel.token"}) {
        for (const Cursor& cursor : {Cursor{}, pinned(kPatch, 1)}) {
            const scene::Scene scene = draw(id, store.view(), cursor, {0, 0, 700, 900});
            std::vector<std::string> all{scene.summary};
            for (const scene::Primitive& primitive : scene.primitives) {
                if (const auto* text = std::get_if<scene::TextRun>(&primitive.shape)) {
                    all.push_back(text->text);
                }
            }
            for (const scene::Hit& hit : scene.hits) {
                all.push_back(hit.tip);
            }
            for (const Table::Column& column : tableOf(id, store.view()).columns) {
                all.push_back(column.title + ' ' + column.unit);
            }
            for (const std::string& one : all) {
                QVERIFY2(!token.match(QString::fromStdString(one)).hasMatch(),
                         (std::string(id) + ": " + one).c_str());
            }
        }
    }
}

void TestClipPanels::depthColoursArePictures() {
    const DenoisedClip clip;
    trace::TraceStore store = clip.store();
    store.lookAt(3);
    const scene::Scene scene = draw("panel.depth", store.view(), {}, kCenter);
    const std::vector<int> depth = DenoisedClip::depths(3);
    std::size_t pictures = 0;
    for (const scene::Primitive& primitive : scene.primitives) {
        const auto* image = std::get_if<scene::Image>(&primitive.shape);
        if (image == nullptr || image->bitmap->width != DenoisedClip::kSide) {
            continue;
        }
        const scene::Hit hit =
            scene::hitAt(scene, {image->rect.x + 1, image->rect.y + 1}); // its first patch
        QCOMPARE(hit.column % DenoisedClip::kOfFrame, 0);
        for (int i = 0; i < DenoisedClip::kOfFrame; ++i) {
            const auto at = static_cast<std::size_t>(hit.column + i);
            const std::uint8_t* pixel = &image->bitmap->rgba[static_cast<std::size_t>(i) * 4];
            const scene::Color color{pixel[0], pixel[1], pixel[2], pixel[3]};
            if (depth[at] > hit.row) {
                QVERIFY(color.a == 255 && !(color == m_theme.absent));
            } else {
                const scene::Color none{0, 0, 0, 0};
                QVERIFY(color == (depth[at] == hit.row ? m_theme.absent : none));
            }
        }
        ++pictures;
    }
    QCOMPARE(pictures, std::size_t{DenoisedClip::kFrames * DenoisedClip::kRecursions});
}

void TestClipPanels::routerTellsOfThePredicted() {
    const DenoisedClip clip;
    trace::TraceStore store = clip.store();
    store.lookAt(5);
    const scene::Scene scene = draw("panel.router", store.view());
    for (const char* word : {"PATCHES LEFT", "background", "motion", "AUC of depth against motion",
                             "mean depth 1.75"}) {
        QVERIFY2(says(scene, word), word);
    }
    QVERIFY(!says(scene, "New graded text"));
    const std::vector<int> depth = DenoisedClip::depths(5);
    double pairs = 0, won = 0;
    for (int a = DenoisedClip::kGivenPlaces; a < DenoisedClip::kPlaces; ++a) {
        for (int b = DenoisedClip::kGivenPlaces; b < DenoisedClip::kPlaces; ++b) {
            if (DenoisedClip::classOf(a) == trace::PatchClass::Motion &&
                DenoisedClip::classOf(b) != trace::PatchClass::Motion) {
                const int one = depth[static_cast<std::size_t>(a)];
                const int other = depth[static_cast<std::size_t>(b)];
                pairs += 1;
                won += one > other ? 1 : one == other ? 0.5 : 0;
            }
        }
    }
    QVERIFY(won / pairs > 0.5);
    QVERIFY(says(scene, m_text.number(won / pairs, 2)));
    double count = 0;
    for (const auto& row : tableOf("panel.router", store.view()).rows) {
        count += words(row[0]) == "classes" && words(row[2]) == "count" ? number(row[3]) : 0;
        if (words(row[2]) == "AUC of depth") {
            QVERIFY(std::abs(number(row[3]) - won / pairs) < 1e-12);
        }
    }
    QCOMPARE(count, static_cast<double>(DenoisedClip::kGivenPlaces));
}

void TestClipPanels::inspectorTellsThePatch() {
    const trace::TraceStore store = DenoisedClip().store();
    const scene::Scene scene = draw("panel.token", store.view(), pinned(kPatch));
    for (const char* word :
         {"42 of 64", "predicted", "row", "3 of 4", "column", "2 of 4", "EXPERTS", "RECURSIONS"}) {
        QVERIFY2(says(scene, word), word);
    }
    QVERIFY(!says(scene, "KV")); // only what was given is kept
    QVERIFY(says(draw("panel.token", store.view(), pinned(0)), "KV"));
    const Table table = tableOf("panel.token", store.view());
    QCOMPARE(table.rows.size(), std::size_t{DenoisedClip::kPlaces});
    QCOMPARE(words(table.rows[31][2]), "given");
    QCOMPARE(words(table.rows[32][2]), "predicted");
    QVERIFY(says(draw("panel.token", store.view()), "Point at a patch"));
}

void TestClipPanels::marginsAreOfTheSide() {
    const DenoisedClip clip;
    const trace::TraceStore store = clip.store();
    const std::vector<int> depth = DenoisedClip::depths(7);
    for (int place = 0; place < DenoisedClip::kPlaces; ++place) {
        const int begin = place < DenoisedClip::kGivenPlaces ? 0 : DenoisedClip::kGivenPlaces;
        const int of = begin == 0 ? 0 : 7;
        std::size_t better = 0;
        for (int other = begin; other < begin + DenoisedClip::kGivenPlaces; ++other) {
            better += depth[static_cast<std::size_t>(other)] >= 1 &&
                              DenoisedClip::score(of, 1, other) > DenoisedClip::score(of, 1, place)
                          ? 1U
                          : 0U;
        }
        const scene::Scene scene = draw("panel.token", store.view(), pinned(place));
        // Rounded up, a capacity of more than better / 32 keeps it.
        const std::string margin =
            "stays at capacity > " + m_text.number(static_cast<double>(better), 0) + "/32";
        QVERIFY2(says(scene, margin), margin.c_str());
        QCOMPARE(depth[static_cast<std::size_t>(place)] > 1, better < 16);
    }
}

void TestClipPanels::expertsByNoise() {
    trace::TraceStore store = DenoisedClip().store();
    store.lookAt(2);
    const scene::Scene scene = draw("panel.experts", store.view(), pinned(kPatch));
    for (const char* word : {"THIS PATCH", "A Temporal", "C Motion", "by noise level", "t = 1.00",
                             "choices, all patches"}) {
        QVERIFY2(says(scene, word), word);
    }
    QVERIFY(says(scene, "t = " + m_text.number(0.125, 2)));
    std::set<std::string> levels;
    for (const scene::Hit& hit : scene.hits) {
        if (hit.tip.rfind("t = 0.25", 0) == 0) {
            double count = 0, all = 0;
            for (int place = DenoisedClip::kGivenPlaces; place < DenoisedClip::kPlaces; ++place) {
                for (const int expert : DenoisedClip::expertsOf(6, place)) {
                    count += expert == 2 ? 1 : 0;
                    all += 1;
                }
            }
            const std::string share = "C Motion: " + scene::formatPercent(m_text, count / all);
            QVERIFY2(hit.tip.find(share) != std::string::npos, hit.tip.c_str());
        }
        if (hit.tip.rfind("t = ", 0) == 0) {
            levels.insert(hit.tip);
        }
    }
    QCOMPARE(levels.size(), std::size_t{8});
}

void TestClipPanels::memoryIsOfTheGiven() {
    const trace::TraceStore store = DenoisedClip().store();
    const scene::Scene scene = draw("panel.kv", store.view(), {}, {0, 0, 700, 240});
    for (const char* word : {"CONTEXT CACHE", "ONE STEP", "unshared", "recursion 3"}) {
        QVERIFY2(says(scene, word), word);
    }
    const Table table = tableOf("panel.kv", store.view());
    const std::vector<int> depth = DenoisedClip::depths(7);
    double sum = 0;
    for (std::size_t row = 0; row < 4; ++row) {
        const int r = static_cast<int>(row) - 1;
        const double given = r < 0 ? 32 : DenoisedClip::kept(r);
        double predicted = 0;
        for (std::size_t place = DenoisedClip::kGivenPlaces; place < DenoisedClip::kPlaces;
             ++place) {
            predicted += depth[place] > r ? 1 : 0;
        }
        QCOMPARE(number(table.rows.at(row)[1]), given);
        QCOMPARE(number(table.rows.at(row)[3]), predicted);
        sum += number(table.rows.at(row)[2]);
    }
    QCOMPARE(number(table.rows.at(4)[2]), sum);
}

void TestClipPanels::savedAndLost() {
    const DenoisedClip clip;
    trace::TraceStore store = clip.store();
    for (const int step : {7, 3}) {
        store.lookAt(static_cast<std::uint32_t>(step));
        const scene::Scene scene = draw("panel.saved", store.view(), {}, {0, 0, 300, 500});
        for (const char* word :
             {"0.42 dB", "worse than full depth", "1.25 dB", "worse than demo-dit",
              "better than copy-last", "fewer FLOPs than demo-dit", "less time than demo-dit"}) {
            QVERIFY2(says(scene, word), word);
        }
        const Table table = tableOf("panel.saved", store.view());
        double depths = 0;
        for (int one = 0; one <= step; ++one) {
            for (const int depth : DenoisedClip::depths(one)) {
                depths += 2e5 + 1e5 * depth;
            }
        }
        const double steps = (step + 1.0) * DenoisedClip::kPlaces;
        QVERIFY(std::abs(number(table.rows[0][1]) - (depths / (steps * 5e5) - 1) * 100) < 1e-9);
        QVERIFY(std::abs(number(table.rows[1][1]) - (depths / (steps * 4e5) - 1) * 100) < 1e-9);
        QVERIFY(std::abs(number(table.rows[2][1]) - (2.0 / 3.2 - 1) * 100) < 1e-9);
        QVERIFY(std::abs(number(table.rows[3][1]) - (2.0 / 2.5 - 1) * 100) < 1e-9);
        QVERIFY(std::abs(number(table.rows[5][1]) + 0.42) < 1e-9);
    }
}

/// Medians of turns, with the spread of whole runs.
void TestClipPanels::timesInTurns() {
    DenoisedClip clip;
    clip.rounds = 9;
    const trace::TraceStore store = clip.store();
    const Table table = tableOf("panel.saved", store.view());
    QVERIFY(std::abs(number(table.rows[2][1]) - (2.4 / 3.2 - 1) * 100) < 1e-9);
    QCOMPARE(number(table.rows[2].back()), 1.5);
    const scene::Scene scene = draw("panel.saved", store.view(), {}, {0, 0, 300, 500});
    QVERIFY(says(scene, "median of 9"));
    QVERIFY(says(scene, "\xC2\xB1\xC2\xA0"
                        "1.5"));
}

void TestClipPanels::withoutTruth() {
    DenoisedClip clip;
    clip.hasTruth = false;
    clip.offDistribution = true;
    const trace::TraceStore store = clip.store();
    const scene::Scene scene = draw("panel.saved", store.view(), {}, {0, 0, 300, 600});
    const Table table = tableOf("panel.saved", store.view());
    for (const std::size_t row : {5U, 6U, 7U}) {
        QVERIFY(std::isnan(number(table.rows.at(row)[1])));
        QCOMPARE(words(table.rows[row][6]), "not known: no truth for this clip");
    }
    QVERIFY(says(scene, "Outside training"));
    QVERIFY(!says(scene, "Sees later"));
}

QTEST_APPLESS_MAIN(TestClipPanels)
#include "tst_clip_panels.moc"
