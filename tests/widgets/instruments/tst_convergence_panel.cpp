// SPDX-License-Identifier: MIT
// CONVERGENCE and the predictions of TOKEN, from a convergence that is made by formulas.
#include "tests/widgets/instruments/made_convergence.h"
#include "tests/widgets/instruments/panel_test.h"
#include "widgets/instruments/convergence_part.h"
#include "widgets/instruments/convergence_text.h"

#include <QTest>
#include <set>

using namespace depthscope;
using namespace depthscope::instruments;
using trace::Quantity;

namespace {

/// A view of a routed run with its convergence.
struct Made {
    explicit Made(int recursions = 3, int trained = 3, std::size_t tokens = 60) {
        tests::SyntheticRun synthetic;
        synthetic.tokens = tokens;
        synthetic.recursions = recursions;
        run = tests::SyntheticSteps(synthetic).view();
        convergence = tests::madeConvergence(run, trained);
        view.main = &run;
        view.convergence = convergence.get();
    }

    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;

    trace::RunView run;
    std::shared_ptr<trace::Convergence> convergence;
    trace::TraceView view;
};

template <typename Shape>
std::vector<Shape> shapes(const scene::Scene& scene) {
    std::vector<Shape> found;
    for (const scene::Primitive& primitive : scene.primitives) {
        if (const auto* shape = std::get_if<Shape>(&primitive.shape)) {
            found.push_back(*shape);
        }
    }
    return found;
}

scene::Color pixel(const scene::Bitmap& bitmap, int x, int y) {
    const auto at = static_cast<std::size_t>((y * bitmap.width + x) * 4);
    return {bitmap.rgba[at], bitmap.rgba[at + 1], bitmap.rgba[at + 2], bitmap.rgba[at + 3]};
}

const scene::Hit& button(const scene::Scene& scene, const std::string& action) {
    const auto found = std::ranges::find(scene.hits, action, &scene::Hit::action);
    if (found == scene.hits.end()) {
        qFatal("no button %s", action.c_str());
    }
    return *found;
}

} // namespace

