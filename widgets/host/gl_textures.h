// SPDX-License-Identifier: MIT
// Bitmaps of a scene as GL textures, nearest-filtered, kept as long as the bitmap lives. One per
// host; every call but the constructor needs the host's GL context to be current. GUI thread.
#pragma once

#include "widgets/scene/scene.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

namespace depthscope::host {

class GlTextures {
public:
    /// 0 if the bitmap cannot be shown (its pixels do not match its size).
    [[nodiscard]] unsigned textureFor(const std::shared_ptr<const scene::Bitmap>& bitmap);

    /// The one texture of the video's slot: filled only for another generation. 0 where there is
    /// no picture. A picture larger than OpenGL's textures is shown coarser.
    [[nodiscard]] unsigned textureFor(const scene::Video& video);

    /// Pictures that went into textures of videos since the start.
    [[nodiscard]] std::uint64_t uploads() const { return m_uploads; }

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

    /// Of pictures that change.
    struct Video {
        unsigned texture = 0;
        int width = 0;
        int height = 0;
        std::uint64_t generation = 0;
    };

    void upload(Video& into, const RgbPicture& picture);

    std::map<const scene::Bitmap*, Entry> m_textures;
    std::map<int, Video> m_videos; ///< by slot
    std::uint64_t m_uploads = 0;
};

/// Makes a nearest-filtered RGBA texture; `pixels` may be null. The GL context must be current.
[[nodiscard]] unsigned makeTexture(int width, int height, const void* pixels);

void deleteTexture(unsigned texture);

} // namespace depthscope::host
