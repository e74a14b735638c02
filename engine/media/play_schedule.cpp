// SPDX-License-Identifier: MIT
#include "engine/media/play_schedule.h"

#include <algorithm>
#include <cmath>

namespace depthscope::media {

std::vector<double> growingTimes(std::vector<double> seconds, double step) {
    const double origin = seconds.empty() ? 0 : seconds.front();
    double next = 0;
    for (std::size_t n = 0; n < seconds.size(); ++n) {
        const double own = seconds[n] - origin;
        const double before = n == 0 ? 0 : seconds[n - 1];
        seconds[n] = n == 0 ? 0 : own > before ? own : before + step;
        next = seconds[n] + (n == 0 ? step : seconds[n] - before);
    }
    seconds.push_back(next);
    return seconds;
}

PlaySchedule::PlaySchedule(const std::vector<double>& times, const Plan& plan)
    : m_times(&times)
    , m_plan(plan) {
    const auto last = static_cast<std::int64_t>(times.size()) - 2;
    m_plan.first = std::clamp<std::int64_t>(m_plan.first, 0, last);
    const bool isInside = m_plan.range.first <= m_plan.first && m_plan.first <= m_plan.range.last &&
                          m_plan.range.first >= 0 && m_plan.range.last <= last;
    if (!isInside) {
        m_plan.range = {0, last};
    }
}

std::int64_t PlaySchedule::firstLap() const {
    return m_plan.speed < 0 ? m_plan.first - m_plan.range.first + 1
                            : m_plan.range.last - m_plan.first + 1;
}

std::int64_t PlaySchedule::pictures() const {
    return m_plan.looping ? kEndless : firstLap();
}

std::int64_t PlaySchedule::frame(std::int64_t picture) const {
    const bool isBack = m_plan.speed < 0;
    const std::int64_t lap = firstLap();
    if (picture < lap) {
        return m_plan.first + (isBack ? -picture : picture);
    }
    const std::int64_t length = m_plan.range.last - m_plan.range.first + 1;
    const std::int64_t inLap = (picture - lap) % length;
    return isBack ? m_plan.range.last - inLap : m_plan.range.first + inLap;
}

double PlaySchedule::passed(std::int64_t frame) const {
    const auto at = [this](std::int64_t n) { return (*m_times)[static_cast<std::size_t>(n)]; };
    return m_plan.speed < 0 ? at(m_plan.range.last + 1) - at(frame + 1)
                            : at(frame) - at(m_plan.range.first);
}

double PlaySchedule::lapSeconds() const {
    return (*m_times)[static_cast<std::size_t>(m_plan.range.last + 1)] -
           (*m_times)[static_cast<std::size_t>(m_plan.range.first)];
}

double PlaySchedule::due(std::int64_t picture) const {
    const std::int64_t lap = firstLap();
    const std::int64_t length = m_plan.range.last - m_plan.range.first + 1;
    double clip = -passed(m_plan.first);
    if (picture < lap) {
        clip += passed(frame(picture));
    } else {
        const auto laps = static_cast<double>(1 + (picture - lap) / length);
        clip += laps * lapSeconds() + passed(frame(picture));
    }
    return clip / std::abs(m_plan.speed);
}

std::int64_t PlaySchedule::pictureAt(double seconds) const {
    std::int64_t low = 0;
    std::int64_t high = pictures() - 1;
    if (m_plan.looping) {
        const std::int64_t length = m_plan.range.last - m_plan.range.first + 1;
        const double laps = seconds * std::abs(m_plan.speed) / lapSeconds() + 2;
        high = static_cast<std::int64_t>(std::min(laps, 1e9)) * length;
    }
    // A clock in whole nanoseconds is a little early at some of its frames.
    constexpr double kRounding = 1e-8;
    while (low < high) {
        const std::int64_t middle = low + (high - low + 1) / 2;
        if (due(middle) <= seconds + kRounding) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

} // namespace depthscope::media
