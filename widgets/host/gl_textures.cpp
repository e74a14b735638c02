// SPDX-License-Identifier: MIT
#include "widgets/host/gl_textures.h"

#include <QOpenGLContext>
#include <QOpenGLFunctions>
#include <algorithm>
#include <vector>

namespace depthscope::host {

unsigned makeTexture(int width, int height, const void* pixels) {
    QOpenGLFunctions& gl = *QOpenGLContext::currentContext()->functions();
    GLuint texture = 0;
    gl.glGenTextures(1, &texture);
    gl.glBindTexture(GL_TEXTURE_2D, texture);
    gl.glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    gl.glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    gl.glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    gl.glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    gl.glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    gl.glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
    gl.glBindTexture(GL_TEXTURE_2D, 0);
    return texture;
}

void deleteTexture(unsigned texture) {
    QOpenGLContext::currentContext()->functions()->glDeleteTextures(1, &texture);
}

unsigned GlTextures::textureFor(const std::shared_ptr<const scene::Bitmap>& bitmap) {
    Entry& entry = m_textures[bitmap.get()];
    if (entry.texture != 0 && entry.bitmap.lock() == bitmap) {
        return entry.texture;
    }
    if (entry.texture != 0) {
        deleteTexture(entry.texture);
    }
    entry = {bitmap, 0};
    const auto bytes =
        static_cast<std::size_t>(bitmap->width) * static_cast<std::size_t>(bitmap->height) * 4;
    if (bitmap->width > 0 && bitmap->height > 0 && bitmap->rgba.size() == bytes) {
        entry.texture = makeTexture(bitmap->width, bitmap->height, bitmap->rgba.data());
    }
    return entry.texture;
}

namespace {

/// Every n-th pixel of every n-th row.
RgbPicture coarser(const RgbPicture& picture, int n) {
    RgbPicture result{(picture.width + n - 1) / n, (picture.height + n - 1) / n, {}};
    result.bytes.reserve(static_cast<std::size_t>(result.width) *
                         static_cast<std::size_t>(result.height) * 3);
    for (std::int64_t y = 0; y < picture.height; y += n) {
        for (std::int64_t x = 0; x < picture.width; x += n) {
            const std::uint8_t* at = picture.bytes.data() + (y * picture.width + x) * 3;
            result.bytes.insert(result.bytes.end(), at, at + 3);
        }
    }
    return result;
}

} // namespace

void GlTextures::upload(Video& into, const RgbPicture& picture) {
    QOpenGLFunctions& gl = *QOpenGLContext::currentContext()->functions();
    GLint most = 0;
    gl.glGetIntegerv(GL_MAX_TEXTURE_SIZE, &most);
    const int longest = std::max(picture.width, picture.height);
    if (most > 0 && longest > most) {
        upload(into, coarser(picture, (longest + most - 1) / most));
        return;
    }
    if (into.texture == 0) {
        gl.glGenTextures(1, &into.texture);
        into.width = 0;
    }
    gl.glBindTexture(GL_TEXTURE_2D, into.texture);
    gl.glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    if (into.width == picture.width && into.height == picture.height) {
        gl.glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, picture.width, picture.height, GL_RGB,
                           GL_UNSIGNED_BYTE, picture.bytes.data());
    } else {
        gl.glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
        gl.glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
        gl.glTexImage2D(GL_TEXTURE_2D, 0, GL_RGB, picture.width, picture.height, 0, GL_RGB,
                        GL_UNSIGNED_BYTE, picture.bytes.data());
        into.width = picture.width;
        into.height = picture.height;
    }
    gl.glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    ++m_uploads;
}

unsigned GlTextures::textureFor(const scene::Video& video) {
    if (!video.picture) {
        return 0;
    }
    Video& kept = m_videos[video.slot];
    if (kept.texture == 0 || kept.generation != video.generation) {
        upload(kept, *video.picture);
        kept.generation = video.generation;
    }
    QOpenGLFunctions& gl = *QOpenGLContext::currentContext()->functions();
    const GLint filter = video.smooth ? GL_LINEAR : GL_NEAREST;
    gl.glBindTexture(GL_TEXTURE_2D, kept.texture);
    gl.glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, filter);
    gl.glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, filter);
    gl.glBindTexture(GL_TEXTURE_2D, 0);
    return kept.texture;
}

void GlTextures::dropUnused() {
    std::erase_if(m_textures, [](const auto& item) {
        const Entry& entry = item.second;
        if (!entry.bitmap.expired()) {
            return false;
        }
        if (entry.texture != 0) {
            deleteTexture(entry.texture);
        }
        return true;
    });
}

void GlTextures::clear() {
    for (const auto& [bitmap, entry] : m_textures) {
        if (entry.texture != 0) {
            deleteTexture(entry.texture);
        }
    }
    m_textures.clear();
    for (const auto& [slot, video] : m_videos) {
        if (video.texture != 0) {
            deleteTexture(video.texture);
        }
    }
    m_videos.clear();
}

} // namespace depthscope::host
