// SPDX-License-Identifier: MIT
// Routing regret of a video model: what its router's depths lose against the best depths found for
// the target tokens of a clip, in squared error of the predicted clean clip at one noise level
// (depth_search.h, docs/video_models.md). The context stays as the router has it. Engine thread.
#pragma once

#include "engine/evaluate/clip_batch.h"
#include "engine/models/video_model.h"

#include <cstdint>
#include <vector>

namespace depthscope::evaluate {

/// Sums over the tokens of all clips; errors are means over a patch's values, in squares of -1..1.
struct ClipRegret {
    std::int64_t tokens = 0;
    double routedSum = 0;    ///< error under the router's depths
    double bestSum = 0;      ///< under the best depths found
    double equalCostSum = 0; ///< the same, with no more recursions than the router spent
    double routedDepthSum = 0;
    double bestDepthSum = 0;

    /// Shares of the error that other depths would have saved, at least. NaN without a token.
    [[nodiscard]] double share() const { return (routedSum - bestSum) / routedSum; }

    [[nodiscard]] double shareAtEqualCost() const { return (routedSum - equalCostSum) / routedSum; }
};

struct ClipRegretting {
    std::int64_t clips = 8;
    std::uint64_t firstClip = 0; ///< number in the source
    double noiseLevel = 0.5;
    std::uint64_t seed = 0; ///< of the noise: clip n has seed + n
};

class ClipRegretMeter {
public:
    /// `model`, which has a recursion, outlives the meter. A clip with N target tokens costs
    /// N · R + 4 passes, 32 of them at a time.
    ClipRegretMeter(const models::VideoModel& model, ClipSource source, ClipRegretting regretting);

    /// Measures the next clip; false when there is none left.
    bool step();

    [[nodiscard]] const ClipRegret& regret() const { return m_regret; }

private:
    struct Noised;

    [[nodiscard]] models::SidePass passOver(const Noised& clip, const at::Tensor& depths) const;
    [[nodiscard]] std::vector<double> errorsOf(const Noised& clip, const at::Tensor& depths) const;

    const models::VideoModel& m_model;
    ClipSource m_source;
    ClipRegretting m_regretting;
    std::int64_t m_done = 0;
    ClipRegret m_regret;
};

} // namespace depthscope::evaluate
