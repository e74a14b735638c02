// SPDX-License-Identifier: MIT
#include "engine/media/playback.h"

#include "engine/base/error.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace depthscope::media {

namespace {

/// A frame so near behind a key frame, or behind what is shown, is there before a stand-in would
/// have been seen.
constexpr std::int64_t kNear = 6;
constexpr double kSlowest = 0.1;
constexpr double kFastest = 8;
constexpr int kMostGain = 16;
constexpr std::size_t kLeastAhead = 2;

double clampedSpeed(double speed) {
    const double size = std::clamp(std::abs(speed), kSlowest, kFastest);
    return speed < 0 ? -size : size;
}

} // namespace

Playback::Playback(PlayerOptions options, std::function<void(const trace::ClipView&)> publish)
    : m_options(std::move(options))
    , m_publish(std::move(publish)) {}

void Playback::publish() {
    m_view.other = m_compares ? std::make_shared<const trace::ClipView>(m_otherView) : nullptr;
    m_view.busy = m_isSeeking || m_view.indexing || (m_compares && m_otherView.indexing);
    m_publish(m_view);
}

void Playback::fail(const std::string& message, const std::string& hint) {
    m_view.error = message;
    m_view.hint = hint;
    m_view.playing = false;
    m_view.indexing.reset();
    m_isSeeking = false;
    if (m_view.frameCount == 0) { // the first frame was all that there is
        m_view.frame.reset();
        m_view.picture.reset();
    }
    forgetAhead();
    publish();
}

void Playback::begin(const PlayWishes& wishes, PlayTime now, const std::stop_token& stop) {
    m_room = wishes.room.value_or(m_room);
    if (wishes.open) {
        open(*wishes.open, stop);
    }
    if (wishes.compare && m_view.frameCount > 0) {
        compare(*wishes.compare, stop);
    }
    if (m_view.frameCount == 0) {
        publish(); // what was wished of no clip is not outstanding
        return;
    }
    const double speedBefore = m_view.speed;
    const bool wasPlaying = m_view.playing;
    follow(wishes);
    const bool isNewPlan =
        !wasPlaying || wishes.range || wishes.looping || speedBefore != m_view.speed;
    if (m_view.playing && !m_isSeeking && isNewPlan) {
        startClock(now);
    }
    if (!m_view.playing) {
        forgetAhead();
        lookAgain();
    }
    publish();
}

void Playback::follow(const PlayWishes& wishes) {
    m_view.speed = clampedSpeed(wishes.speed.value_or(m_view.speed));
    m_view.looping = wishes.looping.value_or(m_view.looping);
    m_view.range = wishes.range.value_or(m_view.range);
    if (wishes.differenceGain && *wishes.differenceGain != m_view.differenceGain) {
        m_view.differenceGain = std::clamp(*wishes.differenceGain, 0, kMostGain);
        moveTo(m_view.target, true); // the same frame with its difference
    }
    if (wishes.seek || wishes.steps != 0) {
        m_view.playing = m_view.playing && wishes.steps == 0;
        moveTo(wishes.seek.value_or(m_view.target) + wishes.steps, !wishes.seek);
    }
    const bool wasPlaying = m_view.playing;
    m_view.playing = wishes.playing.value_or(m_view.playing) && m_view.error.empty();
    if (m_view.playing && !wasPlaying) {
        m_view.shown = 0;
        m_view.missed = 0;
    }
}

/// A picture that was made in a hurry is made anew, exactly.
void Playback::lookAgain() {
    if (m_view.quick && m_view.frame && !m_isSeeking && m_view.error.empty()) {
        moveTo(m_view.frame->number, true);
    }
}

void Playback::moveTo(std::int64_t number, bool isStep) {
    m_view.target = std::clamp<std::int64_t>(number, 0, m_view.frameCount - 1);
    m_isSeeking = true;
    m_isStep = isStep;
    m_stoodIn = false;
    m_view.error.clear(); // of a frame that is left now
    m_view.hint.clear();
    forgetAhead();
}

void Playback::forgetAhead() {
    stopSound();
    m_ahead.clear();
    m_aheadBytes = 0;
}

void Playback::show(Picture picture, bool exact) {
    showIn(m_view, std::move(picture.shown), ++m_generation);
    m_view.exact = exact;
    m_view.difference = std::move(picture.difference);
    m_view.differenceGeneration = m_view.difference ? ++m_generation : 0;
    m_otherView.exact = exact;
    m_otherView.frame.reset();
    m_otherView.picture.reset();
    if (picture.other) {
        showIn(m_otherView, std::move(*picture.other), ++m_generation);
    }
}

