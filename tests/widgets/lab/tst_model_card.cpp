// SPDX-License-Identifier: MIT
#include "widgets/lab/model_card.h"
#include "widgets/lab/model_catalog.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace depthscope;

class TestModelCard : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void isTheFirstParagraph_data() {
        QTest::addColumn<QByteArray>("page");
        QTest::addColumn<QString>("purpose");
        QTest::newRow("bundled") << QByteArray("# name\n\nGood for\n*this*.\n\nMore.\n")
                                 << QStringLiteral("Good for this.");
        QTest::newRow("of a hub") << QByteArray("---\nlicense: mit\n---\n# n\n## m\nTwo words\n")
                                  << QStringLiteral("Two words");
        QTest::newRow("header alone") << QByteArray("---\nlicense: mit\n") << QString();
        QTest::newRow("empty") << QByteArray() << QString();
        QTest::newRow("long") << QByteArray(1000, 'x')
                              << QString(239, QLatin1Char('x')) + QChar(0x2026);
    }

    void isTheFirstParagraph() {
        QFETCH(QByteArray, page);
        QFETCH(QString, purpose);
        const QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("README.md")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(page);
        file.close();
        QCOMPARE(lab::purposeOf(folder.path()), purpose);
        QCOMPARE(lab::purposeOf(folder.filePath(QStringLiteral("nowhere"))), QString());
    }

    /// The menu says of each bundled model what it is good for, in one sentence.
    void everyBundledModelHasOne() {
        const lab::ModelCatalog catalog({QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources")});
        const QList<lab::ModelEntry> bundled = catalog.bundled();
        QVERIFY(!bundled.isEmpty());
        for (const lab::ModelEntry& entry : bundled) {
            const QString purpose = lab::purposeOf(entry.folder);
            QVERIFY2(purpose.endsWith(QLatin1Char('.')), qPrintable(entry.name));
            QCOMPARE(purpose.count(QLatin1Char('.')), 1);
        }
    }
};

QTEST_APPLESS_MAIN(TestModelCard)
#include "tst_model_card.moc"
