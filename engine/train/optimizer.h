// SPDX-License-Identifier: MIT
// AdamW over some tensors of a model, with decay on matrices only or on all, and a global gradient
// clip. Owned by a trainer; engine thread.
#pragma once

#include "engine/io/safetensors.h"
#include "engine/train/objective.h"

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace depthscope::train {

struct AdamSettings {
    double beta1 = 0.9;
    double beta2 = 0.95;
    double epsilon = 1e-8;
    double weightDecay = 0.1;
    bool decayEverything = false; ///< vectors too
    double clip = 1.0;
};

/// Copies the checkpoint's tensor of that name into `target`. Throws Error{BadInput} naming file
/// and tensor.
void restoreTensor(io::SafetensorsReader& reader, const std::string& name, at::Tensor& target);

class AdamW {
public:
    AdamW(std::vector<Weight> weights, AdamSettings settings);

    /// Clips the gradients together, updates the weights in place and drops the gradients. Returns
    /// the gradient norm before clipping; one that is not finite changes nothing and keeps them.
    double step(double rate);

    /// The key of a weight whose gradient is not finite; empty: all are.
    [[nodiscard]] std::string notFinite() const;

    /// Drops the gradients without a step.
    void dropGradients();

    /// First and second moments and step counts, named after the weights.
    [[nodiscard]] std::vector<io::NamedTensor> state() const;
    /// Throws Error{BadInput} naming file and tensor.
    void restore(io::SafetensorsReader& reader);

private:
    struct Group {
        std::vector<std::string> keys;
        std::vector<at::Tensor> weights, first, second, steps;
        double decay = 0;
    };

    [[nodiscard]] double clipGradients();

    AdamSettings m_settings;
    Group m_groups[2]; ///< with decay; without
};

} // namespace depthscope::train
