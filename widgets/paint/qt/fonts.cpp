// SPDX-License-Identifier: MIT
#include "widgets/paint/qt/fonts.h"

#include "widgets/scene/geometry.h"

#include <QFontMetricsF>
#include <QStringList>
#include <algorithm>
#include <cmath>

namespace depthscope::paint::qt {

namespace {

QFont::Weight weightOf(scene::FontWeight weight) {
    switch (weight) {
    case scene::FontWeight::Medium:
        return QFont::Medium;
    case scene::FontWeight::Bold:
        return QFont::DemiBold; // 700 shouts beside 400 at 13 px
    case scene::FontWeight::Regular:
        break;
    }
    return QFont::Normal;
}

} // namespace

QFont fontFor(const scene::TextStyle& style) {
    QFont font;
    if (style.family == scene::FontFamily::Mono) {
        font.setFamilies({QStringLiteral("JetBrains Mono"), QStringLiteral("DejaVu Sans Mono"),
                          QStringLiteral("monospace")});
        font.setStyleHint(QFont::Monospace);
        font.setFixedPitch(true);
    } else {
        font.setFamilies({QStringLiteral("Inter"), QStringLiteral("Noto Sans"),
                          QStringLiteral("DejaVu Sans"), QStringLiteral("sans-serif")});
        font.setStyleHint(QFont::SansSerif);
    }
    font.setPixelSize(std::max(1, static_cast<int>(std::lround(style.size))));
    font.setWeight(weightOf(style.weight));
    // Hinted advances would differ between screen, print and pixel ratios.
    font.setHintingPreference(QFont::PreferNoHinting);
    font.setStyleStrategy(QFont::PreferAntialias);
#if QT_VERSION >= QT_VERSION_CHECK(6, 7, 0)
    if (style.family == scene::FontFamily::Mono) {
        font.setFeature("calt", 0); // the pieces "=" and ">" must not look like one arrow
    } else {
        font.setFeature("tnum", 1);
    }
#endif
    return font;
}

QString lineOf(const scene::TextRun& run) {
    QString line = QString::fromUtf8(run.text.data(), static_cast<qsizetype>(run.text.size()));
    for (QChar& c : line) {
        if (c < QLatin1Char(' ') || c.unicode() >= 0xFFFE) {
            c = QChar::ReplacementCharacter;
        }
    }
    return line;
}

QTransform risingTransform(const scene::Rect& box) {
    const scene::Point corner = scene::risingIn(box).corner;
    QTransform transform;
    transform.translate(double{corner.x}, double{corner.y});
    transform.rotate(-double{scene::kRisingDegrees});
    return transform;
}

QPointF risingOrigin(const scene::TextRun& run, const QFont& font) {
    const QFontMetricsF metrics(font);
    const double height = double{scene::risingIn(run.box).height};
    const double above = (height - metrics.ascent() - metrics.descent()) / 2;
    return {-metrics.horizontalAdvance(lineOf(run)), above + metrics.ascent()};
}

} // namespace depthscope::paint::qt
