// SPDX-License-Identifier: MIT
#include "tests/widgets/lab/lab_fixture.h"

#include <QSignalSpy>
#include <QTest>

using namespace depthscope;
using lab::LabController;
using test::LabFixture;

class TestLabRecordings : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void recordingComesAndGoesLive() {
        LabFixture fixture;
        fixture.openExpert("a recorded text of six tokens");
        fixture.recorded = fixture.lab.store().steps();
        fixture.lab.setPrompt({"something else", {}, {}});
        fixture.settle();
        fixture.lab.openRecording(QStringLiteral("x.depthscope"));
        fixture.settle();
        QVERIFY(!fixture.lab.live());
        QCOMPARE(fixture.main()->places(), std::size_t{6});
        QVERIFY(fixture.lab.store().view().source == trace::Source::Recorded);
        QCOMPARE(fixture.lab.prompt().text, std::string("a recorded text of six tokens"));
        QVERIFY(fixture.lab.idle());
        const std::size_t before = fixture.fake->requests.size();
        fixture.settle();
        QCOMPARE(fixture.fake->requests.size(), before);
        fixture.lab.goLive();
        fixture.settle();
        QVERIFY(fixture.lab.live());
        QCOMPARE(fixture.main()->places(), std::size_t{6});
        QVERIFY(fixture.lab.store().view().source == trace::Source::Live);
    }

    /// A model that finishes loading behind a recording leaves the recording's references.
    void recordingsKeepTheirReferences() {
        LabFixture fixture;
        fixture.openExpert();
        QVERIFY(fixture.lab.store().view().other(trace::kFullDepthRun));
        fixture.recorded = fixture.lab.store().steps();
        fixture.lab.openRecording(QStringLiteral("x.depthscope"));
        fixture.settle();
        QVERIFY(fixture.lab.store().view().other(trace::kFullDepthRun));
        fixture.lab.loadModel(fixture.folder("demo-mor-token"));
        fixture.settle();
        QVERIFY(!fixture.lab.live());
        QVERIFY(fixture.lab.store().view().other(trace::kFullDepthRun));
    }

    void badRecordingChangesNothing() {
        LabFixture fixture;
        fixture.openExpert();
        fixture.replayError =
            Error(ErrorCode::BadInput, "x.depthscope: is no recording", "Choose another.");
        QSignalSpy errors(&fixture.lab, &LabController::errorRaised);
        fixture.lab.openRecording(QStringLiteral("x.depthscope"));
        fixture.settle();
        QCOMPARE(errors.count(), 1);
        QVERIFY(fixture.lab.live());
        QCOMPARE(fixture.main()->places(), std::size_t{8});
        QVERIFY(fixture.lab.idle());
    }

    void demoGoesLiveByItself() {
        LabFixture maker;
        maker.openExpert();
        LabFixture fixture;
        fixture.recorded = maker.lab.store().steps();
        fixture.fake->automatic = false;
        fixture.lab.openDemo(QStringLiteral("demo.depthscope"), fixture.folder("demo-mor-expert"));
        fixture.settle();
        QVERIFY(!fixture.lab.live());
        QVERIFY(fixture.main());
        fixture.fake->automatic = true;
        fixture.fake->answerAll();
        fixture.settle();
        QVERIFY(fixture.lab.live());
        QCOMPARE(fixture.main()->places(), std::size_t{8});
        QVERIFY(fixture.lab.store().view().source == trace::Source::Live);
    }

    void openedRecordingStaysThoughAModelLoads() {
        LabFixture maker;
        maker.openExpert();
        LabFixture fixture;
        fixture.recorded = maker.lab.store().steps();
        fixture.lab.openDemo(QStringLiteral("demo.depthscope"), fixture.folder("demo-mor-expert"));
        fixture.lab.openRecording(QStringLiteral("other.depthscope"));
        LabFixture::settle();
        QVERIFY(!fixture.lab.live());
        QCOMPARE(fixture.lab.store().view().source, trace::Source::Recorded);
    }

    void stepsOfARunAreLookedAtOneByOne() {
        LabFixture fixture;
        fixture.openExpert();
        fixture.lab.generate();
        LabFixture::settle();
        const std::uint32_t steps = fixture.lab.store().view().stepsOfMain;
        const std::size_t places = fixture.main()->places();
        QVERIFY(steps > 2);
        QSignalSpy changed(&fixture.lab, &LabController::traceChanged);
        fixture.lab.moveStep(-1);
        QCOMPARE(fixture.main()->places(), places - 1);
        QCOMPARE(fixture.lab.cursor().step, std::optional<std::uint32_t>(steps - 2));
        QVERIFY(!changed.isEmpty());
        fixture.lab.moveStep(-1000);
        QCOMPARE(fixture.main()->places(), fixture.main()->promptPlaces);
        fixture.lab.moveStep(1000);
        QVERIFY(!fixture.lab.cursor().step);
        QCOMPARE(fixture.main()->places(), places);
        fixture.lab.moveStep(-2);
        fixture.lab.setPrompt({"another text", {}, {}});
        LabFixture::settle();
        QVERIFY(!fixture.lab.cursor().step);
        fixture.lab.generate();
        LabFixture::settle();
        fixture.lab.moveStep(-2);
        fixture.lab.run(); // another run: its own steps
        LabFixture::settle();
        QVERIFY(!fixture.lab.cursor().step);
    }

    void savingReportsSuccessAndFault() {
        LabFixture fixture;
        fixture.openExpert();
        QSignalSpy saved(&fixture.lab, &LabController::recordingSaved);
        QSignalSpy errors(&fixture.lab, &LabController::errorRaised);
        fixture.lab.saveRecording(QStringLiteral("run.depthscope"));
        QTRY_COMPARE(saved.count(), 1);
        QCOMPARE(fixture.savedSteps.load(), fixture.lab.store().steps().size());
        fixture.lab.saveRecording(QStringLiteral("full.depthscope"));
        QTRY_COMPARE(errors.count(), 1);
        QVERIFY(fixture.lab.idle());
    }
};

QTEST_MAIN(TestLabRecordings)
#include "tst_lab_recordings.moc"
