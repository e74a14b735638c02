// SPDX-License-Identifier: MIT
#include "widgets/paint/qt/scene_painter.h"

#include "widgets/paint/qt/cell_runs.h"
#include "widgets/paint/qt/fonts.h"
#include "widgets/scene/geometry.h"

#include <QFontMetricsF>
#include <QPaintEngine>
#include <QPainter>
#include <QPainterPath>
#include <QPolygonF>
#include <algorithm>
#include <cmath>
#include <variant>

namespace depthscope::paint::qt {

namespace {

// In vector formats so many cells are rectangles; a picture of more is enlarged, since it is shown
// smoothed: a cell drawn as so many pixels keeps its edges.
constexpr std::size_t kMostRectangles = 4096;
constexpr float kJoin = 0.5F; // logical pixels below the neighbour that is painted later
constexpr int kPixelsPerCell = 8;
constexpr int kMostVectorPixels = 4096;

QRectF toQt(scene::Rect r) {
    return {double{r.x}, double{r.y}, double{r.width}, double{r.height}};
}

QPointF toQt(scene::Point p) {
    return {double{p.x}, double{p.y}};
}

QColor toQt(scene::Color c) {
    return {c.r, c.g, c.b, c.a};
}

QImage toQt(const scene::Bitmap& bitmap) {
    const auto bytes =
        static_cast<std::size_t>(bitmap.width) * static_cast<std::size_t>(bitmap.height) * 4;
    if (bitmap.width <= 0 || bitmap.height <= 0 || bitmap.rgba.size() != bytes) {
        return {};
    }
    return {bitmap.rgba.data(), bitmap.width, bitmap.height, qsizetype{bitmap.width} * 4,
            QImage::Format_RGBA8888};
}

QPen penFor(scene::Color color, float width) {
    return {toQt(color), double{width}, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin};
}

class Painter {
public:
    explicit Painter(QPainter& painter)
        : m_painter(painter) {
        const QPaintEngine::Type type = painter.paintEngine()->type();
        m_cutsItself = type == QPaintEngine::SVG; // Qt's SVG Tiny has no clip
        m_vector = m_cutsItself || type == QPaintEngine::Pdf;
        m_pixelRatio = m_vector ? 1.0F : static_cast<float>(painter.deviceTransform().m11());
    }

    ~Painter() { leaveClip(); }

    Painter(const Painter&) = delete;
    Painter& operator=(const Painter&) = delete;

    void setClip(scene::Rect clip) {
        m_clip = clip;
        if (!m_cutsItself) {
            leaveClip();
            m_painter.save();
            m_painter.setClipRect(toQt(clip), Qt::IntersectClip);
            m_clipped = true;
        }
    }

    void operator()(const scene::FillRect& s) {
        if (s.radius > 0) {
            QPainterPath path;
            path.addRoundedRect(toQt(s.rect), double{s.radius}, double{s.radius});
            fillPath(path, s.color);
        } else {
            fillSharp(s.rect, s.color);
        }
    }

    // As filled shapes: a pen's edges would be blurred where they do not fall on pixels.
    void operator()(const scene::StrokeRect& s) {
        const float w = std::min({s.width, s.rect.width / 2, s.rect.height / 2});
        const scene::Rect inner{s.rect.x + w, s.rect.y + w, s.rect.width - 2 * w,
                                s.rect.height - 2 * w};
        if (s.radius > 0) {
            QPainterPath path;
            path.setFillRule(Qt::OddEvenFill);
            path.addRoundedRect(toQt(s.rect), double{s.radius}, double{s.radius});
            const double inside = double{std::max(0.0F, s.radius - w)};
            path.addRoundedRect(toQt(inner), inside, inside);
            fillPath(path, s.color);
            return;
        }
        fillSharp({s.rect.x, s.rect.y, s.rect.width, w}, s.color);
        fillSharp({s.rect.x, inner.bottom(), s.rect.width, w}, s.color);
        fillSharp({s.rect.x, inner.y, w, inner.height}, s.color);
        fillSharp({inner.right(), inner.y, w, inner.height}, s.color);
    }

