// SPDX-License-Identifier: MIT
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/panels/reference_chooser.h"

#include <QSignalSpy>
#include <QTest>
#include <QWidget>

using namespace depthscope;
using panels::ReferenceChooser;
using test::LabFixture;

namespace {

/// An own model beside the bundled ones, with the configuration of a real one and this many pieces.
QString ownModel(const LabFixture& fixture, const char* name, const char* vocabulary) {
    const QString folder = fixture.folder(name);
    QDir().mkpath(folder);
    QFile from(QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources/models/demo-vanilla/config.json"));
    QFile to(folder + QStringLiteral("/config.json"));
    if (from.open(QIODevice::ReadOnly) && to.open(QIODevice::WriteOnly)) {
        to.write(from.readAll().replace("1024", vocabulary));
    }
    return folder;
}

std::string referenceOf(const LabFixture& fixture) {
    const trace::RunView* run = fixture.lab.store().view().other(trace::kVanillaRun);
    return run != nullptr ? run->latest->model->name : std::string();
}

} // namespace

class TestReferenceChooser : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void anOwnModelStandsInAndIsRemembered() {
        LabFixture fixture;
        QWidget window;
        ReferenceChooser chooser(fixture.lab, &window);
        const QString own = ownModel(fixture, "my-vanilla", "1024");
        fixture.openExpert();
        QCOMPARE(referenceOf(fixture), std::string("demo-vanilla"));
        QVERIFY(!chooser.isChosen());
        QVERIFY(chooser.choose(own));
        LabFixture::settle();
        QCOMPARE(referenceOf(fixture), std::string("my-vanilla"));
        QVERIFY(chooser.isChosen());
        // Another model has its own neighbour, and the choice is still there afterwards.
        fixture.lab.loadModel(fixture.folder("demo-mor-token"));
        LabFixture::settle();
        QCOMPARE(referenceOf(fixture), std::string("demo-vanilla"));
        QVERIFY(!chooser.isChosen());
        fixture.lab.loadModel(fixture.folder("demo-mor-expert"));
        LabFixture::settle();
        QCOMPARE(referenceOf(fixture), std::string("my-vanilla"));
        QVERIFY(chooser.choose({}));
        LabFixture::settle();
        QCOMPARE(referenceOf(fixture), std::string("demo-vanilla"));
    }

    void anotherVocabularyIsRefused() {
        LabFixture fixture;
        QWidget window;
        ReferenceChooser chooser(fixture.lab, &window);
        QSignalSpy failed(&chooser, &ReferenceChooser::failed);
        QVERIFY(!chooser.choose(fixture.folder("demo-vanilla"))); // there is no model yet
        fixture.openExpert();
        QVERIFY(!chooser.choose(ownModel(fixture, "larger", "2048")));
        QVERIFY(!chooser.choose(fixture.folder("demo-broken"))); // no configuration
        LabFixture::settle();
        QCOMPARE(failed.count(), 3);
        QVERIFY(failed[1][1].toString().contains(QLatin1String("1024 entries")));
        QVERIFY(!failed[1][2].toString().isEmpty());
        QCOMPARE(referenceOf(fixture), std::string("demo-vanilla"));
        QVERIFY(!chooser.isChosen());
    }
};

QTEST_MAIN(TestReferenceChooser)
#include "tst_reference_chooser.moc"
