// SPDX-License-Identifier: MIT
// Small steps for tests of how they are joined.
#pragma once

#include "engine/trace/step_trace.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace depthscope::tests {

/// Step `number` of a run over places [first, first + depth.size()) of a line, without content.
[[nodiscard]] inline std::shared_ptr<trace::StepTrace>
madeStep(std::uint64_t run, std::uint32_t number, int first, std::vector<std::uint8_t> depth) {
    auto step = std::make_shared<trace::StepTrace>();
    step->run = run;
    step->step = number;
    step->routing.firstPlace = first;
    step->routing.layout.columns = first + static_cast<std::int32_t>(depth.size());
    step->routing.depth = std::move(depth);
    return step;
}

/// The same of a text.
[[nodiscard]] inline std::shared_ptr<trace::StepTrace>
textStep(std::uint64_t run,
         std::uint32_t number,
         int first,
         const std::vector<std::string>& pieces) {
    auto step = madeStep(run, number, first, std::vector<std::uint8_t>(pieces.size(), 1));
    trace::TextContent& text = step->makeText();
    for (const std::string& piece : pieces) {
        text.ids.push_back(piece.empty() ? 0 : static_cast<unsigned char>(piece[0]));
        text.text += piece;
        text.pieceEnds.push_back(static_cast<std::uint32_t>(text.text.size()));
    }
    return step;
}

} // namespace depthscope::tests
