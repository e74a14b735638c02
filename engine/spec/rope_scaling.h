// SPDX-License-Identifier: MIT
// How rotary positions are scaled, as declared in config.json. A value without torch; any thread.
#pragma once

#include <cstdint>

namespace depthscope::spec {

/// How a model's rotary frequencies were stretched for contexts longer than it was trained on.
struct RopeScaling {
    enum class Kind : std::uint8_t { None, Linear, Llama3 };

    Kind kind = Kind::None;
    double factor = 1.0;
    // Llama 3: wave lengths below trainedContext / highFactor stay, those above trainedContext /
    // lowFactor are stretched by the factor, those between in part.
    double lowFactor = 1.0;
    double highFactor = 4.0;
    double trainedContext = 8192.0;
};

} // namespace depthscope::spec
