// SPDX-License-Identifier: MIT
// How well an autoencoder reconstructs held-out clips (docs/video_models.md, "Autoencoder"), beside
// a control that needs no learning: each frame shrunk to at least as many numbers as its latents
// are and enlarged again, both by bicubic interpolation. Engine thread. Letters: B clips, T frames,
// X rows, Y columns.
#pragma once

#include "engine/evaluate/clip_batch.h"
#include "engine/models/autoencoder.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace depthscope::evaluate {

struct ReconstructionScoring {
    std::int64_t clips = 32;
    std::int64_t batch = 2; ///< clips that are encoded together
    std::uint64_t firstClip = 0;
    bool similarity = true; ///< SSIM too
};

/// Of RGB in 0..1, clamped; errors are averaged over clips and frames, SSIM over frames.
struct ReconstructionScore {
    std::int64_t clips = 0;
    double loss = 0; ///< mean squared error of values of -1..1, not clamped: what training lowers
    double psnr = 0, psnrControl = 0; ///< dB
    double ssim = 0, ssimControl = 0; ///< NaN where it was not asked
    double shareAboveControl = 0;     ///< of the clips, by their error
};

/// [B, 3, T, X, Y] of -1..1 through controlSize() and back: antialiased on the way down, neither
/// rounded to bytes on the way.
[[nodiscard]] at::Tensor bicubicControl(const spec::AutoencoderSpec& spec,
                                        const at::Tensor& pixels);

class ReconstructionScorer {
public:
    /// `model` outlives it.
    ReconstructionScorer(const models::Autoencoder& model,
                         ClipSource source,
                         ReconstructionScoring scoring);

    /// A batch. True: there is more to do.
    bool step();

    [[nodiscard]] double fraction() const;

    [[nodiscard]] ReconstructionScore score() const;

private:
    /// Sums over clips.
    struct Sums {
        double error = 0;
        double similarity = 0;
    };

    [[nodiscard]] at::Tensor
    measure(const at::Tensor& made, const at::Tensor& truth, Sums& sums) const;

    const models::Autoencoder& m_model;
    ClipSource m_source;
    ReconstructionScoring m_scoring;
    std::int64_t m_done = 0;
    std::int64_t m_above = 0;
    double m_loss = 0;
    Sums m_made, m_control;
};

} // namespace depthscope::evaluate
