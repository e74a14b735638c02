// SPDX-License-Identifier: MIT
// What is routed where the text at hand is not for the model that comes: ids for one without
// tokenizer, and a plain text for one whose vocabulary lacks characters of the program's own text.
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/lab/sample_prompts.h"

#include <QSignalSpy>
#include <QTest>
#include <set>

using namespace depthscope;
using lab::Author;
using test::LabFixture;

class TestTextBench : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void sampleIdsFitTheModel() {
        for (const int vocabulary : {1, 2, 64, 7919, 151'936}) {
            for (const int context : {1, 16, 512}) {
                spec::ModelInfo model;
                model.vocabulary = vocabulary;
                model.contextLength = context;
                const std::vector<std::int32_t> ids = lab::sampleIds(model).ids;
                QCOMPARE(std::ssize(ids), std::min(24, context));
                QVERIFY(std::ranges::all_of(
                    ids, [&](std::int32_t id) { return id >= 0 && id < vocabulary; }));
                if (vocabulary > 7919) {
                    QCOMPARE(std::set(ids.begin(), ids.end()).size(), ids.size());
                }
            }
        }
    }

    void aModelWithoutTokenizerRoutesIdsAndTheTextComesBack() {
        LabFixture fixture;
        fixture.openExpert("my own words");
        fixture.lab.loadModel(fixture.folder("demo-ids"));
        fixture.settle();
        QVERIFY(fixture.lab.prompt().text.empty());
        QCOMPARE(fixture.lab.prompt().ids, lab::sampleIds(*fixture.lab.model()).ids);
        QVERIFY(fixture.main() && !fixture.lab.refused());
        QCOMPARE(std::ssize(fixture.main()->ids), 24);
        fixture.lab.loadModel(fixture.folder("demo-mor-token"));
        fixture.settle();
        QCOMPARE(fixture.lab.prompt().text, std::string("my own words"));
        QVERIFY(fixture.lab.prompt().ids.empty());
    }

    void chosenIdsStayWhereTheyFit() {
        LabFixture fixture;
        fixture.lab.loadModel(fixture.folder("demo-ids"));
        fixture.settle();
        fixture.lab.setPrompt({{}, {5, 6, 7}, {}});
        fixture.settle();
        fixture.lab.loadModel(fixture.folder("demo-mor-expert"));
        fixture.settle();
        fixture.lab.loadModel(fixture.folder("demo-ids"));
        fixture.settle();
        QCOMPARE(fixture.lab.prompt().ids, (std::vector<std::int32_t>{5, 6, 7}));
    }

    void theProgramsTextGivesWay() {
        LabFixture fixture;
        QSignalSpy errors(&fixture.lab, &lab::LabController::errorRaised);
        fixture.fake->unreadable = '4';
        fixture.lab.setPrompt({"4 cats", {}, {}}, Author::Program);
        fixture.lab.loadModel(fixture.folder("demo-mor-expert"));
        fixture.settle();
        QCOMPARE(fixture.lab.prompt(), lab::plainText());
        QVERIFY(fixture.main() && !fixture.lab.refused());
        QCOMPARE(errors.count(), 0);
        fixture.fake->unreadable = 0; // the next model but one reads it
        fixture.lab.loadModel(fixture.folder("demo-ids"));
        fixture.settle();
        QVERIFY(!fixture.lab.prompt().ids.empty());
        fixture.lab.loadModel(fixture.folder("demo-mor-token"));
        fixture.settle();
        QCOMPARE(fixture.lab.prompt().text, std::string("4 cats"));
    }

    void theUsersTextIsRefused() {
        LabFixture fixture;
        QSignalSpy errors(&fixture.lab, &lab::LabController::errorRaised);
        fixture.fake->unreadable = '4';
        fixture.openExpert("4 cats");
        QCOMPARE(fixture.lab.prompt().text, std::string("4 cats"));
        QVERIFY(fixture.lab.refused());
        QCOMPARE(errors.count(), 1);
    }

    void whatCannotBeRoutedAtAllIsSaidOnce() {
        LabFixture fixture;
        QSignalSpy errors(&fixture.lab, &lab::LabController::errorRaised);
        fixture.fake->passError = Error(ErrorCode::OutOfMemory, "no room");
        fixture.lab.setPrompt({"cats", {}, {}}, Author::Program);
        fixture.lab.loadModel(fixture.folder("demo-mor-expert"));
        fixture.settle();
        QVERIFY(fixture.lab.refused());
        QCOMPARE(errors.count(), 1);
    }
};

QTEST_GUILESS_MAIN(TestTextBench)
#include "tst_text_bench.moc"
