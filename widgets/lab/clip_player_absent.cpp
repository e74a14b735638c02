// SPDX-License-Identifier: MIT
// A program built without video (DEPTHSCOPE_MEDIA=OFF) opens no clip: the window shows no way to.
#include "widgets/lab/clip_player.h"

namespace depthscope::lab {

struct ClipPlayer::Engine {};

ClipPlayer::ClipPlayer(LabController& lab, QObject* parent)
    : QObject(parent)
    , m_lab(lab) {}

ClipPlayer::~ClipPlayer() = default;

bool ClipPlayer::isAvailable() {
    return false;
}

void ClipPlayer::refresh() {}

void ClipPlayer::open(const QString&, std::optional<qint64>) {}

void ClipPlayer::show(std::shared_ptr<const media::MadeClip> /*clip*/,
                      std::optional<std::shared_ptr<const media::MadeClip>> /*beside*/) {}

void ClipPlayer::close() {}

void ClipPlayer::seek(qint64) {}

void ClipPlayer::step(int) {}

void ClipPlayer::setPlaying(bool) {}

void ClipPlayer::togglePlaying() {}

void ClipPlayer::shuttle(int) {}

void ClipPlayer::setSpeed(double) {}

void ClipPlayer::setLooping(bool) {}

void ClipPlayer::markIn() {}

void ClipPlayer::markOut() {}

void ClipPlayer::clearMarks() {}

void ClipPlayer::compareWith(const QString&) {}

void ClipPlayer::stopComparing() {}

void ClipPlayer::setDifferenceGain(int) {}

void ClipPlayer::setRoom(PictureSize) {}

void ClipPlayer::setOnScreen(bool) {}

} // namespace depthscope::lab
