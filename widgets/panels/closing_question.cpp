// SPDX-License-Identifier: MIT
#include "widgets/panels/closing_question.h"

#include "widgets/lab/lab_controller.h"
#include "widgets/lab/unsaved_result.h"
#include "widgets/lab/window_task.h"
#include "widgets/panels/file_commands.h"
#include "widgets/panels/train_controller.h"

#include <QLocale>
#include <QMessageBox>
#include <QPushButton>
#include <QTimer>
#include <utility>

namespace depthscope::panels {

ClosingQuestion::ClosingQuestion(lab::LabController& lab,
                                 TrainController& train,
                                 FileCommands& files,
                                 QWidget* window)
    : QObject(window)
    , m_lab(lab)
    , m_train(train)
    , m_files(files)
    , m_window(window) {
    // Queued: whoever emits these is in the middle of its work.
    connect(
        &m_train, &TrainController::changed, this,
        [this] {
            if (!m_train.isBusy() && std::exchange(m_waitsForTraining, false)) {
                m_window->close();
            }
        },
        Qt::QueuedConnection);
    connect(
        &m_lab, &lab::LabController::recordingSaved, this,
        [this] {
            if (std::exchange(m_waitsForSaving, false)) {
                m_window->close();
            }
        },
        Qt::QueuedConnection);
    connect(&m_lab, &lab::LabController::errorRaised, this, [this] { m_waitsForSaving = false; });
}

bool ClosingQuestion::mayClose() {
    if (m_box != nullptr) {
        m_box->raise();
        return false;
    }
    const TrainState training = m_train.state();
    if (training == TrainState::Pausing || training == TrainState::Stopping) {
        m_waitsForTraining = true; // for its checkpoint
        return false;
    }
    const QStringList work = runningWork();
    if (m_train.isBusy()) {
        askAboutTraining(work);
        return false;
    }
    if (!work.isEmpty() && !m_workMayEnd) {
        askAboutWork(work);
        return false;
    }
    const auto seconds = lab::unsavedSeconds(m_lab);
    if (seconds && *seconds >= lab::kDearSeconds && !m_resultMayGo) {
        askAboutResult(*seconds);
        return false;
    }
    return true;
}

QStringList ClosingQuestion::runningWork() const {
    QStringList work;
    const auto tasks = m_lab.findChildren<lab::WindowTask*>(QString(), Qt::FindDirectChildrenOnly);
    for (const lab::WindowTask* task : tasks) {
        if (task->isRunning()) {
            work << task->title();
        }
    }
    return work;
}

void ClosingQuestion::askAboutTraining(const QStringList& otherWork) {
    const QString preset = QString::fromStdString(m_train.request().preset);
    const QString where = QString::fromStdString(m_train.progress().what);
    QStringList more{where.isEmpty() ? preset : tr("%1, %2.").arg(preset, where)};
    more << (m_train.progress().fraction > 0
                 ? tr("Either way it stops now and its checkpoint stays in its folder. Close and "
                      "continue later: the next start offers to resume from there.")
                 : tr("It has taken no step yet. Close and continue later: the next start offers "
                      "to begin it."));
    if (!otherWork.isEmpty()) {
        more << tr("Closing also stops: %1.").arg(otherWork.join(QStringLiteral(", ")));
    }
    ask(tr("A training is running"), more.join(QStringLiteral("\n\n")),
        {{"closing.continue", tr("Close and continue later"), [this] { endTraining(true); }},
         {"closing.stop", tr("Stop and close"), [this] { endTraining(false); }},
         {"closing.cancel", tr("Cancel"), nullptr}});
}

void ClosingQuestion::askAboutWork(const QStringList& work) {
    ask(tr("Work is not finished"),
        tr("Closing the window stops it:") + QLatin1Char('\n') + work.join(QLatin1Char('\n')),
        {{"closing.cancel", tr("Keep working"), nullptr},
         {"closing.stop", tr("Stop and close"), [this] {
              m_workMayEnd = true;
              m_window->close();
          }}});
}

void ClosingQuestion::askAboutResult(double seconds) {
    const bool isClip = m_lab.model() && m_lab.model()->clip;
    ask(isClip ? tr("Save the predicted clip?") : tr("Save the generated text?"),
        tr("It took %1 s to compute and is in no file. The prompt and all settings come back at "
           "the next start, the result does not.")
            .arg(QLocale().toString(seconds, 'f', 0)),
        {{"closing.save", tr("Save…"), [this] { saveThenClose(); }},
         {"closing.discard", tr("Discard"),
          [this] {
              m_resultMayGo = true;
              m_window->close();
          }},
         {"closing.cancel", tr("Cancel"), nullptr}});
}

/// The first answer is the default, and what Escape means is the one that keeps the window.
void ClosingQuestion::ask(const QString& text, const QString& more, const QList<Answer>& answers) {
    auto* box = new QMessageBox(QMessageBox::NoIcon, tr("Close Depthscope"), text,
                                QMessageBox::NoButton, m_window);
    box->setObjectName(QStringLiteral("closing"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setInformativeText(more);
    m_box = box;
    for (const Answer& answer : answers) {
        const bool isFirst = &answer == &answers.front();
        auto* button = new QPushButton(answer.text);
        button->setObjectName(QString::fromLatin1(answer.name));
        button->setProperty("primary", isFirst); // before the style sees it
        // One role for all: they stand in the order given, whatever the desktop.
        box->addButton(button, QMessageBox::ActionRole);
        if (isFirst) {
            box->setDefaultButton(button);
        }
        if (!answer.does) {
            box->setEscapeButton(button);
        }
        // After the box has gone: an answer may show the next one.
        connect(button, &QPushButton::clicked, this, [this, does = answer.does] {
            m_box = nullptr;
            QTimer::singleShot(0, this, [this, does] { does ? does() : stay(); });
        });
    }
    box->open();
}

void ClosingQuestion::endTraining(bool goesOn) {
    m_workMayEnd = true; // was said
    if (goesOn) {
        m_train.pause();
    } else {
        m_train.stop();
    }
    if (m_train.isBusy()) {
        m_waitsForTraining = true;
    } else {
        m_window->close();
    }
}

void ClosingQuestion::saveThenClose() {
    m_waitsForSaving = m_files.askSaveRecording();
    if (!m_waitsForSaving) {
        stay();
    }
}

void ClosingQuestion::stay() {
    m_workMayEnd = false;
    m_resultMayGo = false;
}

} // namespace depthscope::panels
