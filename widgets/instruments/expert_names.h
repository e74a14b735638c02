// SPDX-License-Identifier: MIT
// What experts are called: a letter, since a colour alone would not tell them apart, and the name
// that the model gives them. Pure, any thread.
#pragma once

#include "widgets/instruments/instrument.h"

#include <string>

namespace depthscope::instruments {

/// "A", "B", ..; a number where letters run out.
[[nodiscard]] std::string expertLetter(int expert);

/// "C Motion", or the letter where the model of the run names no experts.
[[nodiscard]] std::string
expertTitle(const trace::RunView& run, int expert, const scene::TextService& text);

} // namespace depthscope::instruments
