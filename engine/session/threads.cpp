// SPDX-License-Identifier: MIT
#include "engine/session/threads.h"

#include "engine/ops/token.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>

namespace depthscope::session {

int decodingThreads(const spec::LanguageSpec& config, int most) {
    const std::int64_t projections =
        (config.heads + 2 * config.kvHeads) * config.headDim * config.width;
    const std::int64_t gates = 2 * config.ffn * config.width;
    return std::max(projections, gates) > ops::kTokenGrain ? most : 1;
}

int measureBestThreads(int most) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds kWarmUp(5);
    constexpr std::chrono::milliseconds kBudget(40);
    const c10::NoGradGuard noGrad;
    const at::Tensor x = at::ones({256, 192});
    const at::Tensor weight = at::ones({512, 192});
    int best = 1;
    double bestRate = 0;
    for (int threads = 1; threads <= most; threads *= 2) {
        useThreads(threads);
        Clock::time_point start = Clock::now();
        while (Clock::now() - start < kWarmUp) {
            static_cast<void>(at::silu(at::linear(x, weight)));
        }
        start = Clock::now();
        int rounds = 0;
        while (Clock::now() - start < kBudget) {
            static_cast<void>(at::silu(at::linear(x, weight)));
            ++rounds;
        }
        const double rate = rounds / std::chrono::duration<double>(Clock::now() - start).count();
        // More threads must pay for the cores they take from the rest of the machine.
        constexpr double kWorthwhile = 1.1;
        if (rate > bestRate * kWorthwhile) {
            best = threads;
            bestRate = rate;
        }
    }
    return best;
}

} // namespace depthscope::session
