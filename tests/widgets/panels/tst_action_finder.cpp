// SPDX-License-Identifier: MIT
// Everything that menus and keys can do is found by its words, run by Enter, and listed with its
// keys.
#include "widgets/panels/action_finder.h"
#include "widgets/panels/keyboard_dialog.h"
#include "widgets/panels/window_actions.h"

#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>
#include <QPointer>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTest>

using namespace depthscope;
using panels::WindowAction;

namespace {

struct MenuWindow {
    MenuWindow() {
        QMenu* file = window.menuBar()->addMenu(QStringLiteral("&File"));
        open = file->addAction(QStringLiteral("&Open text…"));
        open->setShortcut(QKeySequence(QStringLiteral("Ctrl+O")));
        file->addSeparator();
        file->addAction(QStringLiteral("Hidden"))->setVisible(false);
        QMenu* run = window.menuBar()->addMenu(QStringLiteral("&Run"));
        generate = run->addAction(QStringLiteral("&Generate"));
        QMenu* video = run->addMenu(QStringLiteral("Vi&deo"));
        play = video->addAction(QStringLiteral("Play"));
        play->setShortcut(QKeySequence(Qt::Key_Space));
        panels::allow(*play, false, QStringLiteral("Open a video first"));
        QObject::connect(video, &QMenu::aboutToShow, video,
                         [video] { video->setTitle(QStringLiteral("&Video")); });
        next = new QAction(QStringLiteral("Next token"), &window);
        window.addAction(next);
        window.addAction(open); // of a menu and of the window: once
        window.resize(800, 600);
        window.show();
    }

    [[nodiscard]] QStringList found(const char* query) const {
        QStringList paths;
        for (const WindowAction& one :
             panels::matching(panels::windowActions(window), QString::fromLatin1(query))) {
            paths << one.pathText();
        }
        return paths;
    }

    QMainWindow window;
    QAction* open = nullptr;
    QAction* generate = nullptr;
    QAction* play = nullptr;
    QAction* next = nullptr;
};

} // namespace

