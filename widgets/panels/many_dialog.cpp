// SPDX-License-Identifier: MIT
#include "widgets/panels/many_dialog.h"

#include "widgets/lab/lab_controller.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/kept_folder.h"
#include "widgets/panels/many_rows.h"
#include "widgets/panels/routing_table.h"
#include "widgets/panels/setting_words.h"

#include <QDockWidget>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QSaveFile>
#include <QSpinBox>
#include <QTableView>
#include <QVBoxLayout>

namespace depthscope::panels {

namespace {

constexpr int kWidth = 760;
constexpr int kTableHeight = 250;
constexpr int kBarSteps = 1000;

enum Source { Graded, PromptFile };

} // namespace

ManyDialog::ManyDialog(lab::LabController& lab, QWidget* parent)
    : QDialog(parent)
    , m_lab(lab)
    , m_texts(lab) {
    setObjectName(QStringLiteral("many"));
    setWindowTitle(tr("Generate many texts[*]"));
    resize(kWidth, 0);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 24, 24, 16);
    column->setSpacing(8);
    auto* intro =
        new QLabel(tr("Generates many texts together, with the numbers of GENERATE. LANES "
                      "shows when each recursion ran, and for how many of them. The "
                      "window stays usable."),
                   this);
    intro->setObjectName(QStringLiteral("muted"));
    intro->setWordWrap(true);
    column->addWidget(intro);
    m_rule = new QLabel(this);
    m_rule->setObjectName(QStringLiteral("many.rule"));
    m_rule->setWordWrap(true);
    column->addWidget(m_rule);
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
    column->addWidget(m_table, 1);
    connect(&m_texts, &lab::ManyTexts::changed, this, [this] {
        if (!m_texts.isRunning() && !m_failed) {
            showSummary();
        }
        refresh();
    });
    connect(&m_texts, &lab::ManyTexts::answered, this,
            [this] { setWindowModified(true); }); // it is in no file
    connect(&m_texts, &lab::ManyTexts::progress, this, [this](double done, const QString& what) {
        m_bar->setValue(static_cast<int>(done * kBarSteps));
        m_state->setText(what);
    });
    connect(&m_texts, &lab::ManyTexts::failed, this,
            [this](const QString& message, const QString& hint) {
                m_failed = true;
                m_state->setText(message + QLatin1Char('\n') + hint);
                refresh();
            });
    connect(&m_lab, &lab::LabController::modelChanged, this, &ManyDialog::refresh);
    connect(&m_lab, &lab::LabController::sourceChanged, this, &ManyDialog::refresh);
    connect(&m_lab, &lab::LabController::settingsChanged, this, &ManyDialog::refresh);
    refresh();
}

ManyDialog& ManyDialog::of(QWidget& window, lab::LabController& lab) {
    auto* dialog = window.findChild<ManyDialog*>();
    if (dialog == nullptr) {
        dialog = new ManyDialog(lab, &window);
        dialog->setProperty("guide", QStringLiteral("instruments.md#generate-many-texts"));
        connect(dialog, &ManyDialog::lanesRequested, &window, [&window, &lab] {
            auto* lanes = window.findChild<QDockWidget*>(QStringLiteral("dock.panel.lanes"));
            lanes->show();
            lanes->raise();
            Q_EMIT lab.noticeRaised(tr("Run > Generate many texts brings the texts back."));
        });
    }
    return *dialog;
}

void ManyDialog::buildFields() {
    buildSource();
    buildBatch();
}

void ManyDialog::buildSource() {
    m_source = new ChoiceBox(this);
    m_source->setObjectName(QStringLiteral("many.source"));
    m_source->setAccessibleName(tr("Where the prompts come from"));
    m_source->addItem(tr("Graded texts"), Graded);
    m_source->addItem(tr("A prompt file"), PromptFile);
    m_graded = new QSpinBox(this);
    m_graded->setObjectName(QStringLiteral("many.graded"));
    m_graded->setAccessibleName(tr("Number of graded texts"));
    m_graded->setRange(1, 1000);
    m_graded->setValue(32);
    m_graded->setSuffix(tr(" texts"));
    m_file = new QLineEdit(this);
    m_file->setObjectName(QStringLiteral("many.file"));
    m_file->setAccessibleName(tr("Prompt file"));
    m_file->setPlaceholderText(tr(".jsonl with a prompt a line, or .txt with a text a line"));
    m_browse = makeButton("many.browse", tr("Browse…"), this);
    auto* label = new QLabel(tr("Prompts"), this);
    label->setBuddy(m_source);
    m_grid->addWidget(label, 0, 0);
    m_grid->addWidget(m_source, 0, 1);
    m_grid->addWidget(m_graded, 0, 2);
    m_grid->addWidget(m_file, 1, 1);
    m_grid->addWidget(m_browse, 1, 2);
    connect(m_source, &QComboBox::currentIndexChanged, this, &ManyDialog::refresh);
    connect(m_file, &QLineEdit::textChanged, this, &ManyDialog::refresh);
    connect(m_browse, &QPushButton::clicked, this, [this] {
        const QString file = askForFile(*this, {QStringLiteral("prompts"), tr("Prompts"),
                                                tr("Prompts (*.jsonl *.txt);;All files (*)")});
        if (!file.isEmpty()) {
            m_file->setText(file);
        }
    });
}

