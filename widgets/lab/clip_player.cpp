// SPDX-License-Identifier: MIT
#include "widgets/lab/clip_player.h"

#include "engine/media/player.h"
#include "widgets/lab/lab_controller.h"

#include <QFile>
#include <algorithm>
#include <cmath>

namespace depthscope::lab {

namespace {

constexpr double kFastest = 8;

media::PlayerOptions optionsWith(const QString& indexes) {
    media::PlayerOptions options;
    options.reader.index.cacheFolder = QFile::encodeName(indexes).toStdString();
    return options;
}

} // namespace

struct ClipPlayer::Engine {
    Engine(std::function<void()> wake, const QString& indexes)
        : player(std::move(wake), optionsWith(indexes)) {}

    media::Player player;
};

ClipPlayer::ClipPlayer(LabController& lab, QObject* parent)
    : QObject(parent)
    , m_lab(lab) {}

ClipPlayer::~ClipPlayer() = default;

bool ClipPlayer::isAvailable() {
    return true;
}

void ClipPlayer::refresh() {
    m_clip = m_engine->player.state();
    m_lab.showClip(m_clip);
    Q_EMIT changed();
}

void ClipPlayer::open(const QString& file) {
    if (!m_engine) { // no thread before there is a clip
        const auto wake = [this] {
            QMetaObject::invokeMethod(this, &ClipPlayer::refresh, Qt::QueuedConnection);
        };
        m_engine = std::make_unique<Engine>(wake, m_indexes);
    }
    media::PlayWishes wishes;
    wishes.open = QFile::encodeName(file).toStdString();
    m_engine->player.wish(wishes);
    refresh();
}

void ClipPlayer::seek(qint64 frame) {
    if (hasFrames()) {
        media::PlayWishes wishes;
        wishes.seek = frame;
        m_engine->player.wish(wishes);
        refresh();
    }
}

void ClipPlayer::step(int frames) {
    if (hasFrames()) {
        media::PlayWishes wishes;
        wishes.steps = frames;
        wishes.playing = false;
        m_engine->player.wish(wishes);
        refresh();
    }
}

void ClipPlayer::setPlaying(bool playing) {
    if (hasFrames()) {
        media::PlayWishes wishes;
        wishes.playing = playing;
        m_engine->player.wish(wishes);
        refresh();
    }
}

void ClipPlayer::togglePlaying() {
    setPlaying(hasFrames() && !m_clip->playing);
}

void ClipPlayer::shuttle(int direction) {
    if (!hasFrames()) {
        return;
    }
    const bool isFaster = m_clip->playing && m_clip->speed * direction > 0;
    const double size = std::abs(m_clip->speed);
    media::PlayWishes wishes;
    wishes.speed = direction * (isFaster ? std::min(2 * size, kFastest) : 1.0);
    wishes.playing = true;
    m_engine->player.wish(wishes);
    refresh();
}

void ClipPlayer::setSpeed(double speed) {
    if (hasFrames()) {
        media::PlayWishes wishes;
        wishes.speed = speed;
        m_engine->player.wish(wishes);
        refresh();
    }
}

void ClipPlayer::setLooping(bool looping) {
    if (hasFrames()) {
        media::PlayWishes wishes;
        wishes.looping = looping;
        m_engine->player.wish(wishes);
        refresh();
    }
}

void ClipPlayer::markIn() {
    if (hasFrames()) {
        const trace::FrameRange now = m_clip->played();
        const bool isBehind = m_clip->target > now.last;
        media::PlayWishes wishes;
        wishes.range =
            trace::FrameRange{m_clip->target, isBehind ? m_clip->frameCount - 1 : now.last};
        m_engine->player.wish(wishes);
        refresh();
    }
}

void ClipPlayer::markOut() {
    if (hasFrames()) {
        const trace::FrameRange now = m_clip->played();
        media::PlayWishes wishes;
        wishes.range =
            trace::FrameRange{m_clip->target < now.first ? 0 : now.first, m_clip->target};
        m_engine->player.wish(wishes);
        refresh();
    }
}

void ClipPlayer::clearMarks() {
    if (hasFrames()) {
        media::PlayWishes wishes;
        wishes.range = std::optional<trace::FrameRange>();
        m_engine->player.wish(wishes);
        refresh();
    }
}

} // namespace depthscope::lab
