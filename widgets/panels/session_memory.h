// SPDX-License-Identifier: MIT
// Keeps the session of a window in a file while it changes, and brings it back at the next start.
// Layout and zoom go to the user's settings at the same moments. GUI thread; the program owns it;
// the window outlives it. Throws nothing: what is wrong with a file becomes an error on screen.
#pragma once

#include "widgets/panels/session_file.h"

#include <QObject>
#include <QString>
#include <QTimer>

namespace depthscope::panels {

class FigureRestorer;
class MainWindow;
class TrainPanel;
class TrainingOffer;

class SessionMemory : public QObject {
    Q_OBJECT

public:
    /// `file` need not exist.
    SessionMemory(MainWindow& window, QString file, QObject* parent = nullptr);

    /// False: there is nothing to come back to, or it is damaged, set aside, and said so.
    /// `demoModel` stands in for a model that is gone.
    bool restore(const QString& demoModel);

    /// From now on changes are kept. A session that was not restored is renamed, not replaced.
    void start();

    /// At once.
    void write();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    [[nodiscard]] Session session() const;
    void keepTraining(Session& session) const;
    void followModel();
    void bringBack(const Session& session, const QString& demoModel);
    void offerTraining(const Session& session);
    void leaveEarlier();
    void later();

    MainWindow& m_window;
    QString m_file;
    FigureRestorer* m_restorer = nullptr;
    TrainPanel* m_train = nullptr;
    TrainingOffer* m_offer = nullptr;
    QString m_model;         ///< the newest that was live: a bundled name or a folder
    QByteArray m_written;    ///< in the file now
    bool m_restored = false; ///< m_file is this window's
    bool m_started = false;
    bool m_complained = false; ///< said once that it cannot be written
    QTimer m_later;
};

} // namespace depthscope::panels
