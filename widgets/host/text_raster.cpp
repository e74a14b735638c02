// SPDX-License-Identifier: MIT
#include "widgets/host/text_raster.h"

#include "widgets/paint/qt/fonts.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace depthscope::host {

namespace {

// No screen shows a longer line; what lies beyond is cut off.
constexpr int kMostWidth = 8192;
constexpr int kMostHeight = 1024;

constexpr int kMargin = 1; // device pixels; smoothed edges reach beyond the outline

// White letters have equal premultiplied channels; emoji bring their own colours.
bool hasColors(const QImage& image) {
    constexpr int kTolerance = 3;
    for (int y = 0; y < image.height(); ++y) {
        const auto* line = reinterpret_cast<const QRgb*>(image.constScanLine(y));
        for (int x = 0; x < image.width(); ++x) {
            const QRgb pixel = line[x];
            const auto [least, most] = std::minmax({qRed(pixel), qGreen(pixel), qBlue(pixel)});
            if (qAlpha(pixel) - least > kTolerance || most - least > kTolerance) {
                return true;
            }
        }
    }
    return false;
}

/// Turned here: the texels of a turned texture would not fall on pixels. The picture is the box.
TextPicture rasterizeRising(const scene::TextRun& run, double ratio) {
    TextPicture picture;
    picture.advance = run.box.width;
    picture.lineHeight = run.box.height;
    const auto pixels = [ratio](float length, int most) {
        return std::clamp(static_cast<int>(std::ceil(double{length} * ratio)), 1, most);
    };
    QImage image(pixels(run.box.width, kMostWidth), pixels(run.box.height, kMostHeight),
                 QImage::Format_ARGB32_Premultiplied);
    if (image.isNull()) {
        return picture;
    }
    image.fill(Qt::transparent);
    const QFont font = paint::qt::fontFor(run.style);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(ratio, ratio);
    painter.setTransform(paint::qt::risingTransform({0, 0, run.box.width, run.box.height}), true);
    painter.setFont(font);
    painter.setPen(Qt::white);
    painter.drawText(paint::qt::risingOrigin(run, font), paint::qt::lineOf(run));
    painter.end();
    picture.colored = hasColors(image);
    picture.image = image.convertToFormat(QImage::Format_RGBA8888);
    return picture;
}

} // namespace

TextPicture rasterize(const scene::TextRun& run, float pixelRatio) {
    const double ratio = double{pixelRatio};
    if (run.slope == scene::Slope::Rising) {
        return rasterizeRising(run, ratio);
    }
    const QFont font = paint::qt::fontFor(run.style);
    const QFontMetricsF metrics(font);
    const QString text = paint::qt::lineOf(run);

    TextPicture picture;
    picture.advance = static_cast<float>(metrics.horizontalAdvance(text));
    picture.lineHeight = static_cast<float>(metrics.ascent() + metrics.descent());

    // Around the pen at the start of the base line, in whole device pixels, so that neither is
    // blurred.
    const QRectF line(0, -metrics.ascent(), double{picture.advance}, double{picture.lineHeight});
    const QRectF ink = metrics.boundingRect(text) | line;
    const int left = static_cast<int>(std::floor(ink.left() * ratio)) - kMargin;
    const int top = static_cast<int>(std::floor(ink.top() * ratio)) - kMargin;
    const int right = static_cast<int>(std::ceil(ink.right() * ratio)) + kMargin;
    const int bottom = static_cast<int>(std::ceil(ink.bottom() * ratio)) + kMargin;
    QImage image(std::clamp(right - left, 1, kMostWidth), std::clamp(bottom - top, 1, kMostHeight),
                 QImage::Format_ARGB32_Premultiplied);
    if (image.isNull()) {
        return picture;
    }
    image.fill(Qt::transparent);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(-left, -top);
    painter.scale(ratio, ratio);
    painter.setFont(font);
    painter.setPen(Qt::white);
    painter.drawText(QPointF(0, 0), text);
    painter.end();

    picture.colored = hasColors(image);
    picture.image = image.convertToFormat(QImage::Format_RGBA8888);
    picture.left = static_cast<float>(left / ratio);
    picture.top = static_cast<float>(metrics.ascent() + top / ratio);
    return picture;
}

} // namespace depthscope::host
