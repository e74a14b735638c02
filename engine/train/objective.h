// SPDX-License-Identifier: MIT
// What a training learns: its weights, its micro-batches with their loss, and how the model is
// measured on held-out data. All that a Trainer knows of models and data. Owned by the job; engine
// thread. Implementations throw Error as they say.
#pragma once

#include "engine/train/draws.h"
#include "engine/train/metrics.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::train {

/// A tensor of the model. Shared storage is listed once, under the key of its first use.
struct Weight {
    std::string key;
    at::Tensor tensor; ///< fp32
    double rate = 1.0; ///< times the schedule's learning rate; 0: no gradient moves it
};

/// Which micro-batch is asked for.
struct MicroBatch {
    std::int64_t index = 0; ///< from the start of the training
    std::int64_t parts = 1; ///< micro-batches of an optimiser step
    Share share;
    double done = 0; ///< of the training, 0 to 1: its steps, or its time where that ends it
};

struct Loss {
    at::Tensor total; ///< scalar with its graph; gradients of a step's parts are added up
    at::Tensor value; ///< scalar, fp32: what the training loss is the mean of
    double flops = 0; ///< of the forward and the backward pass
};

/// Something that a checkpoint must share with the run that goes on from it.
struct Trait {
    std::string key;
    std::string value;
    bool required = true; ///< else a checkpoint of before may lack it
};

class Objective {
public:
    Objective() = default;
    virtual ~Objective() = default;
    Objective(const Objective&) = delete;
    Objective& operator=(const Objective&) = delete;

    /// In the order of a checkpoint; one at least is learned. The tensors stay the model's own for
    /// its lifetime.
    [[nodiscard]] virtual std::vector<Weight> weights() = 0;

    /// Draws the micro-batch, a function of seed, index and share, and computes its loss. Grad mode
    /// and autocast are as the caller wants them.
    [[nodiscard]] virtual Loss loss(const MicroBatch& batch) = 0;

    /// The optimiser has moved; `microBatches` are done since the start of the training.
    virtual void stepped(std::int64_t microBatches) { static_cast<void>(microBatches); }

    /// Tokens (patches, samples) of a micro-batch: what speed is counted in.
    [[nodiscard]] virtual std::int64_t tokens() const = 0;

    /// Measures the model as it is, without gradients, alike in every process. One metric is
    /// "val_loss": the lower, the better.
    [[nodiscard]] virtual std::vector<Metric> evaluate() = 0;

    /// What is learned from what, for checkpoints.
    [[nodiscard]] virtual std::vector<Trait> traits() const = 0;
};

} // namespace depthscope::train
