// SPDX-License-Identifier: MIT
// MORE and its baseline learn (docs/routing.md 8: 10): the loss begins near that of a uniform
// guess, and one window is learnt by heart.
#include "tests/engine/language_training.h"

#include <c10/core/GradMode.h>

#include <QtTest>
#include <string_view>

using namespace depthscope;

class TestMoreTraining : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void learnsOneWindowByHeart_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("MORE") << QByteArray("more-shakespeare");
        QTest::newRow("baseline") << QByteArray("more-baseline-shakespeare");
    }

    void learnsOneWindowByHeart() {
        QFETCH(QByteArray, name);
        spec::Preset preset = spec::findPreset(name.toStdString());
        preset.batch = 1;
        preset.validationSequences = 8;
        preset.steps = 400;
        constexpr std::string_view kWords = "so long lives this, and this gives life to thee; ";
        data::Corpus corpus;
        for (std::int64_t i = 0; i <= preset.sequence; ++i) { // no two stretches alike
            const auto at = static_cast<std::size_t>(i);
            corpus.train.ids.push_back((kWords[at % kWords.size()] + static_cast<int>(i * i / 49)) %
                                       65);
        }
        for (std::int64_t i = 0; i < 40'000; ++i) { // every character as often as another
            corpus.validation.ids.push_back(static_cast<std::int32_t>(i * i / 7 % 65));
        }
        const c10::AutoGradMode grad(true);
        tests::LanguageTraining trainer(preset, corpus);
        const double first = trainer.evaluate().metric("val_loss");
        QVERIFY2(first >= 4.15 && first <= 4.35, qPrintable(QString::number(first)));
        double loss = first;
        while (loss >= 0.1 && trainer.stepsDone() < preset.steps) {
            for (int i = 0; i < 40; ++i) {
                trainer.step();
            }
            loss = trainer.evaluate().trainLoss;
        }
        QVERIFY2(loss < 0.1, qPrintable(QString::number(loss)));
    }
};

QTEST_APPLESS_MAIN(TestMoreTraining)
#include "tst_more_training.moc"
