// SPDX-License-Identifier: MIT
#include "engine/models/looped.h"

#include "engine/nn/linear.h"

#include <ATen/ATen.h>

namespace depthscope::models {

using settings::Rule;

namespace {

bool isLastRecursion(const Pass& pass) {
    return static_cast<int>(pass.loopStates.size()) == pass.routing.depth;
}

/// The recursions from 0 by which the exit probability has added up to `threshold`, [B, T] int64.
at::Tensor firstReached(const Pass& pass, double threshold) {
    const auto last = static_cast<std::int64_t>(pass.exits.size()) - 1;
    if (threshold >= 1) {
        return at::full_like(pass.ids, last); // whatever a sum rounds to
    }
    at::Tensor sum = at::zeros_like(pass.exits.front());
    at::Tensor before = at::zeros_like(pass.ids); // recursions that have not reached it
    for (const at::Tensor& probability : pass.exits) {
        sum = sum + probability;
        before = before + sum.lt(threshold).to(at::kLong);
    }
    return before.clamp_max(last);
}

at::Tensor headOf(const BlockRun& run, const at::Tensor& states) {
    return nn::linear(states, run.weights.head);
}

/// The sum over the recursions of p_t · head(h_t), in fp32.
at::Tensor weightedLogits(const BlockRun& run) {
    const Pass& pass = run.pass;
    const auto column = [&](const at::Tensor& x) {
        return pass.lastLogitsOnly ? x.narrow(1, x.size(1) - 1, 1) : x;
    };
    at::Tensor logits;
    for (std::size_t t = 0; t < pass.loopStates.size(); ++t) {
        const at::Tensor part = headOf(run, column(pass.loopStates[t])).to(at::kFloat) *
                                column(pass.exits[t]).unsqueeze(-1);
        logits = logits.defined() ? logits + part : part;
    }
    return logits;
}

} // namespace

void closeRecursion(const BlockRun& run, int r) {
    Pass& pass = run.pass;
    pass.x = nn::rmsNorm(pass.x, run.weights.norm, run.config.normEpsilon);
    pass.loopStates.push_back(pass.x);
    const at::Tensor stays = r == 0 ? at::ones_like(pass.ids, at::kFloat) : pass.stays;
    if (isLastRecursion(pass)) {
        pass.exits.push_back(stays); // what is left
        return;
    }
    const at::Tensor leaves =
        nn::linear(pass.x, run.weights.exitGate, run.weights.exitBias).squeeze(-1).to(at::kFloat);
    const at::Tensor lambda = at::sigmoid(leaves);
    pass.exits.push_back(lambda * stays);
    pass.stays = stays * (1 - lambda);
}

void chooseExits(const BlockRun& run) {
    Pass& pass = run.pass;
    const settings::RoutingSettings& settings = pass.routing.settings;
    if (pass.trace) {
        pass.scores = pass.exits;
    }
    if (settings.rule == Rule::Weighted) {
        pass.logits = weightedLogits(run);
    } else if (settings.rule == Rule::Exit) {
        const at::Tensor chosen = firstReached(pass, settings.exit);
        pass.depth = chosen + 1;
        const auto width = pass.x.size(2);
        const at::Tensor index =
            chosen.unsqueeze(0).unsqueeze(-1).expand({1, chosen.size(0), chosen.size(1), width});
        pass.x = at::stack(pass.loopStates).gather(0, index).squeeze(0);
    }
    pass.loopStates.clear(); // of no use any more, and large
}

} // namespace depthscope::models
