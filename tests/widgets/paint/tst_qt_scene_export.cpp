// SPDX-License-Identifier: MIT
// Saved pictures: what is inside them, and what happens when they cannot be written.
#include "engine/base/error.h"
#include "tests/widgets/sample_scene.h"
#include "widgets/paint/qt/scene_export.h"

#include <QDir>
#include <QFile>
#include <QImageReader>
#include <QPainter>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

using namespace depthscope;
using namespace depthscope::scene;
using depthscope::paint::qt::ExportOptions;
using depthscope::paint::qt::saveScene;

class TestQtSceneExport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void png_data();
    void png();
    void svg();
    void svgCutsAtTheClip();
    void pdf();
    void refusals_data();
    void refusals();
    void failedWriteKeepsTheOldFile();

private:
    ExportOptions options() const;

    QString path(const char* name) const { return m_dir.filePath(QString::fromUtf8(name)); }

    static QByteArray contents(const QString& path);

    QTemporaryDir m_dir;
};

ExportOptions TestQtSceneExport::options() const {
    ExportOptions result;
    result.theme = lightTheme();
    result.title = QStringLiteral("Depth <of> tokens & more");
    result.caption = QStringLiteral("mor-expert, capacity 1, 2/3, 1/3, top-k, seed 7");
    result.recipe = QStringLiteral("{\"capacity\":\"1,2/3,1/3\",\"text\":\"<a & b>\"}");
    return result;
}

QByteArray TestQtSceneExport::contents(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void TestQtSceneExport::png_data() {
    QTest::addColumn<int>("scale");
    QTest::newRow("1") << 1;
    QTest::newRow("2") << 2;
    QTest::newRow("4") << 4;
}

void TestQtSceneExport::png() {
    QFETCH(int, scale);
    ExportOptions wanted = options();
    wanted.scale = scale;
    const QString file = path("a.PNG");
    saveScene(tests::sampleScene(wanted.theme), file, wanted);
    QImageReader reader(file);
    const QImage image = reader.read();
    QCOMPARE(image.width(), 320 * scale);
    QVERIFY(image.height() > 200 * scale); // the caption
    QCOMPARE(image.pixel(40 * scale, 70 * scale), qRgb(90, 110, 140));
    QCOMPARE(image.text(QStringLiteral("depthscope")), wanted.recipe);
    QCOMPARE(image.text(QStringLiteral("Title")), wanted.title);
}

void TestQtSceneExport::svg() {
    const ExportOptions wanted = options();
    const QString file = path("a.svg");
    saveScene(tests::sampleScene(wanted.theme), file, wanted);
    QXmlStreamReader xml(contents(file));
    QStringList texts;
    QString title;
    QString description;
    while (!xml.atEnd()) {
        xml.readNext();
        if (xml.isStartElement() && xml.name() == QLatin1String("text")) {
            texts += xml.readElementText().trimmed();
        } else if (xml.isStartElement() && xml.name() == QLatin1String("title")) {
            title = xml.readElementText();
        } else if (xml.isStartElement() && xml.name() == QLatin1String("desc")) {
            description = xml.readElementText();
        }
    }
    QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
    QCOMPARE(title, wanted.title);
    QCOMPARE(description, wanted.recipe);
    QVERIFY(texts.contains(QStringLiteral("Recursion depth")));
    QVERIFY(texts.join(QLatin1Char(' ')).contains(QStringLiteral("seed 7")));
    QVERIFY(QSvgRenderer(file).isValid());
}

// Qt's SVG writer knows no clip: everything must have been cut before.
void TestQtSceneExport::svgCutsAtTheClip() {
    Builder b({0, 0, 100, 100});
    b.pushClip({40, 40, 20, 20});
    b.fill({0, 0, 100, 50}, {255, 0, 0});
    b.fill({0, 50, 100, 50}, {255, 0, 0}, 8);
    b.hatch({0, 0, 100, 100}, {0, 0, 0});
    b.polyline({{0, 0}, {100, 100}, {0, 90}}, {0, 0, 0});
    b.line({0, 45}, {100, 45}, {0, 0, 0});
    b.band({{0, 10}, {100, 50}}, {100, 100}, {0, 0, 255, 90});
    b.text({0, 30, 100, 40}, "MMMMMM", {FontFamily::Ui, 30, FontWeight::Bold}, {0, 128, 0});
    b.image({0, 0, 100, 100}, tests::sampleBitmap(7, 7));
    b.popClip();
    ExportOptions plain;
    plain.theme = lightTheme();
    saveScene(b.take(), path("clip.svg"), plain);

    QSvgRenderer renderer(path("clip.svg"));
    QImage image(200, 200, QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    renderer.render(&painter);
    painter.end();
    const Color surface = plain.theme.surface;
    QRect ink;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            if (image.pixel(x, y) != qRgb(surface.r, surface.g, surface.b)) {
                ink |= QRect(x, y, 1, 1);
            }
        }
    }
    QVERIFY(QRect(78, 78, 44, 44).contains(ink)); // a smoothed edge may spread by a pixel
    QVERIFY(ink.contains(QRect(81, 81, 38, 38)));
}

