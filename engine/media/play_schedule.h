// SPDX-License-Identifier: MIT
// Which frame is due when, once playing has begun: forwards, backwards, round and round. A value,
// pure; any thread.
#pragma once

#include "engine/trace/clip_view.h"

#include <cstdint>
#include <limits>
#include <vector>

namespace depthscope::media {

/// When each frame of a clip begins, and when the last one ends, in seconds from the first: what
/// the file says, made to grow. `step` stands where times are equal or fall.
[[nodiscard]] std::vector<double> growingTimes(std::vector<double> seconds, double step);

class PlaySchedule {
public:
    static constexpr std::int64_t kEndless = std::numeric_limits<std::int64_t>::max();

    struct Plan {
        trace::FrameRange range; ///< begins anew at its other end where it loops
        std::int64_t first = 0;  ///< frame; outside of the range: as if there were none
        double speed = 1;        ///< below 0: backwards
        bool looping = false;
    };

    PlaySchedule() = default;
    /// `times` of growingTimes() outlive the schedule.
    PlaySchedule(const std::vector<double>& times, const Plan& plan);

    /// Pictures to be shown, the first one included.
    [[nodiscard]] std::int64_t pictures() const;

    /// Frame of the n-th picture.
    [[nodiscard]] std::int64_t frame(std::int64_t picture) const;

    /// Seconds of the wall clock from the start; pictures() gives the end of all.
    [[nodiscard]] double due(std::int64_t picture) const;

    /// The picture that is due so long after the start.
    [[nodiscard]] std::int64_t pictureAt(double seconds) const;

private:
    [[nodiscard]] std::int64_t firstLap() const;
    /// Seconds of the clip that pass before a frame, played from one end of the range.
    [[nodiscard]] double passed(std::int64_t frame) const;
    [[nodiscard]] double lapSeconds() const;

    const std::vector<double>* m_times = nullptr;
    Plan m_plan;
};

} // namespace depthscope::media
