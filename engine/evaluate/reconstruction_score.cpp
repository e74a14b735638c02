// SPDX-License-Identifier: MIT
#include "engine/evaluate/reconstruction_score.h"

#include "engine/evaluate/image_metrics.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

namespace depthscope::evaluate {

namespace {

constexpr int kTime = 2, kRows = 3, kColumns = 4; // of [B, 3, T, X, Y]

/// Mean squared error of each clip in squares of 0..1: [B] double.
at::Tensor errorsOf(const at::Tensor& frames, const at::Tensor& truth) {
    constexpr double kRange = 2.0; // -1 to 1
    const at::Tensor difference = (frames.clamp(-1, 1) - truth) / kRange;
    return difference.to(at::kDouble).square().flatten(1).mean(1).cpu();
}

/// Mean over the frames of one clip, [3, T, X, Y] each.
double similarityOf(const at::Tensor& frames, const at::Tensor& truth) {
    const std::vector<std::uint8_t> made = bytesOfFrames(frames), known = bytesOfFrames(truth);
    const auto width = static_cast<std::int32_t>(truth.size(kColumns - 1));
    const auto height = static_cast<std::int32_t>(truth.size(kRows - 1));
    const auto count = static_cast<std::size_t>(truth.size(kTime - 1));
    const std::size_t size = known.size() / count;
    double sum = 0;
    for (std::size_t t = 0; t < count; ++t) {
        sum += ssimOfRgb(std::span(made).subspan(t * size, size),
                         std::span(known).subspan(t * size, size), width, height);
    }
    return sum / static_cast<double>(count);
}

} // namespace

at::Tensor bicubicControl(const spec::AutoencoderSpec& spec, const at::Tensor& pixels) {
    const spec::Extent3 size = spec::controlSize(spec);
    const std::array<std::int64_t, 2> small{size.rows, size.columns};
    const std::array<std::int64_t, 2> whole{pixels.size(kRows), pixels.size(kColumns)};
    const at::Tensor frames = pixels.transpose(1, kTime).flatten(0, 1);
    const at::Tensor shrunk = at::_upsample_bicubic2d_aa(frames, small, false);
    return at::upsample_bicubic2d(shrunk, whole, false)
        .unflatten(0, {pixels.size(0), pixels.size(kTime)})
        .transpose(1, kTime);
}

ReconstructionScorer::ReconstructionScorer(const models::Autoencoder& model,
                                           ClipSource source,
                                           ReconstructionScoring scoring)
    : m_model(model)
    , m_source(std::move(source))
    , m_scoring(scoring) {}

double ReconstructionScorer::fraction() const {
    return static_cast<double>(m_done) /
           static_cast<double>(std::max<std::int64_t>(1, m_scoring.clips));
}

at::Tensor
ReconstructionScorer::measure(const at::Tensor& made, const at::Tensor& truth, Sums& sums) const {
    const at::Tensor errors = errorsOf(made, truth);
    sums.error += errors.sum().item<double>();
    for (std::int64_t b = 0; m_scoring.similarity && b < made.size(0); ++b) {
        sums.similarity += similarityOf(made[b], truth[b]);
    }
    return errors;
}

bool ReconstructionScorer::step() {
    const c10::NoGradGuard noGrad;
    const std::int64_t count = std::min(m_scoring.batch, m_scoring.clips - m_done);
    if (count <= 0) {
        return false;
    }
    std::vector<std::uint64_t> numbers;
    for (std::int64_t i = 0; i < count; ++i) {
        numbers.push_back(m_scoring.firstClip + static_cast<std::uint64_t>(m_done + i));
    }
    const at::Tensor truth = batchOf(m_source, numbers).pixels.to(m_model.device());
    const at::Tensor made = m_model.decode(m_model.encode(truth)).to(at::kFloat);
    m_loss += (made - truth).square().mean().item<double>() * static_cast<double>(count);
    const at::Tensor errors = measure(made, truth, m_made);
    const at::Tensor control = measure(bicubicControl(m_model.spec(), truth), truth, m_control);
    m_above += errors.lt(control).sum().item<std::int64_t>();
    m_done += count;
    return m_done < m_scoring.clips;
}

ReconstructionScore ReconstructionScorer::score() const {
    ReconstructionScore score;
    const auto clips = static_cast<double>(m_done);
    score.clips = m_done;
    score.loss = m_loss / clips;
    score.psnr = psnr(m_made.error / clips, 1.0);
    score.psnrControl = psnr(m_control.error / clips, 1.0);
    score.ssim = m_scoring.similarity ? m_made.similarity / clips : std::nan("");
    score.ssimControl = m_scoring.similarity ? m_control.similarity / clips : std::nan("");
    score.shareAboveControl = static_cast<double>(m_above) / clips;
    return score;
}

} // namespace depthscope::evaluate
