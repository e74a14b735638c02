// SPDX-License-Identifier: MIT
// Which random numbers a micro-batch draws: functions of the training's seed, the micro-batch and
// the process among those that train one model together. Process 0 of 1 draws what a training alone
// draws. Pure functions of values; any thread.
#pragma once

#include <cstdint>
#include <vector>

namespace depthscope::train {

/// One process among those that train one model together.
struct Share {
    std::int64_t rank = 0; ///< 0 .. world - 1
    std::int64_t world = 1;
};

/// Key of the stream that chooses the samples of micro-batch t: one for all processes, which take
/// different rows of it.
[[nodiscard]] std::uint64_t batchKey(std::uint64_t seed, std::int64_t t);

/// `rows` numbers below `count`: rows rank, rank + world, .. of the rows · world that the stream
/// draws. So `world` processes see together what one with `world` times the rows sees.
[[nodiscard]] std::vector<std::uint32_t>
drawRows(std::uint64_t key, std::uint32_t count, std::int64_t rows, Share share = {});

/// Seed of what a pass over micro-batch t draws besides its samples: of each process its own.
[[nodiscard]] std::uint64_t passSeed(std::uint64_t seed, std::int64_t t, Share share = {});

} // namespace depthscope::train
