// SPDX-License-Identifier: MIT
// What the commands of video models say where the model is an autoencoder. Main thread.
#pragma once

#include "app/cli/options.h"
#include "app/cli/video_requests.h"
#include "engine/runtime/event.h"
#include "engine/spec/autoencoder_spec.h"

#include <optional>
#include <string>
#include <vector>

namespace depthscope::cli {

/// The shape of an autoencoder's folder; none: it is of another family, or cannot be read. Throws
/// what readAutoencoderConfig throws.
[[nodiscard]] std::optional<spec::AutoencoderSpec> autoencoderIn(const std::string& folder);

/// Throws Error{Usage} for --steps and --solver, which only denoising has.
void refuseSolver(const SolverOptions& solver, const std::string& folder);

void printReconstructionScore(const Common& common,
                              const spec::AutoencoderSpec& spec,
                              const runtime::VideoScoreReport& report);

/// `out`: where `files` were written to.
void printReconstructions(const Common& common,
                          const runtime::VideoSampleReport& report,
                          const std::string& out,
                          const std::vector<std::string>& files);

void printAutoencoderProbe(const Common& common,
                           const spec::AutoencoderSpec& spec,
                           const runtime::VideoProbeReport& report);

} // namespace depthscope::cli