void TestQtSceneExport::pdf() {
    const ExportOptions wanted = options();
    const QString file = path("a.pdf");
    saveScene(tests::sampleScene(wanted.theme), file, wanted);
    const QByteArray bytes = contents(file);
    QVERIFY(bytes.startsWith("%PDF-"));
    QVERIFY(bytes.contains("%%EOF"));
    QVERIFY(bytes.contains("/MediaBox [0 0 240."));
    QVERIFY(bytes.contains("2/3,1/3")); // the recipe
    QVERIFY(bytes.contains("&lt;a &amp; b"));
}

void TestQtSceneExport::refusals_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("scale");
    QTest::addColumn<ErrorCode>("code");
    QTest::newRow("suffix") << "a.bmp" << 2 << ErrorCode::Usage;
    QTest::newRow("no suffix") << "a" << 2 << ErrorCode::Usage;
    QTest::newRow("scale 0") << "a.png" << 0 << ErrorCode::Usage;
    QTest::newRow("scale 5") << "a.png" << 5 << ErrorCode::Usage;
    QTest::newRow("no folder, png") << "none/a.png" << 2 << ErrorCode::BadInput;
    QTest::newRow("no folder, svg") << "none/a.svg" << 2 << ErrorCode::BadInput;
    QTest::newRow("no folder, pdf") << "none/a.pdf" << 2 << ErrorCode::BadInput;
}

void TestQtSceneExport::refusals() {
    QFETCH(QString, name);
    QFETCH(int, scale);
    QFETCH(ErrorCode, code);
    ExportOptions wanted = options();
    wanted.scale = scale;
    const QString file = m_dir.filePath(name);
    try {
        saveScene(tests::sampleScene(wanted.theme), file, wanted);
        QFAIL("nothing was thrown");
    } catch (const Error& error) {
        QCOMPARE(error.code(), code);
        QVERIFY(error.message().find(file.toStdString()) != std::string::npos);
        QVERIFY(!error.hint().empty());
    }
    QVERIFY(!QFile::exists(file));
}

void TestQtSceneExport::failedWriteKeepsTheOldFile() {
    const QString file = path("old.png");
    QFile old(file);
    QVERIFY(old.open(QIODevice::WriteOnly));
    old.write("old");
    old.close();
    Builder b({0, 0, 16000, 16000}); // 4 Gpixel at scale 4
    ExportOptions wanted = options();
    wanted.scale = 4;
    QVERIFY_EXCEPTION_THROWN(saveScene(b.take(), file, wanted), Error);
    QCOMPARE(contents(file), QByteArray("old"));
    QCOMPARE(QDir(m_dir.path()).entryList({QStringLiteral("old*")}, QDir::Files).size(), 1);
}

QTEST_MAIN(TestQtSceneExport)
#include "tst_qt_scene_export.moc"
