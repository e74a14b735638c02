// SPDX-License-Identifier: MIT
#include "engine/trace/graded_classes.h"
#include "tests/widgets/fake_text_service.h"
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/form_scroll.h"
#include "widgets/panels/generate_form.h"
#include "widgets/panels/graded_dialog.h"
#include "widgets/panels/prompt_panel.h"
#include "widgets/panels/routing_form.h"
#include "widgets/panels/status_strip.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>
#include <QVBoxLayout>
#include <algorithm>
#include <tuple>

using namespace depthscope;
using panels::FractionBox;
using settings::Rule;
using test::LabFixture;

namespace {

void type(FractionBox& box, const QString& text) {
    box.selectAll();
    QTest::keyClicks(&box, text);
    QTest::keyClick(&box, Qt::Key_Return);
}

std::string capacityOf(const LabFixture& fixture) {
    return settings::toString(fixture.lab.settings().routing.capacity);
}

} // namespace

class TestForms : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void fractionBoxReadsWhatPeopleWrite_data() {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("shown");
        QTest::newRow("fraction") << "2/3"
                                  << "2/3";
        QTest::newRow("decimal") << "0.67"
                                 << "0.67";
        QTest::newRow("percent") << "67 %"
                                 << "0.67";
        QTest::newRow("one") << "1"
                             << "1";
        QTest::newRow("zero") << "0"
                              << "0";
    }

    void fractionBoxReadsWhatPeopleWrite() {
        QFETCH(QString, typed);
        QFETCH(QString, shown);
        FractionBox box;
        QSignalSpy edited(&box, &FractionBox::valueEdited);
        type(box, typed);
        QCOMPARE(edited.count(), 1);
        QCOMPARE(box.text(), shown);
    }

    void fractionBoxRefuses_data() {
        QTest::addColumn<QString>("typed");
        for (const char* bad : {"3/2", "x", "1/0", "120 %", "-1", ""}) {
            QTest::newRow(bad) << QString::fromLatin1(bad);
        }
    }

    void fractionBoxRefuses() {
        QFETCH(QString, typed);
        FractionBox box;
        box.setValue(Fraction{1, 2});
        QSignalSpy edited(&box, &FractionBox::valueEdited);
        box.setText(typed);
        box.setModified(true);
        QTest::keyClick(&box, Qt::Key_Return);
        QCOMPARE(edited.count(), 0);
        QVERIFY(box.property("invalid").toBool());
        QTest::keyClick(&box, Qt::Key_Escape);
        QCOMPARE(box.text(), QStringLiteral("1/2"));
    }

    void laterCapacitiesMoveAlong() {
        LabFixture fixture;
        fixture.openExpert();
        panels::RoutingForm form(fixture.lab);
        auto* second = form.findChild<FractionBox*>(QStringLiteral("capacity.2"));
        auto* third = form.findChild<FractionBox*>(QStringLiteral("capacity.3"));
        QVERIFY(second && third);
        QCOMPARE(third->text(), QStringLiteral("1/3"));
        type(*second, QStringLiteral("1/4"));
        QCOMPARE(capacityOf(fixture), std::string("1,1/4,1/4"));
        type(*third, QStringLiteral("1/2"));
        QCOMPARE(capacityOf(fixture), std::string("1,1/2,1/2"));
        auto* all = form.findChild<FractionBox*>(QStringLiteral("capacity"));
        QCOMPARE(all->text(), QStringLiteral("1/2"));
        // Everyone takes the first step, unless its own row says otherwise.
        type(*all, QStringLiteral("2/5"));
        QCOMPARE(capacityOf(fixture), std::string("1,2/5,2/5"));
        type(*form.findChild<FractionBox*>(QStringLiteral("capacity.1")), QStringLiteral("3/5"));
        QCOMPARE(capacityOf(fixture), std::string("3/5,2/5,2/5"));
        type(*all, QStringLiteral("4/5"));
        QCOMPARE(capacityOf(fixture), std::string("4/5,4/5,4/5"));
        type(*third, QStringLiteral("1/5"));
        QCOMPARE(all->text(), QString());
    }

    void sliderDragIsOneUndoStepAndCatchesTheTrainedRatio() {
        LabFixture fixture;
        fixture.openExpert();
        panels::RoutingForm form(fixture.lab);
        form.resize(280, 320);
        auto* slider = form.findChild<panels::RatioSlider*>(QStringLiteral("capacity.2.slider"));
        slider->setSliderDown(true);
        slider->setValue(300);
        slider->setValue(500);
        slider->setValue(664);
        slider->setSliderDown(false);
        QCOMPARE(fixture.lab.undoStack().count(), 1);
        QCOMPARE(capacityOf(fixture), std::string("1,2/3,3/10"));
    }

    void rulesShowTheirOwnFields() {
        LabFixture fixture;
        fixture.openExpert();
        panels::RoutingForm form(fixture.lab);
        auto* rule = form.findChild<QComboBox*>(QStringLiteral("routing"));
        auto* tau = form.findChild<QDoubleSpinBox*>(QStringLiteral("tau"));
        auto* first = form.findChild<FractionBox*>(QStringLiteral("capacity.1"));
        QVERIFY(first->isVisibleTo(&form));
        QVERIFY(!tau->isVisibleTo(&form));
        rule->setCurrentIndex(rule->findData(static_cast<int>(Rule::Threshold)));
        Q_EMIT rule->activated(rule->currentIndex());
        QVERIFY(!first->isVisibleTo(&form));
        QVERIFY(tau->isVisibleTo(&form));
        tau->setValue(0.25);
        QCOMPARE(fixture.lab.settings().routing.tau, 0.25);
    }

    /// Each rule of a model that refines a state has its number, on a slider of its own scale.
    void changesHaveTheirScales() {
        LabFixture fixture;
        fixture.lab.loadModel(fixture.addModel("demo-refined", "huginn_raven"));
        fixture.settle();
        panels::RoutingForm form(fixture.lab);
        auto* rule = form.findChild<QComboBox*>(QStringLiteral("routing"));
        auto* number = form.findChild<QDoubleSpinBox*>(QStringLiteral("tau"));
        auto* slider = form.findChild<panels::RatioSlider*>(QStringLiteral("tau.slider"));
        auto* zero = form.findChild<QCheckBox*>(QStringLiteral("zero-state"));
        const auto choose = [&](Rule which) {
            rule->setCurrentIndex(rule->findData(static_cast<int>(which)));
            Q_EMIT rule->activated(rule->currentIndex());
        };
        const settings::RoutingSettings& routing = fixture.lab.settings().routing;
        QVERIFY(!number->isVisibleTo(&form));
        choose(Rule::Latent);
        QVERIFY(number->isVisibleTo(&form));
        QCOMPARE(number->objectName(), QString("change")); // the name that scripts use
        QCOMPARE(number->value(), 0.03);
        QCOMPARE(number->text(), QString("0.03"));
        QCOMPARE(slider->value(), 746); // log10 of 0.03 / 1e-6 in thousandths of six decades
        slider->setValue(500);
        QCOMPARE(routing.change, 0.001);
        number->setValue(0.00005);
        QCOMPARE(routing.change, 0.00005);
        choose(Rule::Argmax); // whose number is another
        QCOMPARE(routing.change, 0.0);
        QCOMPARE(number->value(), 5.0);
        form.nudge(10);
        QCOMPARE(routing.change, 2.0); // of three recursions two comparisons
        zero->setChecked(true);
        QVERIFY(routing.zeroState);
    }

    void onlyWhatTheModelHasIsShown_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QStringList>("shown");
        QTest::addColumn<int>("rules");
        QTest::newRow("expert") << "demo-mor-expert"
                                << QStringList{"routing", "capacity", "max-depth", "kv"} << 5;
        QTest::newRow("token") << "demo-mor-token" << QStringList{"routing", "max-depth"} << 5;
        QTest::newRow("recursive experts") << "demo-more" << QStringList{"fixed-depth"} << 1;
        QTest::newRow("vanilla") << "demo-vanilla" << QStringList{} << 1;
    }

    void onlyWhatTheModelHasIsShown() {
        QFETCH(QString, model);
        QFETCH(QStringList, shown);
        QFETCH(int, rules);
        LabFixture fixture;
        fixture.lab.loadModel(fixture.folder(model.toUtf8().constData()));
        fixture.settle();
        panels::RoutingForm form(fixture.lab);
        for (const char* name : {"routing", "capacity", "tau", "fixed-depth", "max-depth", "kv"}) {
            const auto* control = form.findChild<QWidget*>(QString::fromLatin1(name));
            QVERIFY2(control->isVisibleTo(&form) == shown.contains(QLatin1String(name)), name);
        }
        QCOMPARE(form.findChild<QComboBox*>(QStringLiteral("routing"))->count(), rules);
    }

    void policyIsChosenAndUndone() {
        LabFixture fixture;
        fixture.openExpert();
        panels::RoutingForm form(fixture.lab);
        auto* kv = form.findChild<QComboBox*>(QStringLiteral("kv"));
        QCOMPARE(kv->count(), 2);
        QCOMPARE(kv->currentText(), QStringLiteral("Recursion-wise"));
        kv->setCurrentIndex(1);
        Q_EMIT kv->activated(1);
        QVERIFY(fixture.lab.settings().routing.kv == settings::KvPolicy::Hybrid);
        QCOMPARE(kv->currentText(), QStringLiteral("Hybrid"));
        QVERIFY(kv->toolTip().contains(QStringLiteral("Trained with: Recursion-wise")));
        fixture.lab.undoStack().undo();
        QCOMPARE(kv->currentText(), QStringLiteral("Recursion-wise"));
    }

    /// Of an exit gate the last recursion can be kept with stopping and without.
    void exitsAreChosen() {
        LabFixture fixture;
        fixture.lab.loadModel(fixture.addModel("demo-looped", "ouro"));
        fixture.settle();
        panels::RoutingForm form(fixture.lab);
        auto* kv = form.findChild<QComboBox*>(QStringLiteral("kv"));
        QVERIFY(kv->isVisibleTo(&form));
        QStringList items;
        for (int i = 0; i < kv->count(); ++i) {
            items << kv->itemText(i);
        }
        QCOMPARE(items, (QStringList{"As published", "Stop; read their latest", "Stop; skip them",
                                     "Keep the last recursion", "Stop; keep the last recursion"}));
        const settings::RoutingSettings& routing = fixture.lab.settings().routing;
        for (const auto& [item, policy, stops] :
             {std::tuple{4, settings::KvPolicy::Last, true},
              std::tuple{3, settings::KvPolicy::Last, false},
              std::tuple{2, settings::KvPolicy::Skip, true},
              std::tuple{0, settings::KvPolicy::Recursion, false}}) {
            kv->setCurrentIndex(item);
            Q_EMIT kv->activated(item);
            QVERIFY(routing.kv == policy);
            QCOMPARE(routing.exitStops(), stops);
            QCOMPARE(kv->currentIndex(), item);
        }
    }

    void keysMoveTheCapacity() {
        LabFixture fixture;
        fixture.openExpert();
        panels::RoutingForm form(fixture.lab);
        form.nudge(-100);
        QCOMPARE(capacityOf(fixture), std::string("1,0.567,0.233"));
    }

    void generationFieldsAreEditedAndUndone() {
        LabFixture fixture;
        fixture.openExpert();
        panels::GenerateForm form(fixture.lab);
        form.findChild<QSpinBox*>(QStringLiteral("tokens"))->setValue(12);
        form.findChild<QDoubleSpinBox*>(QStringLiteral("temperature"))->setValue(0);
        form.findChild<QCheckBox*>(QStringLiteral("use-cache"))->setChecked(false);
        QCOMPARE(fixture.lab.settings().generation.count, 12);
        QCOMPARE(fixture.lab.settings().generation.temperature, 0.0);
        QVERIFY(!fixture.lab.settings().generation.useCache);
        fixture.lab.undoStack().setIndex(0);
        QCOMPARE(form.findChild<QSpinBox*>(QStringLiteral("tokens"))->value(), 64);
        QVERIFY(form.findChild<QCheckBox*>(QStringLiteral("use-cache"))->isChecked());
    }

    /// A rule that generation cannot have is named, whatever the router.
    void generationSaysItsRule() {
        LabFixture fixture;
        fixture.openExpert();
        panels::GenerateForm form(fixture.lab);
        const auto says = [&form](const char* words) {
            const auto labels = form.findChildren<QLabel*>(QStringLiteral("muted"));
            return std::any_of(labels.begin(), labels.end(), [words](const QLabel* label) {
                return label->text().startsWith(QLatin1String(words));
            });
        };
        QVERIFY(says("Uses threshold, tau 0.5, not Top-k."));
        fixture.lab.loadModel(fixture.folder("demo-mor-token"));
        fixture.settle();
        QVERIFY(!says("Uses"));
        fixture.lab.edit({}, -1, [](settings::LabSettings& s) { s.routing.rule = Rule::Random; });
        fixture.settle();
        QVERIFY(says("Uses token-choice, not Random scores."));
    }

    void typedTextLosesItsClasses() {
        LabFixture fixture;
        fixture.openExpert();
        panels::PromptPanel panel(fixture.lab);
        fixture.lab.makeGradedText({});
        fixture.settle();
        QCOMPARE(panel.edit().toPlainText(), QStringLiteral("copy: abc = abc"));
        QVERIFY(!fixture.lab.prompt().classes.ranges.empty());
        QTest::keyClicks(&panel.edit(), QStringLiteral("x"));
        QVERIFY(fixture.lab.prompt().classes.ranges.empty());
    }

    void idsAreTypedWhereThereIsNoTokenizer() {
        LabFixture fixture;
        fixture.lab.loadModel(fixture.folder("demo-ids"));
        fixture.settle();
        panels::PromptPanel panel(fixture.lab);
        panel.show();
        QVERIFY(panel.edit().placeholderText().contains("0 to 1023"));
        auto* sample = panel.findChild<QPushButton*>("prompt.sample");
        QVERIFY(sample->isVisible());
        const auto hasNotice = [&](const QString& words) {
            const auto labels = panel.findChildren<QLabel*>();
            return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
                return label->isVisible() && label->text().contains(words);
            });
        };
        QTest::keyClicks(&panel.edit(), "1, 22,3");
        QCOMPARE(fixture.lab.prompt().ids, (std::vector<std::int32_t>{1, 22, 3}));
        QCOMPARE(panel.edit().toPlainText(), QString("1, 22,3"));
        QTest::keyClicks(&panel.edit(), " 1024");
        QVERIFY(hasNotice("\"1024\" must be a token id, an integer from 0 to 1023."));
        sample->click();
        QVERIFY(panel.edit().toPlainText().startsWith("1 "));
        QVERIFY(!hasNotice("1024"));
        fixture.openExpert("words");
        QCOMPARE(panel.edit().toPlainText(), QString("words"));
        QVERIFY(!sample->isVisible());
    }

    void badTextFilesAreNamed() {
        LabFixture fixture;
        panels::PromptPanel panel(fixture.lab);
        QSignalSpy failed(&panel, &panels::PromptPanel::failed);
        panel.openTextFile(QStringLiteral("/nowhere/x.txt"));
        QFile empty(fixture.root.filePath(QStringLiteral("empty.txt")));
        QVERIFY(empty.open(QIODevice::WriteOnly));
        empty.close();
        panel.openTextFile(empty.fileName());
        QCOMPARE(failed.count(), 2);
    }

    void bytesOfAFileStayAsTheyAre() {
        LabFixture fixture;
        panels::PromptPanel panel(fixture.lab);
        QFile file(fixture.root.filePath(QStringLiteral("latin1.txt")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("caf\xe9 \x01");
        file.close();
        panel.openTextFile(file.fileName());
        QCOMPARE(fixture.lab.prompt().text, std::string("caf\xe9 \x01"));
        QTest::keyClicks(&panel.edit(), QStringLiteral("x"));
        std::string typed = "xcaf\xe9 \x01";
        QVERIFY(fixture.lab.prompt().text == typed ||
                fixture.lab.prompt().text == typed.substr(1) + "x");
    }

    /// No form makes the window grow: it scrolls, its wrapped texts keep their lines.
    void formsScrollWhereThereIsNoRoom() {
        auto* form = new QWidget;
        auto* column = new QVBoxLayout(form);
        auto* wrapped = new QLabel(QStringLiteral("a text of many words ").repeated(12));
        wrapped->setWordWrap(true);
        column->addWidget(wrapped);
        for (int i = 0; i < 10; ++i) {
            column->addWidget(new QDoubleSpinBox);
        }
        panels::FormScroll scroll(form);
        const int needed = form->minimumSizeHint().height();
        QVERIFY(scroll.minimumSizeHint().height() < needed / 2);
        QCOMPARE(scroll.sizeHint().height(), form->sizeHint().height());
        scroll.resize(200, 100);
        scroll.show();
        QVERIFY(wrapped->height() >= wrapped->heightForWidth(wrapped->width()));
        QVERIFY(scroll.verticalScrollBar()->maximum() > 0);
        QVERIFY(form->width() <= scroll.viewport()->width());
        wrapped->setText(wrapped->text().repeated(2));
        QTRY_VERIFY(wrapped->height() >= wrapped->heightForWidth(wrapped->width()));
    }

    void statusLeavesOutWhatHasNoRoom() {
        LabFixture fixture;
        const tests::FakeTextService text;
        QWidget window; // a window of its own would not become narrower than its layout
        panels::StatusStrip strip(fixture.lab, text, &window);
        fixture.openExpert();
        const auto shown = [&](int width) {
            strip.resize(width, 30);
            QStringList names;
            for (const QLabel* label : strip.findChildren<QLabel*>()) {
                if (!label->isHidden()) {
                    names << label->accessibleName();
                }
            }
            return names;
        };
        window.show();
        QCOMPARE(strip.minimumSizeHint().width(), 0);
        QCOMPARE(shown(3000).size(), 6);
        strip.developerFigures().setChecked(true);
        QCOMPARE(shown(3000).size(), 7);
        QCOMPARE(shown(100), QStringList{QStringLiteral("Activity")});
        QVERIFY(shown(500).contains(QStringLiteral("Device and threads")));
        QVERIFY(!shown(500).contains(QStringLiteral("Synchronisations and waits")));
        QCOMPARE(shown(3000).size(), 7);
    }

    void gradedDialogAsksForWhatIsTicked() {
        panels::GradedDialog dialog;
        for (QCheckBox* box : dialog.findChildren<QCheckBox*>()) {
            box->setChecked(box->objectName() == QLatin1String("class.copy"));
        }
        const auto expected = (1U << static_cast<unsigned>(trace::Difficulty::Copy)) |
                              (1U << static_cast<unsigned>(trace::Difficulty::Frame));
        QCOMPARE(dialog.request().classes, expected);
        QCOMPARE(dialog.request().bytes, 1200U); // enough exercises for intervals
    }
};

QTEST_MAIN(TestForms)
#include "tst_forms.moc"
