// SPDX-License-Identifier: MIT
#include "engine/data/patch_truth.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <algorithm>
#include <cstdlib>

namespace depthscope::data {

namespace {

/// The pixels of a patch in its frames.
template <class Each>
void eachPixel(const Clip& clip,
               const PatchShape& patch,
               const trace::PlacePosition& at,
               Each each) {
    for (std::int32_t t = 0; t < patch.frames; ++t) {
        for (std::int32_t y = 0; y < patch.height; ++y) {
            for (std::int32_t x = 0; x < patch.width; ++x) {
                const std::int32_t frame = at.frame * patch.frames + t;
                const std::int32_t row = at.row * patch.height + y;
                const std::size_t place =
                    static_cast<std::size_t>(row) * static_cast<std::size_t>(clip.size.width) +
                    static_cast<std::size_t>(at.column * patch.width + x);
                each(frame, static_cast<std::size_t>(frame) * clip.framePixels() + place);
            }
        }
    }
}

} // namespace

trace::Layout patchLayout(const spec::ClipSize& size, const PatchShape& patch) {
    const auto divides = [](std::int32_t part, std::int32_t whole) {
        return part > 0 && whole % part == 0;
    };
    if (!divides(patch.frames, size.frames) || !divides(patch.height, size.height) ||
        !divides(patch.width, size.width)) {
        throw Error(
            ErrorCode::Usage,
            fmt::format("patch: {} x {} x {} (frames, height, width) must divide the clip's "
                        "{} x {} x {}",
                        patch.frames, patch.height, patch.width, size.frames, size.height,
                        size.width));
    }
    return {size.frames / patch.frames, size.height / patch.height, size.width / patch.width};
}

std::vector<float> patchChange(const Clip& clip, const PatchShape& patch) {
    const trace::Layout layout = patchLayout(clip.size, patch);
    if (clip.cover.empty()) {
        return {};
    }
    std::vector<float> change;
    for (std::int64_t place = 0; place < layout.places(); ++place) {
        std::int64_t sum = 0;
        std::int64_t pixels = 0;
        eachPixel(
            clip, patch, trace::positionOf(layout, place), [&](std::int32_t t, std::size_t i) {
                const bool isFirst = t == 0;
                if (clip.size.frames == 1 || (isFirst && patch.frames > 1)) {
                    return;
                }
                const std::size_t other = isFirst ? i + clip.framePixels() : i - clip.framePixels();
                sum += std::abs(int{clip.cover[i]} - int{clip.cover[other]});
                ++pixels;
            });
        change.push_back(
            pixels == 0 ? 0 : static_cast<float>(sum) / static_cast<float>(pixels * kFullCover));
    }
    return change;
}

std::vector<std::uint8_t> patchClassesOf(const Clip& clip, const PatchShape& patch) {
    const std::vector<float> change = patchChange(clip, patch);
    const trace::Layout layout = patchLayout(clip.size, patch);
    std::vector<std::uint8_t> classes;
    for (std::size_t n = 0; n < change.size(); ++n) {
        std::uint8_t least = kFullCover;
        std::uint8_t most = 0;
        eachPixel(clip, patch, trace::positionOf(layout, static_cast<std::int64_t>(n)),
                  [&](std::int32_t, std::size_t i) {
                      least = std::min(least, clip.cover[i]);
                      most = std::max(most, clip.cover[i]);
                  });
        const trace::PatchClass known = double{change[n]} > kMotionChange
                                            ? trace::PatchClass::Motion
                                        : most == 0           ? trace::PatchClass::Background
                                        : least == kFullCover ? trace::PatchClass::Interior
                                                              : trace::PatchClass::Edge;
        classes.push_back(static_cast<std::uint8_t>(known));
    }
    return classes;
}

} // namespace depthscope::data
