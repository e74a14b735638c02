// SPDX-License-Identifier: MIT
#include "tests/widgets/lab/lab_fixture.h"

#include <QSignalSpy>
#include <QTest>

using namespace depthscope;
using lab::Activity;
using lab::LabController;
using settings::LabSettings;
using settings::Rule;
using test::LabFixture;

namespace {

void setCapacity(LabController& lab, const char* text, int gesture = -1) {
    lab.edit(QStringLiteral("Capacity"), gesture,
             [&](LabSettings& s) { s.routing.capacity = settings::parseCapacity(text); });
}

template <class Request>
std::vector<std::pair<runtime::JobId, Request>> requested(const LabFixture& fixture) {
    std::vector<std::pair<runtime::JobId, Request>> found;
    for (const auto& [job, request] : fixture.fake->requests) {
        if (const auto* match = std::get_if<Request>(&request)) {
            found.emplace_back(job, *match);
        }
    }
    return found;
}

} // namespace

class TestLabController : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void textIsRoutedAtOnceWithItsReferences() {
        LabFixture fixture;
        fixture.openExpert();
        QVERIFY(fixture.main());
        QCOMPARE(fixture.main()->places(), std::size_t{8});
        const trace::TraceView view = fixture.lab.store().view();
        QVERIFY(view.other(trace::kFullDepthRun));
        QVERIFY(view.other(trace::kVanillaRun));
        for (const std::uint8_t depth : view.other(trace::kFullDepthRun)->depth) {
            QCOMPARE(int(depth), 3);
        }
        QVERIFY(fixture.lab.idle());
        QCOMPARE(fixture.lab.revisionInForce(), fixture.lab.revision());
    }

    /// Times in turns come last, anew for each setting.
    void settingsInForceAreTimed() {
        LabFixture fixture;
        fixture.openExpert();
        const auto timed = [&] {
            const trace::StepTrace& reference =
                *fixture.lab.store().view().other(trace::kFullDepthRun)->latest;
            return reference.routing.cost.rounds > 0 &&
                   reference.revision == fixture.main()->latest->revision;
        };
        QVERIFY(timed());
        setCapacity(fixture.lab, "1,1/2,1/3");
        fixture.settle();
        QVERIFY(timed());
        const auto asks = requested<runtime::PassRequest>(fixture);
        QCOMPARE(asks.back().second.timedWith->capacity, settings::parseCapacity("1,1/2,1/3"));
    }

    void textBeforeTheModelWaitsForIt() {
        LabFixture fixture;
        fixture.lab.setPrompt({"one two three", {}, {}});
        fixture.settle();
        QVERIFY(!fixture.main());
        QVERIFY(requested<runtime::PassRequest>(fixture).empty());
        fixture.lab.loadModel(fixture.folder("demo-mor-expert"));
        fixture.settle();
        QVERIFY(fixture.main());
    }

    void undoOfAllReturnsToTheStart() {
        LabFixture fixture;
        fixture.openExpert();
        const LabSettings start = fixture.lab.settings();
        const std::vector<std::uint8_t> depth = fixture.main()->depth;
        setCapacity(fixture.lab, "1,1/2,1/8");
        fixture.lab.edit(QStringLiteral("tau"), -1, [](LabSettings& s) { s.routing.tau = 0.3; });
        fixture.lab.edit(QStringLiteral("rule"), -1,
                         [](LabSettings& s) { s.routing.rule = Rule::Threshold; });
        fixture.lab.edit(QStringLiteral("count"), -1,
                         [](LabSettings& s) { s.generation.count = 3; });
        fixture.settle();
        QVERIFY(fixture.main()->depth != depth);
        while (fixture.lab.undoStack().canUndo()) {
            fixture.lab.undoStack().undo();
        }
        fixture.settle();
        QVERIFY(fixture.lab.settings() == start);
        QCOMPARE(fixture.main()->depth, depth);
        while (fixture.lab.undoStack().canRedo()) {
            fixture.lab.undoStack().redo();
        }
        QCOMPARE(fixture.lab.settings().generation.count, 3);
    }

    void oneDragIsOneUndoStep() {
        LabFixture fixture;
        fixture.openExpert();
        const int first = fixture.lab.newGesture();
        setCapacity(fixture.lab, "1,1/2,1/4", first);
        setCapacity(fixture.lab, "1,1/2,1/8", first);
        QCOMPARE(fixture.lab.undoStack().count(), 1);
        setCapacity(fixture.lab, "1,1/4,1/8", fixture.lab.newGesture());
        QCOMPARE(fixture.lab.undoStack().count(), 2);
        fixture.lab.undoStack().undo();
        QCOMPARE(settings::toString(fixture.lab.settings().routing.capacity),
                 std::string("1,1/2,1/8"));
    }

    void newestWins() {
        LabFixture fixture;
        fixture.openExpert();
        fixture.fake->automatic = false;
        for (int i = 1; i <= 20; ++i) {
            setCapacity(fixture.lab, ("1,1/2," + std::to_string(i) + "/64").c_str());
            fixture.settle();
        }
        QVERIFY(fixture.lab.store().view().computing);
        QVERIFY(fixture.lab.store().view().previous);
        QVERIFY(fixture.fake->waiting() <= 1);
        for (int turn = 0; turn < 4; ++turn) {
            fixture.fake->answerAll();
            fixture.settle();
        }
        QCOMPARE(settings::toString(fixture.main()->latest->settings.capacity),
                 std::string("1,1/2,0.3125"));
        QCOMPARE(fixture.lab.revisionInForce(), fixture.lab.revision());
        QVERIFY(!fixture.lab.store().view().computing);
        QVERIFY(fixture.lab.idle());
    }

    void badValueIsRefusedAndNamed() {
        LabFixture fixture;
        QSignalSpy errors(&fixture.lab, &LabController::errorRaised);
        const LabSettings before = fixture.lab.settings();
        QVERIFY(!fixture.lab.edit(QStringLiteral("tau"), -1,
                                  [](LabSettings& s) { s.routing.tau = 2; }));
        QVERIFY(fixture.lab.settings() == before);
        QCOMPARE(errors.count(), 1);
        QVERIFY(errors.at(0).at(1).toString().contains(QStringLiteral("tau")));
    }

    void cursorIsOneAndReachesAll() {
        LabFixture fixture;
        fixture.openExpert();
        QSignalSpy moved(&fixture.lab, &LabController::cursorChanged);
        fixture.lab.hover({3, 1});
        fixture.lab.hover({3, 1});
        QCOMPARE(moved.count(), 1);
        fixture.lab.pin({5, 0});
        fixture.lab.hover({2, 2});
        QCOMPARE(*fixture.lab.cursor().place(), 5);
        fixture.lab.pin({});
        QCOMPARE(*fixture.lab.cursor().place(), 2);
    }

    void tokenChoiceLoadsItsOwnCheckpointAndUndoGoesBack() {
        LabFixture fixture;
        fixture.openExpert();
        QSignalSpy notices(&fixture.lab, &LabController::noticeRaised);
        fixture.lab.edit(QStringLiteral("rule"), -1,
                         [](LabSettings& s) { s.routing.rule = Rule::Token; });
        fixture.settle();
        QCOMPARE(QString::fromStdString(fixture.lab.model()->name),
                 QStringLiteral("demo-mor-token"));
        QCOMPARE(notices.count(), 1);
        QVERIFY(notices.at(0).at(0).toString().contains(QStringLiteral("demo-mor-token")));
        QVERIFY(fixture.main()->latest->settings.rule == Rule::Token);
        fixture.lab.edit(QStringLiteral("rule"), -1,
                         [](LabSettings& s) { s.routing.rule = Rule::TopK; });
        fixture.settle();
        QCOMPARE(QString::fromStdString(fixture.lab.model()->name),
                 QStringLiteral("demo-mor-expert"));
    }

    /// A model that is chosen stays, whatever rule is in force; undo brings the rule back, and with
    /// it the model that can follow it.
    void choosingAModelWins() {
        LabFixture fixture;
        fixture.openExpert();
        fixture.lab.edit(QStringLiteral("rule"), -1,
                         [](LabSettings& s) { s.routing.rule = Rule::Threshold; });
        fixture.settle();
        QSignalSpy notices(&fixture.lab, &LabController::noticeRaised);
        fixture.lab.loadModel(fixture.folder("demo-mor-token"));
        fixture.settle();
        QCOMPARE(QString::fromStdString(fixture.lab.model()->name),
                 QStringLiteral("demo-mor-token"));
        QVERIFY(fixture.lab.settings().routing.rule == Rule::Model);
        QVERIFY(fixture.main()->latest->settings.rule != Rule::Threshold);
        QCOMPARE(notices.count(), 1);
        QVERIFY(notices.at(0).at(0).toString().contains(QStringLiteral("routing rule")));
        fixture.lab.undoStack().undo();
        fixture.settle();
        QVERIFY(fixture.lab.settings().routing.rule == Rule::Threshold);
        QCOMPARE(QString::fromStdString(fixture.lab.model()->name),
                 QStringLiteral("demo-mor-expert"));
    }

    void settingsThatTheModelCannotFollowFallBack() {
        LabFixture fixture;
        fixture.openExpert();
        QSignalSpy notices(&fixture.lab, &LabController::noticeRaised);
        fixture.lab.edit(QStringLiteral("depth"), -1, [](LabSettings& s) {
            s.routing.rule = Rule::Fixed;
            s.routing.fixedDepth = 60;
        });
        fixture.settle();
        QCOMPARE(fixture.lab.settings().routing.fixedDepth, 0);
        QCOMPARE(notices.count(), 1);
        fixture.lab.undoStack().undo(); // it comes back, and stays without another word
        fixture.settle();
        QCOMPARE(fixture.lab.settings().routing.fixedDepth, 60);
        QCOMPARE(notices.count(), 1);
    }

    /// A task may publish steps of its own: they are not the laboratory's run.
    void stepsOfATaskAreNotTheLabs() {
        LabFixture fixture;
        fixture.openExpert();
        const auto shown = fixture.main()->latest;
        const runtime::JobId task = fixture.lab.startTask(runtime::SelftestRequest{});
        auto foreign = std::make_shared<trace::StepTrace>(*shown);
        foreign->run = shown->run + 100;
        QSignalSpy events(&fixture.lab, &LabController::taskEvent);
        fixture.fake->tell(runtime::StepPublished{task, foreign});
        fixture.fake->tell(runtime::StepPublished{task + 1000, foreign});
        fixture.settle();
        QCOMPARE(fixture.main()->latest, shown);
        QVERIFY(events.count() >= 1);
    }

    void generationIsCausalAndGrows() {
        LabFixture fixture;
        fixture.openExpert();
        fixture.lab.edit(QStringLiteral("rule"), -1, [](LabSettings& s) {
            s.routing.rule = Rule::TopK;
            s.generation.count = 5;
        });
        fixture.settle();
        const std::size_t before = fixture.main()->places();
        fixture.lab.generate();
        fixture.settle();
        QCOMPARE(fixture.main()->places(), before + 5);
        const auto generations = requested<runtime::GenerateRequest>(fixture);
        QCOMPARE(generations.size(), std::size_t{1});
        QVERIFY(generations.front().second.routing.rule == Rule::Threshold);
        QVERIFY(fixture.lab.store().view().other(trace::kFullDepthRun));
    }

    /// A model that cannot read the text leaves no other model's picture under its name.
    void refusedTextLeavesNoOtherModelsPicture() {
        LabFixture fixture;
        fixture.openExpert();
        QVERIFY(fixture.main());
        fixture.fake->passError = Error(ErrorCode::BadInput, "no such piece", "Load another.");
        fixture.lab.loadModel(fixture.folder("demo-mor-token"));
        fixture.settle();
        QVERIFY(!fixture.main());
        QCOMPARE(int(fixture.lab.store().view().emptyReason), int(trace::EmptyReason::Refused));
    }

    void refusedTextLeavesNoOtherTextsPicture() {
        LabFixture fixture;
        fixture.openExpert();
        QVERIFY(fixture.main());
        fixture.fake->passError = Error(ErrorCode::BadInput, "no such piece", "Leave it out.");
        fixture.lab.setPrompt({"another text", {}, {}});
        fixture.settle();
        QVERIFY(!fixture.main());
    }

    void refusedSettingsAreNotInForce() {
        LabFixture fixture;
        fixture.openExpert();
        QSignalSpy errors(&fixture.lab, &LabController::errorRaised);
        QSignalSpy settled(&fixture.lab, &LabController::errorSettled);
        fixture.fake->passError = Error(ErrorCode::BadInput, "kv share needs one cache", "Undo.");
        QVERIFY(fixture.lab.edit(QStringLiteral("KV"), -1,
                                 [](LabSettings& s) { s.routing.kv = settings::KvPolicy::Share; }));
        fixture.settle();
        QVERIFY(errors.count() > 0);
        QVERIFY(fixture.lab.refused());
        QVERIFY(fixture.lab.revisionInForce() != fixture.lab.revision());
        QCOMPARE(settled.count(), 0);
        fixture.fake->passError.reset();
        fixture.lab.undoStack().undo();
        fixture.settle();
        QVERIFY(!fixture.lab.refused());
        QCOMPARE(fixture.lab.revisionInForce(), fixture.lab.revision());
        QVERIFY(settled.count() > 0);
        QCOMPARE(settled.at(0).at(0), errors.at(0).at(0));
    }

    void stopEndsEverything() {
        LabFixture fixture;
        fixture.openExpert();
        fixture.fake->automatic = false;
        QSignalSpy errors(&fixture.lab, &LabController::errorRaised);
        fixture.lab.generate();
        QCOMPARE(fixture.lab.activity(), Activity::Generating);
        fixture.lab.stop();
        fixture.settle();
        fixture.fake->answerAll();
        fixture.settle();
        QCOMPARE(fixture.fake->waiting(), std::size_t{0});
        QVERIFY(fixture.lab.idle());
        QCOMPARE(errors.count(), 0);
        QVERIFY(!fixture.lab.store().view().computing);
    }

    void brokenModelKeepsTheLoadedOne() {
        LabFixture fixture;
        fixture.openExpert();
        QSignalSpy errors(&fixture.lab, &LabController::errorRaised);
        fixture.lab.loadModel(fixture.folder("demo-broken"));
        fixture.settle();
        QCOMPARE(errors.count(), 1);
        QVERIFY(errors.at(0).at(1).toString().contains(QStringLiteral("model.safetensors")));
        QCOMPARE(QString::fromStdString(fixture.lab.model()->name),
                 QStringLiteral("demo-mor-expert"));
        setCapacity(fixture.lab, "1,1/2,1/8");
        fixture.settle();
        QCOMPARE(fixture.lab.revisionInForce(), fixture.lab.revision());
    }

    void gradedTextFillsThePromptWithItsClasses() {
        LabFixture fixture;
        fixture.openExpert();
        fixture.lab.makeGradedText({});
        fixture.settle();
        QCOMPARE(fixture.lab.prompt().text, std::string("copy: abc = abc"));
        QCOMPARE(fixture.lab.prompt().classes.ranges.size(), std::size_t{2});
    }
};

QTEST_MAIN(TestLabController)
#include "tst_lab_controller.moc"
