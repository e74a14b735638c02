// SPDX-License-Identifier: MIT
// Which keys the four pattern experts let each token of a side see (docs/video_models.md), as lists
// that are made once for a layout:
//   Temporal  the same row and column in every frame
//   Spatial   the same frame
//   Motion    one frame, row and column around the token in each direction: up to 27
//   Context   the registers and the token itself
// Keys are numbered: those of the given frames, the side's own, the registers. Engine thread.
#pragma once

#include "engine/ops/listed.h"
#include "engine/spec/video_spec.h"

#include <ATen/core/Tensor.h>

#include <compare>
#include <cstdint>
#include <map>

namespace depthscope::models {

/// What the lists depend on.
struct PatternShape {
    std::int64_t givenFrames = 0; ///< from frame 0 of the clip
    std::int64_t firstFrame = 0;  ///< of the side
    std::int64_t frames = 0;      ///< of the side
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::int64_t registers = 0;

    [[nodiscard]] std::int64_t places() const { return rows * columns; }

    [[nodiscard]] std::int64_t tokens() const { return frames * places(); }

    [[nodiscard]] std::int64_t keys() const {
        return (givenFrames + frames) * places() + registers;
    }

    [[nodiscard]] auto operator<=>(const PatternShape&) const = default;
};

/// List e · N + i is what token i sees under expert e (spec::Pattern).
[[nodiscard]] ops::KeyLists patternLists(const PatternShape& shape);

/// The lists of the shapes that were asked for, on one device.
class PatternLists {
public:
    [[nodiscard]] const ops::KeyLists& of(const PatternShape& shape, at::Device device);

private:
    std::map<PatternShape, ops::KeyLists> m_lists;
};

} // namespace depthscope::models
