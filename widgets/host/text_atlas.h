// SPDX-License-Identifier: MIT
// Lines of text as parts of GL textures: each distinct run is drawn by Qt once. One per host; every
// call but the constructor needs the host's GL context to be current. GUI thread.
#pragma once

#include "widgets/host/shelf_packer.h"
#include "widgets/paint/imgui/texture_cache.h"

#include <QImage>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

namespace depthscope::host {

class TextAtlas {
public:
    [[nodiscard]] paint::imgui::TextImage textFor(const scene::TextRun& run, float pixelRatio);

    /// Forgets everything once it has grown beyond its bound. Before a frame, never while one is
    /// being built: the draw list refers to the textures.
    void shrink();

    void clear();

    [[nodiscard]] std::size_t bytes() const { return m_bytes; }

    [[nodiscard]] std::size_t runs() const { return m_images.size(); }

private:
    struct Key {
        std::string text;
        scene::TextStyle style;
        scene::Slope slope;
        float pixelRatio;

        [[nodiscard]] bool operator==(const Key&) const = default;
    };

    struct KeyHash {
        [[nodiscard]] std::size_t operator()(const Key& key) const;
    };

    struct Page {
        unsigned texture;
        int width;
        int height;
        ShelfPacker packer;
    };

    [[nodiscard]] paint::imgui::TextImage add(const QImage& image);
    [[nodiscard]] Page& newPage(int width, int height);

    std::unordered_map<Key, paint::imgui::TextImage, KeyHash> m_images;
    std::vector<Page> m_pages;
    std::size_t m_bytes = 0;
};

} // namespace depthscope::host
