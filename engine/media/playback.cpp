// SPDX-License-Identifier: MIT
#include "engine/media/playback.h"

#include "engine/base/error.h"
#include "engine/media/pixel_layout.h"

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
constexpr std::size_t kLeastAhead = 2;
constexpr double kLeastProgress = 0.02; ///< of the index, between two that are published

double clampedSpeed(double speed) {
    const double size = std::clamp(std::abs(speed), kSlowest, kFastest);
    return speed < 0 ? -size : size;
}

} // namespace

Playback::Playback(PlayerOptions options, std::function<void(const trace::ClipView&)> publish)
    : m_options(std::move(options))
    , m_publish(std::move(publish)) {}

void Playback::publish() {
    m_view.busy = m_isSeeking || m_view.indexing.has_value();
    m_publish(m_view);
}

void Playback::fail(const std::string& message, const std::string& hint) {
    m_view.error = message;
    m_view.hint = hint;
    m_view.playing = false;
    m_view.indexing.reset();
    m_isSeeking = false;
    forgetAhead();
    publish();
}

void Playback::begin(const PlayWishes& wishes, PlayTime now, const std::stop_token& stop) {
    if (wishes.open) {
        open(*wishes.open, stop);
    }
    if (m_view.frameCount == 0) {
        publish(); // what was wished of no clip is not outstanding
        return;
    }
    const double speedBefore = m_view.speed;
    m_view.speed = clampedSpeed(wishes.speed.value_or(m_view.speed));
    m_view.looping = wishes.looping.value_or(m_view.looping);
    m_view.range = wishes.range.value_or(m_view.range);
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
    const bool isNewPlan =
        !wasPlaying || wishes.range || wishes.looping || speedBefore != m_view.speed;
    if (m_view.playing && !m_isSeeking && isNewPlan) {
        startClock(now);
    }
    if (!m_view.playing) {
        forgetAhead();
    }
    publish();
}

void Playback::open(const std::filesystem::path& path, const std::stop_token& stop) {
    m_reader.reset();
    m_index.reset();
    forgetAhead();
    m_isSeeking = false;
    m_view = {};
    m_view.file = path.string();
    m_view.name = path.filename().string();
    m_view.indexing = 0.0;
    publish();
    ReaderOptions options = m_options.reader;
    options.index.progress = [this](double share) {
        if (share - m_view.indexing.value_or(0) >= kLeastProgress) {
            m_view.indexing = share;
            publish();
        }
    };
    try {
        m_reader = std::make_unique<Reader>(path, std::move(options), stop);
        m_view.indexing.reset();
        learn();
        if (m_view.frameCount == 0) {
            fail(m_view.file + ": no frame of it can be shown", "Open another file.");
            return;
        }
        moveTo(0, true);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::Interrupted) {
            m_view = {};
        } else {
            fail(error.message(), error.hint());
        }
    } catch (const std::exception& error) {
        fail(m_view.file + ": " + error.what(), "Close other programs, or open a smaller file.");
    }
}

/// What the index says; another one after damage was found on the way.
void Playback::learn() {
    const std::shared_ptr<const MediaIndex> index = m_reader->index();
    if (index == m_index) {
        return;
    }
    m_index = index;
    const ClipFacts& facts = index->facts();
    m_view.container = facts.container;
    m_view.codec = facts.codec;
    m_view.rotation = facts.rotation;
    m_view.sampleAspect = facts.sampleAspect;
    m_view.frameRate = facts.frameRate;
    m_view.variableRate = index->hasVariableRate();
    m_view.frameCount = index->frameCount();
    m_view.range.reset();
    std::vector<double> seconds;
    auto damaged = std::make_shared<std::vector<std::int64_t>>();
    for (std::int64_t n = 0; n < index->frameCount(); ++n) {
        seconds.push_back(index->seconds(n));
        if (index->frame(n).damaged) {
            damaged->push_back(n);
        }
    }
    const bool hasRate = facts.frameRate.over > 0 && facts.frameRate.under > 0;
    constexpr double kSomeStep = 0.04;
    m_times = growingTimes(
        std::move(seconds),
        hasRate ? static_cast<double>(facts.frameRate.under) / facts.frameRate.over : kSomeStep);
    m_view.duration = m_times.back();
    m_view.damaged = damaged->empty() ? nullptr : std::move(damaged);
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
    m_ahead.clear();
    m_aheadBytes = 0;
}

