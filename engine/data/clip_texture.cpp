// SPDX-License-Identifier: MIT
#include "engine/data/clip_texture.h"

#include "engine/data/clip_sprite.h"

namespace depthscope::data {

ClipTexture::ClipTexture(SplitMix& random, std::int64_t cell)
    : m_cell(cell) {
    for (std::uint8_t& value : m_lattice) {
        value = static_cast<std::uint8_t>(random.below(256));
    }
}

std::int32_t ClipTexture::at(std::int64_t x, std::int64_t y) const {
    const std::int64_t fine = m_cell / 2;
    // The fine octave looks elsewhere on the lattice, so that the two do not repeat each other.
    const std::int64_t far = 13 * fine;
    return static_cast<std::int32_t>((2 * octave(x, y, m_cell) + octave(x + far, y + far, fine)) /
                                     (3 * 256));
}

std::int64_t ClipTexture::octave(std::int64_t x, std::int64_t y, std::int64_t cell) const {
    const std::int64_t column = floorOf(x, cell);
    const std::int64_t row = floorOf(y, cell);
    const std::int64_t right = (x - column * cell) * 256 / cell; // 0..255
    const std::int64_t down = (y - row * cell) * 256 / cell;
    const auto value = [&](std::int64_t r, std::int64_t c) -> std::int64_t {
        const std::int64_t place = (r & (kPeriod - 1)) * kPeriod + (c & (kPeriod - 1));
        return m_lattice[static_cast<std::size_t>(place)];
    };
    const std::int64_t above = value(row, column) * (256 - right) + value(row, column + 1) * right;
    const std::int64_t below =
        value(row + 1, column) * (256 - right) + value(row + 1, column + 1) * right;
    return (above * (256 - down) + below * down) / 256; // 0..255 * 256
}

} // namespace depthscope::data
