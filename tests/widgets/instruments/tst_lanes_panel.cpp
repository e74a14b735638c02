// SPDX-License-Identifier: MIT
// LANES of one text and of texts generated together: what is drawn, said, tabled and pointed at.
#include "tests/engine/recording/some_lanes.h"
#include "tests/widgets/instruments/panel_test.h"
#include "widgets/instruments/lane_rows.h"

#include <QTest>
#include <cmath>

using namespace depthscope;
using namespace depthscope::instruments;
using trace::LaneKind;

namespace {

constexpr scene::Rect kRoom{0, 0, 900, 420};

/// A generation of `tokens` tokens: each step takes 10 ms, half of it at recursions.
struct Timed {
    explicit Timed(std::size_t tokens = 12) {
        tests::SyntheticRun synthetic;
        synthetic.tokens = tokens;
        synthetic.generated = tokens - 4;
        for (const trace::StepPtr& made : tests::SyntheticSteps(synthetic).steps()) {
            auto step = std::make_shared<trace::StepTrace>(*made);
            step->step = static_cast<std::uint32_t>(steps.size());
            step->kind = steps.empty() ? trace::StepKind::Prefill : trace::StepKind::Decode;
            trace::StepCost& cost = step->routing.cost;
            cost.milliseconds = 10;
            cost.beganMilliseconds = 10.0 * static_cast<double>(steps.size());
            cost.flops = 3;
            cost.fullFlops = 6;
            const auto all = static_cast<std::int64_t>(step->routing.places());
            cost.stages = {{0, all, 1}, {1, all, 3}, {2, all / 2, 2}, {0, all, 2}};
            steps.push_back(step);
        }
        for (const trace::StepPtr& step : steps) {
            store.add(step);
        }
    }

    std::vector<trace::StepPtr> steps;
    trace::TraceStore store;
};

/// A pass of 80 ms whose stages were timed, and full depth, of 20 ms.
struct Paired {
    Paired() {
        run.latest = pass;
        run.costs = {pass->routing.cost};
        full.latest = paired;
        rounds(std::nan(""), 0);
    }

    /// Of 15 ms against 20 ms in turns.
    void rounds(double spread, int count = 9) {
        trace::StepCost& cost = paired->routing.cost;
        cost.milliseconds = 20;
        cost.routedMilliseconds = count > 0 ? 15 : 0;
        cost.rounds = count;
        cost.roundsSpread = static_cast<float>(spread);
        full.costs = {cost};
    }

    /// The reference of other settings.
    [[nodiscard]] trace::StepPtr revised() const {
        auto other = std::make_shared<trace::StepTrace>(*paired);
        other->revision = pass->revision + 1;
        return other;
    }

    [[nodiscard]] LanesSaved saved(const scene::TextService& text) const {
        trace::TraceView view;
        const std::vector<trace::StepPtr> steps{pass};
        view.main = &run;
        view.mainSteps = steps;
        view.others = {{trace::kFullDepthRun, &full}};
        return lanesSaved(view, ShownLanes(view, {}), text);
    }

    static std::shared_ptr<trace::StepTrace> passOf(const tests::SyntheticSteps& synthetic) {
        auto made = std::make_shared<trace::StepTrace>(*synthetic.steps().front());
        made->kind = trace::StepKind::Pass;
        trace::StepCost& cost = made->routing.cost;
        cost.milliseconds = 80;
        cost.flops = 3;
        cost.fullFlops = 5;
        const auto all = static_cast<std::int64_t>(made->routing.places());
        cost.stages = {{0, all, 10}, {1, all, 20}, {2, all / 2, 40}};
        return made;
    }

    tests::SyntheticSteps synthetic{{}};
    std::shared_ptr<trace::StepTrace> pass = passOf(synthetic);
    std::shared_ptr<trace::StepTrace> paired = std::make_shared<trace::StepTrace>(*pass);
    trace::RunView run = synthetic.view(), full = run;
};

std::vector<scene::FillRect> fills(const scene::Scene& scene, scene::Color color) {
    std::vector<scene::FillRect> found;
    for (const scene::Primitive& primitive : scene.primitives) {
        const auto* fill = std::get_if<scene::FillRect>(&primitive.shape);
        if (fill != nullptr && fill->color == color) {
            found.push_back(*fill);
        }
    }
    return found;
}

} // namespace