class TestConvergencePanel : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:

    /// Pale is settled; who has stopped is blank, not settled.
    void everyCellIsItsValue() {
        const Made made;
        const scene::Scene scene = drawn(made.view);
        const scene::Bitmap& map = *shapes<scene::Image>(scene).front().bitmap;
        QCOMPARE(map.width, 60);
        QCOMPARE(map.height, 3);
        const QuantityRange range = quantityRange(*made.convergence, Quantity::Change);
        QCOMPARE(range.low, 0.0);
        QCOMPARE(range.high, 0.75);
        for (int t = 0; t < 60; ++t) {
            for (int r = 0; r < 3; ++r) {
                const auto token = static_cast<std::size_t>(t);
                const scene::Color color = pixel(map, t, 2 - r);
                if (made.run.depth[token] <= r) {
                    QCOMPARE(color.a, std::uint8_t{0});
                } else {
                    const double value = (1 + t % 3) / (4.0 * (r + 1));
                    QCOMPARE(color, settlingColor(m_theme, value / 0.75));
                }
            }
        }
    }

    void scales() {
        const Made made;
        const QuantityRange cosine = quantityRange(*made.convergence, Quantity::Cosine);
        QCOMPARE(cosine.high, 1.0);
        QVERIFY(cosine.share(Quantity::Cosine, 1) == 0 &&
                cosine.share(Quantity::Cosine, cosine.low) == 1);
        const QuantityRange rank = quantityRange(*made.convergence, Quantity::Rank);
        QCOMPARE(rank.share(Quantity::Rank, 1), 0.0);
        QCOMPARE(rank.share(Quantity::Rank, 81), 1.0);
        QVERIFY(std::abs(rank.share(Quantity::Rank, 9) - 0.5) < 1e-9);
        for (const Quantity quantity : trace::kQuantities) {
            const QuantityRange range = quantityRange(*made.convergence, quantity);
            for (const double share : {0.0, 0.3, 1.0}) {
                QVERIFY(std::abs(range.share(quantity, range.at(quantity, share)) - share) < 1e-9);
            }
        }
    }

    /// Hatched and named: more recursions than the training had.
    void beyondTraining() {
        QVERIFY(shapes<scene::HatchRect>(drawn(Made().view)).empty());
        const Made made(5, 3);
        const scene::Scene scene = drawn(made.view);
        const auto hatches = shapes<scene::HatchRect>(scene);
        QCOMPARE(hatches.size(), std::size_t{1});
        const scene::Rect grid = scene.grids.front().rect;
        QVERIFY(std::abs(hatches[0].rect.height - grid.height * 2 / 5) < 1);
        QVERIFY(std::abs(hatches[0].rect.y - grid.y) < 1); // the last ones are at the top
        QVERIFY(convergenceTip(made.view, 3, 0, m_text).find("outside training") !=
                std::string::npos);
        QVERIFY(convergenceTip(made.view, 2, 0, m_text).find("outside training") ==
                std::string::npos);
    }

    /// A button above the map chooses; nothing else learns of it.
    void buttonsChoose() {
        const Made made;
        const Viewport viewport{{0, 0, 1100, 320}, &m_theme, &m_text};
        const auto panel = tests::instrument("panel.convergence");
        const scene::Scene scene = panel->draw(made.view, {}, {}, viewport);
        const auto click = [&](const std::string& action) {
            const scene::Rect rect = button(scene, action).rect;
            const scene::Point at{rect.x + 3, rect.y + 3};
            const InputResponse press =
                panel->respond({made.view, {}, {}, scene, viewport}, PointerPress{at});
            const InputResponse done =
                panel->respond({made.view, press.state, {}, scene, viewport}, PointerRelease{at});
            if (!done.intents.empty()) {
                qFatal("a choice is no intent");
            }
            return done.state;
        };
        QVERIFY(click("convergence.quantity.3").quantity == Quantity::Divergence);
        QVERIFY(click("convergence.part.2").part == ConvergencePart::Path);
        ViewState state;
        state.quantity = Quantity::Divergence;
        const scene::Scene other = panel->draw(made.view, state, {}, viewport);
        QVERIFY(!(other == scene));
        std::set<std::string> tips;
        for (const scene::Hit& hit : scene.hits) {
            tips.insert(hit.tip);
        }
        QVERIFY(tips.size() >= 8);
    }

    /// A row for each rule, in the colours of depth.
    void exitsOfAllRules() {
        const Made made;
        const scene::Scene scene = drawn(made.view);
        const scene::Bitmap& lanes = *shapes<scene::Image>(scene).at(1).bitmap;
        QCOMPARE(lanes.height, 5);
        for (int t = 0; t < 60; ++t) {
            QCOMPARE(pixel(lanes, t, 0), m_theme.absent);
            QCOMPARE(pixel(lanes, t, 3), scene::depthColor(m_theme, 1 + t % 2, 3));
        }
        for (const char* words : {"latent:0.03", "rec. 1", "rec. 2", "rec. 3", "nowhere"}) {
            QVERIFY2(tests::says(scene, words), words);
        }
    }

    void curveAndPath() {
        const Made made;
        Cursor cursor;
        cursor.pinnedPlace = static_cast<int>(std::ranges::find(made.run.depth, std::uint8_t{3}) -
                                              made.run.depth.begin());
        ViewState state;
        state.part = ConvergencePart::Curve;
        QVERIFY(tests::says(drawn(made.view, state), "Point at a token"));
        const scene::Scene curve = drawn(made.view, state, cursor);
        QVERIFY(tests::says(curve, "answer fixed at recursion 3 of 3"));
        QCOMPARE(shapes<scene::Polyline>(curve).back().points.size(), std::size_t{3});
        state.part = ConvergencePart::Path;
        QVERIFY(tests::says(drawn(made.view, state), "Point at a token"));
        const scene::Scene path = drawn(made.view, state, cursor);
        QVERIFY(tests::says(path, "80 % and 15 %"));
        const auto points = shapes<scene::Polyline>(path).back().points;
        QCOMPARE(points.size(), std::size_t{4});
        // One scale: a step to the right is as long as a step up.
        QVERIFY(std::abs((points[1].x - points[0].x) - (points[0].y - points[1].y)) < 0.01F);
    }

    void exactValues() {
        const Made made;
        const std::string tip = convergenceTip(made.view, 0, 4, m_text);
        QVERIFY(tip.find("relative change: 0.5000") != std::string::npos);
        QVERIFY(tip.find("entropy: 1.5000 nats") != std::string::npos);
        QVERIFY(tip.find("rank of the answer: 81") != std::string::npos);
        QVERIFY(tip.find("would stop here: kl:0.001") != std::string::npos);
        const Table table = tests::instrument("panel.convergence")->table(made.view, m_text);
        QCOMPARE(table.rows.size(), std::size_t{60 * 3});
        for (const auto& row : table.rows) {
            QCOMPARE(row.size(), table.columns.size());
        }
        const auto& row = table.rows[4 * 3];
        QCOMPARE(std::get<double>(row[0]), 5.0);
        QCOMPARE(std::get<double>(row[2]), 1.0);
        QCOMPARE(std::get<double>(row[3]), 0.5);
        QCOMPARE(std::get<double>(row[9]), 0.5); // of the likeliest piece
        const auto left = static_cast<std::size_t>(
            std::ranges::find(made.run.depth, std::uint8_t{1}) - made.run.depth.begin());
        QVERIFY(std::holds_alternative<std::monostate>(table.rows[left * 3 + 1][3]));
        QVERIFY(convergenceTip(made.view, 1, left, m_text).find("stopped") != std::string::npos);
    }

    /// What is missing, and what to do.
    void reasons() {
        Made made;
        made.view.convergence = nullptr;
        const auto says = [&](const char* words) { return tests::says(drawn(made.view), words); };
        QVERIFY(says("Run the text"));
        made.view.convergenceComes = true;
        QVERIFY(says("Reading predictions"));
        made.view.source = trace::Source::Recorded;
        QVERIFY(says("Go live"));
        tests::SyntheticRun plain;
        plain.recursions = 1;
        made.run = tests::SyntheticSteps(plain).view();
        QVERIFY(says("MoR, recursive or looped"));
    }

    /// Of older settings: faint until the newer one is there.
    void oldIsFaint() {
        const Made made;
        made.convergence->settings.maxDepth = 2;
        QVERIFY(isOld(made.view));
        const scene::Scene scene = drawn(made.view);
        const scene::Bitmap& map = *shapes<scene::Image>(scene).front().bitmap;
        QVERIFY(pixel(map, 0, 2).a > 0 && pixel(map, 0, 2).a < 100);
    }

    /// Of a long text the first tokens are looked at: the panels say so for the others.
    void firstTokensAlone() {
        Made made;
        const Made first(3, 3, 20);
        first.convergence->beyond = 40;
        made.view.convergence = first.convergence.get();
        const char* said = "Only the first 20 of 60 tokens";
        QVERIFY(tests::says(drawn(made.view), said));
        Cursor cursor;
        cursor.pinnedPlace = 30;
        ViewState state;
        for (const ConvergencePart part : {ConvergencePart::Curve, ConvergencePart::Path}) {
            state.part = part;
            QVERIFY(tests::says(drawn(made.view, state, cursor), said));
        }
        const scene::Scene token = draw("panel.token", made.view, cursor, {0, 0, 400, 2000});
        QVERIFY(tests::says(token, said) && !tests::says(token, "after recursion 1"));
        QVERIFY(!tests::says(drawn(Made().view), "Only the first"));
    }

    void nothingIsClipped() {
        const Made small;
        const Made many(12, 8, 700);
        Cursor cursor;
        cursor.pinnedPlace = 12;
        for (const float zoom : {1.0F, 1.5F, 2.0F}) {
            const scene::Theme theme = scene::darkTheme(zoom);
            for (const float width : {40.0F, 260.0F, 420.0F, 900.0F, 1500.0F}) {
                for (const float height : {20.0F, 60.0F, 140.0F, 260.0F, 900.0F}) {
                    for (const ConvergencePart part :
                         {ConvergencePart::Exits, ConvergencePart::Curve, ConvergencePart::Path}) {
                        ViewState state;
                        state.part = part;
                        const Viewport viewport{{0, 0, width, height}, &theme, &m_text};
                        for (const Made* made : {&small, &many}) {
                            checkInside(tests::instrument("panel.convergence")
                                            ->draw(made->view, state, cursor, viewport));
                        }
                    }
                }
            }
        }
    }

    /// Five answers after each recursion, or a button that asks for them.
    void predictionsOfAToken() {
        Made made;
        Cursor cursor;
        cursor.pinnedPlace = 4;
        const scene::Scene scene = draw("panel.token", made.view, cursor, {0, 0, 300, 2000});
        QVERIFY(tests::says(scene, "answer fixed at recursion 3 of 3"));
        for (int r = 1; r <= 3; ++r) {
            QVERIFY(tests::says(scene, "after recursion " + std::to_string(r)));
        }
        const std::int32_t id = made.run.ids[4]; // 304: even, so that it has a text
        QCOMPARE(id, 304);
        QVERIFY(tests::says(scene, "piece304") && tests::says(scene, "id 305"));
        made.view.convergence = nullptr;
        const scene::Scene without = draw("panel.token", made.view, cursor, {0, 0, 300, 2000});
        QVERIFY(button(without, "convergence.show").rect.width > 0);
        made.view.source = trace::Source::Recorded;
        QVERIFY(
            !tests::says(draw("panel.token", made.view, cursor, {0, 0, 300, 2000}), "PREDICTIONS"));
    }