    void operator()(const scene::HatchRect& s) {
        m_painter.setRenderHint(QPainter::Antialiasing, true);
        m_painter.setPen(penFor(s.color, 1));
        for (const scene::Segment& line : scene::hatchLines(s, m_clip)) {
            m_painter.drawLine(toQt(line.from), toQt(line.to));
        }
    }

    void operator()(const scene::Polyline& s) {
        if (const auto rect = scene::sharpLine(s, m_pixelRatio)) {
            fillSharp(*rect, s.color);
            return;
        }
        m_painter.setRenderHint(QPainter::Antialiasing, true);
        m_painter.setPen(penFor(s.color, s.width));
        m_painter.setBrush(Qt::NoBrush);
        if (m_cutsItself) {
            drawCutLine(s);
            return;
        }
        QPolygonF points;
        points.reserve(static_cast<qsizetype>(s.points.size()));
        for (const scene::Point p : s.points) {
            points.append(toQt(p));
        }
        m_painter.drawPolyline(points);
    }

    void operator()(const scene::Band& s) {
        QPolygonF outline;
        const std::size_t count = std::min(s.upper.size(), s.lowerY.size());
        for (std::size_t i = 0; i < count; ++i) {
            outline.append(toQt(s.upper[i]));
        }
        for (std::size_t i = count; i > 0; --i) {
            outline.append({double{s.upper[i - 1].x}, double{s.lowerY[i - 1]}});
        }
        QPainterPath path;
        path.setFillRule(Qt::WindingFill);
        path.addPolygon(outline);
        path.closeSubpath();
        fillPath(path, s.color);
    }

    void operator()(const scene::TextRun& s) {
        if (s.slope == scene::Slope::Rising) {
            drawRising(s);
            return;
        }
        const QFont font = fontFor(s.style);
        const QFontMetricsF metrics(font);
        const QString text = lineOf(s);
        const double advance = metrics.horizontalAdvance(text);
        const double room = double{s.box.width} - advance;
        const double x = double{s.box.x} + (s.align == scene::Align::Center  ? room / 2
                                            : s.align == scene::Align::Right ? room
                                                                             : 0);
        const double height = metrics.ascent() + metrics.descent();
        const double top = double{s.box.y} + (double{s.box.height} - height) / 2;
        const QPointF origin = onPixel({x, top + metrics.ascent()});
        m_painter.setRenderHint(QPainter::Antialiasing, true);
        if (m_cutsItself && !toQt(m_clip).contains(QRectF(x, top, advance, height))) {
            QPainterPath path;
            path.addText(origin, font, text);
            fillPath(path, s.color);
            return;
        }
        m_painter.setFont(font);
        m_painter.setPen(toQt(s.color));
        m_painter.drawText(origin, text);
    }

    void drawRising(const scene::TextRun& s) {
        const QFont font = fontFor(s.style);
        m_painter.setRenderHint(QPainter::Antialiasing, true);
        const QTransform turned = risingTransform(s.box);
        if (m_cutsItself && !toQt(m_clip).contains(toQt(s.box))) {
            QPainterPath path;
            path.addText(risingOrigin(s, font), font, lineOf(s));
            fillPath(turned.map(path), s.color);
            return;
        }
        m_painter.save();
        m_painter.setTransform(turned, true);
        m_painter.setFont(font);
        m_painter.setPen(toQt(s.color));
        m_painter.drawText(risingOrigin(s, font), lineOf(s));
        m_painter.restore();
    }

