// SPDX-License-Identifier: MIT
// A random texture without edges or end, in integers: value noise of two octaves (lattice values,
// bilinear between them). Immutable; any thread.
#pragma once

#include "engine/base/random.h"

#include <array>
#include <cstdint>

namespace depthscope::data {

class ClipTexture {
public:
    /// `cell`: distance of the coarse octave's lattice points, in units, at least 2.
    ClipTexture(SplitMix& random, std::int64_t cell);

    /// 0..255 at a point, in units (clip_sprite.h).
    [[nodiscard]] std::int32_t at(std::int64_t x, std::int64_t y) const;

private:
    [[nodiscard]] std::int64_t octave(std::int64_t x, std::int64_t y, std::int64_t cell) const;

    static constexpr std::int64_t kPeriod = 32; ///< lattice points after which it repeats

    std::array<std::uint8_t, kPeriod * kPeriod> m_lattice{};
    std::int64_t m_cell;
};

} // namespace depthscope::data
