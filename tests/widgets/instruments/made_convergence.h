// SPDX-License-Identifier: MIT
// The convergence of a made run, by formulas that can be checked by hand. Any thread.
#pragma once

#include "engine/trace/trace_store.h"

#include <cmath>
#include <limits>
#include <memory>

namespace depthscope::tests {

/// Of a run with pieces: recursion r (from 1) changes token t by (1 + t % 3) / (4 r); tokens that
/// left have no values. The likeliest piece is the token's id plus how far r is from the last.
inline std::shared_ptr<trace::Convergence> madeConvergence(const trace::RunView& run, int trained) {
    auto made = std::make_shared<trace::Convergence>();
    made->model = run.latest->model;
    made->settings = run.latest->settings;
    made->ids = run.ids;
    made->recursions = run.recursions();
    made->trained = trained;
    made->predictions = trace::kPredictions;
    const std::size_t tokens = run.places();
    for (int r = 1; r <= made->recursions; ++r) {
        for (std::size_t t = 0; t < tokens; ++t) {
            const bool ran = run.depth[t] >= r;
            const float change = static_cast<float>(1 + t % 3) / (4 * static_cast<float>(r));
            const float values[] = {change, 1 - change / 2, 3 * change, change / 10,
                                    static_cast<float>(1 + 40 * (made->recursions - r))};
            for (std::size_t i = 0; i < made->values.size(); ++i) {
                made->values[i].push_back(ran ? values[i]
                                              : std::numeric_limits<float>::quiet_NaN());
            }
            for (int i = 0; i < static_cast<int>(trace::kPredictions); ++i) {
                made->best.push_back(run.ids[t] + i + made->recursions - r);
                made->probability.push_back(0.5F / static_cast<float>(1 << i));
            }
        }
    }
    for (const std::int32_t id : made->best) {
        made->pieces[id] = id % 2 == 0 ? " piece" + std::to_string(id) : "";
    }
    made->fixedAt.assign(tokens, static_cast<std::uint8_t>(made->recursions));
    for (const char* rule :
         {"latent:0.03", "cosine:0.001", "entropy:0.001", "kl:0.001", "argmax:5"}) {
        made->exits.push_back({rule, std::vector<std::uint8_t>(tokens, 0)});
    }
    for (std::size_t t = 0; t < tokens; ++t) {
        made->exits[3].recursion[t] = static_cast<std::uint8_t>(1 + t % 2);
        for (int r = 0; r <= made->recursions; ++r) {
            made->path.push_back(static_cast<float>(r));
            made->path.push_back(static_cast<float>(r % 2));
        }
        made->pathShares.insert(made->pathShares.end(), {0.8F, 0.15F});
    }
    return made;
}

} // namespace depthscope::tests
