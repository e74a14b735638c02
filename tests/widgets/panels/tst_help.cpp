// SPDX-License-Identifier: MIT
// Every label of the forms says what its word means, and every dock has its place in the guide.
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/instruments/glossary.h"
#include "widgets/instruments/instrument.h"
#include "widgets/panels/capacity_form.h"
#include "widgets/panels/clip_form.h"
#include "widgets/panels/generate_form.h"
#include "widgets/panels/graded_dialog.h"
#include "widgets/panels/guide.h"
#include "widgets/panels/label_help.h"
#include "widgets/panels/panel_dock.h"
#include "widgets/panels/routing_form.h"
#include "widgets/panels/sample_form.h"

#include <QDir>
#include <QFile>
#include <QHelpEvent>
#include <QLabel>
#include <QTest>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <QToolTip>

using namespace depthscope;
using test::LabFixture;

namespace {

/// The labels of fields, with what they say.
QStringList silentLabels(const QWidget& form) {
    QStringList silent;
    for (const QLabel* label : form.findChildren<QLabel*>()) {
        if (label->buddy() != nullptr && panels::explanationOf(*label).isEmpty()) {
            silent << label->text();
        }
    }
    return silent;
}

QLabel* labelOf(const QWidget& form, const char* field) {
    for (QLabel* label : form.findChildren<QLabel*>()) {
        if (label->buddy() && label->buddy()->objectName() == QLatin1String(field)) {
            return label;
        }
    }
    return nullptr;
}

QString pageText(const char* page) {
    QFile file(QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/docs/") + QLatin1String(page));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

} // namespace

class TestHelp : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void everyLabelSaysWhatItMeans() {
        LabFixture fixture;
        fixture.openExpert();
        panels::RoutingForm routing(fixture.lab);
        panels::GenerateForm generate(fixture.lab);
        panels::SampleForm sample(fixture.lab);
        panels::ClipForm clip(fixture.lab);
        panels::GradedDialog graded;
        for (const QWidget* form :
             std::initializer_list<const QWidget*>{&routing, &generate, &sample, &clip, &graded}) {
            QCOMPARE(silentLabels(*form), QStringList());
        }
        const auto says = [](const QWidget& form, const char* field, std::string_view word) {
            const QLabel* label = labelOf(form, field);
            const auto meaning = instruments::findTerm(word)->meaning;
            return label != nullptr &&
                   panels::explanationOf(*label).contains(
                       QString::fromUtf8(meaning.data(), static_cast<qsizetype>(meaning.size()))
                           .toHtmlEscaped());
        };
        QVERIFY(says(routing, "routing", "rule"));
        QVERIFY(says(routing, "capacity", "capacity"));
        QVERIFY(says(routing, "capacity.3", "recursion"));
        QVERIFY(says(routing, "tau", "tau, threshold"));
        QVERIFY(says(routing, "kv", "KV policy"));
        QVERIFY(says(generate, "top-k", "top-k sampling"));
        QVERIFY(says(sample, "denoising-steps", "denoising step"));
    }

    void theTipComesOnHover() {
        LabFixture fixture;
        fixture.openExpert();
        panels::RoutingForm form(fixture.lab);
        form.show();
        QLabel* label = labelOf(form, "kv");
        QVERIFY(label != nullptr);
        const QPoint at = label->rect().center();
        QHelpEvent help(QEvent::ToolTip, at, label->mapToGlobal(at));
        QApplication::sendEvent(label, &help);
        QVERIFY(!QToolTip::text().contains(QLatin1String("KV policy")));
        const panels::LabelHelp answers(nullptr);
        QApplication::sendEvent(label, &help);
        QVERIFY(QToolTip::text().contains(QLatin1String("KV policy")));
    }

    /// F1 in a panel or a form leads to a heading that is there.
    void everyDockHasAHeadingInTheGuide() {
        QTextDocument page;
        page.setMarkdown(pageText("instruments.md"));
        for (const auto& instrument : instruments::makeInstruments()) {
            QVERIFY2(panels::headingAt(page, QString::fromLatin1(instrument->id())) >= 0,
                     instrument->id());
        }
        for (const char* form : {"prompt", "routing", "generate", "clip", "sample"}) {
            panels::PanelDock dock(QString::fromLatin1(form), QString());
            auto* field = new QLabel(&dock);
            dock.setWidget(field);
            const QString where = panels::guideOf(field);
            QCOMPARE(where, QStringLiteral("instruments.md#") + QLatin1String(form));
            QVERIFY2(panels::headingAt(page, where.section(QLatin1Char('#'), 1)) >= 0, form);
        }
        for (const char* section :
             {"measure-routing", "generate-many-texts", "figures", "welcome"}) {
            QVERIFY2(panels::headingAt(page, QString::fromLatin1(section)) >= 0, section);
        }
        QCOMPARE(panels::headingAt(page, QStringLiteral("nowhere")), -1);
        QCOMPARE(panels::guideOf(nullptr), QStringLiteral("instruments.md"));
        QLabel dialog;
        dialog.setProperty("guide", QStringLiteral("graded-text.md"));
        QLabel inside(&dialog);
        QCOMPARE(panels::guideOf(&inside), QStringLiteral("graded-text.md"));
    }

    /// A row that an empty line cuts off its table would stand there as it was written.
    void noRowIsOutsideItsTable() {
        const QDir docs(QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/docs"));
        for (const QString& name : docs.entryList({QStringLiteral("*.md")})) {
            QTextDocument page;
            page.setMarkdown(pageText(qPrintable(name)));
            for (QTextBlock block = page.begin(); block.isValid(); block = block.next()) {
                const bool isCode = block.blockFormat().hasProperty(QTextFormat::BlockCodeFence);
                const bool isCell = QTextCursor(block).currentTable() != nullptr;
                QVERIFY2(isCode || isCell || !block.text().startsWith(QLatin1Char('|')),
                         qPrintable(name + QStringLiteral(": ") + block.text()));
            }
        }
    }
};

QTEST_MAIN(TestHelp)
#include "tst_help.moc"