private:
    [[nodiscard]] scene::Scene drawn(const trace::TraceView& view,
                                     const ViewState& state = {},
                                     const Cursor& cursor = {}) const {
        return tests::instrument("panel.convergence")
            ->draw(view, state, cursor, {{0, 0, 1100, 320}, &m_theme, &m_text});
    }

    void checkInside(const scene::Scene& scene) const {
        for (const scene::TextRun& text : shapes<scene::TextRun>(scene)) {
            if (text.slope == scene::Slope::Level) {
                QVERIFY2(m_text.width(text.text, text.style) <= text.box.width + 0.6F,
                         text.text.c_str());
            }
        }
        for (const scene::Primitive& primitive : scene.primitives) {
            const auto* text = std::get_if<scene::TextRun>(&primitive.shape);
            if (text != nullptr && primitive.clip == 0 && scene.bounds.width >= 260 &&
                scene.bounds.height >= 60) {
                QVERIFY2(text->box.x >= -0.6F && text->box.y >= -0.6F &&
                             text->box.right() <= scene.bounds.width + 0.6F &&
                             text->box.bottom() <= scene.bounds.height + 0.6F,
                         text->text.c_str());
            }
        }
    }
};

QTEST_APPLESS_MAIN(TestConvergencePanel)
#include "tst_convergence_panel.moc"
