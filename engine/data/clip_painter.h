// SPDX-License-Identifier: MIT
// Draws the frames of a procedural clip's scene, in integers. One owner, one thread; scene and size
// must outlive it.
#pragma once

#include "engine/data/clip.h"
#include "engine/data/clip_scene.h"

#include <cstdint>
#include <span>
#include <vector>

namespace depthscope::data {

/// Draws the frames of a scene, the foremost object first: a sample belongs to the first that
/// covers it.
class ScenePainter {
public:
    ScenePainter(const ClipScene& scene, const spec::ClipSize& size)
        : m_scene(scene)
        , m_size(size)
        , m_taken(static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width))
        , m_marked(m_taken.size())
        , m_sum(3 * m_taken.size()) {}

    /// Ground and bar of frame t into `rgb`, [H, W, 3].
    void paintGround(std::int32_t t, std::span<std::uint8_t> rgb) const;

    /// Objects of frame t over it; `cover` is [H, W]. Adds the visible share to the tracks.
    void paintObjects(std::int32_t t, Clip& clip);

private:
    [[nodiscard]] Rgb groundAt(std::int32_t t, std::int32_t x, std::int32_t y) const;
    /// The share of the object that is seen.
    [[nodiscard]] double paint(const SceneObject& object, const UnitPoint& centre);
    /// Marks what a line of samples shows of it; the samples that it would show without an edge.
    std::int64_t mark(const SceneObject& object, const UnitPoint& centre, std::int64_t line);
    [[nodiscard]] static std::uint64_t
    samples(std::int64_t begin, std::int64_t end, std::int64_t pixel);
    void takeBar();

    const ClipScene& m_scene;
    const spec::ClipSize& m_size;
    std::vector<std::uint64_t> m_taken;  ///< [H, W] samples of objects and of the bar
    std::vector<std::uint64_t> m_marked; ///< [H, W] of the object at hand; zero between objects
    std::vector<std::uint16_t> m_sum;    ///< [H, W, 3] colour times samples
};

} // namespace depthscope::data
