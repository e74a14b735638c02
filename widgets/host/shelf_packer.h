// SPDX-License-Identifier: MIT
// Places rectangles on a page, row by row ("shelves"): good for lines of text, which have few
// heights. A value, any thread.
#pragma once

#include <optional>
#include <vector>

namespace depthscope::host {

class ShelfPacker {
public:
    struct Place {
        int x = 0;
        int y = 0;
    };

    ShelfPacker(int width, int height);

    /// Where a rectangle goes, or nothing if the page has no room for it.
    [[nodiscard]] std::optional<Place> place(int width, int height);

private:
    struct Shelf {
        int y;
        int height;
        int used;
    };

    int m_width;
    int m_height;
    int m_bottom = 0;
    std::vector<Shelf> m_shelves;
};

} // namespace depthscope::host