class TestLanesPanel : public tests::PanelTest {
    Q_OBJECT

private:
    [[nodiscard]] scene::Scene drawn(const trace::TraceView& view,
                                     const ViewState& state = {},
                                     const Cursor& cursor = {},
                                     scene::Rect room = kRoom) const {
        return tests::instrument("panel.lanes")
            ->draw(view, state, cursor, {room, &m_theme, &m_text});
    }

    [[nodiscard]] InputResponse respond(const trace::TraceView& view,
                                        const Input& input,
                                        const ViewState& state = {},
                                        const Cursor& cursor = {}) const {
        const Viewport viewport{kRoom, &m_theme, &m_text};
        const scene::Scene scene = drawn(view, state, cursor);
        return tests::instrument("panel.lanes")
            ->respond({view, state, cursor, scene, viewport}, input);
    }

    [[nodiscard]] float middleOf(const char* words, const scene::Scene& scene) const {
        return tests::topOf(scene, words) + m_theme.smallSize / 2;
    }

private Q_SLOTS:

    /// As high as its tokens of the room, with the other rows of the batch paler above.
    void heightsAreTokens() {
        trace::TraceStore store;
        store.setLanes(tests::someLanes());
        const scene::Scene scene = drawn(store.view());
        const LaneColors colors = laneColors(m_theme, {LaneKind::Recursion, 1}, 2);
        const auto own = fills(scene, colors.own), others = fills(scene, colors.others);
        const auto high = [&](const std::vector<scene::FillRect>& all, float width) {
            float most = 0;
            for (const scene::FillRect& one : all) {
                most =
                    std::abs(one.rect.width - width) < 2 ? std::max(most, one.rect.height) : most;
            }
            return most;
        };
        const float width = plotFrame({kRoom, &m_theme, &m_text}).width / 5; // 0.25 of 1.25 s
        QVERIFY(high(others, width) > 0);
        QVERIFY(std::abs(high(own, width) / high(others, width) - 0.5F) < 0.01F); // 2 of 4 rows
        QVERIFY(tests::says(scene, "3 texts, 9 tokens in"));
        QVERIFY(tests::says(scene, "recursion 2"));
        QVERIFY(tests::says(scene, "67 % full")); // 8 of 12 rows
    }

    /// FLOPs beside time, each per token, and why they differ. Waits are nobody's time.
    void savingsAndTheirGap() {
        trace::TraceStore store;
        auto lanes = tests::someLanes();
        store.setLanes(lanes);
        const trace::TraceView view = store.view();
        const LanesSaved saved = lanesSaved(view, ShownLanes(view, {}), m_text);
        QVERIFY(std::abs(saved.flops + 100.0 / 3) < 1e-9);
        QVERIFY(std::abs(saved.time - 100 * (0.75 / 9 / (2.0 / 10) - 1)) < 1e-9);
        QVERIFY2(saved.gap.starts_with("In these two runs time fell more than FLOPs."),
                 saved.gap.c_str());
        QVERIFY(saved.gap.find("40 % of the time was outside the recursions") != std::string::npos);
        QVERIFY(saved.gap.find("For 40 % the engine waited") != std::string::npos);
        QVERIFY(saved.gap.find("Batches at recursion 2 were 67 % full.") != std::string::npos);
        lanes->fullSeconds = 1.25;
        QVERIFY(lanesSaved(view, ShownLanes(view, {}), m_text)
                    .gap.starts_with("In these two runs time followed FLOPs.")); // by three points
        lanes->fullSeconds = 0.5;
        const LanesSaved slower = lanesSaved(view, ShownLanes(view, {}), m_text);
        QVERIFY(slower.time > 0 &&
                slower.gap.starts_with("In these two runs time rose although FLOPs fell."));
        lanes->fullSeconds = std::nan("");
        const LanesSaved alone = lanesSaved(view, ShownLanes(view, {}), m_text);
        QVERIFY(std::isnan(alone.time) && !alone.timeWhy.empty());
        lanes->costs = {{5, 5}, {4, 3.2}, {0, 0}, {4, 4}};
        const LanesSaved half = lanesSaved(view, ShownLanes(view, {}), m_text);
        QVERIFY2(half.gap.find("one that was half full took 80 % of the time of a full one") !=
                     std::string::npos,
                 half.gap.c_str());
    }