    void operator()(const scene::Image& s) {
        const QImage image = s.bitmap ? toQt(*s.bitmap) : QImage();
        const QRectF target = toQt(s.rect);
        const QRectF shown = m_cutsItself ? target & toQt(m_clip) : target;
        if (image.isNull() || shown.isEmpty() || (m_vector && drawCells(s))) {
            return;
        }
        const double perX = image.width() / target.width();
        const double perY = image.height() / target.height();
        const QRectF source((shown.x() - target.x()) * perX, (shown.y() - target.y()) * perY,
                            shown.width() * perX, shown.height() * perY);
        m_painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
        if (!m_vector) {
            m_painter.drawImage(shown, image, source);
            return;
        }
        drawEnlarged(shown, image, source);
    }

    void operator()(const scene::Video& s) {
        if (!s.picture) {
            return;
        }
        const QImage image(s.picture->bytes.data(), s.picture->width, s.picture->height,
                           qsizetype{s.picture->width} * 3, QImage::Format_RGB888);
        m_painter.save();
        m_painter.setRenderHint(QPainter::SmoothPixmapTransform, s.smooth);
        m_painter.translate(toQt(s.rect).center());
        m_painter.rotate(90.0 * s.quarterTurns);
        QSizeF size = toQt(s.rect).size();
        if (s.quarterTurns % 2 != 0) {
            size.transpose();
        }
        const QRectF target(QPointF(-size.width() / 2, -size.height() / 2), size);
        if (m_vector && !s.smooth) {
            drawEnlarged(target, image, toQt(s.source));
        } else if (m_vector) {
            const QRect part = toQt(s.source).toAlignedRect() & image.rect();
            m_painter.drawImage(target, image.copy(part)); // what is not shown is not written
        } else {
            drawVideo(target, image, toQt(s.source), s.quarterTurns);
        }
        m_painter.restore();
    }

private:
    void leaveClip() {
        if (m_clipped) {
            m_painter.restore();
        }
        m_clipped = false;
    }

    // The base line on a pixel, as the live window has it: letters are sharper.
    [[nodiscard]] QPointF onPixel(QPointF at) const {
        const auto ratio = static_cast<double>(m_pixelRatio);
        return m_vector ? at
                        : QPointF(std::round(at.x() * ratio), std::round(at.y() * ratio)) / ratio;
    }

    void fillSharp(scene::Rect rect, scene::Color color) {
        const scene::Rect shown = m_cutsItself ? scene::intersected(rect, m_clip) : rect;
        if (scene::isEmpty(shown)) {
            return;
        }
        m_painter.setRenderHint(QPainter::Antialiasing, false);
        m_painter.fillRect(toQt(shown), toQt(color));
    }

    void fillPath(QPainterPath path, scene::Color color) {
        if (m_cutsItself && !toQt(m_clip).contains(path.boundingRect())) {
            QPainterPath clip;
            clip.addRect(toQt(m_clip));
            path = path.intersected(clip);
        }
        if (path.isEmpty()) {
            return;
        }
        m_painter.setRenderHint(QPainter::Antialiasing, true);
        m_painter.fillPath(path, toQt(color));
    }

    void drawCutLine(const scene::Polyline& s) {
        QPolygonF run;
        const auto flush = [&] {
            if (run.size() > 1) {
                m_painter.drawPolyline(run);
            }
            run.clear();
        };
        for (std::size_t i = 1; i < s.points.size(); ++i) {
            const auto part = scene::cut({s.points[i - 1], s.points[i]}, m_clip);
            if (!part) {
                flush();
                continue;
            }
            if (run.isEmpty() || run.last() != toQt(part->from)) {
                flush();
                run.append(toQt(part->from));
            }
            run.append(toQt(part->to));
        }
        flush();
    }

