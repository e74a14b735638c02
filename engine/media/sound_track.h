// SPDX-License-Identifier: MIT
// The sound that goes with a playing, decoded ahead on a thread of its own and taken by whoever
// plays it. The time of a sample is its number: what is not decoded in time is silence, and the
// same number of samples is left out when they come, so that sound never drifts from its clip.
#pragma once

#include "engine/media/sound_reader.h"

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

namespace depthscope::media {

/// In seconds of the file.
struct SoundPlan {
    double first = 0; ///< what is heard at once
    double begin = 0; ///< where a loop goes on
    double end = 0;   ///< silence from here on, or `begin` again
    bool looping = false;
};

class SoundTrack {
public:
    SoundTrack(std::filesystem::path path, const Limits& limits, const SoundPlan& plan);
    ~SoundTrack();
    SoundTrack(const SoundTrack&) = delete;
    SoundTrack& operator=(const SoundTrack&) = delete;

    /// The next samples, interleaved (kSoundChannels, kSoundRate). Never waits for the decoder. Any
    /// one thread.
    void read(std::span<float> values);

    /// Waits until so many values are there, or none will come. For tests.
    void waitFor(std::size_t values);

    /// Values that were silence because nothing was decoded in time.
    [[nodiscard]] std::size_t late();

private:
    void run(const std::stop_token& stop);
    void fill(SoundReader& reader, const std::stop_token& stop);
    [[nodiscard]] bool put(std::span<const float> values, const std::stop_token& stop);

    std::filesystem::path m_path;
    Limits m_limits;
    SoundPlan m_plan;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::deque<float> m_ahead;
    std::size_t m_owed = 0; ///< values that silence stood for
    std::size_t m_late = 0;
    bool m_isOver = false;
    std::jthread m_thread; ///< last: it uses all of the above
};

/// Plays a track: a sound device, or a fake in tests. The owner's thread calls.
class SoundSink {
public:
    virtual ~SoundSink() = default;

    /// Begins to take from the track, until stop().
    virtual void start(std::shared_ptr<SoundTrack> track) = 0;
    virtual void stop() = 0;
    /// Seconds of the track that have been heard since start(); nothing: not known yet.
    [[nodiscard]] virtual std::optional<double> heard() const = 0;
};

} // namespace depthscope::media
