// SPDX-License-Identifier: MIT
#include "widgets/paint/imgui/scene_painter.h"

#include "widgets/scene/geometry.h"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

namespace depthscope::paint::imgui {

namespace {

// ImGui keeps the normals of a polyline on the stack, and its indices have 16 bits.
constexpr std::size_t kPointsPerLine = 1024;
constexpr std::size_t kSegmentsPerBand = 4096;

ImVec2 toIm(scene::Point p) {
    return {p.x, p.y};
}

ImU32 toIm(scene::Color c) {
    return IM_COL32(c.r, c.g, c.b, c.a);
}

ImVec2 topLeft(scene::Rect r) {
    return {r.x, r.y};
}

ImVec2 bottomRight(scene::Rect r) {
    return {r.right(), r.bottom()};
}

class Painter {
public:
    Painter(ImDrawList& list, TextureCache& textures, float pixelRatio)
        : m_list(list)
        , m_textures(textures)
        , m_pixelRatio(pixelRatio) {}

    void setClip(scene::Rect clip) {
        leaveClip();
        m_clip = clip;
        m_list.PushClipRect(topLeft(clip), bottomRight(clip), true);
        m_clipped = true;
    }

    void leaveClip() {
        if (m_clipped) {
            m_list.PopClipRect();
        }
        m_clipped = false;
    }

    void operator()(const scene::FillRect& s) {
        if (visible(s.rect)) {
            m_list.AddRectFilled(topLeft(s.rect), bottomRight(s.rect), toIm(s.color), s.radius);
        }
    }

    void operator()(const scene::StrokeRect& s) {
        if (!visible(s.rect)) {
            return;
        }
        const float w = std::min({s.width, s.rect.width / 2, s.rect.height / 2});
        if (s.radius > 0) {
            strokeRounded(s, w);
            return;
        }
        const scene::Rect inner{s.rect.x + w, s.rect.y + w, s.rect.width - 2 * w,
                                s.rect.height - 2 * w};
        (*this)(scene::FillRect{{s.rect.x, s.rect.y, s.rect.width, w}, s.color});
        (*this)(scene::FillRect{{s.rect.x, inner.bottom(), s.rect.width, w}, s.color});
        (*this)(scene::FillRect{{s.rect.x, inner.y, w, inner.height}, s.color});
        (*this)(scene::FillRect{{inner.right(), inner.y, w, inner.height}, s.color});
    }

    void operator()(const scene::HatchRect& s) {
        for (const scene::Segment& line : scene::hatchLines(s, m_clip)) {
            const ImVec2 points[] = {toIm(line.from), toIm(line.to)};
            m_list.AddPolyline(points, 2, toIm(s.color), ImDrawFlags_None, 1.0F);
        }
    }

    void operator()(const scene::Polyline& s) {
        if (const auto rect = scene::sharpLine(s, m_pixelRatio)) {
            (*this)(scene::FillRect{*rect, s.color});
            return;
        }
        for (std::size_t first = 0; first + 1 < s.points.size(); first += kPointsPerLine - 1) {
            const std::size_t count = std::min(kPointsPerLine, s.points.size() - first);
            m_points.clear();
            for (std::size_t i = first; i < first + count; ++i) {
                m_points.push_back(toIm(s.points[i]));
            }
            m_list.AddPolyline(m_points.data(), static_cast<int>(count), toIm(s.color),
                               ImDrawFlags_None, s.width);
        }
    }

    void operator()(const scene::Band& s) {
        const std::size_t points = std::min(s.upper.size(), s.lowerY.size());
        for (std::size_t first = 0; first + 1 < points; first += kSegmentsPerBand) {
            addBand(s, first, std::min(kSegmentsPerBand + 1, points - first));
        }
    }

    void operator()(const scene::TextRun& s) {
        const TextImage image = m_textures.textFor(s, m_pixelRatio);
        if (!(image.width > 0)) {
            return;
        }
        float x = s.box.x;
        if (s.align == scene::Align::Center) {
            x += (s.box.width - image.advance) / 2;
        } else if (s.align == scene::Align::Right) {
            x += s.box.width - image.advance;
        }
        const float y = s.box.y + (s.box.height - image.lineHeight) / 2;
        // Each texel on one pixel, else letters blur.
        const ImVec2 from{snapped(x + image.left), snapped(y + image.top)};
        const scene::Rect area{from.x, from.y, image.width, image.height};
        if (visible(area)) {
            const ImU32 tint = image.colored ? IM_COL32(255, 255, 255, s.color.a) : toIm(s.color);
            m_list.AddImage(image.texture, from, bottomRight(area), image.uvMin, image.uvMax, tint);
        }
    }