    /// Qt scales pictures of four bytes a pixel several times as fast as those of three, and blits
    /// those that have the size of the screen's pixels.
    void drawVideo(const QRectF& target, const QImage& image, const QRectF& source, int turns) {
        const QRect part = source.toAlignedRect() & image.rect();
        QImage shown = image.copy(part).convertToFormat(QImage::Format_RGB32);
        const QSizeF onScreen = target.size() * static_cast<double>(m_pixelRatio);
        const bool fits = turns % 4 == 0 && std::abs(onScreen.width() - source.width()) < 1 &&
                          std::abs(onScreen.height() - source.height()) < 1;
        if (fits) {
            shown.setDevicePixelRatio(static_cast<double>(m_pixelRatio));
            m_painter.drawImage(target.topLeft(), shown);
        } else {
            m_painter.drawImage(target, shown, source.translated(-part.topLeft()));
        }
    }

    /// False: too many.
    bool drawCells(const scene::Image& s) {
        const auto runs = cellRuns(*s.bitmap, kMostRectangles);
        if (!runs) {
            return false;
        }
        const float width = s.rect.width / static_cast<float>(s.bitmap->width);
        const float height = s.rect.height / static_cast<float>(s.bitmap->height);
        for (const CellRun& run : *runs) {
            const float right = run.joinsRight ? std::min(kJoin, width / 2) : 0;
            const float below = run.joinsBelow ? std::min(kJoin, height / 2) : 0;
            fillSharp({s.rect.x + width * static_cast<float>(run.x),
                       s.rect.y + height * static_cast<float>(run.y),
                       width * static_cast<float>(run.width) + right,
                       height * static_cast<float>(run.height) + below},
                      run.color);
        }
        return true;
    }

    // Only whole multiples, so that every cell stays equally large.
    void drawEnlarged(const QRectF& shown, const QImage& image, const QRectF& source) {
        const QRect cells = source.toAlignedRect() & image.rect();
        const int longest = std::max(cells.width(), cells.height());
        const int factor = std::clamp(kMostVectorPixels / std::max(1, longest), 1, kPixelsPerCell);
        const QImage part = image.copy(cells);
        const QImage large =
            part.scaled(part.size() * factor, Qt::IgnoreAspectRatio, Qt::FastTransformation);
        const QRectF inLarge((source.x() - cells.x()) * factor, (source.y() - cells.y()) * factor,
                             source.width() * factor, source.height() * factor);
        // A writer of vectors embeds what it is given: crop here, not there.
        const QRect cropped = inLarge.toRect() & large.rect();
        m_painter.drawImage(shown, large.copy(cropped));
    }

    QPainter& m_painter;
    scene::Rect m_clip;
    float m_pixelRatio = 1;
    bool m_cutsItself = false;
    bool m_vector = false;
    bool m_clipped = false;
};

} // namespace

void paintScene(QPainter& painter, const scene::Scene& scene) {
    painter.save();
    painter.setRenderHint(QPainter::LosslessImageRendering); // else PDF stores pictures as JPEG
    {
        Painter target(painter);
        int clip = -1;
        for (const scene::Primitive& primitive : scene.primitives) {
            if (primitive.clip >= scene.clips.size()) {
                continue;
            }
            if (int{primitive.clip} != clip) {
                clip = primitive.clip;
                target.setClip(scene.clips[primitive.clip]);
            }
            std::visit(target, primitive.shape);
        }
    }
    painter.restore();
}

QImage toImage(const scene::Scene& scene, scene::Color background, double pixelRatio) {
    const QSize size(static_cast<int>(std::ceil(double{scene.bounds.width} * pixelRatio)),
                     static_cast<int>(std::ceil(double{scene.bounds.height} * pixelRatio)));
    // With alpha while painting: on an opaque picture Qt may colour the edges of letters for one
    // screen.
    QImage image(size.expandedTo({1, 1}), QImage::Format_ARGB32_Premultiplied);
    image.fill(toQt(background));
    QPainter painter(&image);
    painter.scale(pixelRatio, pixelRatio);
    painter.translate(-double{scene.bounds.x}, -double{scene.bounds.y});
    paintScene(painter, scene);
    painter.end();
    return image.convertToFormat(QImage::Format_RGB32);
}

} // namespace depthscope::paint::qt
