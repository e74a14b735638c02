// SPDX-License-Identifier: MIT
// The words below the columns of the heat map: level where they fit, rising where columns are too
// narrow for that, none where they are narrower than a line. Lives for one draw call.
#pragma once

#include "widgets/instruments/place_axis.h"
#include "widgets/instruments/scene_writer.h"

#include <optional>
#include <string>
#include <vector>

namespace depthscope::instruments {

class ColumnLabels {
public:
    /// Of the places in sight, in at most `room` pixels of height.
    ColumnLabels(const SceneWriter& writer,
                 const trace::RunView& run,
                 const PlaceAxis& axis,
                 float room);

    /// 0: there are none.
    [[nodiscard]] float height() const { return m_height; }

    /// `lit`: the place that is pointed out.
    void draw(SceneWriter& writer, const PlaceAxis& axis, float top, std::optional<int> lit) const;

private:
    [[nodiscard]] float levelHeight(const SceneWriter& writer) const;

    std::vector<std::string> m_words; ///< from the first visible place
    scene::TextStyle m_style;
    float m_height = 0;
    float m_length = 0; ///< of a rising line; 0: level
};

} // namespace depthscope::instruments
