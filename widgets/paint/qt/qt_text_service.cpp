// SPDX-License-Identifier: MIT
#include "widgets/paint/qt/qt_text_service.h"

#include "widgets/paint/qt/fonts.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>

namespace depthscope::paint::qt {

namespace {

// Some thousand tokens and labels; a style is one of about six, times the zooms the user tried.
constexpr qsizetype kMostWidths = 20000;
constexpr std::size_t kMostStyles = 64;

constexpr int kMostDecimals = 15;

QString toQString(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

} // namespace

QtTextService::Measured& QtTextService::measured(const scene::TextStyle& style) const {
    const StyleKey key{style.family, style.size, style.weight};
    const auto known = m_measured.find(key);
    if (known != m_measured.end()) {
        return known->second;
    }
    if (m_measured.size() >= kMostStyles) {
        m_measured.clear();
    }
    return m_measured.emplace(key, Measured{QFontMetricsF(fontFor(style)), {}}).first->second;
}

float QtTextService::width(std::string_view text, const scene::TextStyle& style) const {
    Measured& known = measured(style);
    const auto key = QByteArray::fromRawData(text.data(), static_cast<qsizetype>(text.size()));
    const auto found = known.widths.constFind(key);
    if (found != known.widths.constEnd()) {
        return *found;
    }
    if (known.widths.size() >= kMostWidths) {
        known.widths.clear();
    }
    const auto width = static_cast<float>(known.metrics.horizontalAdvance(toQString(text)));
    known.widths.insert(QByteArray(text.data(), static_cast<qsizetype>(text.size())), width);
    return width;
}

std::string
QtTextService::elide(std::string_view text, const scene::TextStyle& style, float maxWidth) const {
    if (width(text, style) <= maxWidth) {
        return std::string(text);
    }
    const qreal room = std::max(0.0F, maxWidth);
    return measured(style).metrics.elidedText(toQString(text), Qt::ElideRight, room).toStdString();
}

std::string QtTextService::translate(const char* source) const {
    return QCoreApplication::translate("instruments", source).toStdString();
}

std::string QtTextService::number(double value, int decimals) const {
    return QLocale().toString(value, 'f', std::clamp(decimals, 0, kMostDecimals)).toStdString();
}

} // namespace depthscope::paint::qt
