// SPDX-License-Identifier: MIT
// What the tests of the panels share: a panel by its id, its scene at a usual size, and the words
// in a scene.
#pragma once

#include "tests/widgets/fake_text_service.h"
#include "tests/widgets/instruments/synthetic_run.h"
#include "widgets/instruments/instrument.h"

#include <QObject>
#include <algorithm>
#include <limits>
#include <memory>
#include <string>

namespace depthscope::tests {

[[nodiscard]] inline std::unique_ptr<instruments::Instrument> instrument(const std::string& id) {
    for (auto& one : instruments::makeInstruments()) {
        if (id == one->id()) {
            return std::move(one);
        }
    }
    return nullptr;
}

/// Whether a text of the scene contains the words.
[[nodiscard]] inline bool says(const scene::Scene& scene, const std::string& words) {
    return std::ranges::any_of(scene.primitives, [&](const scene::Primitive& primitive) {
        const auto* text = std::get_if<scene::TextRun>(&primitive.shape);
        return text != nullptr && text->text.find(words) != std::string::npos;
    });
}

/// Where the first text with these words begins, from the top; below everything where there is
/// none.
[[nodiscard]] inline float topOf(const scene::Scene& scene, const std::string& words) {
    for (const scene::Primitive& primitive : scene.primitives) {
        const auto* text = std::get_if<scene::TextRun>(&primitive.shape);
        if (text != nullptr && text->text.find(words) != std::string::npos) {
            return text->box.y;
        }
    }
    return std::numeric_limits<float>::infinity();
}

class PanelTest : public QObject {
protected:
    [[nodiscard]] scene::Scene draw(const char* id,
                                    const trace::TraceView& view,
                                    const instruments::Cursor& cursor = {},
                                    scene::Rect rect = {0, 0, 300, 900}) const {
        return instrument(id)->draw(view, {}, cursor, {rect, &m_theme, &m_text});
    }

    scene::Theme m_theme = scene::lightTheme();
    FakeTextService m_text;
};

} // namespace depthscope::tests
