// SPDX-License-Identifier: MIT
// Where a routed video model sends its compute: depths and experts of the target tokens of clips
// whose truth is known, in one pass at one noise level (docs/video_models.md). Whether the depth
// follows motion is measured, not assumed. Engine thread.
#pragma once

#include "engine/evaluate/clip_batch.h"
#include "engine/models/video_model.h"
#include "engine/spec/video_spec.h"
#include "engine/trace/patch_classes.h"

#include <array>
#include <cstdint>
#include <vector>

namespace depthscope::evaluate {

struct DepthFigures {
    std::int64_t tokens = 0;                                 ///< of the target side, all clips
    std::vector<double> depthShares;                         ///< [R + 1] by depth 0..R
    std::array<double, spec::kPatterns> expertShares{};      ///< of all choices
    std::array<double, trace::kPatchClasses> depthByClass{}; ///< mean; NaN: no such patch
    /// Probability that a patch of the class is deeper than one of another class, ties half; 0.5:
    /// the depth says nothing of it. NaN where there is no class or no depth to compare.
    std::array<double, trace::kPatchClasses> auc{};
};

struct DepthProbing {
    std::int64_t clips = 96;
    std::int64_t batch = 32;
    double noiseLevel = 0.5;
    std::uint64_t seed = 0; ///< of the noise: clip n has seed + n
    models::PatternRequest patterns{};
    models::RecursionRequest recursion{};
};

class DepthProbe {
public:
    /// `model` outlives the probe.
    DepthProbe(const models::VideoModel& model, ClipSource source, DepthProbing probing);

    /// Looks at the next clips; false when there are none left.
    bool step();

    [[nodiscard]] double fraction() const;

    [[nodiscard]] DepthFigures figures() const;

private:
    [[nodiscard]] models::SidePass passOver(const at::Tensor& pixels) const;
    void count(const models::SidePass& pass, const std::vector<data::Clip>& clips);

    const models::VideoModel& m_model;
    ClipSource m_source;
    DepthProbing m_probing;
    std::int64_t m_done = 0;
    /// [class or none][depth] patches.
    std::array<std::vector<std::int64_t>, trace::kPatchClasses + 1> m_counts;
    std::array<double, spec::kPatterns> m_experts{};
};

/// Of depths counted [class][depth]: how often one of `of` is deeper than one of the others.
[[nodiscard]] double aucOf(const std::vector<std::vector<std::int64_t>>& counts, std::size_t of);

} // namespace depthscope::evaluate
