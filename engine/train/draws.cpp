// SPDX-License-Identifier: MIT
#include "engine/train/draws.h"

#include "engine/base/random.h"

namespace depthscope::train {

std::uint64_t batchKey(std::uint64_t seed, std::int64_t t) {
    return seed * 0x9E3779B97F4A7C15ULL ^ (static_cast<std::uint64_t>(t) + 1);
}

std::vector<std::uint32_t>
drawRows(std::uint64_t key, std::uint32_t count, std::int64_t rows, Share share) {
    SplitMix random(key);
    std::vector<std::uint32_t> drawn;
    for (std::int64_t row = 0; row < rows * share.world; ++row) {
        const std::uint32_t number = random.below(count);
        if (row % share.world == share.rank) {
            drawn.push_back(number);
        }
    }
    return drawn;
}

std::uint64_t passSeed(std::uint64_t seed, std::int64_t t, Share share) {
    constexpr std::uint64_t kStride = 977;
    return seed + static_cast<std::uint64_t>(t * share.world + share.rank) * kStride;
}

} // namespace depthscope::train
