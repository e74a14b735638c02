// SPDX-License-Identifier: MIT
#include "engine/data/clip_sprite.h"

#include <array>
#include <bit>
#include <cmath>
#include <string_view>

namespace depthscope::data {

namespace {

constexpr std::int64_t kColumns = 5;
constexpr std::int64_t kRows = 7;

/// Rows from the top, '#' is ink.
constexpr std::array<std::string_view, 10> kDigits{{
    ".###.#...##..###.#.###..##...#.###.",
    "..#...##....#....#....#....#...###.",
    ".###.#...#....#...#...#...#...#####",
    "#####...#...#.....#.....##...#.###.",
    "...#...##..#.#.#..#.#####...#....#.",
    "######....####.....#....##...#.###.",
    "..##..#...#....####.#...##...#.###.",
    "#####....#...#...#...#....#....#...",
    ".###.#...##...#.###.#...##...#.###.",
    ".###.#...##...#.####....#...#..##..",
}};

constexpr std::uint64_t cellsOf(std::string_view drawn) {
    std::uint64_t cells = 0;
    for (std::size_t cell = 0; cell < drawn.size(); ++cell) {
        cells |= drawn[cell] == '#' ? std::uint64_t{1} << cell : 0;
    }
    return cells;
}

/// The greatest integer whose square is at most `number`.
std::int64_t rootOf(std::int64_t number) {
    auto root = static_cast<std::int64_t>(std::sqrt(static_cast<double>(number)));
    while (root * root > number) {
        --root;
    }
    while ((root + 1) * (root + 1) <= number) {
        ++root;
    }
    return root;
}

static_assert([] {
    for (const std::string_view digit : kDigits) {
        if (digit.size() != kRows * kColumns) {
            return false;
        }
    }
    return true;
}());

} // namespace

Sprite Sprite::shape(ObjectKind kind, std::int64_t radius) {
    Sprite sprite;
    sprite.m_kind = kind;
    if (kind == ObjectKind::Triangle) { // a third of the height above the base lies the centroid
        sprite.m_half = radius * 3 / 4;
        sprite.m_width = radius * 4 / 3;
        sprite.m_reach = {sprite.m_width, sprite.m_width, 2 * sprite.m_half, sprite.m_half};
    } else {
        sprite.m_half = kind == ObjectKind::Square ? radius * 7 / 8 : radius;
        sprite.m_reach = {sprite.m_half, sprite.m_half, sprite.m_half, sprite.m_half};
    }
    return sprite;
}

Sprite Sprite::glyph(std::int32_t digit, std::int64_t radius) {
    Sprite sprite;
    sprite.m_kind = ObjectKind::Glyph;
    sprite.m_half = 2 * radius / kRows;
    sprite.m_cells = cellsOf(kDigits[static_cast<std::size_t>(digit)]);
    std::int64_t twiceX = 0;
    std::int64_t twiceY = 0;
    for (std::int64_t cell = 0; cell < kRows * kColumns; ++cell) {
        if ((sprite.m_cells >> static_cast<unsigned>(cell) & 1U) != 0) {
            twiceX += 2 * (cell % kColumns) + 1;
            twiceY += 2 * (cell / kColumns) + 1;
        }
    }
    const std::int64_t twiceInk = 2 * std::popcount(sprite.m_cells);
    sprite.m_reach.left = twiceX * sprite.m_half / twiceInk;
    sprite.m_reach.up = twiceY * sprite.m_half / twiceInk;
    sprite.m_reach.right = kColumns * sprite.m_half - sprite.m_reach.left;
    sprite.m_reach.down = kRows * sprite.m_half - sprite.m_reach.up;
    return sprite;
}

std::array<Stretch, kStretches> Sprite::cellsOfRow(std::int64_t row) const {
    std::array<Stretch, kStretches> found{};
    std::size_t count = 0;
    bool wasInk = false;
    for (std::int64_t column = 0; column < kColumns; ++column) {
        const bool isInk = (m_cells >> static_cast<unsigned>(row * kColumns + column) & 1U) != 0;
        if (isInk) {
            const std::int64_t left = column * m_half - m_reach.left;
            count += wasInk ? 0 : 1;
            found[count - 1].begin = wasInk ? found[count - 1].begin : left;
            found[count - 1].end = left + m_half;
        }
        wasInk = isInk;
    }
    return found;
}

std::array<Stretch, kStretches> Sprite::line(std::int64_t y) const {
    if (y < -m_reach.up || y >= m_reach.down) {
        return {};
    }
    std::int64_t half = m_half;
    switch (m_kind) {
    case ObjectKind::Disc:
        half = rootOf(m_half * m_half - y * y);
        break;
    case ObjectKind::Square:
        break;
    case ObjectKind::Triangle:
        half = m_width * (y + 2 * m_half) / (3 * m_half);
        break;
    case ObjectKind::Glyph:
        return cellsOfRow((y + m_reach.up) / m_half);
    }
    return {{{-half, half}}};
}

double Sprite::area() const {
    constexpr double kPi = 3.14159265358979323846;
    constexpr double kUnits = static_cast<double>(kUnitsPerPixel * kUnitsPerPixel);
    const auto half = static_cast<double>(m_half);
    switch (m_kind) {
    case ObjectKind::Disc:
        return kPi * half * half / kUnits;
    case ObjectKind::Square:
        return 4 * half * half / kUnits;
    case ObjectKind::Triangle:
        return 3 * half * static_cast<double>(m_width) / kUnits;
    case ObjectKind::Glyph:
        break;
    }
    return static_cast<double>(std::popcount(m_cells)) * half * half / kUnits;
}

} // namespace depthscope::data