void ManyDialog::buildBatch() {
    m_batching = new ChoiceBox(this);
    m_batching->setObjectName(QStringLiteral("many.batching"));
    m_batching->setAccessibleName(tr("Which tokens run together"));
    m_batching->addItem(tr("Tokens of any recursion"), static_cast<int>(settings::Batching::Depth));
    m_batching->addItem(tr("Tokens of one recursion"),
                        static_cast<int>(settings::Batching::Sequence));
    m_batching->setToolTip(tr("Of any recursion: who leaves is replaced at once, so that batches "
                              "stay full"));
    m_rows = new QSpinBox(this);
    m_rows->setObjectName(QStringLiteral("many.rows"));
    m_rows->setAccessibleName(tr("Rows of a batch"));
    m_rows->setRange(1, settings::kMostBatchRows);
    m_rows->setValue(settings::BatchSettings().rows);
    m_rows->setSuffix(tr(" rows"));
    m_compares = new TickBox(tr("Compare with full depth"), this);
    m_compares->setObjectName(QStringLiteral("many.compares"));
    m_compares->setChecked(true);
    m_compares->setToolTip(tr("Generates the same prompts once more with every recursion for every "
                              "token, to measure the time saved"));
    for (QSpinBox* box : {m_graded, m_rows}) {
        box->setButtonSymbols(QAbstractSpinBox::NoButtons);
        box->setAlignment(Qt::AlignRight);
    }
    auto* label = new QLabel(tr("Batches"), this);
    label->setBuddy(m_batching);
    m_grid->addWidget(label, 2, 0);
    m_grid->addWidget(m_batching, 2, 1);
    m_grid->addWidget(m_rows, 2, 2);
    m_grid->addWidget(m_compares, 3, 1, 1, 2);
}

void ManyDialog::buildButtons(QVBoxLayout& column) {
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    m_start = makeButton("many.start", tr("Generate"), this);
    m_start->setProperty("primary", true);
    m_start->setDefault(true);
    m_stop = makeButton("many.stop", tr("Stop"), this);
    m_save = makeButton("many.save", tr("Save…"), this);
    m_save->setToolTip(tr("A JSON object a line, as generate --prompts writes them"));
    m_lanes = makeButton("many.lanes", tr("Show lanes"), this);
    m_lanes->setToolTip(tr("Closes this dialog, which keeps its texts, and shows LANES"));
    m_close = makeButton("many.close", tr("Close"), this);
    for (QPushButton* button : {m_stop, m_save, m_lanes, m_close, m_browse}) {
        button->setAutoDefault(false); // Enter generates
    }
    for (QPushButton* button : {m_start, m_stop, m_save, m_lanes}) {
        buttons->addWidget(button);
    }
    buttons->addStretch(1);
    buttons->addWidget(m_close);
    column.addLayout(buttons);
    connect(m_start, &QPushButton::clicked, this, &ManyDialog::start);
    connect(m_stop, &QPushButton::clicked, &m_texts, &lab::ManyTexts::stop);
    connect(m_save, &QPushButton::clicked, this, &ManyDialog::save);
    connect(m_lanes, &QPushButton::clicked, this, [this] {
        close();
        Q_EMIT lanesRequested();
    });
    connect(m_close, &QPushButton::clicked, this, &QDialog::close);
}

void ManyDialog::buildResults() {
    m_bar = new QProgressBar(this);
    m_bar->setRange(0, kBarSteps);
    m_bar->setTextVisible(false);
    m_bar->setAccessibleName(tr("Progress of the texts"));
    m_state = new QLabel(this);
    m_state->setObjectName(QStringLiteral("many.state"));
    m_state->setWordWrap(true);
    m_table = new QTableView(this);
    m_table->setObjectName(QStringLiteral("many.results"));
    m_table->setAccessibleName(tr("Texts"));
    m_table->setModel(new ManyRows(m_texts, this));
    QHeaderView& head = *m_table->horizontalHeader();
    head.setResizeContentsPrecision(0); // by the rows in sight
    for (const int column : {ManyRows::Request, ManyRows::Tokens, ManyRows::MeanDepth}) {
        head.setSectionResizeMode(column, QHeaderView::ResizeToContents);
    }
    head.setSectionResizeMode(ManyRows::Text, QHeaderView::Stretch);
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->hide();
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setMinimumHeight(kTableHeight);
    makeRowsCopyable(*m_table);
}

