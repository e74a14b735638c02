// SPDX-License-Identifier: MIT
#include "widgets/host/gl_textures.h"

#include <QOpenGLContext>
#include <QOpenGLFunctions>

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
}

} // namespace depthscope::host
