// SPDX-License-Identifier: MIT
#include "engine/trace/clip_view.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace depthscope::trace {

namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 3600;

} // namespace

std::optional<std::uint32_t> valueAt(const Frame& frame,
                                     const PixelComponent& component,
                                     std::int64_t column,
                                     std::int64_t row) {
    const bool isInside = column >= 0 && row >= 0 && column < frame.width && row < frame.height;
    if (!isInside || component.plane >= frame.planes.size()) {
        return std::nullopt;
    }
    const FramePlane& plane = frame.planes[component.plane];
    const auto line = static_cast<std::size_t>(row) >> component.rowsPerValue;
    const auto place = static_cast<std::size_t>(column) >> component.columnsPerValue;
    const std::size_t first = place * component.step + component.offset;
    const std::size_t bytes = (component.shift + component.depth + 7) / 8;
    if (line >= plane.rows || bytes > sizeof(std::uint32_t) || first + bytes > plane.rowBytes) {
        return std::nullopt;
    }
    const std::uint8_t* at = plane.data + static_cast<std::ptrdiff_t>(line) * plane.stride +
                             static_cast<std::ptrdiff_t>(first);
    std::uint64_t value = 0;
    for (std::size_t byte = 0; byte < bytes; ++byte) {
        value |= std::uint64_t{at[byte]} << (8 * byte);
    }
    const std::uint64_t mask = (std::uint64_t{1} << component.depth) - 1;
    return static_cast<std::uint32_t>((value >> component.shift) & mask);
}

std::string timecode(const ClipView& clip, std::int64_t number, double seconds) {
    char text[64];
    if (clip.variableRate || clip.frameRate.over <= 0 || clip.frameRate.under <= 0) {
        const double shown = std::isfinite(seconds) ? std::max(0.0, seconds) : 0.0;
        const auto thousandths = static_cast<std::int64_t>(std::llround(shown * 1000));
        const std::int64_t whole = thousandths / 1000;
        std::snprintf(
            text, sizeof text, "%02lld:%02lld:%02lld.%03lld", static_cast<long long>(whole / kHour),
            static_cast<long long>(whole / kMinute % kMinute),
            static_cast<long long>(whole % kMinute), static_cast<long long>(thousandths % 1000));
        return text;
    }
    const double rate = static_cast<double>(clip.frameRate.over) / clip.frameRate.under;
    const std::int64_t perSecond = std::max<std::int64_t>(1, std::llround(rate));
    const std::int64_t whole = number / perSecond;
    std::snprintf(
        text, sizeof text, "%02lld:%02lld:%02lld:%02lld", static_cast<long long>(whole / kHour),
        static_cast<long long>(whole / kMinute % kMinute), static_cast<long long>(whole % kMinute),
        static_cast<long long>(number % perSecond));
    return text;
}

} // namespace depthscope::trace
