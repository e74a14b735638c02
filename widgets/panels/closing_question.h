// SPDX-License-Identifier: MIT
// What is asked before the window closes: what becomes of a training, of other work that is
// running, and of a result that is in no file. GUI thread; the window owns it.
#pragma once

#include <QList>
#include <QObject>
#include <QPointer>
#include <QString>
#include <functional>

class QMessageBox;
class QWidget;

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class FileCommands;
class TrainController;

class ClosingQuestion : public QObject {
    Q_OBJECT

public:
    /// All of them outlive it.
    ClosingQuestion(lab::LabController& lab,
                    TrainController& train,
                    FileCommands& files,
                    QWidget* window);

    /// False: a question is on screen, or a checkpoint is being written; the window closes by
    /// itself once nothing is in the way.
    [[nodiscard]] bool mayClose();

private:
    struct Answer {
        const char* name; ///< of the button, for scripts
        QString text;
        std::function<void()> does; ///< null: the window stays
    };

    [[nodiscard]] QStringList runningWork() const;
    void askAboutTraining(const QStringList& otherWork);
    void askAboutWork(const QStringList& work);
    void askAboutResult(double seconds);
    void ask(const QString& text, const QString& more, const QList<Answer>& answers);
    void endTraining(bool goesOn);
    void saveThenClose();
    /// The window stays: what was answered is asked again next time.
    void stay();

    lab::LabController& m_lab;
    TrainController& m_train;
    FileCommands& m_files;
    QWidget* m_window;
    QPointer<QMessageBox> m_box;
    bool m_workMayEnd = false;
    bool m_resultMayGo = false;
    bool m_waitsForTraining = false;
    bool m_waitsForSaving = false;
};

} // namespace depthscope::panels
