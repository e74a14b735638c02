// SPDX-License-Identifier: MIT
// Bitmaps of a scene as GL textures, nearest-filtered, kept as long as the bitmap lives. One per
// host; every call but the constructor needs the host's GL context to be current. GUI thread.
#pragma once

#include "widgets/scene/scene.h"

#include <cstddef>
#include <map>
#include <memory>

namespace depthscope::host {

class GlTextures {
public:
    /// 0 if the bitmap cannot be shown (its pixels do not match its size).
    [[nodiscard]] unsigned textureFor(const std::shared_ptr<const scene::Bitmap>& bitmap);

    /// Deletes the textures of bitmaps that are gone. Before a frame, never while one is being
    /// built.
    void dropUnused();

    void clear();

    [[nodiscard]] std::size_t size() const { return m_textures.size(); }

private:
    struct Entry {
        std::weak_ptr<const scene::Bitmap> bitmap; ///< tells a new bitmap at an old address
        unsigned texture = 0;
    };

    std::map<const scene::Bitmap*, Entry> m_textures;
};

/// Makes a nearest-filtered RGBA texture; `pixels` may be null. The GL context must be current.
[[nodiscard]] unsigned makeTexture(int width, int height, const void* pixels);

void deleteTexture(unsigned texture);

} // namespace depthscope::host
