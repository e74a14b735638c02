// SPDX-License-Identifier: MIT
#include "widgets/panels/train_panel.h"

#include "widgets/lab/lab_controller.h"
#include "widgets/panels/capacity_form.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/form_scroll.h"
#include "widgets/panels/instrument_panel.h"
#include "widgets/panels/kept_folder.h"
#include "widgets/panels/path_edit.h"
#include "widgets/panels/recipe_dialog.h"
#include "widgets/panels/theme_style.h"
#include "widgets/panels/train_controller.h"
#include "widgets/panels/train_data.h"
#include "widgets/panels/training_clip_view.h"
#include "widgets/panels/training_estimate.h"

#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTextDocument>
#include <QTextOption>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace depthscope::panels {

namespace {

constexpr int kFormWidth = 368;
constexpr int kWidth = 1100;
constexpr int kHeight = 276;
constexpr int kLeastHeight = 180;
constexpr int kSampleLines = 9; // a sample of the usual length
constexpr int kBarSteps = 1000;

} // namespace

TrainPanel::TrainPanel(lab::LabController& lab,
                       InstrumentPanel& curves,
                       const scene::TextService& text,
                       QWidget* parent)
    : QWidget(parent)
    , m_lab(lab)
    , m_text(text)
    , m_train(new TrainController(lab, this)) {
    auto* form = new QWidget(this);
    auto* column = new QVBoxLayout(form);
    column->setContentsMargins(12, 4, 12, 4);
    column->setSpacing(6);
    m_help = new QLabel(this);
    m_help->setObjectName(QStringLiteral("muted"));
    m_help->setWordWrap(true);
    m_fields = new QWidget(form);
    auto* grid = new QGridLayout(m_fields);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(4);
    grid->setColumnMinimumWidth(0, formLabelWidth(*this));
    grid->setColumnStretch(1, 1);
    buildFields(*grid);
    buildButtons();
    buildProgress();
    column->addWidget(m_fields);
    column->addWidget(m_clip);
    column->addWidget(m_help);
    column->addWidget(m_sample, 1);
    column->addStretch(0);
    m_scroll = new FormScroll(form, this);
    auto* left = new QWidget(this);
    left->setMaximumWidth(kFormWidth);
    auto* leftColumn = new QVBoxLayout(left);
    leftColumn->setContentsMargins(0, 0, 0, 0);
    leftColumn->setSpacing(0);
    leftColumn->addWidget(m_scroll, 1);
    leftColumn->addLayout(footer());
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(left);
    row->addWidget(&curves, 1);
    connect(m_train, &TrainController::changed, this, &TrainPanel::refresh);
    connect(m_train, &TrainController::failed, this, &TrainPanel::failed);
    suggestFolder();
    refresh();
}

QLayout* TrainPanel::footer() {
    auto* footer = new QVBoxLayout;
    footer->setContentsMargins(12, 4, 12, 8);
    footer->setSpacing(4);
    footer->addWidget(m_bar);
    auto* state = new QHBoxLayout;
    state->setSpacing(8);
    state->addWidget(m_state, 1);
    state->addWidget(m_next, 0, Qt::AlignTop);
    footer->addLayout(state);
    footer->addWidget(m_estimate);
    footer->addWidget(m_figures);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    for (QPushButton* button : {m_start, m_pause, m_stop}) {
        buttons->addWidget(button);
    }
    buttons->addStretch(1);
    buttons->addWidget(m_open);
    footer->addLayout(buttons);
    return footer;
}