/// The key frame that is shown while the way to the target is long.
std::optional<std::int64_t> Playback::standIn() const {
    if (m_isStep || m_stoodIn) {
        return std::nullopt;
    }
    const std::int64_t key = m_clip->keyBefore(m_view.target);
    const std::int64_t now = m_view.frame && m_view.exact ? m_view.frame->number : -1;
    const bool isOnTheWay = now >= key && now <= m_view.target;
    const std::int64_t way = m_view.target - (isOnTheWay ? now : key);
    return way > kNear && !isOnTheWay ? std::optional(key) : std::nullopt;
}

void Playback::seek(const std::stop_token& stop) {
    const std::optional<std::int64_t> key = standIn();
    if (key) {
        m_stoodIn = true;
        show(decode(*key, Purpose::Pass, stop), false);
        publish();
        return;
    }
    Picture picture = decode(m_view.target, m_view.playing ? Purpose::Pass : Purpose::Look, stop);
    m_clip->learn(m_view);
    m_view.target = std::min(m_view.target, m_view.frameCount - 1);
    show(std::move(picture), true);
    m_isSeeking = false;
    m_mustStart = m_view.playing;
    publish();
}

std::optional<PlayTime> Playback::work(PlayTime now, const std::stop_token& stop) {
    if (!m_clip || (!m_isSeeking && !m_view.playing)) {
        return std::nullopt;
    }
    try {
        if (m_isSeeking) {
            seek(stop);
            return m_isSeeking || m_view.playing ? std::optional(now) : std::nullopt;
        }
        return play(now, stop);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::Interrupted) {
            return now;
        }
        fail(error.message(), error.hint());
    } catch (const std::exception& error) {
        fail(m_view.file + ": frame " + std::to_string(m_view.target) + ": " + error.what(),
             "Close other programs, or open a smaller file.");
    }
    return std::nullopt;
}

void Playback::startClock(PlayTime now) {
    forgetAhead();
    m_mustStart = false;
    std::int64_t first = m_view.frame ? m_view.frame->number : m_view.target;
    const trace::FrameRange range = m_view.played();
    // At its end a clip begins anew.
    if (!m_view.looping && first == (m_view.speed < 0 ? range.first : range.last)) {
        first = m_view.speed < 0 ? range.last : range.first;
    }
    m_schedule = PlaySchedule(m_clip->times(), {range, first, m_view.speed, m_view.looping});
    m_startedAt = now;
    const bool isShown = m_view.frame && m_view.exact && m_view.frame->number == first;
    m_shownPlace = isShown ? 0 : -1;
    m_nextPlace = isShown ? 1 : 0;
    startSound(first);
}

PlayTime Playback::timeOf(std::int64_t picture) const {
    return m_startedAt + std::chrono::duration_cast<PlayTime>(
                             std::chrono::duration<double>(m_schedule.due(picture)));
}

bool Playback::hasRoom() const {
    const bool isDecoded = m_clip->file() != nullptr; // else there is nothing to be ahead of
    return m_ahead.size() < kLeastAhead || (isDecoded && m_aheadBytes < m_options.ringBytes);
}

std::optional<PlayTime> Playback::play(PlayTime now, const std::stop_token& stop) {
    if (m_mustStart) {
        startClock(now);
    }
    followSound(now);
    const std::int64_t last = m_schedule.pictures();
    const double elapsed = std::chrono::duration<double>(now - m_startedAt).count();
    const std::int64_t due = m_schedule.pictureAt(elapsed);
    present(due);
    if (last != PlaySchedule::kEndless && now >= timeOf(last) && m_shownPlace == last - 1) {
        endPlaying();
        return m_isSeeking ? std::optional(now) : std::nullopt;
    }
    m_nextPlace = std::max(m_nextPlace, due > m_shownPlace ? due : due + 1);
    if (hasRoom() && m_nextPlace < last) {
        Picture picture = decode(m_schedule.frame(m_nextPlace), Purpose::Pass, stop);
        picture.place = m_nextPlace++;
        m_aheadBytes += picture.bytes;
        m_ahead.push_back(std::move(picture));
        if (m_clip->learn(m_view)) { // numbers have moved
            startClock(now);
            publish();
        }
        present(due); // late, but not never
        return now;
    }
    return timeOf(m_ahead.empty() ? last : m_ahead.front().place);
}

/// Shows the newest picture that is due, and counts those that the clock passed.
void Playback::present(std::int64_t due) {
    std::optional<Picture> newest;
    while (!m_ahead.empty() && m_ahead.front().place <= due) {
        m_aheadBytes -= m_ahead.front().bytes;
        newest = std::move(m_ahead.front());
        m_ahead.pop_front();
    }
    if (!newest) {
        return;
    }
    ++m_view.shown;
    if (std::abs(m_view.speed) <= 1) {
        m_view.missed += newest->place - m_shownPlace - 1;
    }
    m_shownPlace = newest->place;
    m_view.target = newest->shown.frame.number;
    show(std::move(*newest), true);
    publish();
}

void Playback::endPlaying() {
    m_view.playing = false;
    forgetAhead();
    lookAgain();
    publish();
}

} // namespace depthscope::media
