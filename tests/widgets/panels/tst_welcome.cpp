// SPDX-License-Identifier: MIT
#include "widgets/panels/welcome.h"

#include <QLabel>
#include <QSignalSpy>
#include <QTest>

using namespace depthscope;
using panels::ExampleCard;
using panels::Welcome;

namespace {

QList<lab::Example> examples() {
    return lab::examples(lab::ModelCatalog({QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources")}));
}

} // namespace

class TestWelcome : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void aCardForEachExampleWithAllItsWords() {
        QWidget window;
        Welcome welcome(examples(), &window);
        welcome.show();
        QVERIFY(QTest::qWaitForWindowExposed(&welcome));
        const auto cards = welcome.findChildren<ExampleCard*>();
        QCOMPARE(cards.size(), 4);
        for (const ExampleCard* card : cards) {
            QVERIFY(!card->accessibleName().isEmpty());
            QVERIFY(!card->accessibleDescription().isEmpty());
            for (const QLabel* label : card->findChildren<QLabel*>()) {
                QVERIFY2(card->rect().contains(label->geometry()), qPrintable(label->text()));
                QVERIFY2(label->height() >= label->heightForWidth(label->width()),
                         qPrintable(label->text()));
            }
        }
    }

    void aCardOpensItsExampleAndCloses() {
        QWidget window;
        Welcome welcome(examples(), &window);
        welcome.show();
        QSignalSpy chosen(&welcome, &Welcome::chosen);
        auto* card = welcome.findChild<ExampleCard*>(QStringLiteral("welcome.clip"));
        QVERIFY(card != nullptr);
        for (const QLabel* words : card->findChildren<QLabel*>()) {
            QVERIFY(words->testAttribute(Qt::WA_TransparentForMouseEvents));
        }
        QTest::mouseClick(card, Qt::LeftButton);
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(chosen[0][0].value<lab::Example>().id, QStringLiteral("clip"));
        QVERIFY(!welcome.isVisible());
    }

    void isDismissed() {
        QWidget window;
        Welcome welcome(examples(), &window);
        welcome.show();
        QSignalSpy chosen(&welcome, &Welcome::chosen);
        welcome.findChild<QPushButton*>(QStringLiteral("welcome.close"))->click();
        QVERIFY(!welcome.isVisible());
        welcome.show();
        QTest::keyClick(&welcome, Qt::Key_Escape);
        QVERIFY(!welcome.isVisible());
        QCOMPARE(chosen.count(), 0);
    }
};

QTEST_MAIN(TestWelcome)
#include "tst_welcome.moc"