    /// The time of a text is judged as SAVED judges it; nothing follows from what was not.
    void noiseIsNoSaving() {
        Paired paired;
        paired.rounds(26);
        const LanesSaved noisy = paired.saved(m_text);
        QVERIFY(std::isnan(noisy.time));
        QVERIFY2(noisy.gap.starts_with("The bars show one pass"), noisy.gap.c_str());
        QCOMPARE(noisy.timeWhy, std::string("too noisy to tell"));
        paired.rounds(3);
        const LanesSaved timed = paired.saved(m_text);
        QVERIFY(std::abs(timed.time + 25) < 1e-9);
        QVERIFY2(timed.gap.starts_with("Time falls less than FLOPs."), timed.gap.c_str());
        paired.rounds(20); // more than time and FLOPs are apart
        QVERIFY(paired.saved(m_text).gap.starts_with("Time and FLOPs differ by less"));
        paired.full.latest = paired.revised();
        const LanesSaved old = paired.saved(m_text);
        QCOMPARE(old.how, std::string("before this change"));
        QVERIFY2(old.gap.starts_with("The bars show one pass"), old.gap.c_str());
    }

    /// A pass that something disturbed says what it took, beside passes in turns, and nothing else.
    void onePassProvesNothing() {
        Paired paired;
        const LanesSaved single = paired.saved(m_text);
        QCOMPARE(single.how, std::string("one pass each"));
        QVERIFY2(single.gap.starts_with("The bars show one pass, measured once: 80.0 ms. "),
                 single.gap.c_str());
        QVERIFY2(single.gap.find("Time ") == std::string::npos &&
                     single.gap.find("no depth saves") == std::string::npos,
                 single.gap.c_str());
        paired.rounds(3);
        const std::string gap = paired.saved(m_text).gap;
        QVERIFY2(gap.find("one pass, measured once: 80.0 ms, where the median of 9 is 15.0 ms.") !=
                     std::string::npos,
                 gap.c_str());
        QVERIFY2(gap.find("In it a token took") != std::string::npos, gap.c_str());
    }

    void oneText() {
        const Timed timed;
        const trace::TraceView view = timed.store.view();
        const ShownLanes shown(view, {});
        QVERIFY(!shown.areTogether());
        QCOMPARE(shown.order().size(), std::size_t{5}); // other layers, three recursions, rest
        double sum = 0;
        for (const trace::Lane& lane : shown.order()) {
            sum += shown.total(lane).seconds;
        }
        QVERIFY(std::abs(sum - shown.lanes().seconds) < 1e-9);
        const scene::Scene scene = drawn(view);
        QVERIFY(tests::says(scene, "8 tokens in"));
        QVERIFY(tests::says(scene, "generation is not timed"));
        QVERIFY(scene.summary.find("recursion 1") != std::string::npos);
    }

    /// The text is chosen, and stays chosen while others are generated.
    void chooses() {
        const Timed timed;
        trace::TraceStore store = timed.store;
        QVERIFY(!tests::says(drawn(store.view()), "this text"));
        store.setLanes(tests::someLanes());
        const trace::TraceView view = store.view();
        const scene::Scene scene = drawn(view);
        const auto button =
            std::ranges::find(scene.hits, std::string("lanes.text"), &scene::Hit::action);
        QVERIFY(button != scene.hits.end());
        const scene::Point at{button->rect.x + 2, button->rect.y + 2};
        ViewState state;
        state.dragFrom = at;
        const InputResponse response = respond(view, PointerRelease{at}, state);
        QVERIFY(response.state.lanesOfText);
        QVERIFY(response.intents.empty());
        QVERIFY(tests::says(drawn(view, response.state), "8 tokens in"));
    }

