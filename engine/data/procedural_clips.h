// SPDX-License-Identifier: MIT
// Procedural clips with ground truth (docs/video_models.md, "Procedural clips"). A clip is a pure
// function of preset, size, seed and index, computed in integers: the same bytes on every machine,
// whatever the batch that it is drawn for. Nothing is stored. Immutable; any thread.
#pragma once

#include "engine/data/clip.h"
#include "engine/spec/clip_preset.h"

#include <cstdint>
#include <vector>

namespace depthscope::data {

class ProceduralClips {
public:
    /// Throws Error{Usage} as spec::checkClipSize does.
    ProceduralClips(const spec::ClipPreset& preset, spec::ClipSize size, std::uint64_t seed);

    [[nodiscard]] const spec::ClipSize& size() const { return m_size; }

    [[nodiscard]] Clip clip(std::uint64_t index) const;

    /// The frames of clip(index) without objects and without noise, [T, H, W, 3].
    [[nodiscard]] std::vector<std::uint8_t> ground(std::uint64_t index) const;

private:
    spec::ClipPreset m_preset;
    spec::ClipSize m_size;
    std::uint64_t m_seed;
};

} // namespace depthscope::data