lab::ManyTexts::Asked ManyDialog::asked() const {
    lab::ManyTexts::Asked asked;
    if (m_source->currentData().toInt() == PromptFile) {
        asked.file = m_file->text();
    }
    asked.graded = m_graded->value();
    asked.batch.rows = m_rows->value();
    asked.batch.batching = static_cast<settings::Batching>(m_batching->currentData().toInt());
    asked.comparesFullDepth = m_compares->isEnabled() && m_compares->isChecked();
    return asked;
}

void ManyDialog::start() {
    m_failed = false;
    m_bar->setValue(0);
    m_state->setText(tr("Starting…"));
    m_texts.start(asked());
    refresh();
    if (m_texts.isRunning()) {
        m_stop->setFocus(); // Generate cannot keep it
    }
}

void ManyDialog::save() {
    const QString name = askForNewFile(
        *this, {QStringLiteral("prompts"), tr("Save texts"), tr("JSON lines (*.jsonl)")},
        QStringLiteral("texts.jsonl"));
    if (name.isEmpty()) {
        return;
    }
    const std::string lines = m_texts.lines();
    QSaveFile file(name);
    const auto size = static_cast<qint64>(lines.size());
    if (!file.open(QIODevice::WriteOnly) || file.write(lines.data(), size) != size ||
        !file.commit()) {
        m_state->setText(tr("%1 was not saved: %2\nChoose a folder that you can write to.")
                             .arg(name, file.errorString()));
    } else {
        m_state->setText(tr("Saved to %1.").arg(name));
        setWindowModified(false);
    }
    m_state->show();
}

/// The time that LANES shows.
void ManyDialog::showSummary() {
    if (const trace::LanesPtr lanes = m_texts.lanes()) {
        const auto tokens = static_cast<double>(lanes->tokens);
        const double rate = lanes->seconds > 0 ? tokens / lanes->seconds : 0;
        m_state->setText(tr("%1 tokens in %2 s, %3 tokens/s.")
                             .arg(QLocale().toString(static_cast<qlonglong>(lanes->tokens)),
                                  QLocale().toString(lanes->seconds, 'f', 2),
                                  QLocale().toString(rate, 'f', 0)));
    } else if (!m_texts.rows().empty()) {
        m_state->setText(tr("Stopped."));
    } else {
        m_state->clear();
    }
}

/// A generation that is under way keeps the rule that it began with.
void ManyDialog::showRule() {
    const auto model = m_lab.model();
    if (m_texts.isRunning()) {
        return;
    }
    QString words;
    if (model && !model->clip) {
        const settings::RoutingSettings& routing = m_lab.settings().routing;
        const QString used = generationRule(*model, routing);
        const QString replaced = replacedRule(*model, routing);
        words =
            replaced.isEmpty()
                ? tr("Uses the rule of ROUTING: %1.").arg(used)
                : tr("Uses %1. The rule of ROUTING, %2, needs the whole text.").arg(used, replaced);
    }
    m_rule->setText(words);
    m_rule->setVisible(!words.isEmpty());
}

void ManyDialog::refresh() {
    const auto model = m_lab.model();
    const bool running = m_texts.isRunning();
    const bool fromFile = m_source->currentData().toInt() == PromptFile;
    const bool isText = model && !model->clip;
    const bool hasPrompts = !fromFile || !m_file->text().isEmpty();
    m_graded->setVisible(!fromFile);
    m_file->setVisible(fromFile);
    m_browse->setVisible(fromFile);
    for (QWidget* field : std::initializer_list<QWidget*>{m_source, m_graded, m_file, m_browse,
                                                          m_rows, m_batching}) {
        field->setEnabled(!running);
    }
    m_compares->setEnabled(!running && model && model->recursions > 1);
    m_start->setEnabled(!running && m_lab.live() && isText && hasPrompts);
    m_stop->setEnabled(running);
    m_save->setEnabled(!running && m_texts.hasLines());
    m_bar->setVisible(running);
    if (!m_start->isEnabled() && !running && m_texts.rows().empty() && !m_failed) {
        m_state->setText(!m_lab.live() || !isText ? tr("Load a language model first.")
                                                  : tr("Choose a prompt file."));
    }
    m_state->setVisible(!m_state->text().isEmpty());
    showRule();
}

} // namespace depthscope::panels
