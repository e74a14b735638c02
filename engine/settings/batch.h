// SPDX-License-Identifier: MIT
// How many texts are generated together. A value; any thread.
#pragma once

#include <cstdint>

namespace depthscope::settings {

/// Which tokens run the shared block together (docs/routing.md 4.3).
enum class Batching : std::uint8_t {
    Sequence, ///< those of one recursion: all texts are at the same one, as in a plain transformer
    Depth,    ///< those of any recursion: who leaves is replaced at once
};

struct BatchSettings {
    Batching batching = Batching::Depth;
    int rows = 16;      ///< tokens in a batch at most
    double kvBytes = 0; ///< that keys and values may take; 0: half of what is free

    [[nodiscard]] bool operator==(const BatchSettings&) const = default;
};

inline constexpr int kMostBatchRows = 1024;

} // namespace depthscope::settings