void TrainPanel::buildFields(QGridLayout& grid) {
    const auto add = [&](const QString& text, QWidget* field, QWidget* beside) {
        auto* label = new QLabel(text, this);
        label->setBuddy(field);
        const int row = grid.rowCount();
        grid.addWidget(label, row, 0);
        grid.addWidget(field, row, 1, 1, beside ? 1 : 2);
        if (beside) {
            grid.addWidget(beside, row, 2);
        }
        return label;
    };
    m_preset = new ChoiceBox(this);
    m_preset->setObjectName(QStringLiteral("train.preset"));
    m_preset->setAccessibleName(tr("Recipe to train"));
    for (const spec::PresetInfo& preset : m_train->presets()) {
        m_preset->addItem(QString::fromStdString(preset.name));
    }
    m_recipe = makeButton("train.recipe", tr("Change…"), this);
    m_recipe->setToolTip(tr("Shape, recursion, router and schedule of the recipe"));
    add(tr("Recipe"), m_preset, m_recipe);
    m_data = new ChoiceBox(this);
    m_data->setObjectName(QStringLiteral("train.data"));
    m_data->setAccessibleName(tr("What to train on"));
    add(tr("Data"), m_data, nullptr);
    m_file = new PathEdit(this);
    m_file->setObjectName(QStringLiteral("train.text"));
    m_file->setAccessibleName(tr("Text file, or folder of videos"));
    m_browseText = makeButton("train.browse-text", tr("Browse…"), this);
    m_fileLabel = add(tr("File"), m_file, m_browseText);
    m_steps = new QSpinBox(this);
    m_steps->setObjectName(QStringLiteral("train.steps"));
    m_steps->setAccessibleName(tr("Optimiser steps"));
    m_steps->setToolTip(tr("Optimiser steps; 0 uses the recipe's number"));
    m_steps->setRange(0, 100'000'000);
    m_steps->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_steps->setAlignment(Qt::AlignRight);
    add(tr("Steps"), m_steps, nullptr);
    m_folder = new PathEdit(this);
    m_folder->setObjectName(QStringLiteral("train.out"));
    m_folder->setAccessibleName(tr("Folder for the trained model"));
    m_browseFolder = makeButton("train.browse-out", tr("Browse…"), this);
    add(tr("Folder"), m_folder, m_browseFolder);
    connect(m_browseText, &QPushButton::clicked, this, &TrainPanel::askText);
    connect(m_browseFolder, &QPushButton::clicked, this, &TrainPanel::askFolder);
    connect(m_recipe, &QPushButton::clicked, this, &TrainPanel::changeRecipe);
    connect(m_preset, &QComboBox::currentIndexChanged, this, [this] {
        m_changes.clear();
        fillData();
        suggestFolder();
        refresh();
    });
    fillData();
    connect(m_data, &QComboBox::currentIndexChanged, this, [this] {
        chooseData();
        refresh();
    });
    connect(m_file, &QLineEdit::textChanged, this, [this] {
        chooseData();
        refresh();
    });
    connect(m_folder, &QLineEdit::textChanged, this, &TrainPanel::refresh);
    connect(m_steps, &QSpinBox::valueChanged, this, &TrainPanel::refresh);
}

void TrainPanel::buildButtons() {
    m_start = makeButton("train.start", tr("Start"), this);
    m_start->setProperty("primary", true);
    m_pause = makeButton("train.pause", tr("Pause"), this);
    m_pause->setToolTip(tr("Stops and keeps a checkpoint; Resume continues from it"));
    m_stop = makeButton("train.stop", tr("Stop"), this);
    m_stop->setToolTip(tr("Ends the training; its checkpoint stays in the folder"));
    m_open = makeButton("train.open", tr("Open in lab"), this);
    m_open->setToolTip(tr("Opens this checkpoint, the finished model or the best so far"));
    connect(m_start, &QPushButton::clicked, this, &TrainPanel::start);
    connect(m_pause, &QPushButton::clicked, this, &TrainPanel::pauseOrGoOn);
    connect(m_stop, &QPushButton::clicked, m_train, &TrainController::stop);
    connect(m_open, &QPushButton::clicked, this, [this] { Q_EMIT openRequested(modelFolder()); });
}

void TrainPanel::buildProgress() {
    m_bar = new QProgressBar(this);
    m_bar->setAccessibleName(tr("Progress of the training"));
    m_bar->setRange(0, kBarSteps);
    m_bar->setTextVisible(false);
    m_bar->setFixedHeight(4);
    m_state = new QLabel(this);
    m_state->setWordWrap(true);
    m_state->setAccessibleName(tr("State of the training"));
    m_next = makeButton("train.next-folder", tr("Use a free folder"), this);
    connect(m_next, &QPushButton::clicked, this, &TrainPanel::takeNextFolder);
    m_estimate = new TrainingEstimate(m_lab, this);
    m_figures = new QLabel(this);
    m_figures->setObjectName(QStringLiteral("muted"));
    m_figures->setWordWrap(true);
    m_sample = new QPlainTextEdit(this);
    m_sample->setReadOnly(true);
    m_sample->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    m_sample->setAccessibleName(tr("Sample text from the model in training"));
    m_clip = new TrainingClipView(this);
    m_clip->hide();
}

void TrainPanel::setTheme(const scene::Theme& theme) {
    static_cast<QGridLayout*>(m_fields->layout())
        ->setColumnMinimumWidth(0, formLabelWidth(*m_fields));
    m_sample->setFont(monoFont(theme));
    m_sample->setMinimumHeight(kSampleLines * m_sample->fontMetrics().lineSpacing() +
                               2 * static_cast<int>(m_sample->document()->documentMargin() + 5));
    m_scroll->parentWidget()->setMaximumWidth(
        static_cast<int>(std::lround(kFormWidth * theme.zoom)));
}

QSize TrainPanel::sizeHint() const {
    return {kWidth, kHeight};
}

QSize TrainPanel::minimumSizeHint() const {
    return {std::max(kFormWidth, QWidget::minimumSizeHint().width()), kLeastHeight};
}

