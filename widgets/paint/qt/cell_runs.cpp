// SPDX-License-Identifier: MIT
#include "widgets/paint/qt/cell_runs.h"

#include <algorithm>

namespace depthscope::paint::qt {

namespace {

class Cells {
public:
    explicit Cells(const scene::Bitmap& bitmap)
        : m_bitmap(bitmap) {}

    [[nodiscard]] scene::Color at(int x, int y) const {
        const auto* pixel = m_bitmap.rgba.data() + offset(x, y);
        return {pixel[0], pixel[1], pixel[2], pixel[3]};
    }

    [[nodiscard]] bool isOpaque(int x, int y) const {
        return x < m_bitmap.width && y < m_bitmap.height && at(x, y).a == 255;
    }

    [[nodiscard]] int endOfRun(int x, int y) const {
        const scene::Color color = at(x, y);
        int end = x + 1;
        while (end < m_bitmap.width && at(end, y) == color) {
            ++end;
        }
        return end;
    }

    /// One past the last line that equals line `y`.
    [[nodiscard]] int endOfLines(int y) const {
        const auto* first = m_bitmap.rgba.data() + offset(0, y);
        const std::size_t bytes = offset(0, 1);
        int end = y + 1;
        while (end < m_bitmap.height &&
               std::equal(first, first + bytes, m_bitmap.rgba.data() + offset(0, end))) {
            ++end;
        }
        return end;
    }

private:
    [[nodiscard]] std::size_t offset(int x, int y) const {
        return (static_cast<std::size_t>(y) * static_cast<std::size_t>(m_bitmap.width) +
                static_cast<std::size_t>(x)) *
               4;
    }

    const scene::Bitmap& m_bitmap;
};

/// Joins only where what lies beyond is opaque and painted later.
void join(CellRun& run, const Cells& cells) {
    const int right = run.x + run.width;
    const int below = run.y + run.height;
    run.joinsRight = cells.isOpaque(right, run.y);
    run.joinsBelow = true;
    for (int x = run.x; x < right + (run.joinsRight ? 1 : 0) && run.joinsBelow; ++x) {
        run.joinsBelow = cells.isOpaque(x, below);
    }
}

} // namespace

std::optional<std::vector<CellRun>> cellRuns(const scene::Bitmap& bitmap, std::size_t most) {
    const auto bytes =
        static_cast<std::size_t>(bitmap.width) * static_cast<std::size_t>(bitmap.height) * 4;
    if (bitmap.width <= 0 || bitmap.height <= 0 || bitmap.rgba.size() != bytes) {
        return std::nullopt;
    }
    const Cells cells(bitmap);
    std::vector<CellRun> runs;
    for (int y = 0; y < bitmap.height;) {
        const int endY = cells.endOfLines(y);
        for (int x = 0; x < bitmap.width;) {
            const int endX = cells.endOfRun(x, y);
            CellRun run{x, y, endX - x, endY - y, cells.at(x, y)};
            x = endX;
            if (run.color.a == 0) {
                continue;
            }
            if (runs.size() == most) {
                return std::nullopt;
            }
            if (run.color.a == 255) {
                join(run, cells);
            }
            runs.push_back(run);
        }
        y = endY;
    }
    return runs;
}

} // namespace depthscope::paint::qt