    /// Pointing at a lane is pointing at the token and the recursion that ran there.
    void cursor() {
        const Timed timed;
        const trace::TraceView view = timed.store.view();
        const PlotFrame frame = plotFrame({kRoom, &m_theme, &m_text});
        const float x = frame.left + frame.width * 3.2F / 9; // 2 ms into the fourth of nine steps
        const scene::Point at{x, middleOf("recursion 1", drawn(view))};
        const InputResponse moved = respond(view, PointerMove{at});
        QCOMPARE(moved.intents.size(), std::size_t{1});
        const auto& hover = std::get<HoverIntent>(moved.intents.front());
        QCOMPARE(hover.place, std::optional(6)); // four of the prompt, then the third
        QCOMPARE(hover.recursion, std::optional(0));
        QVERIFY2(moved.tip.find("recursion 1") == 0, moved.tip.c_str());
        QVERIFY2(moved.tip.find("1 of 1 tokens") != std::string::npos, moved.tip.c_str());
        ViewState state;
        state.dragFrom = at;
        const InputResponse clicked = respond(view, PointerRelease{at}, state);
        QCOMPARE(std::get<PinIntent>(clicked.intents.at(0)).place, std::optional(6));
        Cursor pinned;
        pinned.pinnedPlace = 6;
        QVERIFY(drawn(view, {}, pinned) != drawn(view));
        const InputResponse left = respond(view, KeyPress{Key::Left}, {}, pinned);
        QCOMPARE(std::get<PinIntent>(left.intents.at(0)).place, std::optional(5));
    }

    void zoomsInTime() {
        trace::TraceStore store;
        store.setLanes(tests::someLanes());
        const trace::TraceView view = store.view();
        InputResponse response = respond(view, KeyPress{Key::Plus});
        QVERIFY(response.state.cellWidth > 0);
        const scene::Point middle{450, 100};
        response = respond(view, Wheel{middle, 4, true}, response.state);
        QVERIFY(drawn(view, response.state) != drawn(view));
        const InputResponse all = respond(view, KeyPress{Key::Fit}, response.state);
        QCOMPARE(all.state.cellWidth, 0.0);
    }

    void tableTwin() {
        trace::TraceStore store;
        store.setLanes(tests::someLanes());
        const Table table = tests::instrument("panel.lanes")->table(store.view(), m_text);
        QCOMPARE(table.rows.size(), std::size_t{4});
        QCOMPARE(std::get<std::string>(table.rows[3][0]), std::string("recursion 2"));
        QCOMPARE(std::get<double>(table.rows[3][1]), 0.5);
        QCOMPARE(std::get<double>(table.rows[3][4]), 4.0);
    }

    /// Old recordings, no text, no recursions: words that say what to do, or nothing to skip.
    void emptyStates() {
        trace::TraceStore none;
        QVERIFY(drawn(none.view()).summary.find("appears here") != std::string::npos);
        trace::TraceStore old;
        for (const trace::StepPtr& step : tests::SyntheticSteps({}).steps()) {
            old.add(step);
        }
        QVERIFY(drawn(old.view()).summary.find("older program") != std::string::npos);
        auto plain = tests::someLanes();
        plain->recursions = 0;
        std::erase_if(plain->spans,
                      [](const auto& span) { return span.lane.kind == LaneKind::Recursion; });
        none.setLanes(plain);
        QVERIFY(drawn(none.view()).summary.find("nothing to skip") != std::string::npos);
    }

    /// Any size, any number of spans: nothing outside the panel, few primitives.
    void manySpansInAnyRoom() {
        auto lanes = tests::someLanes();
        lanes->spans.clear();
        trace::LaneRecorder recorder;
        for (int i = 0; i < 20'000; ++i) {
            const trace::Lane lane{i % 2 == 0 ? LaneKind::Outside : LaneKind::Recursion, i % 2};
            recorder.add({lane, 0.01 * i, 0.01, 0.01, 0.01, 1 + i % 4, 4, 4, 1});
        }
        lanes->spans = recorder.spans();
        lanes->seconds = 200;
        trace::TraceStore store;
        store.setLanes(lanes);
        for (const scene::Rect room : {kRoom, scene::Rect{0, 0, 200, 60}, {0, 0, 30, 20}}) {
            const scene::Scene scene = drawn(store.view(), {}, {}, room);
            QVERIFY(scene.primitives.size() < 4'000);
            QVERIFY(!scene.summary.empty());
        }
    }
};

QTEST_APPLESS_MAIN(TestLanesPanel)
#include "tst_lanes_panel.moc"
