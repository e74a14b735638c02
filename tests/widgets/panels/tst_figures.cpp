// SPDX-License-Identifier: MIT
// Figures of every panel: whole, as vectors, with their texts; their tables; and the dialog that
// asks for them.
#include "engine/base/error.h"
#include "tests/widgets/instruments/synthetic_run.h"
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/paint/qt/qt_text_service.h"
#include "widgets/panels/figure_dialog.h"
#include "widgets/panels/instrument_panel.h"
#include "widgets/panels/panel_export.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>
#include <algorithm>

using namespace depthscope;
using panels::FigureOptions;
using panels::Ground;

namespace {

const QStringList kPanels{QStringLiteral("panel.text"),    QStringLiteral("panel.depth"),
                          QStringLiteral("panel.kv"),      QStringLiteral("panel.transport"),
                          QStringLiteral("panel.saved"),   QStringLiteral("panel.experts"),
                          QStringLiteral("panel.router"),  QStringLiteral("panel.token"),
                          QStringLiteral("panel.training")};

struct Figures {
    Figures() {
        tests::SyntheticRun run;
        run.tokens = 120;
        run.classes = true;
        for (const trace::StepPtr& step : tests::SyntheticSteps(run).steps()) {
            store.add(step);
        }
        cursor.pinnedPlace = 17;
        recipe.software = QStringLiteral("Depthscope 1.2");
        recipe.hasView = true;
    }

    /// Contents of the file.
    QByteArray write(const QString& id, const QString& ending, const FigureOptions& options = {}) {
        const QString file = folder.filePath(id + QLatin1Char('.') + ending);
        const auto all = instruments::makeInstruments();
        const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) {
            return id == QLatin1String(one->id());
        });
        const scene::Theme theme = scene::darkTheme(1.5F);
        instruments::ViewState state;
        state.scrollY = 40;
        panels::exportPanel(
            {**found, text, theme, store.view(), cursor, state, QSize(300, 200), recipe}, file,
            options);
        QFile written(file);
        return written.open(QIODevice::ReadOnly) ? written.readAll() : QByteArray();
    }

    QTemporaryDir folder;
    trace::TraceStore store;
    instruments::Cursor cursor;
    paint::qt::QtTextService text;
    panels::FigureRecipe recipe;
};

/// All words of a picture, in one line.
QString wordsOf(const QByteArray& svg) {
    QXmlStreamReader xml(svg);
    QStringList words;
    while (!xml.atEnd()) {
        xml.readNext();
        if (xml.isStartElement() && xml.name() == QLatin1String("text")) {
            words << xml.readElementText().simplified();
        }
    }
    return xml.hasError() ? QStringLiteral("damaged: ") + xml.errorString()
                          : words.join(QLatin1Char(' '));
}

QString hex(scene::Color c) {
    return QColor(c.r, c.g, c.b).name();
}

} // namespace

