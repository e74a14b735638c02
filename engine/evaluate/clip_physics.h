// SPDX-License-Identifier: MIT
// Do the objects of predicted frames behave? Where each is, how large and of which colour, against
// the ground truth of a procedural clip (docs/video_models.md, "Physics"). One owner, one thread.
#pragma once

#include "engine/data/clip.h"

#include <cstdint>
#include <span>
#include <vector>

namespace depthscope::evaluate {

/// Over objects and frames. NaN where nothing was measured.
struct PhysicsReport {
    std::int64_t measured = 0; ///< objects in frames
    std::int64_t hidden = 0;   ///< not measured: not whole in view
    std::int64_t lost = 0;     ///< of those measured: nothing of it was found in the frame
    double centroidMedian = 0; ///< pixels between found and true centroid
    double centroidHigh = 0;   ///< p90
    double areaLow = 0;        ///< found by true area, p10
    double areaMedian = 0;
    double areaHigh = 0;     ///< p90
    double colourMedian = 0; ///< root of the mean square over red, green and blue, 0..1
};

/// Frames first .. first + F - 1 of a clip as a model predicted them.
struct PredictedFrames {
    std::span<const std::uint8_t> rgb; ///< [F, H, W, 3]
    std::int32_t first = 0;
};

class PhysicsMeter {
public:
    /// `ground` is the whole clip's, [T, H, W, 3], as data::ProceduralClips::ground gives it. A
    /// lost object's centroid is off by half of the frame's diagonal; it has no area and no
    /// colour. Throws Error{Internal} where the sizes do not fit.
    void add(const data::Clip& truth,
             std::span<const std::uint8_t> ground,
             const PredictedFrames& predicted);

    [[nodiscard]] PhysicsReport report() const;

private:
    std::int64_t m_hidden = 0;
    std::int64_t m_lost = 0;
    std::vector<double> m_distances;
    std::vector<double> m_areas;
    std::vector<double> m_colours;
};

} // namespace depthscope::evaluate