    void operator()(const scene::Image& s) {
        if (s.bitmap && visible(s.rect)) {
            m_list.AddImage(m_textures.textureFor(s.bitmap), topLeft(s.rect), bottomRight(s.rect));
        }
    }

    void operator()(const scene::Video& s) {
        if (!s.picture || !visible(s.rect)) {
            return;
        }
        const auto wide = static_cast<float>(s.picture->width);
        const auto high = static_cast<float>(s.picture->height);
        const float left = s.source.x / wide;
        const float top = s.source.y / high;
        const float right = s.source.right() / wide;
        const float bottom = s.source.bottom() / high;
        // Clockwise from the upper left corner, in the picture and on screen.
        const std::array<ImVec2, 4> from{
            ImVec2{left, top}, {right, top}, {right, bottom}, {left, bottom}};
        const std::array<ImVec2, 4> to{ImVec2{s.rect.x, s.rect.y},
                                       {s.rect.right(), s.rect.y},
                                       {s.rect.right(), s.rect.bottom()},
                                       {s.rect.x, s.rect.bottom()}};
        const auto first = static_cast<std::size_t>(4 - s.quarterTurns % 4);
        m_list.AddImageQuad(m_textures.textureFor(s), to[0], to[1], to[2], to[3], from[first % 4],
                            from[(first + 1) % 4], from[(first + 2) % 4], from[(first + 3) % 4]);
    }

private:
    [[nodiscard]] bool visible(scene::Rect rect) const {
        return !scene::isEmpty(scene::intersected(rect, m_clip));
    }

    [[nodiscard]] float snapped(float value) const {
        return std::round(value * m_pixelRatio) / m_pixelRatio;
    }

    // ImGui's own AddRect moves its path by half a pixel; here the stroke lies inside.
    void strokeRounded(const scene::StrokeRect& s, float width) {
        const float half = width / 2;
        m_list.PathRect({s.rect.x + half, s.rect.y + half},
                        {s.rect.right() - half, s.rect.bottom() - half},
                        std::max(0.0F, s.radius - half));
        m_list.PathStroke(toIm(s.color), ImDrawFlags_Closed, width);
    }

    void addBand(const scene::Band& s, std::size_t first, std::size_t points) {
        const int segments = static_cast<int>(points) - 1;
        m_list.PrimReserve(segments * 6, static_cast<int>(points) * 2);
        const ImVec2 white = ImGui::GetFontTexUvWhitePixel();
        const unsigned base = m_list._VtxCurrentIdx;
        for (std::size_t i = first; i < first + points; ++i) {
            m_list.PrimWriteVtx(toIm(s.upper[i]), white, toIm(s.color));
            m_list.PrimWriteVtx({s.upper[i].x, s.lowerY[i]}, white, toIm(s.color));
        }
        for (int i = 0; i < segments; ++i) {
            const unsigned corner = base + static_cast<unsigned>(i) * 2;
            for (const unsigned offset : {0U, 2U, 3U, 0U, 3U, 1U}) {
                m_list.PrimWriteIdx(static_cast<ImDrawIdx>(corner + offset));
            }
        }
    }

    ImDrawList& m_list;
    TextureCache& m_textures;
    float m_pixelRatio;
    scene::Rect m_clip;
    bool m_clipped = false;
    std::vector<ImVec2> m_points;
};

} // namespace

void paintScene(ImDrawList& list,
                const scene::Scene& scene,
                TextureCache& textures,
                float pixelRatio) {
    // The smoothed edge is one device pixel wide, not one logical pixel.
    const float fringe = std::exchange(list._FringeScale, 1.0F / pixelRatio);
    Painter painter(list, textures, pixelRatio);
    int clip = -1;
    for (const scene::Primitive& primitive : scene.primitives) {
        if (primitive.clip >= scene.clips.size()) {
            continue;
        }
        if (int{primitive.clip} != clip) {
            clip = primitive.clip;
            painter.setClip(scene.clips[primitive.clip]);
        }
        std::visit(painter, primitive.shape);
    }
    painter.leaveClip();
    list._FringeScale = fringe;
}

} // namespace depthscope::paint::imgui
