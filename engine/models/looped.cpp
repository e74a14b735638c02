// SPDX-License-Identifier: MIT
#include "engine/models/looped.h"

#include "engine/nn/linear.h"
#include "engine/ops/route.h"

#include <ATen/ATen.h>

#include <limits>

namespace depthscope::models {

using settings::Rule;

namespace {

/// p_t of states h [B, K, D] whose tokens have not left with probability `stays` [B, K], which is
/// updated; the last recursion takes what is left.
at::Tensor leaveWith(const BlockRun& run, const at::Tensor& h, at::Tensor& stays, int r) {
    if (r + 1 == run.pass.routing.depth) {
        return stays;
    }
    const at::Tensor gate =
        nn::linear(h, run.weights.exitGate, run.weights.exitBias).squeeze(-1).to(at::kFloat);
    const at::Tensor lambda = at::sigmoid(gate);
    at::Tensor leaves = lambda * stays;
    stays = stays * (1 - lambda);
    return leaves;
}

/// All recursions run for every token.
void runPublished(const BlockRun& run, int r) {
    Pass& pass = run.pass;
    runPlainRecursion(run, r);
    pass.x = nn::rmsNorm(pass.x, run.weights.norm, run.config.normEpsilon);
    pass.loopStates.push_back(pass.x);
    pass.stays = r == 0 ? at::ones_like(pass.ids, at::kFloat) : pass.stays;
    pass.exits.push_back(leaveWith(run, pass.x, pass.stays, r));
}

/// Those of the active tokens whose exit probabilities have not reached the threshold go on.
void dropStopped(const BlockRun& run, int r) {
    Pass& pass = run.pass;
    const double threshold = pass.routing.settings.exit;
    const at::Tensor sum = pass.left.gather(1, pass.active.positions);
    const at::Tensor goesOn = threshold >= 1 ? at::ones_like(sum, at::kBool) : sum.lt(threshold);
    stopAfter(run, goesOn, r - 1);
}

/// Who has left runs no further recursion.
void runStopping(const BlockRun& run, int r) {
    Pass& pass = run.pass;
    if (r == 0) {
        requireOneRow(pass);
        pass.active = everyToken(pass);
        pass.stays = at::ones_like(pass.ids, at::kFloat);
        pass.left = at::zeros_like(pass.stays);
    } else if (pass.active.positions.size(1) == 0) {
        return;
    } else {
        dropStopped(run, r);
    }
    recordDepth(pass);
    const at::Tensor& columns = pass.active.positions;
    if (columns.size(1) == 0) {
        return;
    }
    const bool isAll = isEveryToken(pass, pass.active);
    const at::Tensor h = isAll ? pass.x : ops::gatherRows(pass.x, columns);
    const at::Tensor made =
        nn::rmsNorm(runBlock(run, h, pass.active, r), run.weights.norm, run.config.normEpsilon);
    pass.x = isAll ? made : pass.x.scatter(1, columns.unsqueeze(-1).expand_as(made), made);
    at::Tensor stays = pass.stays.gather(1, columns);
    const at::Tensor leaves = leaveWith(run, made, stays, r);
    pass.stays = pass.stays.scatter(1, columns, stays);
    pass.left = pass.left.scatter_add(1, columns, leaves);
    const float didNotRun = std::numeric_limits<float>::quiet_NaN();
    pass.exits.push_back(at::full_like(pass.stays, didNotRun).scatter(1, columns, leaves));
}

/// The next token through all its recursions; true after the last token.
bool runNextToken(const BlockRun& run) {
    Pass& pass = run.pass;
    const settings::RoutingSettings& settings = pass.routing.settings;
    const std::int64_t column = takeToken(pass);
    at::Tensor h = pass.x.narrow(1, column, 1);
    at::Tensor stays = at::ones({1, 1}, h.options().dtype(at::kFloat));
    at::Tensor left = at::zeros_like(stays);
    for (int r = 0; r < pass.routing.depth; ++r) {
        recordToken(pass, column, r);
        h = nn::rmsNorm(runBlock(run, h, pass.active, r), run.weights.norm, run.config.normEpsilon);
        const at::Tensor leaves = leaveWith(run, h, stays, r);
        const auto row = static_cast<std::size_t>(r);
        writeToken(pass.exits, row, pass, leaves);
        if (!settings.exitStops()) {
            writeToken(pass.loopStates, row, pass, h);
            continue;
        }
        left = left + leaves;
        if (settings.exit < 1) {
            ++pass.syncs;
            if (left.ge(settings.exit).item<bool>()) {
                break;
            }
        }
    }
    pass.x.select(1, column).copy_(h.select(1, 0));
    return pass.tokensRun == pass.tokens();
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

bool runLoop(const BlockRun& run, int r) {
    const settings::RoutingSettings& settings = run.pass.routing.settings;
    if (settings::runsTokenByToken(settings)) {
        return run.pass.tokensRun == run.pass.ids.size(1) || runNextToken(run);
    }
    if (settings.exitStops()) {
        runStopping(run, r);
    } else {
        runPublished(run, r);
    }
    return true;
}

void chooseExits(const BlockRun& run) {
    Pass& pass = run.pass;
    const settings::RoutingSettings& settings = pass.routing.settings;
    if (pass.trace) {
        pass.scores = pass.exits;
    }
    if (settings.rule == Rule::Weighted) {
        pass.logits = weightedLogits(run);
    } else if (settings.rule == Rule::Exit && !settings.exitStops()) {
        const at::Tensor chosen = firstReached(pass, settings.exit);
        pass.depth = chosen + 1;
        const auto width = pass.x.size(2);
        const at::Tensor index =
            chosen.unsqueeze(0).unsqueeze(-1).expand({1, chosen.size(0), chosen.size(1), width});
        pass.x = at::stack(pass.loopStates).gather(0, index).squeeze(0);
    }
    if (!pass.losses) { // of no use any more, and large
        pass.loopStates.clear();
    }
}

} // namespace depthscope::models
