// SPDX-License-Identifier: MIT
// The examples of the welcome are recordings that come with the program, small, and show what they
// say.
#include "engine/recording/reader.h"
#include "engine/trace/class_depth.h"
#include "engine/trace/graded_classes.h"
#include "engine/trace/trace_store.h"
#include "widgets/lab/examples.h"

#include <QFileInfo>
#include <QTest>
#include <algorithm>

using namespace depthscope;

class TestExamples : public QObject {
    Q_OBJECT

private:
    static QList<lab::Example> all() {
        return lab::examples(
            lab::ModelCatalog({QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources")}));
    }

    static recording::Recording read(const lab::Example& example) {
        return recording::readRecording(example.recording.toStdString());
    }

private Q_SLOTS:

    void allFourAreInstalled() {
        const QList<lab::Example> examples = all();
        QCOMPARE(examples.size(), 4);
        for (const lab::Example& example : examples) {
            QVERIFY2(!example.modelFolder.isEmpty(), qPrintable(example.id));
            QVERIFY2(QFileInfo(example.recording).size() < 400 * 1024, qPrintable(example.id));
            QVERIFY2(example.hint.endsWith(QLatin1Char('.')), qPrintable(example.id));
            const recording::Recording recording = read(example);
            QVERIFY2(!recording.steps.empty(), qPrintable(example.id));
            QCOMPARE(QString::fromStdString(recording.steps.front()->model->name),
                     QFileInfo(example.modelFolder).fileName());
        }
        QVERIFY(lab::examples(lab::ModelCatalog({QStringLiteral("/nowhere")})).isEmpty());
    }

    void eachShowsWhatItSays() {
        for (const lab::Example& example : all()) {
            const recording::Recording recording = read(example);
            trace::TraceStore store;
            for (const trace::StepPtr& step : recording.steps) {
                store.add(step);
            }
            const trace::TraceView view = store.view();
            QVERIFY(view.main != nullptr);
            if (example.id == QLatin1String("depth")) {
                QVERIFY(view.main->recursions() >= 3);
            } else if (example.id == QLatin1String("classes")) {
                const auto depths = trace::classDepths(*view.main);
                for (const trace::Difficulty one :
                     {trace::Difficulty::Sum, trace::Difficulty::Memorised}) {
                    const auto at = std::ranges::find(depths, static_cast<std::uint8_t>(one),
                                                      &trace::ClassDepth::number);
                    QVERIFY(at != depths.end() && at->stretches >= trace::kLeastStretches);
                }
                QVERIFY(view.other(trace::kFullDepthRun) != nullptr);
            } else if (example.id == QLatin1String("experts")) {
                QVERIFY(!view.main->experts.empty());
                QVERIFY(view.stepsOfMain > 10); // there is something to walk through
                QVERIFY(!example.goesLive);     // or the generation would be lost
            } else {
                QVERIFY(view.main->latest->clip() != nullptr);
                QVERIFY(view.stepsOfMain > 1);
            }
        }
    }
};

QTEST_APPLESS_MAIN(TestExamples)
#include "tst_examples.moc"
