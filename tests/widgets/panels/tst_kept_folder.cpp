// SPDX-License-Identifier: MIT
// File dialogs begin where the last one of their kind ended.
#include "widgets/panels/kept_folder.h"

#include <QApplication>
#include <QDialog>
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

using namespace depthscope;
using panels::KeptFolders;

namespace {

/// Looks at the next dialog that opens, and ends it.
struct NextDialog {
    NextDialog() {
        QTimer::singleShot(0, qApp, [this] {
            auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
            if (dialog != nullptr) {
                folder = dialog->directory().absolutePath();
                name = dialog->objectName();
                dialog->reject();
            }
        });
    }

    QString folder;
    QString name;
};

} // namespace

class TestKeptFolder : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() {
        QCoreApplication::setOrganizationName(QStringLiteral("Depthscope"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_kept_folder"));
        QCoreApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
        QVERIFY(m_root.isValid());
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_root.path());
        for (const char* name : {"texts", "models/one", "gone"}) {
            QVERIFY(QDir(m_root.path()).mkpath(QString::fromLatin1(name)));
        }
        QFile text(path("texts/a.txt"));
        QVERIFY(text.open(QIODevice::WriteOnly));
    }

    void init() { QSettings().clear(); }

    void kindsAreKeptApart() {
        QWidget window;
        auto& kept = *new KeptFolders(window, false);
        QCOMPARE(kept.folder(QStringLiteral("text")), QString());
        kept.keep(QStringLiteral("text"), path("texts/a.txt"));
        kept.keep(QStringLiteral("model"), path("models/one"));
        QCOMPARE(kept.folder(QStringLiteral("text")), path("texts"));
        QCOMPARE(kept.folder(QStringLiteral("model")), path("models")); // where one was chosen
    }

    void aFolderThatIsGoneIsNotABeginning() {
        QWidget window;
        auto& kept = *new KeptFolders(window, true);
        kept.keep(QStringLiteral("text"), path("gone/a.txt"));
        QCOMPARE(kept.folder(QStringLiteral("text")), path("gone"));
        QVERIFY(QDir(path("gone")).removeRecursively());
        QCOMPARE(kept.folder(QStringLiteral("text")), QString());
    }

    void theNextStartKnowsThem() {
        QWidget window;
        (new KeptFolders(window, true))->keep(QStringLiteral("text"), path("texts/a.txt"));
        QWidget next;
        QCOMPARE((new KeptFolders(next, true))->folder(QStringLiteral("text")), path("texts"));
        QWidget isolated; // a script, a demo
        QCOMPARE((new KeptFolders(isolated, false))->folder(QStringLiteral("text")), QString());
    }

    void anIsolatedWindowKeepsNothing() {
        QWidget window;
        (new KeptFolders(window, false))->keep(QStringLiteral("text"), path("texts/a.txt"));
        QVERIFY(QSettings().allKeys().isEmpty());
    }

    void dialogsBeginThere() {
        QWidget window;
        auto& kept = *new KeptFolders(window, false);
        QDialog dialog(&window); // its questions are the window's
        const panels::FileQuestion question{
            QStringLiteral("text"), QStringLiteral("Open text"), {}, path("models")};
        {
            NextDialog next;
            QVERIFY(panels::askForFile(dialog, question).isEmpty());
            QCOMPARE(next.folder, path("models"));
            QCOMPARE(next.name, QStringLiteral("file.text"));
        }
        kept.keep(QStringLiteral("text"), path("texts/a.txt"));
        for (int way = 0; way < 3; ++way) {
            NextDialog next;
            const QString answer =
                way == 0   ? panels::askForFile(dialog, question)
                : way == 1 ? panels::askForFolder(dialog, question)
                           : panels::askForNewFile(dialog, question, QStringLiteral("b.txt"));
            QVERIFY(answer.isEmpty());
            QCOMPARE(next.folder, path("texts"));
        }
    }

    void anAnswerIsKept() {
        QWidget window;
        auto& kept = *new KeptFolders(window, false);
        QTimer::singleShot(0, qApp, [this] {
            auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
            QVERIFY(dialog);
            dialog->selectFile(path("texts/a.txt"));
            QMetaObject::invokeMethod(dialog, "accept");
        });
        const QString answer = panels::askForFile(
            window, {QStringLiteral("text"), QStringLiteral("Open text"), {}, path("models")});
        QCOMPARE(answer, path("texts/a.txt"));
        QCOMPARE(kept.folder(QStringLiteral("text")), path("texts"));
    }

private:
    [[nodiscard]] QString path(const char* name) const {
        return QDir(m_root.path()).canonicalPath() + QLatin1Char('/') + QString::fromLatin1(name);
    }

    QTemporaryDir m_root;
};

QTEST_MAIN(TestKeptFolder)
#include "tst_kept_folder.moc"
