// SPDX-License-Identifier: MIT
#include "engine/base/bootstrap.h"

#include "engine/base/quantile.h"
#include "engine/base/random.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace depthscope {

namespace {

constexpr std::size_t kLeastBlock = 16;
constexpr std::size_t kLeastBlocks = 10;
constexpr std::size_t kMostBlocks = 1000;
constexpr int kRounds = 1000;

} // namespace

Interval bootstrapMean(std::span<const double> values, std::uint64_t seed) {
    const std::size_t count = values.size();
    const std::size_t block = std::max(kLeastBlock, (count + kMostBlocks - 1) / kMostBlocks);
    if (count < kLeastBlocks * block) {
        return {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
    }
    std::vector<double> before(count + block + 1, 0.0); // sums of all values before each
    for (std::size_t i = 0; i < count + block; ++i) {
        before[i + 1] = before[i] + values[i % count];
    }
    const std::size_t blocks = count / block;
    SplitMix random(seed);
    std::vector<double> means(kRounds);
    for (double& mean : means) {
        double sum = 0;
        for (std::size_t b = 0; b < blocks; ++b) {
            const std::size_t start = random.below(static_cast<std::uint32_t>(count));
            sum += before[start + block] - before[start];
        }
        mean = sum / static_cast<double>(blocks * block);
    }
    return {quantile(means, 0.025), quantile(means, 0.975)};
}

} // namespace depthscope
