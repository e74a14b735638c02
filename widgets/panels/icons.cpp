// SPDX-License-Identifier: MIT
#include "widgets/panels/icons.h"

#include "widgets/panels/theme_style.h"
#include "widgets/scene/color_map.h"

#include <QPainter>
#include <QPixmap>
#include <QSvgRenderer>
#include <algorithm>
#include <iterator>

namespace depthscope::panels {

namespace {

struct Drawing {
    Icon icon;
    const char* shapes; ///< SVG on a 16 x 16 grid with round strokes; "%1" is the colour
};

constexpr Drawing kDrawings[] = {
    {Icon::Run, "<path fill='%1' stroke='%1' d='M5 3.2 L12.6 8 L5 12.8 Z'/>"},
    {Icon::Stop, "<rect fill='%1' stroke='%1' x='4' y='4' width='8' height='8' rx='1'/>"},
    {Icon::Theme, "<circle cx='8' cy='8' r='5.5'/><path fill='%1' stroke='none' "
                  "d='M8 2.5 A5.5 5.5 0 0 1 8 13.5 Z'/>"},
    {Icon::Help, "<path d='M5.6 6 A2.5 2.5 0 1 1 8.9 8.3 C8.2 8.7 8 9.1 8 9.9'/>"
                 "<circle fill='%1' cx='8' cy='12.4' r='0.4'/>"},
    {Icon::Table, "<rect x='2.5' y='3' width='11' height='10' rx='1'/>"
                  "<path d='M2.5 6.4 H13.5 M2.5 9.7 H13.5 M6.6 6.4 V13'/>"},
    {Icon::More, "<g fill='%1'><circle cx='3.6' cy='8' r='0.6'/><circle cx='8' cy='8' r='0.6'/>"
                 "<circle cx='12.4' cy='8' r='0.6'/></g>"},
    {Icon::Close, "<path d='M4.5 4.5 L11.5 11.5 M11.5 4.5 L4.5 11.5'/>"},
    {Icon::Float, "<path d='M9 3 H13 V7 M13 3 L8.4 7.6 M6.5 3.5 H3 V13 H12.5 V9.5'/>"},
    {Icon::Model, "<path d='M3 4.5 H13 M3 8 H13 M3 11.5 H13'/>"},
    {Icon::Pause, "<path stroke-width='2.2' d='M5.4 4 V12 M10.6 4 V12'/>"},
    {Icon::First, "<path d='M3.5 3.8 V12.2'/>"
                  "<path fill='%1' d='M12.5 3.8 L6.2 8 L12.5 12.2 Z'/>"},
    {Icon::Previous, "<path d='M11 3.5 V12.5'/><path d='M8 4.5 L4 8 L8 11.5'/>"},
    {Icon::Next, "<path d='M5 3.5 V12.5'/><path d='M8 4.5 L12 8 L8 11.5'/>"},
    {Icon::Last, "<path d='M12.5 3.8 V12.2'/>"
                 "<path fill='%1' d='M3.5 3.8 L9.8 8 L3.5 12.2 Z'/>"},
    {Icon::MarkIn, "<path d='M8.5 3.5 H5 V12.5 H8.5 M8 8 H12.5'/>"},
    {Icon::MarkOut, "<path d='M7.5 3.5 H11 V12.5 H7.5 M8 8 H3.5'/>"},
    {Icon::Loop, "<path d='M3 8 V6.6 A2 2 0 0 1 5 4.6 H12.6 M10.6 2.6 L12.6 4.6 "
                 "L10.6 6.6 M13 8 V9.4 A2 2 0 0 1 11 11.4 H3.4 M5.4 9.4 L3.4 11.4 "
                 "L5.4 13.4'/>"},
    {Icon::Compare, "<rect x='2.5' y='3.5' width='11' height='9' rx='1'/>"
                    "<path d='M8 1.8 V14.2'/>"
                    "<path fill='%1' stroke='none' d='M8 3.5 H12.5 A1 1 0 0 1 13.5 4.5 "
                    "V11.5 A1 1 0 0 1 12.5 12.5 H8 Z'/>"},
    {Icon::Overlay, "<rect x='2.5' y='2.5' width='11' height='11' rx='1'/>"
                    "<path d='M8 2.5 V13.5 M2.5 8 H13.5'/>"
                    "<path fill='%1' stroke='none' d='M8 8 H13.5 V12.5 A1 1 0 0 1 12.5 "
                    "13.5 H8 Z'/>"},
    {Icon::Save, "<path d='M8 2.5 V9.6 M5 6.8 L8 9.8 L11 6.8'/>"
                 "<path d='M3 10.5 V13.2 H13 V10.5'/>"},
    {Icon::Reset, "<path d='M3.2 8 A4.8 4.8 0 1 0 5 4.3 M5.4 1.8 L4.8 4.5 L7.4 5.2'/>"},
};

QString shapesOf(Icon which) {
    const auto* drawing = std::ranges::find(kDrawings, which, &Drawing::icon);
    return drawing == std::end(kDrawings) ? QString() : QString::fromLatin1(drawing->shapes);
}

QByteArray svgOf(Icon which, const QString& color) {
    const QString head =
        QStringLiteral("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><g fill='none' "
                       "stroke='%1' stroke-width='1.3' stroke-linecap='round' "
                       "stroke-linejoin='round'>");
    QString svg = head + shapesOf(which) + QStringLiteral("</g></svg>");
    return svg.replace(QStringLiteral("%1"), color).toUtf8();
}

QPixmap pixmapOf(Icon which, const QColor& color, int pixels) {
    QSvgRenderer renderer(svgOf(which, color.name()));
    QPixmap pixmap(pixels, pixels);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    renderer.render(&painter);
    return pixmap;
}

} // namespace

QIcon icon(Icon which, const scene::Theme& theme) {
    QIcon result;
    for (const int size : {16, 24, 32, 48}) {
        result.addPixmap(pixmapOf(which, toQt(theme.text), size), QIcon::Normal);
        result.addPixmap(pixmapOf(which, toQt(scene::mix(theme.text, theme.surface, 0.42F)), size),
                         QIcon::Disabled);
    }
    return result;
}

} // namespace depthscope::panels
