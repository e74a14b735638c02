// SPDX-License-Identifier: MIT
#include "widgets/lab/training_trial.h"

#include "engine/spec/preset_info.h"
#include "widgets/lab/lab_controller.h"

#include <QFile>
#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

namespace depthscope::lab {

namespace {

constexpr int kSteps = 1'000'000; // never reached: the trial is stopped
constexpr double kLeastSteps = 3;
constexpr double kEnoughSeconds = 2;
constexpr double kLongSeconds = 20; // then one step is enough
constexpr int kLines = 1500;        // of text: some 100 KB, read and tokenised in no time

constexpr QLatin1String kText("text.txt");

bool writeText(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)) {
        return false;
    }
    for (int line = 0; line < kLines; ++line) {
        file.write(QByteArray("The train that left at ") + QByteArray::number(line * 37 % 1440) +
                   " passed the old mill by the river and went on.\n");
    }
    return file.error() == QFileDevice::NoError;
}

/// Of a model that learns clips.
bool learnsClips(const std::string& preset) {
    return std::ranges::any_of(spec::presetInfos(), [&](const spec::PresetInfo& info) {
        return info.name == preset && info.macsPerClip > 0;
    });
}

/// The same work a step, whatever is to be learned.
runtime::TrainRequest trialOf(const runtime::TrainRequest& training, const QTemporaryDir& folder) {
    runtime::TrainRequest trial;
    trial.preset = training.preset;
    trial.recipe = training.recipe;
    // Batches of own videos are as large as those of procedural clips.
    std::erase_if(trial.recipe, [](const settings::RecipeChange& change) {
        return change.name == "data" || change.name == "every" || change.name == "evaluate_every";
    });
    trial.recipe.push_back({"evaluate_every", std::to_string(kSteps)});
    trial.outFolder = folder.filePath(QStringLiteral("trial")).toStdString();
    trial.steps = kSteps;
    if (!learnsClips(training.preset)) {
        trial.textFile = folder.filePath(kText).toStdString();
    }
    return trial;
}

} // namespace

TrainingTrial::TrainingTrial(LabController& lab, QObject* parent)
    : QObject(parent)
    , m_lab(lab) {
    connect(&m_lab, &LabController::taskEvent, this, &TrainingTrial::onEvent);
}

TrainingTrial::~TrainingTrial() {
    stop();
}

void TrainingTrial::start(const runtime::TrainRequest& training) {
    stop();
    auto folder = std::make_unique<QTemporaryDir>();
    if (!folder->isValid() || !writeText(folder->filePath(kText))) {
        Q_EMIT failed(tr("%1: no room for a trial").arg(folder->path()));
        return;
    }
    m_job = m_lab.startTask(trialOf(training, *folder));
    m_folders[m_job] = std::move(folder);
}

void TrainingTrial::stop() {
    if (m_job != 0) {
        m_lab.stopTask(std::exchange(m_job, 0));
    }
}

void TrainingTrial::onEvent(const runtime::Event& event) {
    if (const auto* news = std::get_if<runtime::JobProgress>(&event)) {
        if (news->job == m_job && news->secondsLeft >= 0) { // a step, not the preparation
            onProgress(*news);
        }
    } else if (const auto* ended = std::get_if<runtime::JobEnded>(&event)) {
        m_folders.erase(ended->job);
        if (m_job != 0 && ended->job == m_job) {
            m_job = 0;
            Q_EMIT failed(ended->error ? QString::fromStdString(ended->error->message() + ". " +
                                                                ended->error->hint())
                                       : tr("the trial ended early"));
        }
    }
}

void TrainingTrial::onProgress(const runtime::JobProgress& news) {
    const double done = std::round(news.fraction * kSteps);
    if (done < 1) {
        return;
    }
    const double perStep = news.secondsLeft / (kSteps - done);
    const double spent = perStep * done;
    if ((done >= kLeastSteps && spent >= kEnoughSeconds) || spent >= kLongSeconds) {
        stop();
        Q_EMIT measured({perStep, static_cast<std::int64_t>(done), true});
    }
}

} // namespace depthscope::lab
