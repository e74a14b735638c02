// SPDX-License-Identifier: MIT
// What the three KV policies would take for the same routing: curves along the
// token axis, computed from the depths. For the memory panel; pure, any thread.
#pragma once

#include "widgets/instruments/place_axis.h"
#include "widgets/instruments/scene_writer.h"

#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::instruments {

/// One curve; policies that agree at every token share it.
struct PolicyCurve {
    std::vector<settings::KvPolicy> policies;
    std::vector<std::int64_t> sums; ///< [T + 1] bytes before each token, from 0
    bool inForce = false;
};

/// "recursion-wise", "recursive sharing", "hybrid"
[[nodiscard]] std::string policyName(settings::KvPolicy policy, const scene::TextService& text);

/// The largest first; empty where the recursions keep nothing (no recursion, or experts).
[[nodiscard]] std::vector<PolicyCurve> policyCurves(const trace::RunView& run);

/// A line for each policy, each begun by a line end: what it would take up to and with a token.
[[nodiscard]] std::string policyTip(const std::vector<PolicyCurve>& curves,
                                    std::size_t token,
                                    const scene::TextService& text);

/// A column for each policy, and its cells for a token.
void addPolicyColumns(Table& table,
                      const std::vector<PolicyCurve>& curves,
                      const scene::TextService& text);
void addPolicyCells(std::vector<Table::Cell>& row,
                    const std::vector<PolicyCurve>& curves,
                    std::size_t token);

/// Where curves are drawn. Lives for one call.
struct PolicyPlot {
    const PlaceAxis& axis;
    scene::Rect plot;
    double mostBytes;                      ///< at the plot's upper edge
    const std::vector<std::size_t>& edges; ///< token edges to draw through
};

/// The active one bold, the others thin, each with its name if there is room.
void drawPolicies(SceneWriter& writer,
                  const std::vector<PolicyCurve>& curves,
                  const PolicyPlot& plot);

} // namespace depthscope::instruments
