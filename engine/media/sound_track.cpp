// SPDX-License-Identifier: MIT
#include "engine/media/sound_track.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <exception>
#include <utility>

namespace depthscope::media {

namespace {

/// One second ahead: 384 KiB.
constexpr std::size_t kMostAhead = std::size_t{kSoundRate} * kSoundChannels;
constexpr std::size_t kPiece = 4'096;

std::size_t valuesOf(double seconds) {
    const double samples = std::max(0.0, std::round(seconds * kSoundRate));
    return static_cast<std::size_t>(samples) * kSoundChannels;
}

} // namespace

SoundTrack::SoundTrack(std::filesystem::path path, const Limits& limits, const SoundPlan& plan)
    : m_path(std::move(path))
    , m_limits(limits)
    , m_plan(plan)
    , m_thread([this](const std::stop_token& stop) { run(stop); }) {}

SoundTrack::~SoundTrack() {
    m_thread.request_stop();
    m_changed.notify_all();
    m_thread.join();
}

void SoundTrack::read(std::span<float> values) {
    const std::lock_guard lock(m_mutex);
    const std::size_t count = std::min(values.size(), m_ahead.size());
    std::copy_n(m_ahead.begin(), count, values.begin());
    m_ahead.erase(m_ahead.begin(), m_ahead.begin() + static_cast<std::ptrdiff_t>(count));
    std::fill(values.begin() + static_cast<std::ptrdiff_t>(count), values.end(), 0.0F);
    if (!m_isOver) {
        m_owed += values.size() - count;
        m_late += values.size() - count;
    }
    m_changed.notify_all();
}

void SoundTrack::waitFor(std::size_t values) {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return m_isOver || m_ahead.size() >= values; });
}

std::size_t SoundTrack::late() {
    const std::lock_guard lock(m_mutex);
    return m_late;
}

void SoundTrack::run(const std::stop_token& stop) {
    try {
        SoundReader reader(m_path, m_limits, stop);
        fill(reader, stop);
    } catch (const std::exception&) {
        // Silence; what is wrong with the file is said of its pictures.
    }
    const std::lock_guard lock(m_mutex);
    m_isOver = true;
    m_changed.notify_all();
}

void SoundTrack::fill(SoundReader& reader, const std::stop_token& stop) {
    std::array<float, kPiece> piece{};
    for (double from = m_plan.first; !stop.stop_requested(); from = m_plan.begin) {
        reader.seek(from);
        std::size_t rest = valuesOf(m_plan.end - from);
        if (rest == 0) {
            return;
        }
        while (rest > 0) {
            const std::size_t wanted = std::min(rest, piece.size());
            const std::size_t got = reader.read(std::span(piece).first(wanted));
            // Where the sound ends before the pictures do.
            std::fill(piece.begin() + static_cast<std::ptrdiff_t>(got),
                      piece.begin() + static_cast<std::ptrdiff_t>(wanted), 0.0F);
            if (!put(std::span(piece).first(wanted), stop)) {
                return;
            }
            rest -= wanted;
        }
        if (!m_plan.looping) {
            return;
        }
    }
}

/// False once the track ends.
bool SoundTrack::put(std::span<const float> values, const std::stop_token& stop) {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, stop, [this] { return m_ahead.size() < kMostAhead; });
    if (stop.stop_requested()) {
        return false;
    }
    const std::size_t dropped = std::min(m_owed, values.size());
    m_owed -= dropped;
    m_ahead.insert(m_ahead.end(), values.begin() + static_cast<std::ptrdiff_t>(dropped),
                   values.end());
    m_changed.notify_all();
    return true;
}

} // namespace depthscope::media
