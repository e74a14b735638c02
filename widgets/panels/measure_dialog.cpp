// SPDX-License-Identifier: MIT
#include "widgets/panels/measure_dialog.h"

#include "engine/trace/statistics.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/lab/rules.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/kept_folder.h"
#include "widgets/panels/routing_table.h"

#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QTableWidget>
#include <QVBoxLayout>
#include <cmath>

namespace depthscope::panels {

namespace {

constexpr int kWidth = 760;
constexpr int kTableHeight = 250;
constexpr int kBarSteps = 1000;

enum Source { TextAtHand, TextFile };

QString number(double value, int decimals) {
    return std::isfinite(value) ? QLocale().toString(value, 'f', decimals) : QString();
}

} // namespace

MeasureDialog::MeasureDialog(lab::LabController& lab, QWidget* parent)
    : QDialog(parent)
    , m_lab(lab)
    , m_tau(std::nan(""))
    , m_comparison(lab) {
    setObjectName(QStringLiteral("measure"));
    setWindowTitle(tr("Measure routing[*]"));
    resize(kWidth, 0);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 24, 24, 16);
    column->setSpacing(8);
    auto* intro = new QLabel(tr("Measures the loaded model on a text with the current routing. The "
                                "window stays usable."),
                             this);
    intro->setObjectName(QStringLiteral("muted"));
    intro->setWordWrap(true);
    column->addWidget(intro);
    m_grid = new QGridLayout;
    m_grid->setHorizontalSpacing(8);
    m_grid->setVerticalSpacing(8);
    m_grid->setColumnStretch(1, 1);
    column->addLayout(m_grid);
    buildFields();
    buildButtons(*column);
    buildResults();
    column->addWidget(m_bar);
    column->addWidget(m_state);
    column->addWidget(new RoutingTable(m_comparison, this), 1);
    column->addWidget(m_table, 1);
    connect(m_measure, &QPushButton::clicked, this, &MeasureDialog::measure);
    connect(m_compare, &QPushButton::clicked, this, &MeasureDialog::compare);
    connect(m_stop, &QPushButton::clicked, this, [this] {
        m_comparison.stop();
        m_lab.stopTask(m_job);
    });
    connect(m_use, &QPushButton::clicked, this, &MeasureDialog::useThreshold);
    connect(m_close, &QPushButton::clicked, this, &QDialog::close);
    connect(&m_comparison, &lab::RouterComparison::changed, this, [this] {
        if (!m_comparison.isRunning()) {
            m_state->clear();
        }
        refresh();
    });
    connect(&m_comparison, &lab::RouterComparison::progress, this, &MeasureDialog::showProgress);
    connect(&m_comparison, &lab::RouterComparison::failed, this,
            [this](const QString& message, const QString& hint) {
                m_state->setText(message + QLatin1Char('\n') + hint);
                refresh();
            });
    connect(&m_lab, &lab::LabController::taskEvent, this, &MeasureDialog::onEvent);
    connect(&m_lab, &lab::LabController::modelChanged, this, &MeasureDialog::followModel);
    connect(&m_lab, &lab::LabController::promptChanged, this, &MeasureDialog::refresh);
    connect(&m_lab, &lab::LabController::traceChanged, this, &MeasureDialog::refresh);
    refresh();
}

void MeasureDialog::buildButtons(QVBoxLayout& column) {
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    m_measure = makeButton("measure.start", tr("Measure"), this);
    m_measure->setProperty("primary", true);
    m_measure->setDefault(true);
    m_compare = makeButton("measure.compare", tr("Compare routings"), this);
    m_compare->setToolTip(tr("Scores the same text under the routing in force, random selection at "
                             "equal cost (of token-choice random depths), each fixed depth, and by "
                             "the vanilla model"));
    m_stop = makeButton("measure.stop", tr("Stop"), this);
    m_use = makeButton("measure.use", tr("Use this threshold"), this);
    m_close = makeButton("measure.close", tr("Close"), this);
    for (QPushButton* button : {m_measure, m_compare, m_stop, m_use}) {
        buttons->addWidget(button);
    }
    for (QPushButton* button : {m_compare, m_stop, m_use, m_close, m_browse}) {
        button->setAutoDefault(false); // Enter measures
    }
    buttons->addStretch(1);
    buttons->addWidget(m_close);
    column.addLayout(buttons);
}

