// SPDX-License-Identifier: MIT
// What the Train dock says: of the recipe, of how it goes, in figures.
#include "widgets/lab/model_catalog.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/free_folder.h"
#include "widgets/panels/path_edit.h"
#include "widgets/panels/train_controller.h"
#include "widgets/panels/train_panel.h"
#include "widgets/panels/training_clip_view.h"
#include "widgets/panels/training_estimate.h"
#include "widgets/scene/text_service.h"

#include <QFileInfo>
#include <QLabel>
#include <QLocale>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QStringList>
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace depthscope::panels {

namespace {

QString timeText(double seconds) {
    const auto whole = static_cast<long long>(std::llround(seconds));
    const auto two = [](long long n) {
        return QStringLiteral("%1").arg(n, 2, 10, QLatin1Char('0'));
    };
    return whole >= 3600 ? QStringLiteral("%1:%2:%3")
                               .arg(whole / 3600)
                               .arg(two(whole / 60 % 60), two(whole % 60))
                         : QStringLiteral("%1:%2").arg(whole / 60).arg(two(whole % 60));
}

} // namespace

/// What is, or would be, trained on what.
QString TrainPanel::recipeText() const {
    const auto index = static_cast<std::size_t>(std::max(0, m_preset->currentIndex()));
    if (index >= m_train->presets().size()) {
        return {};
    }
    const spec::PresetInfo& preset = m_train->presets()[index];
    QString help = QString::fromStdString(preset.help);
    help = help.left(1).toUpper() + help.mid(1);
    QString text =
        isChoosing()
            ? tr("%1. %2.").arg(help,
                                lab::ModelCatalog::headOf(QString::fromStdString(preset.family)))
            : tr("%1 on %2, into %3.")
                  .arg(m_preset->currentText(),
                       learnsOwn() ? tr("the videos of %1").arg(m_file->text())
                       : learnsClips()
                           ? tr("procedural clips (%1)").arg(m_data->currentData().toString())
                           : m_data->currentText().toLower(),
                       m_folder->text());
    QStringList changes;
    for (const settings::RecipeChange& change : m_changes) {
        changes << QString::fromStdString(change.name) + QLatin1Char(' ') +
                       QString::fromStdString(change.value);
    }
    if (!changes.isEmpty()) {
        text += QLatin1Char(' ') + tr("Changed: %1.").arg(changes.join(QStringLiteral(", ")));
    }
    return text;
}

QString TrainPanel::stateText() const {
    const runtime::JobProgress& progress = m_train->progress();
    if (isChoosing() && clashes() && !isFinished()) {
        return tr("The training in this folder has a different recipe: train in another folder, "
                  "or undo the changes to resume it.");
    }
    switch (m_another ? TrainState::Idle : m_train->state()) {
    case TrainState::Idle:
        return isFinished()      ? tr("This folder holds a finished training.")
               : hasCheckpoint() ? tr("This folder has a checkpoint: training resumes from it.")
                                 : QString();
    case TrainState::Running: {
        QString text =
            progress.what.empty() ? tr("Starting…") : QString::fromStdString(progress.what);
        if (progress.secondsLeft >= 0) {
            text += tr(", %1 left").arg(timeText(progress.secondsLeft));
        }
        return text;
    }
    case TrainState::Pausing:
    case TrainState::Stopping:
        return tr("Writing the checkpoint…");
    case TrainState::Paused:
        return tr("Paused. The checkpoint is kept.");
    case TrainState::Stopped:
        return tr("Stopped. The checkpoint is kept; Resume continues from it.");
    case TrainState::Finished:
        return tr("Finished: the model is in the folder.");
    case TrainState::Failed:
        break;
    }
    return tr("Stopped by an error; see the message above.");
}

/// With one click, where the folder is taken.
void TrainPanel::offerNextFolder() {
    constexpr int kShownLetters = 24;
    const bool isTaken = isChoosing() && (isFinished() || clashes());
    m_next->setVisible(isTaken);
    if (isTaken) {
        const QString next = nextFreeFolder(m_folder->text());
        const QString words = tr("Use %1").arg(QFileInfo(next).fileName());
        m_next->setText(m_next->fontMetrics().elidedText(
            words, Qt::ElideMiddle, kShownLetters * m_next->fontMetrics().averageCharWidth()));
        m_next->setAccessibleName(words);
        m_next->setToolTip(next);
    }
}

void TrainPanel::takeNextFolder() {
    m_suggested = nextFreeFolder(m_folder->text());
    m_folder->setText(m_suggested);
    m_start->setFocus(); // the button that was pressed is gone
}

void TrainPanel::remember() {
    m_estimate->remember();
}

/// Of the training that is being chosen; one under way is what the next one goes by.
void TrainPanel::refreshEstimate() {
    const auto& points = m_train->training().points;
    if (m_train->hasReported() && points.back().step > 0) {
        const trace::TrainingPoint& last = points.back();
        m_estimate->learn(m_train->request(),
                          {last.seconds / static_cast<double>(last.step), last.step, false});
    }
    const auto index = static_cast<std::size_t>(std::max(0, m_preset->currentIndex()));
    if (!isChoosing() || isFinished() || clashes() || index >= m_train->presets().size()) {
        m_estimate->setPlan(std::nullopt);
        return;
    }
    TrainingPlan plan{request(), m_steps->value(), 0};
    if (plan.steps == 0) {
        plan.steps = m_train->presets()[index].steps;
    }
    if (plan.request.resume) {
        plan.done = lab::stepsTrained(m_folder->text());
    }
    m_estimate->setPlan(std::move(plan));
}

void TrainPanel::refreshFigures() {
    const TrainState state = m_train->state();
    const double share = state == TrainState::Finished ? 1 : m_train->progress().fraction;
    m_bar->setValue(static_cast<int>(share * m_bar->maximum()));
    m_bar->setVisible(state != TrainState::Idle);
    const auto& points = m_train->training().points;
    m_figures->setVisible(m_train->hasReported());
    if (m_train->hasReported()) {
        const trace::TrainingPoint& last = points.back();
        const QLocale locale;
        m_figures->setText(
            tr("%1 tokens/s, %2 so far, validation %3 %5, peak memory %4")
                .arg(locale.toString(last.tokensPerSecond, 'f', 0), timeText(last.seconds),
                     locale.toString(last.valLoss, 'f', 3),
                     locale.formattedDataSize(m_train->peakBytes(), 0),
                     QString::fromStdString(m_text.translate(m_train->training().unit.c_str()))));
    }
    m_clip->setClip(m_train->clip());
    m_sample->setVisible(!m_train->sample().isEmpty());
    if (m_shownSample != m_train->sample()) { // the edit's own text has other white space
        m_shownSample = m_train->sample();
        m_sample->setPlainText(m_shownSample);
    }
}

} // namespace depthscope::panels
