// SPDX-License-Identifier: MIT
#include "widgets/panels/figure_options.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <QStringList>

namespace depthscope::panels {

namespace {

[[noreturn]] void refuse(const QString& name, const QString& value, const std::string& valid) {
    throw Error(ErrorCode::Usage,
                fmt::format("{}: \"{}\" is not valid", name.toStdString(), value.toStdString()),
                fmt::format("Valid: {}.", valid));
}

double widthOf(const QString& value) {
    if (value == QLatin1String("panel")) {
        return 0;
    }
    bool good = false;
    const double width = value.toDouble(&good);
    if (!good || !(width >= kLeastFigureWidth && width <= kMostFigureWidth)) {
        refuse(QStringLiteral("width"), value,
               fmt::format("panel, or {:.0f} to {:.0f} millimetres", kLeastFigureWidth,
                           kMostFigureWidth));
    }
    return width;
}

int scaleOf(const QString& value) {
    bool good = false;
    const int scale = value.toInt(&good);
    if (!good || scale < 1 || scale > kMostFigureScale) {
        refuse(QStringLiteral("scale"), value, fmt::format("1 to {}", kMostFigureScale));
    }
    return scale;
}

template <std::size_t N>
int indexOf(const QString& name, const QString& value, const std::array<const char*, N>& words) {
    QStringList valid;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (value == QLatin1String(words[i])) {
            return static_cast<int>(i);
        }
        valid << QLatin1String(words[i]);
    }
    refuse(name, value, valid.join(QStringLiteral(", ")).toStdString());
}

} // namespace

void setFigureOption(FigureOptions& options, const QString& name, const QString& value) {
    if (name == QLatin1String("width")) {
        options.width = widthOf(value);
    } else if (name == QLatin1String("scale")) {
        options.scale = scaleOf(value);
    } else if (name == QLatin1String("ground")) {
        options.ground =
            static_cast<Ground>(indexOf(name, value, std::array{"white", "transparent", "window"}));
    } else if (name == QLatin1String("axes")) {
        options.axes = indexOf(name, value, std::array{"off", "on"}) == 1;
    } else if (name == QLatin1String("title")) {
        options.title = value;
    } else if (name == QLatin1String("caption")) {
        options.caption = value;
    } else {
        throw Error(ErrorCode::Usage,
                    fmt::format("unknown option of a figure: {}", name.toStdString()),
                    "Valid: width, scale, ground, axes, title, caption.");
    }
}

} // namespace depthscope::panels
