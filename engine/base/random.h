// SPDX-License-Identifier: MIT
// Random numbers that are the same on every machine. One owner, one thread.
#pragma once

#include <cstdint>

namespace depthscope {

/// splitmix64 (Steele, Lea and Flood 2014): integers only, so that no machine rounds differently.
class SplitMix {
public:
    explicit SplitMix(std::uint64_t seed)
        : m_state(seed) {}

    [[nodiscard]] std::uint64_t next();

    /// 0 .. count - 1: the upper 32 bits of the next number times count, shifted right by 32.
    [[nodiscard]] std::uint32_t below(std::uint32_t count);

private:
    std::uint64_t m_state;
};

} // namespace depthscope
