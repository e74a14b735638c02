// SPDX-License-Identifier: MIT
// One factory for each kind of job; each lives in the file of its name. Engine thread.
#pragma once

#include "engine/runtime/session.h"
#include "engine/session/workspace.h"

#include <memory>

namespace depthscope::session {

using runtime::Job;
using runtime::JobId;
using runtime::Publish;

[[nodiscard]] std::unique_ptr<Job>
makeLoadJob(Workspace& workspace, JobId id, runtime::LoadRequest request, Publish publish);
[[nodiscard]] std::unique_ptr<Job>
makePassJob(Workspace& workspace, JobId id, runtime::PassRequest request, Publish publish);
[[nodiscard]] std::unique_ptr<Job>
makePairJob(Workspace& workspace, JobId id, runtime::PassRequest request, Publish publish);
[[nodiscard]] std::unique_ptr<Job> makeConvergenceJob(Workspace& workspace,
                                                      JobId id,
                                                      runtime::ConvergenceRequest request,
                                                      Publish publish);
[[nodiscard]] std::unique_ptr<Job>
makeGenerateJob(Workspace& workspace, JobId id, runtime::GenerateRequest request, Publish publish);
[[nodiscard]] std::unique_ptr<Job>
makeBatchJob(Workspace& workspace, JobId id, runtime::BatchRequest request, Publish publish);
[[nodiscard]] std::unique_ptr<Job>
makeScoreJob(Workspace& workspace, JobId id, runtime::ScoreRequest request, Publish publish);
[[nodiscard]] std::unique_ptr<Job>
makeTrainJob(Workspace& workspace, JobId id, runtime::TrainRequest request, Publish publish);
/// Of a preset of a video model; makeTrainJob makes it where one is asked for.
[[nodiscard]] std::unique_ptr<Job>
makeVideoTrainJob(Workspace& workspace, JobId id, runtime::TrainRequest request, Publish publish);
[[nodiscard]] std::unique_ptr<Job>
makeExperimentJob(JobId id, runtime::ExperimentRequest request, Publish publish);
[[nodiscard]] std::unique_ptr<Job> makeVideoSampleJob(Workspace& workspace,
                                                      JobId id,
                                                      runtime::VideoSampleRequest request,
                                                      Publish publish);
[[nodiscard]] std::unique_ptr<Job> makeVideoScoreJob(Workspace& workspace,
                                                     JobId id,
                                                     runtime::VideoScoreRequest request,
                                                     Publish publish);
[[nodiscard]] std::unique_ptr<Job>
makeVideoProbeJob(Workspace& workspace, JobId id, Publish publish);
[[nodiscard]] std::unique_ptr<Job>
makeTokenizerTrainJob(JobId id, runtime::TokenizerTrainRequest request, Publish publish);
[[nodiscard]] std::unique_ptr<Job>
makeTokenizeJob(JobId id, runtime::TokenizeRequest request, Publish publish);
[[nodiscard]] std::unique_ptr<Job>
makeGradedTextJob(JobId id, runtime::GradedTextRequest request, Publish publish);
[[nodiscard]] std::unique_ptr<Job>
makeClipJob(JobId id, runtime::ClipRequest request, Publish publish);
[[nodiscard]] std::unique_ptr<Job>
makeMachineBenchJob(Workspace& workspace, JobId id, runtime::BenchRequest request, Publish publish);
[[nodiscard]] std::unique_ptr<Job>
makeModelBenchJob(Workspace& workspace, JobId id, runtime::BenchRequest request, Publish publish);
[[nodiscard]] std::unique_ptr<Job>
makeVideoBenchJob(Workspace& workspace, JobId id, runtime::BenchRequest request, Publish publish);
[[nodiscard]] std::unique_ptr<Job> makeSelftestJob(Workspace& workspace, JobId id, Publish publish);
[[nodiscard]] std::unique_ptr<Job> makeInfoJob(Workspace& workspace, JobId id, Publish publish);

} // namespace depthscope::session