Playback::Picture Playback::decode(std::int64_t number, const std::stop_token& stop) {
    Picture picture;
    picture.frame = m_reader->frame(number, stop);
    picture.rgb = std::make_shared<const RgbPicture>(m_converter.convert(picture.frame));
    picture.bytes = picture.frame.byteCount + picture.rgb->bytes.size();
    return picture;
}

void Playback::show(Picture picture, bool exact) {
    if (!m_view.frame || m_view.frame->pixelFormat != picture.frame.pixelFormat) {
        m_view.components = pixelLayout(picture.frame.pixelFormat);
    }
    m_view.frame = std::move(picture.frame);
    m_view.picture = std::move(picture.rgb);
    m_view.generation = ++m_generation;
    m_view.exact = exact;
}

/// The key frame that is shown while the way to the target is long.
std::optional<std::int64_t> Playback::standIn() const {
    if (m_isStep || m_stoodIn || !m_index) {
        return std::nullopt;
    }
    std::int64_t key = m_view.target;
    while (key > 0 && !m_index->frame(key).key) {
        --key;
    }
    const std::int64_t now = m_view.frame && m_view.exact ? m_view.frame->number : -1;
    const bool isOnTheWay = now >= key && now <= m_view.target;
    const std::int64_t way = m_view.target - (isOnTheWay ? now : key);
    return way > kNear && !isOnTheWay ? std::optional(key) : std::nullopt;
}

void Playback::seek(const std::stop_token& stop) {
    const std::optional<std::int64_t> key = standIn();
    if (key) {
        m_stoodIn = true;
        show(decode(*key, stop), false);
        publish();
        return;
    }
    Picture picture = decode(m_view.target, stop);
    learn();
    m_view.target = std::min(m_view.target, m_view.frameCount - 1);
    show(std::move(picture), true);
    m_isSeeking = false;
    m_mustStart = m_view.playing;
    publish();
}

std::optional<PlayTime> Playback::work(PlayTime now, const std::stop_token& stop) {
    if (!m_reader || (!m_isSeeking && !m_view.playing)) {
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
    m_schedule = PlaySchedule(m_times, {range, first, m_view.speed, m_view.looping});
    m_startedAt = now;
    const bool isShown = m_view.frame && m_view.exact && m_view.frame->number == first;
    m_shownPlace = isShown ? 0 : -1;
    m_nextPlace = isShown ? 1 : 0;
}

PlayTime Playback::timeOf(std::int64_t picture) const {
    return m_startedAt + std::chrono::duration_cast<PlayTime>(
                             std::chrono::duration<double>(m_schedule.due(picture)));
}

bool Playback::hasRoom() const {
    return m_ahead.size() < kLeastAhead || m_aheadBytes < m_options.ringBytes;
}

std::optional<PlayTime> Playback::play(PlayTime now, const std::stop_token& stop) {
    if (m_mustStart) {
        startClock(now);
    }
    const std::int64_t last = m_schedule.pictures();
    const double elapsed = std::chrono::duration<double>(now - m_startedAt).count();
    const std::int64_t due = m_schedule.pictureAt(elapsed);
    present(due);
    if (last != PlaySchedule::kEndless && now >= timeOf(last) && m_shownPlace == last - 1) {
        endPlaying();
        return std::nullopt;
    }
    m_nextPlace = std::max(m_nextPlace, due > m_shownPlace ? due : due + 1);
    if (hasRoom() && m_nextPlace < last) {
        Picture picture = decode(m_schedule.frame(m_nextPlace), stop);
        picture.place = m_nextPlace++;
        m_aheadBytes += picture.bytes;
        m_ahead.push_back(std::move(picture));
        if (m_reader->index() != m_index) { // numbers have moved
            learn();
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
    m_view.target = newest->frame.number;
    show(std::move(*newest), true);
    publish();
}

void Playback::endPlaying() {
    m_view.playing = false;
    forgetAhead();
    publish();
}

} // namespace depthscope::media
