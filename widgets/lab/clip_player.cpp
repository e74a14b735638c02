// SPDX-License-Identifier: MIT
#include "widgets/lab/clip_player.h"

#include "engine/media/player.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/lab/sound_output.h"

#include <QFile>
#include <algorithm>
#include <cmath>

namespace depthscope::lab {

namespace {

constexpr double kFastest = 8;

media::PlayerOptions optionsWith(const QString& indexes) {
    media::PlayerOptions options;
    options.thumbnails = true;
    options.usesHardware = true;
    options.sink = makeSoundOutput();
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
    , m_lab(lab) {
    connect(&lab, &LabController::cursorChanged, this, &ClipPlayer::followCursor);
}

ClipPlayer::~ClipPlayer() = default;

bool ClipPlayer::isAvailable() {
    return true;
}

void ClipPlayer::refresh() {
    m_clip = m_engine->player.state();
    m_lab.showClip(m_clip);
    tellCursor();
    Q_EMIT changed();
}

void ClipPlayer::wish(const media::PlayWishes& wishes) {
    m_engine->player.wish(wishes);
    refresh();
}

void ClipPlayer::setOnScreen(bool onScreen) {
    m_isOnScreen = onScreen;
    tellCursor();
}

/// The cursor is where the clip is going.
void ClipPlayer::tellCursor() {
    instruments::Cursor cursor = m_lab.cursor();
    cursor.frame = m_isOnScreen && hasFrames() ? std::optional(m_clip->target) : std::nullopt;
    m_lab.setCursor(cursor);
}

void ClipPlayer::followCursor() {
    const std::optional<std::int64_t> frame = m_lab.cursor().frame;
    if (frame && m_isOnScreen && hasFrames() && *frame != m_clip->target) {
        seek(*frame);
    }
}

/// No thread before there is a clip.
void ClipPlayer::start() {
    if (!m_engine) {
        const auto wake = [this] {
            QMetaObject::invokeMethod(this, &ClipPlayer::refresh, Qt::QueuedConnection);
        };
        m_engine = std::make_unique<Engine>(wake, m_indexes);
    }
}

void ClipPlayer::open(const QString& file, std::optional<qint64> frame) {
    start();
    m_showsMade = false;
    m_comparesFile = false;
    media::PlayWishes wishes;
    wishes.open = QFile::encodeName(file).toStdString();
    wishes.seek = frame;
    wishes.room = m_room;
    wish(wishes);
}

void ClipPlayer::show(std::shared_ptr<const media::MadeClip> clip,
                      std::optional<std::shared_ptr<const media::MadeClip>> beside) {
    start();
    m_showsMade = true;
    m_comparesFile = m_comparesFile && !beside;
    media::PlayWishes wishes;
    wishes.open = std::move(clip);
    wishes.room = m_room;
    if (beside) {
        wishes.compare = *beside ? media::ClipSource(*beside) : std::filesystem::path();
    }
    wish(wishes);
}

void ClipPlayer::close() {
    m_showsMade = false;
    m_comparesFile = false;
    if (m_clip) {
        media::PlayWishes wishes;
        wishes.open = std::filesystem::path();
        wish(wishes);
    }
}

void ClipPlayer::compareWith(const QString& file) {
    if (hasFrames()) {
        m_comparesFile = true;
        media::PlayWishes wishes;
        wishes.compare = QFile::encodeName(file).toStdString();
        wish(wishes);
    }
}

void ClipPlayer::stopComparing() {
    if (hasFrames() && m_clip->other) {
        m_comparesFile = false;
        media::PlayWishes wishes;
        wishes.compare = std::filesystem::path();
        wishes.differenceGain = 0;
        wish(wishes);
    }
}

void ClipPlayer::setDifferenceGain(int gain) {
    if (hasFrames() && m_clip->differenceGain != gain) {
        media::PlayWishes wishes;
        wishes.differenceGain = gain;
        wish(wishes);
    }
}

void ClipPlayer::setRoom(PictureSize room) {
    if (room == m_room) {
        return;
    }
    m_room = room;
    if (hasFrames()) {
        media::PlayWishes wishes;
        wishes.room = room;
        m_engine->player.wish(wishes); // nothing on screen waits for it
    }
}

void ClipPlayer::seek(qint64 frame) {
    if (hasFrames()) {
        media::PlayWishes wishes;
        wishes.seek = frame;
        wish(wishes);
    }
}

void ClipPlayer::step(int frames) {
    if (hasFrames()) {
        media::PlayWishes wishes;
        wishes.steps = frames;
        wishes.playing = false;
        wish(wishes);
    }
}

void ClipPlayer::setPlaying(bool playing) {
    if (hasFrames()) {
        media::PlayWishes wishes;
        wishes.playing = playing;
        wish(wishes);
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
    wish(wishes);
}

void ClipPlayer::setSpeed(double speed) {
    if (hasFrames()) {
        media::PlayWishes wishes;
        wishes.speed = speed;
        wish(wishes);
    }
}

void ClipPlayer::setLooping(bool looping) {
    if (hasFrames()) {
        media::PlayWishes wishes;
        wishes.looping = looping;
        wish(wishes);
    }
}

void ClipPlayer::markIn() {
    if (hasFrames()) {
        const trace::FrameRange now = m_clip->played();
        const bool isBehind = m_clip->target > now.last;
        media::PlayWishes wishes;
        wishes.range =
            trace::FrameRange{m_clip->target, isBehind ? m_clip->frameCount - 1 : now.last};
        wish(wishes);
    }
}

void ClipPlayer::markOut() {
    if (hasFrames()) {
        const trace::FrameRange now = m_clip->played();
        media::PlayWishes wishes;
        wishes.range =
            trace::FrameRange{m_clip->target < now.first ? 0 : now.first, m_clip->target};
        wish(wishes);
    }
}

void ClipPlayer::clearMarks() {
    if (hasFrames()) {
        media::PlayWishes wishes;
        wishes.range = std::optional<trace::FrameRange>();
        wish(wishes);
    }
}

} // namespace depthscope::lab