class TestActionFinder : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void menusAreWalkedInTheirOrder() {
        const MenuWindow menus;
        QCOMPARE(menus.found(""),
                 (QStringList{QStringLiteral("File > Open text…"), QStringLiteral("Run > Generate"),
                              QStringLiteral("Run > Video > Play"),
                              QStringLiteral("Keys > Next token")}));
    }

    void allWordsMustBeThere_data() {
        QTest::addColumn<QString>("query");
        QTest::addColumn<QString>("first");
        QTest::addColumn<int>("count");
        QTest::newRow("name") << "gener"
                              << "Run > Generate" << 1;
        QTest::newRow("any order, any case") << "TEXT open"
                                             << "File > Open text…" << 1;
        QTest::newRow("menu and name") << "run pl"
                                       << "Run > Video > Play" << 1;
        QTest::newRow("keys") << "ctrl+o"
                              << "File > Open text…" << 1;
        QTest::newRow("middle of a word") << "ext"
                                          << "File > Open text…" << 2;
        QTest::newRow("the name goes before the menu") << "e"
                                                       << "Run > Generate" << 4;
        QTest::newRow("a word is missing") << "open video"
                                           << "" << 0;
    }

    void allWordsMustBeThere() {
        QFETCH(QString, query);
        QFETCH(QString, first);
        QFETCH(int, count);
        const MenuWindow menus;
        const QStringList found = menus.found(query.toLatin1().constData());
        QCOMPARE(found.size(), count);
        if (count == 1) {
            QCOMPARE(found.constFirst(), first);
        } else if (count > 1) {
            QVERIFY(found.contains(first));
        }
    }

    void wordBeginningsGoFirst() {
        const MenuWindow menus;
        // "text" begins with it, "next" only has it inside.
        QCOMPARE(menus.found("te").constFirst(), QStringLiteral("File > Open text…"));
        // Of the name before that of the menu.
        QCOMPARE(menus.found("t").constFirst(), QStringLiteral("File > Open text…"));
        QCOMPARE(menus.found("v"), QStringList{QStringLiteral("Run > Video > Play")});
    }

    void noMatchSaysSo() {
        MenuWindow menus;
        panels::ActionFinder finder(menus.window);
        finder.show();
        auto* query = finder.findChild<QLineEdit*>(QStringLiteral("finder.query"));
        const auto* list = finder.findChild<QTableWidget*>(QStringLiteral("finder.list"));
        const auto* none = finder.findChild<QLabel*>(QStringLiteral("finder.none"));
        QVERIFY(list->isVisible() && !none->isVisible());
        query->setText(QStringLiteral("xyzzy"));
        QVERIFY(!list->isVisible() && none->isVisible());
        query->clear();
        QVERIFY(list->isVisible() && !none->isVisible());
    }

    void enterRunsAndCloses() {
        MenuWindow menus;
        QSignalSpy ran(menus.generate, &QAction::triggered);
        QPointer<panels::ActionFinder> finder = new panels::ActionFinder(menus.window);
        finder->open();
        auto* query = finder->findChild<QLineEdit*>(QStringLiteral("finder.query"));
        QTest::keyClicks(query, QStringLiteral("gen"));
        QTest::keyClick(query, Qt::Key_Return);
        QVERIFY(!finder || !finder->isVisible());
        QTRY_COMPARE(ran.count(), 1);
        QTRY_VERIFY(!finder);
    }

    void arrowsChooseAndEscapeCloses() {
        MenuWindow menus;
        QSignalSpy opened(menus.open, &QAction::triggered);
        QPointer<panels::ActionFinder> finder = new panels::ActionFinder(menus.window);
        finder->open();
        auto* query = finder->findChild<QLineEdit*>(QStringLiteral("finder.query"));
        auto* list = finder->findChild<QTableWidget*>(QStringLiteral("finder.list"));
        QCOMPARE(list->currentRow(), 0);
        QTest::keyClick(query, Qt::Key_Down);
        QCOMPARE(list->currentRow(), 1);
        QTest::keyClick(query, Qt::Key_Escape);
        QTRY_VERIFY(!finder);
        QCOMPARE(opened.count(), 0);
    }

    void whatIsNotPossibleSaysWhy() {
        MenuWindow menus;
        QSignalSpy played(menus.play, &QAction::triggered);
        auto* finder = new panels::ActionFinder(menus.window);
        finder->open();
        auto* query = finder->findChild<QLineEdit*>(QStringLiteral("finder.query"));
        auto* list = finder->findChild<QTableWidget*>(QStringLiteral("finder.list"));
        query->setText(QStringLiteral("play"));
        QCOMPARE(list->item(0, 1)->text(), QStringLiteral("Open a video first"));
        QTest::keyClick(query, Qt::Key_Return);
        QVERIFY(finder->isVisible());
        QCOMPARE(played.count(), 0);
        panels::allow(*menus.play, true, QStringLiteral("Open a video first"));
        QVERIFY(panels::whyNot(*menus.play).isEmpty());
    }

    void keysAreListed() {
        MenuWindow menus;
        auto* page = new panels::KeyboardDialog(menus.window);
        auto* keys = page->findChild<QTableWidget*>(QStringLiteral("keyboard.keys"));
        QCOMPARE(keys->rowCount(), 2); // those that have some, disabled or not
        QCOMPARE(keys->item(0, 0)->text(), QStringLiteral("File > Open text…"));
        QCOMPARE(keys->item(0, 1)->text(),
                 menus.open->shortcut().toString(QKeySequence::NativeText));
        QCOMPARE(keys->item(1, 1)->text(),
                 menus.play->shortcut().toString(QKeySequence::NativeText));
    }
};

QTEST_MAIN(TestActionFinder)
#include "tst_action_finder.moc"
