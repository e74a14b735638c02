// SPDX-License-Identifier: MIT
#include "widgets/host/shelf_packer.h"

namespace depthscope::host {

ShelfPacker::ShelfPacker(int width, int height)
    : m_width(width)
    , m_height(height) {}

std::optional<ShelfPacker::Place> ShelfPacker::place(int width, int height) {
    if (width <= 0 || height <= 0 || width > m_width) {
        return std::nullopt;
    }
    Shelf* best = nullptr;
    for (Shelf& shelf : m_shelves) {
        // A shelf more than half as high again would waste more than a new one.
        const bool fits = shelf.height >= height && shelf.height <= height + height / 2 &&
                          m_width - shelf.used >= width;
        if (fits && (best == nullptr || shelf.height < best->height)) {
            best = &shelf;
        }
    }
    if (best == nullptr) {
        if (m_height - m_bottom < height) {
            return std::nullopt;
        }
        best = &m_shelves.emplace_back(Shelf{m_bottom, height, 0});
        m_bottom += height;
    }
    const Place place{best->used, best->y};
    best->used += width;
    return place;
}

} // namespace depthscope::host
