// SPDX-License-Identifier: MIT
#include "app/desktop/clip_bench.h"

#include "widgets/lab/clip_player.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/panels/video_panel.h"

#include <QStringList>
#include <QTimer>

namespace depthscope::desktop {

namespace {

constexpr double kOpenSeconds = 120;
constexpr int kLongestPlaying = 90'000; // ms
const QString kName = QStringLiteral("bench.mp4");

} // namespace

ClipBench::ClipBench(panels::MainWindow& window, QObject* parent)
    : QObject(parent)
    , m_window(window)
    , m_idle(window.lab()) {
    if (auto* video = m_window.findChild<panels::VideoPanel*>()) {
        m_player = &video->player();
    }
    connect(&m_idle, &IdleWaiter::idle, this, &ClipBench::onIdle);
    connect(&m_idle, &IdleWaiter::timedOut, this,
            [this] { giveUp(QStringLiteral("the clip did not open in time")); });
    connect(&m_ffmpeg, &QProcess::finished, this, &ClipBench::onMade);
    connect(&m_ffmpeg, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) {
            giveUp(QStringLiteral("no ffmpeg program makes the clip"));
        }
    });
}

void ClipBench::start() {
    if (m_player == nullptr) {
        giveUp(QStringLiteral("this program was built without video"));
        return;
    }
    const QString source = QStringLiteral("testsrc2=s=1920x1080:r=30:d=30");
    QStringList words{QStringLiteral("-v"),
                      QStringLiteral("error"),
                      QStringLiteral("-nostdin"),
                      QStringLiteral("-f"),
                      QStringLiteral("lavfi"),
                      QStringLiteral("-i"),
                      source};
    words << QStringLiteral("-c:v") << QStringLiteral("libx264") << QStringLiteral("-preset")
          << QStringLiteral("veryfast") << QStringLiteral("-pix_fmt") << QStringLiteral("yuv420p")
          << m_folder.filePath(kName);
    m_ffmpeg.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    m_ffmpeg.start(QStringLiteral("ffmpeg"), words);
}

void ClipBench::onMade(int code) {
    if (code != 0) {
        giveUp(QStringLiteral("ffmpeg could not make the clip"));
        return;
    }
    m_phase = Phase::Opening;
    connect(m_player, &lab::ClipPlayer::changed, this, &ClipBench::onClip);
    m_window.openVideo(m_folder.filePath(kName));
    m_idle.start(kOpenSeconds);
}

void ClipBench::onIdle() {
    if (m_phase != Phase::Opening) {
        return;
    }
    if (!m_player->hasFrames()) {
        giveUp(QString::fromStdString(m_player->clip() ? m_player->clip()->error : std::string()));
        return;
    }
    m_phase = Phase::Settling;
    // What opening has put off (layout, thumbnails) is not part of playing.
    constexpr int kSettle = 3'000;
    QTimer::singleShot(kSettle, this, [this] {
        if (m_phase != Phase::Settling) {
            return;
        }
        m_phase = Phase::Playing;
        Q_EMIT begun();
        m_player->setPlaying(true);
        QTimer::singleShot(kLongestPlaying, this,
                           [this] { giveUp(QStringLiteral("the clip did not end in time")); });
    });
}

void ClipBench::onClip() {
    const trace::ClipView* clip = m_player->clip();
    const bool isOver = m_phase == Phase::Playing && clip && !clip->playing && clip->shown > 0;
    if (isOver) {
        m_phase = Phase::Done;
        Q_EMIT finished(clip->shown, clip->missed, {});
    }
}

void ClipBench::giveUp(const QString& why) {
    if (m_phase != Phase::Done) {
        m_phase = Phase::Done;
        Q_EMIT finished(-1, -1, why);
    }
}

} // namespace depthscope::desktop
