// SPDX-License-Identifier: MIT
// Saved pictures: what is inside them, and what happens when they cannot be written.
#include "engine/base/error.h"
#include "tests/widgets/sample_scene.h"
#include "widgets/paint/qt/embedded_recipe.h"
#include "widgets/paint/qt/scene_export.h"

#include <QDir>
#include <QFile>
#include <QImageReader>
#include <QPainter>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>
#include <cmath>

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
    void fewCellsAreRectangles();
    void manyCellsAreExact();
    void widthIsExact();
    void groundMayBeTransparent();
    void titlesStandAround();
    void recipeIsReadBack_data();
    void recipeIsReadBack();
    void recipeOfOthers();
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
    result.document = QStringLiteral("Depth <of> tokens & more");
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
    QCOMPARE(image.text(QStringLiteral("Title")), wanted.document);
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
    QCOMPARE(title, wanted.document);
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

// A JPEG bleeds into its neighbours; readers smear the pictures of SVG.
void TestQtSceneExport::fewCellsAreRectangles() {
    const ExportOptions wanted = options();
    saveScene(tests::sampleScene(wanted.theme), path("cells.pdf"), wanted);
    saveScene(tests::sampleScene(wanted.theme), path("cells.svg"), wanted);
    QVERIFY(!contents(path("cells.pdf")).contains("/Subtype /Image"));
    QVERIFY(!contents(path("cells.svg")).contains("<image"));
    QSvgRenderer renderer(path("cells.svg"));
    QImage image(renderer.viewBox().size(), QImage::Format_RGB32); // in pixels of the scene
    QPainter painter(&image);
    renderer.render(&painter);
    painter.end();
    const auto bitmap = tests::sampleBitmap(14, 3);
    for (int row = 0; row < 3; ++row) {
        for (int column = 0; column < 14; ++column) {
            const auto* rgb = &bitmap->rgba[static_cast<std::size_t>(row * 14 + column) * 4];
            QCOMPARE(image.pixel(20 + 20 * column + 10, 100 + 16 * row + 8),
                     qRgb(rgb[0], rgb[1], rgb[2]));
        }
    }
}

void TestQtSceneExport::manyCellsAreExact() {
    Builder b({0, 0, 400, 400});
    b.image({0, 0, 400, 400}, tests::sampleBitmap(100, 100));
    const scene::Scene scene = b.take();
    ExportOptions wanted;
    wanted.theme = lightTheme();
    saveScene(scene, path("many.pdf"), wanted);
    saveScene(scene, path("many.svg"), wanted);
    const QByteArray pdf = contents(path("many.pdf"));
    QVERIFY(pdf.contains("/Subtype /Image"));
    QVERIFY(!pdf.contains("DCTDecode"));
    const QByteArray svg = contents(path("many.svg"));
    QVERIFY(svg.contains("image-rendering:pixelated"));
    QVERIFY(QSvgRenderer(svg).isValid());
}

void TestQtSceneExport::widthIsExact() {
    constexpr float kWidth = 85 * 96 / 25.4F;
    Builder b({0, 0, kWidth, 100});
    b.fill({0, 0, kWidth, 100}, {1, 2, 3});
    const scene::Scene scene = b.take();
    ExportOptions wanted;
    wanted.theme = lightTheme();
    saveScene(scene, path("wide.svg"), wanted);
    saveScene(scene, path("wide.pdf"), wanted);
    QVERIFY(contents(path("wide.svg")).contains("<svg width=\"85.000mm\""));
    const QByteArray pdf = contents(path("wide.pdf"));
    const qsizetype at = pdf.indexOf("/MediaBox [0 0 ") + 15;
    const double points = pdf.mid(at, pdf.indexOf(' ', at) - at).toDouble();
    QVERIFY(std::abs(points - 85 * 72 / 25.4) <= 0.5); // Qt rounds pages to whole points
}

void TestQtSceneExport::groundMayBeTransparent() {
    ExportOptions wanted = options();
    wanted.transparent = true;
    wanted.scale = 1;
    Builder b({0, 0, 100, 50});
    b.fill({10, 10, 20, 20}, {200, 0, 0});
    saveScene(b.take(), path("clear.png"), wanted);
    const QImage image(path("clear.png"));
    QCOMPARE(qAlpha(image.pixel(5, 5)), 0);
    QCOMPARE(image.pixel(20, 20), qRgba(200, 0, 0, 255));
}

void TestQtSceneExport::titlesStandAround() {
    ExportOptions wanted = options();
    const scene::Scene scene = tests::sampleScene(wanted.theme);
    saveScene(scene, path("plain.svg"), wanted);
    const QSize plain = QSvgRenderer(path("plain.svg")).viewBox().size();
    wanted.title = QStringLiteral("DEPTH");
    wanted.across = QStringLiteral("token");
    wanted.up = QStringLiteral("bytes");
    saveScene(scene, path("titled.svg"), wanted);
    const QByteArray svg = contents(path("titled.svg"));
    for (const char* word : {">DEPTH<", ">token<", ">bytes<"}) {
        QVERIFY2(svg.simplified().replace(" <", "<").contains(word), word);
    }
    const QSize titled = QSvgRenderer(path("titled.svg")).viewBox().size();
    QVERIFY(titled.width() > plain.width());
    QVERIFY(titled.height() > plain.height());
    QCOMPARE(paint::qt::sceneWidth(500, wanted),
             500 - static_cast<float>(titled.width() - plain.width()));
}

void TestQtSceneExport::recipeIsReadBack_data() {
    QTest::addColumn<QString>("name");
    QTest::newRow("svg") << "r.svg";
    QTest::newRow("pdf") << "r.pdf";
    QTest::newRow("png") << "r.png";
}

void TestQtSceneExport::recipeIsReadBack() {
    QFETCH(QString, name);
    const QString file = m_dir.filePath(name);
    ExportOptions wanted = options();
    saveScene(tests::sampleScene(wanted.theme), file, wanted);
    QCOMPARE(paint::qt::embeddedRecipe(file), std::optional(wanted.recipe));
    wanted.recipe.clear();
    saveScene(tests::sampleScene(wanted.theme), file, wanted);
    QCOMPARE(paint::qt::embeddedRecipe(file), std::nullopt);
}

void TestQtSceneExport::recipeOfOthers() {
    const auto write = [this](const char* name, const QByteArray& bytes) {
        QFile file(path(name));
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
    };
    // A description of a part is not that of the document.
    QVERIFY(
        write("other.svg", "<svg xmlns='http://www.w3.org/2000/svg'><g><desc>a</desc></g></svg>"));
    QCOMPARE(paint::qt::embeddedRecipe(path("other.svg")), std::nullopt);
    QVERIFY(write("cut.svg", "<svg xmlns='http://www.w3.org/2000/svg'><desc>{\"mod"));
    QVERIFY(write("words.pdf", "Not a PDF at all"));
    for (const char* name : {"cut.svg", "words.pdf", "missing.svg"}) {
        try {
            static_cast<void>(paint::qt::embeddedRecipe(path(name)));
            QFAIL(name);
        } catch (const Error& error) {
            QVERIFY(error.message().find(name) != std::string::npos);
            QVERIFY(!error.hint().empty());
        }
    }
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