class TestFigures : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void everyPanelIsVectors() {
        Figures figures;
        for (const QString& panel : kPanels) {
            const QByteArray svg = figures.write(panel, QStringLiteral("svg"));
            QVERIFY2(!wordsOf(svg).startsWith(QLatin1String("damaged")), qPrintable(panel));
            QVERIFY2(!svg.contains("<image"), qPrintable(panel));
            QVERIFY2(QSvgRenderer(svg).isValid(), qPrintable(panel));
            const QByteArray pdf = figures.write(panel, QStringLiteral("pdf"));
            QVERIFY2(!pdf.contains("/Subtype /Image"), qPrintable(panel));
        }
    }

    void scrolledContentIsWhole() {
        Figures figures;
        const QString bar = QStringLiteral("fill=\"%1\"").arg(hex(scene::lightTheme().hairline));
        const QString router = wordsOf(figures.write(QStringLiteral("panel.router"), "svg"));
        QVERIFY2(router.contains(QLatin1String("TOKENS LEFT")), qPrintable(router));
        QVERIFY2(router.contains(QLatin1String("CLASSES")), qPrintable(router));
        QVERIFY2(router.contains(QLatin1String("agreement")), qPrintable(router));
        const QString token = wordsOf(figures.write(QStringLiteral("panel.token"), "svg"));
        QVERIFY2(token.contains(QLatin1String("RECURSIONS")), qPrintable(token));
        QVERIFY2(token.contains(QLatin1String("measured")), qPrintable(token));
        // Every word of the text: the last one too.
        const QString text = wordsOf(figures.write(QStringLiteral("panel.text"), "svg"));
        QVERIFY2(text.count(QLatin1String("cat")) == 6, qPrintable(text));
        // The only rounded shape in that colour was the bar.
        FigureOptions bare; // the line above the caption has it too
        bare.caption = QString();
        QVERIFY(!figures.write(QStringLiteral("panel.text"), "svg", bare).contains(bar.toLatin1()));
    }

    void textsSayWhatMadeIt() {
        Figures figures;
        const QString words = wordsOf(figures.write(QStringLiteral("panel.depth"), "svg"));
        for (const char* part : {"DEPTH", "token", "mor-expert-demo", "top-k", "seed 1",
                                 "120 tokens", "Depthscope 1.2"}) {
            QVERIFY2(words.contains(QLatin1String(part)), part);
        }
        QVERIFY(wordsOf(figures.write(QStringLiteral("panel.kv"), "svg"))
                    .contains(QLatin1String("bytes")));
        FigureOptions bare;
        bare.title = QString();
        bare.caption = QString();
        bare.axes = false;
        const QString less = wordsOf(figures.write(QStringLiteral("panel.depth"), "svg", bare));
        for (const char* part : {"DEPTH", "mor-expert-demo", "token "}) {
            QVERIFY2(!less.contains(QLatin1String(part)), part);
        }
    }

    void widthAndGround() {
        Figures figures;
        FigureOptions options;
        options.width = 170;
        const QByteArray svg = figures.write(QStringLiteral("panel.kv"), "svg", options);
        QVERIFY(svg.contains("<svg width=\"170.000mm\""));
        QVERIFY(svg.contains("#ffffff"));
        options.ground = Ground::Window;
        QVERIFY(figures.write(QStringLiteral("panel.kv"), "svg", options)
                    .contains(hex(scene::darkTheme().surface).toLatin1()));
    }

    void tablesAsJson() {
        Figures figures;
        for (const QString& panel : kPanels) {
            const QJsonObject object =
                QJsonDocument::fromJson(figures.write(panel, QStringLiteral("json"))).object();
            QCOMPARE(object.value(QLatin1String("panel")).toString(), panel);
            const QByteArray csv = figures.write(panel, QStringLiteral("csv"));
            const QJsonArray rows = object.value(QLatin1String("rows")).toArray();
            const qsizetype columns = object.value(QLatin1String("columns")).toArray().size();
            QVERIFY2(columns > 0, qPrintable(panel));
            QCOMPARE(csv.count("\r\n"), rows.size() + 1);
            for (const QJsonValue& row : rows) {
                QCOMPARE(row.toArray().size(), columns);
            }
        }
    }

    void optionsByName() {
        FigureOptions options;
        setFigureOption(options, QStringLiteral("width"), QStringLiteral("85"));
        setFigureOption(options, QStringLiteral("scale"), QStringLiteral("4"));
        setFigureOption(options, QStringLiteral("ground"), QStringLiteral("transparent"));
        setFigureOption(options, QStringLiteral("axes"), QStringLiteral("off"));
        setFigureOption(options, QStringLiteral("title"), QString());
        setFigureOption(options, QStringLiteral("caption"), QStringLiteral("Mine"));
        QVERIFY(options == (FigureOptions{85, 4, Ground::Transparent, false, QString(),
                                          QStringLiteral("Mine")}));
        setFigureOption(options, QStringLiteral("width"), QStringLiteral("panel"));
        QCOMPARE(options.width, 0.0);
    }

    void optionsRefused_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("value");
        for (const auto& [name, value] :
             std::initializer_list<std::pair<const char*, const char*>>{{"width", "29"},
                                                                        {"width", "nan"},
                                                                        {"width", "wide"},
                                                                        {"scale", "0"},
                                                                        {"scale", "5"},
                                                                        {"ground", "pink"},
                                                                        {"axes", "yes"},
                                                                        {"height", "3"}}) {
            QTest::addRow("%s %s", name, value)
                << QString::fromLatin1(name) << QString::fromLatin1(value);
        }
    }

    void optionsRefused() {
        QFETCH(QString, name);
        QFETCH(QString, value);
        FigureOptions options;
        try {
            setFigureOption(options, name, value);
            QFAIL("nothing was thrown");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Usage);
            QVERIFY(error.message().find(name.toStdString()) != std::string::npos);
            QVERIFY(!error.hint().empty());
        }
        QVERIFY(options == FigureOptions{});
    }

    void dialogGivesItsOptions() {
        test::LabFixture lab;
        paint::qt::QtTextService text;
        const auto all = instruments::makeInstruments();
        panels::InstrumentPanel panel(lab.lab, *all.front(), text);
        const QTemporaryDir folder;
        FigureOptions given;
        QString refusal = QStringLiteral("The disk is full");
        panels::FigureDialog dialog(
            [&](panels::InstrumentPanel&, const QString&, const FigureOptions& options) {
                given = options;
                if (!refusal.isEmpty()) {
                    throw Error(ErrorCode::BadInput, refusal.toStdString(), "Make room.");
                }
            });
        QSignalSpy saved(&dialog, &panels::FigureDialog::saved);
        dialog.showFor(panel, QStringLiteral("As it was made."));
        QVERIFY(!dialog.options().caption); // made when the file is
        dialog.findChild<QComboBox*>(QStringLiteral("figure.width"))->setCurrentIndex(3);
        dialog.findChild<QDoubleSpinBox*>(QStringLiteral("figure.own-width"))->setValue(120.5);
        dialog.findChild<QComboBox*>(QStringLiteral("figure.scale"))->setCurrentIndex(3);
        dialog.findChild<QComboBox*>(QStringLiteral("figure.ground"))->setCurrentIndex(1);
        dialog.findChild<QCheckBox*>(QStringLiteral("figure.axes"))->setChecked(false);
        dialog.findChild<QLineEdit*>(QStringLiteral("figure.title"))->clear();
        dialog.findChild<QPlainTextEdit*>(QStringLiteral("figure.caption"))
            ->setPlainText(QStringLiteral("Figure 1"));
        auto* kind = dialog.findChild<QComboBox*>(QStringLiteral("figure.format"));
        kind->setCurrentIndex(1);
        Q_EMIT kind->activated(1);
        QVERIFY(dialog.file().endsWith(QLatin1String("/text.pdf")));
        const QString file = folder.filePath(QStringLiteral("a.pdf"));
        dialog.findChild<QLineEdit*>(QStringLiteral("figure.file"))->setText(file);
        auto* start = dialog.findChild<QPushButton*>(QStringLiteral("figure.start"));
        start->click();
        QVERIFY(dialog.isVisible());
        QVERIFY(given == (FigureOptions{120.5, 4, Ground::Transparent, false, QString(),
                                        QStringLiteral("Figure 1")}));
        refusal.clear();
        QFile there(file);
        QVERIFY(there.open(QIODevice::WriteOnly));
        start->click(); // it exists: asks first
        QCOMPARE(saved.size(), 0);
        start->click();
        QCOMPARE(saved.size(), 1);
        QVERIFY(!dialog.isVisible());
    }
};

QTEST_MAIN(TestFigures)
#include "tst_figures.moc"