void TrainPanel::suggestFolder() {
    const bool chosen = !m_folder->text().isEmpty() && m_folder->text() != m_suggested;
    if (m_preset->currentIndex() < 0 || m_train->isBusy() || chosen) {
        return;
    }
    m_suggested = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) +
                  QStringLiteral("/depthscope/trained/") + m_preset->currentText();
    if (!m_changes.empty()) {
        // A changed recipe does not go on with the training of another.
        const QString changed = m_suggested + QStringLiteral("-changed-%1");
        int number = 1;
        while (QFileInfo::exists(changed.arg(number))) {
            ++number;
        }
        m_suggested = changed.arg(number);
    }
    m_folder->setText(m_suggested);
}

bool TrainPanel::hasCheckpoint() const {
    return QFileInfo::exists(m_folder->text() + QStringLiteral("/checkpoint.safetensors"));
}

bool TrainPanel::clashes() const {
    const runtime::TrainRequest& last = m_train->request();
    const bool same = last.outFolder == m_folder->text().toStdString() && last.recipe == m_changes;
    return hasCheckpoint() && !m_changes.empty() && !same;
}

bool TrainPanel::isFinished() const {
    return hasCheckpoint() &&
           QFileInfo::exists(m_folder->text() + QStringLiteral("/training.json"));
}

QString TrainPanel::modelFolder() const {
    for (const QString& folder : {m_folder->text(), m_folder->text() + QStringLiteral("/best")}) {
        if (QFileInfo::exists(folder + QStringLiteral("/config.json"))) {
            return folder;
        }
    }
    return {};
}

bool TrainPanel::isChoosing() const {
    const TrainState state = m_train->state();
    return !m_train->isBusy() && state != TrainState::Paused &&
           (state != TrainState::Finished || m_another);
}

bool TrainPanel::learnsClips() const {
    const auto index = static_cast<std::size_t>(std::max(0, m_preset->currentIndex()));
    return index < m_train->presets().size() && m_train->presets()[index].macsPerClip > 0;
}

void TrainPanel::start() {
    if (!isChoosing()) { // the button reads New
        m_another = true;
        refresh();
        return;
    }
    m_another = false;
    m_train->start(request());
}

void TrainPanel::pauseOrGoOn() {
    if (m_train->state() == TrainState::Paused) {
        m_train->resume();
    } else {
        m_train->pause();
    }
}

void TrainPanel::changeRecipe() {
    auto* dialog = new RecipeDialog(m_text, m_preset->currentText(), m_changes, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        m_changes = dialog->changes();
        fillData();
        suggestFolder();
        refresh();
    });
    dialog->open();
}

void TrainPanel::askText() {
    const QString file =
        learnsClips()
            ? askForFolder(*this, {QStringLiteral("videos"), tr("Folder of videos to learn")})
            : askForFile(*this, {QStringLiteral("text"), tr("Text to train on")});
    if (!file.isEmpty()) {
        m_file->setText(file);
    }
}

void TrainPanel::askFolder() {
    const QString folder =
        askForFolder(*this, {QStringLiteral("trained"), tr("Folder for the trained model")});
    if (!folder.isEmpty()) {
        m_folder->setText(folder);
    }
}

void TrainPanel::refresh() {
    const TrainState state = m_train->state();
    const bool paused = state == TrainState::Paused;
    const bool withText =
        learnsClips() ? learnsOwn() : m_data->currentData().toInt() != TrainData::Graded;
    const auto index = static_cast<std::size_t>(std::max(0, m_preset->currentIndex()));
    const bool known = index < m_train->presets().size();
    if (known) {
        m_steps->setSpecialValueText(tr("%1 (the recipe's)").arg(m_train->presets()[index].steps));
    }
    // Of one under way or finished its words are worth more than the fields.
    const bool choosing = isChoosing();
    m_fields->setVisible(choosing);
    m_recipe->setEnabled(known);
    m_fileLabel->setText(learnsClips() ? tr("Videos") : tr("File"));
    m_help->setText(recipeText());
    m_help->setVisible(known);
    m_fileLabel->setVisible(withText);
    m_file->setVisible(withText);
    m_browseText->setVisible(withText);
    const bool stoppable = state == TrainState::Running || paused;
    m_pause->setEnabled(stoppable);
    if (stoppable && m_start->hasFocus()) {
        m_pause->setFocus(); // else Qt gives it to whatever stands next
    }
    const bool complete = known && !isFinished() && !clashes() && !m_folder->text().isEmpty() &&
                          (!withText || !m_file->text().isEmpty());
    const bool finished = state == TrainState::Finished && !m_another;
    m_start->setEnabled(finished || (choosing && complete));
    m_start->setText(finished                                       ? tr("New…")
                     : choosing && hasCheckpoint() && !isFinished() ? tr("Resume")
                                                                    : tr("Start"));
    m_pause->setText(paused ? tr("Resume") : tr("Pause"));
    m_stop->setEnabled(stoppable);
    m_open->setEnabled(!modelFolder().isEmpty());
    m_state->setText(stateText());
    m_state->setVisible(!m_state->text().isEmpty());
    offerNextFolder();
    refreshEstimate();
    refreshFigures();
}

} // namespace depthscope::panels
