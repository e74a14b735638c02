// SPDX-License-Identifier: MIT
#include "widgets/instruments/scene_writer.h"

#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr const char* kEllipsis = "\xE2\x80\xA6";

} // namespace

// One pass: a value that holds "%2" itself (a token's text may) is not filled again.
std::string fill(std::string message, std::initializer_list<std::string> values) {
    std::string result;
    for (std::size_t i = 0; i < message.size(); ++i) {
        const int place = message[i] == '%' && i + 1 < message.size() ? message[i + 1] - '1' : -1;
        if (place >= 0 && static_cast<std::size_t>(place) < values.size()) {
            result += values.begin()[place];
            ++i;
        } else {
            result += message[i];
        }
    }
    return result;
}

std::vector<std::string> wrapText(const scene::TextService& text,
                                  const std::string& message,
                                  const scene::TextStyle& style,
                                  float width) {
    std::vector<std::string> lines;
    std::string line;
    for (std::size_t begin = 0; begin < message.size();) {
        const std::size_t end = std::min(message.find(' ', begin), message.size());
        const std::string word = message.substr(begin, end - begin);
        const std::string longer = line.empty() ? word : line + ' ' + word;
        if (line.empty() || text.width(longer, style) <= width) {
            line = longer;
        } else {
            lines.push_back(text.elide(line, style, width));
            line = word;
        }
        begin = end + 1;
    }
    if (!line.empty()) {
        lines.push_back(text.elide(line, style, width));
    }
    return lines;
}

float SceneWriter::line(const scene::TextStyle& style) const {
    return std::ceil(style.size * 1.4F);
}

void SceneWriter::label(scene::Rect box,
                        const std::string& text,
                        const scene::TextStyle& style,
                        scene::Color color,
                        scene::Align align) {
    // A single letter is narrower than what would stand for a part of it.
    if (text.empty() ||
        box.width < std::min(service.width(kEllipsis, style), service.width(text, style))) {
        return;
    }
    std::string shown = service.elide(text, style, box.width);
    if (!shown.empty()) {
        out.text(box, std::move(shown), style, color, align);
    }
}

float SceneWriter::paragraph(scene::Rect box,
                             const std::string& text,
                             const scene::TextStyle& style,
                             scene::Color color,
                             scene::Align align) {
    const float step = line(style);
    float y = box.y;
    for (const std::string& part : wrapText(service, text, style, box.width)) {
        if (y + step > box.bottom() + 0.5F) {
            break;
        }
        label({box.x, y, box.width, step}, part, style, color, align);
        y += step;
    }
    return y - box.y;
}

scene::Scene SceneWriter::empty(const std::string& message) {
    const float margin = std::min(theme.grid * 2, bounds.width / 8);
    const float inner = std::min(bounds.width - 2 * margin, px(520));
    const auto lines = wrapText(service, message, ui(), inner);
    const float height = line(ui()) * static_cast<float>(lines.size());
    const float top = std::max(0.0F, (bounds.height - height) / 2);
    paragraph({(bounds.width - inner) / 2, top, inner, bounds.height - top}, message, ui(),
              theme.muted, scene::Align::Center);
    out.hit({bounds, scene::HitKind::Body, -1, -1, {}, {}});
    out.summary(message);
    return out.take();
}

scene::Color SceneWriter::withAlpha(scene::Color color, float share) const {
    color.a = static_cast<std::uint8_t>(std::lround(static_cast<float>(color.a) * share));
    return color;
}

scene::Color inkOn(scene::Color ground) {
    constexpr scene::Color kBlack{16, 17, 20, 255};
    constexpr scene::Color kWhite{255, 255, 255, 255};
    return scene::contrast(kBlack, ground) >= scene::contrast(kWhite, ground) ? kBlack : kWhite;
}

scene::Scene
drawEmpty(const trace::TraceView& view, const Viewport& viewport, const std::string& own) {
    return SceneWriter(viewport).empty(whyEmpty(view, own, *viewport.text));
}

} // namespace depthscope::instruments