void MeasureDialog::buildFields() {
    m_source = new ChoiceBox(this);
    m_source->setObjectName(QStringLiteral("measure.source"));
    m_source->setAccessibleName(tr("Text to measure on"));
    m_source->addItem(tr("The text at hand"), TextAtHand); // words: ok // words: ok
    m_source->addItem(tr("A text file"), TextFile);
    auto* text = new QLabel(tr("Text"), this);
    text->setBuddy(m_source);
    m_grid->addWidget(text, 0, 0);
    m_grid->addWidget(m_source, 0, 1, 1, 2);
    m_fileLabel = new QLabel(tr("File"), this);
    m_file = new QLineEdit(this);
    m_file->setObjectName(QStringLiteral("measure.file"));
    m_file->setAccessibleName(tr("Text file"));
    m_browse = makeButton("measure.browse", tr("Browse…"), this);
    m_fileLabel->setBuddy(m_file);
    m_grid->addWidget(m_fileLabel, 1, 0);
    m_grid->addWidget(m_file, 1, 1);
    m_grid->addWidget(m_browse, 1, 2);
    m_wantsDepth = new TickBox(tr("Find the threshold for a mean depth of"), this);
    m_wantsDepth->setObjectName(QStringLiteral("measure.wants-depth"));
    m_wantsDepth->setToolTip(
        tr("Tries thresholds on at most 4,096 tokens, then measures with the best one"));
    m_depth = new QDoubleSpinBox(this);
    m_depth->setObjectName(QStringLiteral("measure.depth"));
    m_depth->setAccessibleName(tr("Mean depth in recursions"));
    m_depth->setSuffix(tr(" recursions"));
    m_depth->setDecimals(2);
    m_depth->setSingleStep(0.1);
    m_wantsRegret = new TickBox(tr("Routing regret on the first"), this);
    m_wantsRegret->setObjectName(QStringLiteral("measure.wants-regret"));
    m_wantsRegret->setToolTip(tr("Tries every depth for every token, leaving the others unchanged: "
                                 "what the router's depths lose against the best ones"));
    m_regret = new QSpinBox(this);
    m_regret->setObjectName(QStringLiteral("measure.regret"));
    m_regret->setAccessibleName(tr("Tokens to try every depth for"));
    m_regret->setRange(2, 100'000);
    m_regret->setValue(96);
    m_regret->setSuffix(tr(" tokens"));
    for (QAbstractSpinBox* box :
         {static_cast<QAbstractSpinBox*>(m_depth), static_cast<QAbstractSpinBox*>(m_regret)}) {
        box->setButtonSymbols(QAbstractSpinBox::NoButtons);
        box->setAlignment(Qt::AlignRight);
    }
    m_grid->addWidget(m_wantsDepth, 2, 0, 1, 2);
    m_grid->addWidget(m_depth, 2, 2);
    m_grid->addWidget(m_wantsRegret, 3, 0, 1, 2);
    m_grid->addWidget(m_regret, 3, 2);
    connect(m_source, &QComboBox::activated, this, &MeasureDialog::refresh);
    connect(m_file, &QLineEdit::textChanged, this, &MeasureDialog::refresh);
    connect(m_wantsDepth, &QCheckBox::toggled, this, &MeasureDialog::refresh);
    connect(m_wantsRegret, &QCheckBox::toggled, this, &MeasureDialog::refresh);
    connect(m_browse, &QPushButton::clicked, this, [this] {
        const QString file = askForFile(*this, {QStringLiteral("text"), tr("Text to measure on")});
        if (!file.isEmpty()) {
            m_file->setText(file);
        }
    });
}

void MeasureDialog::buildResults() {
    m_bar = new QProgressBar(this);
    m_bar->setRange(0, kBarSteps);
    m_bar->setTextVisible(false);
    m_bar->setAccessibleName(tr("Progress of the measurement"));
    m_bar->hide();
    m_state = new QLabel(this);
    m_state->setObjectName(QStringLiteral("muted"));
    m_state->setWordWrap(true);
    m_table = new QTableWidget(0, 2, this);
    m_table->setObjectName(QStringLiteral("measure.results"));
    m_table->setAccessibleName(tr("Measured"));
    m_table->setHorizontalHeaderLabels({tr("Measured"), tr("Value")});
    m_table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_table->horizontalHeader()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    m_table->verticalHeader()->hide();
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setShowGrid(false);
    m_table->setMinimumHeight(kTableHeight);
    makeRowsCopyable(*m_table);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->horizontalHeaderItem(1)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
}

runtime::ScoreRequest MeasureDialog::request() const {
    runtime::ScoreRequest request;
    if (m_source->currentData().toInt() == TextFile) {
        request.textFile = m_file->text().toStdString();
    } else {
        request.prompt = m_lab.prompt();
    }
    if (const auto model = m_lab.model()) {
        request.routing = lab::effectiveRouting(*model, m_lab.settings().routing);
    }
    if (m_wantsDepth->isEnabled() && m_wantsDepth->isChecked()) {
        request.meanDepth = m_depth->value();
        if (request.routing.rule != settings::Rule::Aux) {
            request.routing.rule = settings::Rule::Threshold;
        }
    }
    if (m_wantsRegret->isEnabled() && m_wantsRegret->isChecked()) {
        request.regretTokens = m_regret->value();
    }
    return request;
}

void MeasureDialog::measure() {
    m_table->setRowCount(0);
    m_tau = std::nan("");
    m_bar->setValue(0);
    m_state->setText(tr("Starting…"));
    m_job = m_lab.startTask(request());
    refresh();
    m_stop->setFocus(); // Measure cannot keep it
}

void MeasureDialog::compare() {
    m_table->setRowCount(0);
    m_bar->setValue(0);
    m_state->setText(tr("Starting…"));
    m_comparison.start(request());
    m_stop->setFocus();
}

void MeasureDialog::showProgress(double fraction, const QString& what) {
    m_bar->setValue(static_cast<int>(fraction * kBarSteps));
    m_state->setText(what);
}

/// A threshold found for one model means nothing to another.
void MeasureDialog::followModel() {
    const auto model = m_lab.model();
    if (m_used && model && model->folder != m_used->folder) {
        if (m_lab.settings().routing.tau == m_used->tau) {
            m_lab.edit(tr("Threshold"), -1, [](settings::LabSettings& s) {
                s.routing.tau = settings::RoutingSettings().tau;
            });
        }
        m_used.reset();
    }
    refresh();
}

void MeasureDialog::useThreshold() {
    const double tau = m_tau;
    m_used = Used{tau, m_lab.model()->folder};
    m_lab.edit(tr("Threshold"), -1, [tau](settings::LabSettings& s) {
        s.routing.tau = tau;
        if (s.routing.rule != settings::Rule::Aux) {
            s.routing.rule = settings::Rule::Threshold;
        }
    });
}

void MeasureDialog::onEvent(const runtime::Event& event) {
    if (const auto* news = std::get_if<runtime::JobProgress>(&event)) {
        if (m_job != 0 && news->job == m_job) {
            showProgress(news->fraction, QString::fromStdString(news->what));
        }
    } else if (const auto* report = std::get_if<runtime::ScoreReport>(&event)) {
        if (m_job != 0 && report->job == m_job) {
            showReport(*report);
        }
    } else if (const auto* ended = std::get_if<runtime::JobEnded>(&event)) {
        if (m_job != 0 && ended->job == m_job) {
            m_job = 0;
            m_state->clear();
            if (ended->error && ended->error->code() == ErrorCode::Interrupted) {
                m_state->setText(tr("Stopped."));
            } else if (ended->error) {
                m_state->setText(
                    QString::fromStdString(ended->error->message() + "\n" + ended->error->hint()));
            }
            refresh();
            m_measure->setFocus();
        }
    }
}

void MeasureDialog::addRow(const QString& name, const QString& value, const QString& help) {
    if (value.isEmpty()) {
        return; // not for this model
    }
    const int row = m_table->rowCount();
    m_table->insertRow(row);
    auto* left = new QTableWidgetItem(name);
    auto* right = new QTableWidgetItem(value);
    right->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    left->setToolTip(help);
    right->setToolTip(help);
    m_table->setItem(row, 0, left);
    m_table->setItem(row, 1, right);
}

void MeasureDialog::showReport(const runtime::ScoreReport& report) {
    m_tau = report.tau;
    addRow(tr("Tokens predicted"), number(static_cast<double>(report.tokens), 0), {});
    addRow(tr("Nats per token"), number(report.nll, 4), tr("Mean negative log-likelihood"));
    addRow(tr("Perplexity"), number(std::exp(report.nll), 3), {});
    addRow(tr("Bits per character"), number(report.bitsPerCharacter, 4), {});
    addRow(tr("Mean depth"), number(report.meanDepth, 3), tr("Recursions per token"));
    addRow(tr("Megaflops per token"), number(report.flopsPerToken / 1e6, 3), {});
    addRow(tr("Threshold"), number(report.tau, 6), tr("The tau used for this measurement"));
    addRow(tr("Decision accuracy"), number(report.decisionAccuracy, 4),
           tr("Share of the tokens for which the router's own decision, without later tokens, "
              "agrees with top-k"));
    addRow(tr("Dead-token ratio"), number(report.deadTokenRatio, 4),
           tr("Share of the positions whose tokens never reach the last recursion"));
    addRow(tr("MaxVio"), number(report.maxVio, 4),
           tr("Largest load divided by the mean load, minus one"));
    addRow(tr("Entropy of the load"), number(report.entropy, 4), tr("In nats"));
    addRow(tr("Routing regret, nats per token"), number(report.regret, 4),
           tr("What the best depths found would save: each depth is tried for each token, leaving "
              "the others unchanged; 0 where none do better than the router's"));
    addRow(tr("Routing regret at equal cost"), number(report.regretAtEqualCost, 4),
           tr("The same with no more recursion steps than the router used: at most as much"));
    for (const runtime::ClassScore& score : report.classes) {
        addRow(tr("%1, %2 tokens")
                   .arg(QString::fromStdString(score.name),
                        number(static_cast<double>(score.tokens), 0)),
               tr("%1 nats, depth %2").arg(number(score.nll, 3), number(score.meanDepth, 2)),
               tr("For this difficulty class"));
    }
    setWindowModified(true); // these rows are in no file
    refresh();
}

void MeasureDialog::refresh() {
    const auto model = m_lab.model();
    const bool routed = model && model->router != spec::RouterKind::None;
    const bool expert = model && model->router == spec::RouterKind::Expert;
    const bool busy = m_job != 0 || m_comparison.isRunning();
    const bool fromFile = m_source->currentData().toInt() == TextFile;
    const runtime::Prompt& prompt = m_lab.prompt();
    const bool hasText = fromFile ? !m_file->text().isEmpty() : !prompt.empty();
    for (QWidget* widget : {static_cast<QWidget*>(m_fileLabel), static_cast<QWidget*>(m_file),
                            static_cast<QWidget*>(m_browse)}) {
        widget->setVisible(fromFile);
        widget->setEnabled(!busy);
    }
    m_source->setEnabled(!busy);
    m_wantsDepth->setVisible(expert);
    m_depth->setVisible(expert);
    m_wantsRegret->setVisible(routed);
    m_regret->setVisible(routed);
    m_wantsDepth->setEnabled(expert && !busy);
    m_depth->setEnabled(m_wantsDepth->isEnabled() && m_wantsDepth->isChecked());
    m_wantsRegret->setEnabled(routed && !busy);
    m_regret->setEnabled(m_wantsRegret->isEnabled() && m_wantsRegret->isChecked());
    if (model && expert) {
        m_depth->setRange(1, model->recursions);
        const trace::RunView* shown = m_lab.store().view().main;
        if (!m_wantsDepth->isChecked() && shown != nullptr && !shown->depth.empty()) {
            m_depth->setValue(trace::meanDepth(*shown));
        }
    }
    m_measure->setEnabled(!busy && m_lab.live() && model && hasText);
    m_compare->setVisible(routed);
    m_compare->setEnabled(m_measure->isEnabled());
    m_stop->setEnabled(busy);
    m_table->setVisible(m_table->rowCount() > 0 || m_comparison.results().empty());
    m_use->setVisible(expert);
    m_use->setEnabled(!busy && std::isfinite(m_tau));
    m_bar->setVisible(busy);
    if (m_state->text() == m_hint) {
        m_state->clear(); // it may no longer be true
    }
    m_hint.clear();
    if (!busy && m_state->text().isEmpty() && m_table->rowCount() == 0 && !m_measure->isEnabled()) {
        m_hint = !m_lab.live() || !model ? tr("Load a model first.")
                                         : tr("Type a text, or choose a file.");
        m_state->setText(m_hint);
    }
    m_state->setVisible(!m_state->text().isEmpty());
}

} // namespace depthscope::panels
