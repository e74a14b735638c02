// SPDX-License-Identifier: MIT
// What is asked of a loaded autoencoder: the jobs that makeVideoSampleJob, makeVideoScoreJob and
// makeVideoProbeJob (jobs.h) make where the loaded model is one. Engine thread.
#pragma once

#include "engine/session/autoencoder_family.h"
#include "engine/session/jobs.h"

#include <memory>

namespace depthscope::session {

/// Reconstructs clips: of the first one a trace with the frames, the clip itself as a run of its
/// own; the report's clips have the truth on the left, the reconstruction on the right.
[[nodiscard]] std::unique_ptr<Job> makeReconstructionJob(Workspace& workspace,
                                                         JobId id,
                                                         const runtime::VideoSampleRequest& request,
                                                         Publish publish);

/// Against the bicubic control (evaluate::ReconstructionScorer).
[[nodiscard]] std::unique_ptr<Job>
makeReconstructionScoreJob(Workspace& workspace,
                           JobId id,
                           const runtime::VideoScoreRequest& request,
                           Publish publish);

/// Parameters and multiply-accumulates.
[[nodiscard]] std::unique_ptr<Job>
makeAutoencoderProbeJob(Workspace& workspace, JobId id, Publish publish);

} // namespace depthscope::session
