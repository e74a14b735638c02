// SPDX-License-Identifier: MIT
#include "widgets/host/text_atlas.h"

#include "widgets/host/gl_textures.h"
#include "widgets/host/text_raster.h"

#include <QOpenGLContext>
#include <QOpenGLFunctions>
#include <algorithm>
#include <cstdint>
#include <functional>

namespace depthscope::host {

namespace {

constexpr int kPageWidth = 1024;
constexpr int kPageHeight = 1024;
constexpr int kWidePageHeight = 128; // for runs wider than a page
constexpr std::size_t kMostBytes = std::size_t{32} << 20;
constexpr int kGap = 1; // between neighbours, against rounding at the edges

} // namespace

std::size_t TextAtlas::KeyHash::operator()(const Key& key) const {
    const std::size_t style = std::hash<float>()(key.style.size) * 31 +
                              static_cast<std::size_t>(key.style.family) * 7 +
                              static_cast<std::size_t>(key.style.weight);
    return std::hash<std::string>()(key.text) ^ (style * 0x9E3779B97F4A7C15U) ^
           std::hash<float>()(key.pixelRatio) ^ static_cast<std::size_t>(key.slope);
}

paint::imgui::TextImage TextAtlas::textFor(const scene::TextRun& run, float pixelRatio) {
    Key key{run.text, run.style, run.slope, pixelRatio};
    const auto known = m_images.find(key);
    if (known != m_images.end()) {
        return known->second;
    }
    const TextPicture picture = rasterize(run, pixelRatio);
    paint::imgui::TextImage image;
    if (!picture.image.isNull()) {
        image = add(picture.image);
    }
    image.width /= pixelRatio;
    image.height /= pixelRatio;
    image.left = picture.left;
    image.top = picture.top;
    image.advance = picture.advance;
    image.lineHeight = picture.lineHeight;
    image.colored = picture.colored;
    m_images.emplace(std::move(key), image);
    return image;
}

paint::imgui::TextImage TextAtlas::add(const QImage& image) {
    const int width = image.width() + kGap;
    const int height = image.height() + kGap;
    Page* page = nullptr;
    std::optional<ShelfPacker::Place> place;
    for (Page& candidate : m_pages) {
        if ((place = candidate.packer.place(width, height))) {
            page = &candidate;
            break;
        }
    }
    if (page == nullptr) {
        page = width > kPageWidth ? &newPage(width, std::max(kWidePageHeight, height))
                                  : &newPage(kPageWidth, std::max(kPageHeight, height));
        place = page->packer.place(width, height);
    }
    QOpenGLFunctions& gl = *QOpenGLContext::currentContext()->functions();
    gl.glBindTexture(GL_TEXTURE_2D, page->texture);
    gl.glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    gl.glTexSubImage2D(GL_TEXTURE_2D, 0, place->x, place->y, image.width(), image.height(), GL_RGBA,
                       GL_UNSIGNED_BYTE, image.constBits());
    gl.glBindTexture(GL_TEXTURE_2D, 0);

    const auto across = static_cast<float>(page->width);
    const auto down = static_cast<float>(page->height);
    paint::imgui::TextImage result;
    result.texture =
        (ImTextureID)(std::intptr_t)page->texture; // an integer or a pointer, by version
    result.width = static_cast<float>(image.width());
    result.height = static_cast<float>(image.height());
    result.uvMin = {static_cast<float>(place->x) / across, static_cast<float>(place->y) / down};
    result.uvMax = {result.uvMin.x + result.width / across, result.uvMin.y + result.height / down};
    return result;
}

TextAtlas::Page& TextAtlas::newPage(int width, int height) {
    m_bytes += static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4;
    return m_pages.emplace_back(
        Page{makeTexture(width, height, nullptr), width, height, ShelfPacker(width, height)});
}

void TextAtlas::shrink() {
    if (m_bytes > kMostBytes) {
        clear();
    }
}

void TextAtlas::clear() {
    for (const Page& page : m_pages) {
        deleteTexture(page.texture);
    }
    m_pages.clear();
    m_images.clear();
    m_bytes = 0;
}

} // namespace depthscope::host
