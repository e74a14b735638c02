// SPDX-License-Identifier: MIT
// The sound of a media file as floats of two channels at 48 kHz, in time: sample n after seek(t)
// sounds at t + n / 48,000 seconds of the file, silence where it has none. One owner, one thread.
// Throws Error: BadInput that names the file, Interrupted once `stop` is requested.
#pragma once

#include "engine/media/limits.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

namespace depthscope::media {

inline constexpr int kSoundRate = 48'000;
inline constexpr int kSoundChannels = 2;

class SoundReader {
public:
    SoundReader(const std::filesystem::path& path, const Limits& limits, std::stop_token stop);
    ~SoundReader();
    SoundReader(SoundReader&&) noexcept;
    SoundReader& operator=(SoundReader&&) noexcept;

    /// "aac, 2 channels, 44100 Hz"; empty: the file has no sound that this FFmpeg decodes.
    [[nodiscard]] std::string description() const;

    /// The next sample is that of this time, in seconds of the file.
    void seek(double seconds);

    /// Interleaved samples; how many values were written: fewer than there is room for at the end.
    [[nodiscard]] std::size_t read(std::span<float> values);

private:
    class Stream;
    std::unique_ptr<Stream> m_stream; ///< null: no sound
};

} // namespace depthscope::media
