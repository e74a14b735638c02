// SPDX-License-Identifier: MIT
// The window's TextService: Qt measures, elides, translates and formats. Owned by the program, one
// thread (the GUI's); widths are kept because a scene asks for the same ones at every change.
#pragma once

#include "widgets/scene/text_service.h"

#include <QFontMetricsF>
#include <QHash>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

namespace depthscope::paint::qt {

class QtTextService final : public scene::TextService {
public:
    [[nodiscard]] float width(std::string_view text, const scene::TextStyle& style) const override;
    [[nodiscard]] std::string
    elide(std::string_view text, const scene::TextStyle& style, float maxWidth) const override;
    [[nodiscard]] std::string translate(const char* source) const override;
    [[nodiscard]] std::string number(double value, int decimals) const override;

private:
    struct Measured {
        QFontMetricsF metrics;
        QHash<QByteArray, float> widths;
    };

    using StyleKey = std::tuple<scene::FontFamily, float, scene::FontWeight>;

    Measured& measured(const scene::TextStyle& style) const;

    mutable std::map<StyleKey, Measured> m_measured; // a cache: no answer depends on it
};

} // namespace depthscope::paint::qt
