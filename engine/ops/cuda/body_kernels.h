// SPDX-License-Identifier: MIT
// Our kernels that have bodies, on a GPU's stream. They return the launch's error.
#pragma once

#include "engine/ops/cuda/launcher.h"

#include <cuda_runtime_api.h>

namespace depthscope::ops::cuda {

cudaError_t launchRows(const Grid& grid, Form form, const RowsArgs& args, cudaStream_t stream);
cudaError_t launchExpertRows(const Grid& grid,
                             Form form,
                             const RowsArgs& args,
                             const ExpertParts& parts,
                             cudaStream_t stream);
cudaError_t
launchAttention(const Grid& grid, Form form, const AttentionArgs& args, cudaStream_t stream);
cudaError_t launchChoice(const Grid& grid,
                         Form form,
                         const ChoiceArgs& args,
                         const ExpertTable& table,
                         cudaStream_t stream);
cudaError_t launchMixing(const Grid& grid, Form form, const MixingArgs& args, cudaStream_t stream);
cudaError_t launchStage(const Grid& grid, const StageArgs& args, cudaStream_t stream);
cudaError_t
launchRotate(const Grid& grid, Elements elements, const RotateArgs& args, cudaStream_t stream);
cudaError_t
launchGated(const Grid& grid, Elements elements, const GatedArgs& args, cudaStream_t stream);

} // namespace depthscope::ops::cuda
