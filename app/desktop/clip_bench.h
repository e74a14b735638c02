// SPDX-License-Identifier: MIT
// Plays a clip of 900 frames, 1080p30 H.264, in the real window at 1x and counts the frames that
// were due and never seen. The clip is made by the ffmpeg program from its own test picture. GUI
// thread; owned by a bench.
#pragma once

#include "app/desktop/idle_waiter.h"
#include "widgets/panels/main_window.h"

#include <QObject>
#include <QProcess>
#include <QString>
#include <QTemporaryDir>

namespace depthscope::lab {
class ClipPlayer;
}

namespace depthscope::desktop {

class ClipBench : public QObject {
    Q_OBJECT

public:
    explicit ClipBench(panels::MainWindow& window, QObject* parent = nullptr);

    void start();

Q_SIGNALS:
    /// The clip is ready and begins to play now.
    void begun();
    /// `shown` and `missed` of the frames; both -1 and `why` where nothing could be played.
    void finished(qint64 shown, qint64 missed, const QString& why);

private:
    enum class Phase { Making, Opening, Settling, Playing, Done };

    void onMade(int code);
    void onIdle();
    void onClip();
    void giveUp(const QString& why);

    panels::MainWindow& m_window;
    lab::ClipPlayer* m_player = nullptr; ///< null: a program without video
    QTemporaryDir m_folder;
    QProcess m_ffmpeg;
    IdleWaiter m_idle;
    Phase m_phase = Phase::Making;
};

} // namespace depthscope::desktop
