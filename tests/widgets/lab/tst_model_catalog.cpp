// SPDX-License-Identifier: MIT
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/lab/model_catalog.h"

#include <QTest>

using namespace depthscope;
using lab::ModelCatalog;

class TestModelCatalog : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void findsByNameAndFolder() {
        test::LabFixture fixture;
        const ModelCatalog catalog({QStringLiteral("/nowhere"), fixture.root.path()});
        QCOMPARE(catalog.bundled().size(), 8);
        QCOMPARE(catalog.find(QStringLiteral("demo-vanilla")), fixture.folder("demo-vanilla"));
        QCOMPARE(catalog.find(fixture.folder("demo-vanilla")), fixture.folder("demo-vanilla"));
        QCOMPARE(catalog.find(QStringLiteral("/nowhere")), QString());
    }

    void groupsByFamily() {
        test::LabFixture fixture;
        QFile side(fixture.folder("demo-vanilla") + QStringLiteral("/mor_config.json"));
        const ModelCatalog catalog({fixture.root.path()});
        const QStringList expected{QStringLiteral("mor_llama"), QStringLiteral("more"),
                                   QStringLiteral("more_dit"),  QStringLiteral("llama"),
                                   QStringLiteral("video_dit"), QString()};
        QCOMPARE(ModelCatalog::familiesOf(catalog.bundled()), expected);
        for (const QString& family : expected) {
            QVERIFY(!ModelCatalog::headOf(family).isEmpty());
        }
        // Beside the official object a plain llama is a mixture of recursions, unless it says no.
        const auto writeSide = [&](const char* object) {
            QVERIFY2(side.open(QIODevice::WriteOnly), "side-car");
            side.write(object);
            side.close();
        };
        writeSide(R"({"mor": {"enable": false}})");
        QVERIFY(ModelCatalog::familiesOf(catalog.bundled()).contains(QStringLiteral("llama")));
        writeSide(R"({"mor": {"type": "expert"}})");
        QVERIFY(!ModelCatalog::familiesOf(catalog.bundled()).contains(QStringLiteral("llama")));
    }

    void knowsRelatives() {
        test::LabFixture fixture;
        const ModelCatalog catalog({fixture.root.path()});
        const QString expert = fixture.folder("demo-mor-expert");
        QCOMPARE(catalog.sibling(expert, spec::RouterKind::Token)->name,
                 QStringLiteral("demo-mor-token"));
        QVERIFY(!catalog.sibling(expert, spec::RouterKind::Expert));
        QCOMPARE(catalog.vanilla(expert)->name, QStringLiteral("demo-vanilla"));
        QVERIFY(!catalog.vanilla(fixture.folder("demo-vanilla")));
        QVERIFY(catalog.demoRecording().isEmpty());
    }

    void environmentComesFirst() {
        qputenv("DEPTHSCOPE_RESOURCES", "/some/place");
        const QStringList roots = ModelCatalog::rootsFor(QStringLiteral("/tree/build/bin"));
        QCOMPARE(roots.value(0), QStringLiteral("/some/place"));
        QCOMPARE(roots.value(1), QStringLiteral("/tree/resources"));
        QCOMPARE(roots.value(2), QStringLiteral("/tree/build/share/depthscope"));
    }
};

QTEST_GUILESS_MAIN(TestModelCatalog)
#include "tst_model_catalog.moc"
