// SPDX-License-Identifier: MIT
// Who runs the token kernels: a GPU's stream (launch_cuda.cpp), or a test that has no GPU.
#pragma once

#include "engine/ops/cuda/attention_body.h"
#include "engine/ops/cuda/layer_body.h"
#include "engine/ops/cuda/mixture_body.h"
#include "engine/ops/cuda/rows_body.h"
#include "engine/ops/cuda/stage_body.h"

#include <functional>
#include <memory>

namespace depthscope::ops::cuda {

/// Which form of a kernel runs.
struct Form {
    bool brain = false; ///< bfloat16, else fp32
    bool wide = false;  ///< 16 bytes a load
};

/// Types of an elementwise kernel: of everything; or x and its angles, the result like the latter.
enum class Elements : std::uint8_t { Float, Brain, Double, BrainByFloat };

/// Runs kernels: on a GPU's current stream, or in a test.
class Launcher {
public:
    Launcher() = default;
    virtual ~Launcher() = default;
    Launcher(const Launcher&) = delete;
    Launcher& operator=(const Launcher&) = delete;

    virtual void rows(const Grid& grid, Form form, const RowsArgs& args) = 0;
    virtual void
    expertRows(const Grid& grid, Form form, const RowsArgs& args, const ExpertParts& parts) = 0;
    virtual void attention(const Grid& grid, Form form, const AttentionArgs& args) = 0;
    virtual void
    choice(const Grid& grid, Form form, const ChoiceArgs& args, const ExpertTable& table) = 0;
    virtual void mixing(const Grid& grid, Form form, const MixingArgs& args) = 0;
    virtual void stage(const Grid& grid, const StageArgs& args) = 0;
    virtual void rotate(const Grid& grid, Elements elements, const RotateArgs& args) = 0;
    virtual void gated(const Grid& grid, Elements elements, const GatedArgs& args) = 0;

    /// What `launches` would run, to be run as a whole later: its arguments and memory stay as they
    /// are, and it neither allocates nor waits. Null where this cannot be done.
    [[nodiscard]] virtual std::shared_ptr<void>
    record(const std::function<void(Launcher&)>& launches) = 0;
    virtual void replay(const std::shared_ptr<void>& recorded) = 0;
};

} // namespace depthscope::ops::cuda
