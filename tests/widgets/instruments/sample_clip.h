// SPDX-License-Identifier: MIT
// A clip at its frame 77 whose pixels count up, for tests of what is drawn of it. Owned by a test.
#pragma once

#include "engine/trace/clip_view.h"
#include "widgets/scene/scene.h"

#include <memory>
#include <vector>

namespace depthscope::tests {

struct SampleClip {
    std::vector<std::uint8_t> luma;
    trace::ClipView clip;

    SampleClip(std::int32_t width, std::int32_t height) {
        luma.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
        auto picture = std::make_shared<RgbPicture>(RgbPicture{width, height, {}});
        for (std::size_t i = 0; i < luma.size(); ++i) {
            luma[i] = static_cast<std::uint8_t>(i);
            picture->bytes.insert(picture->bytes.end(), {luma[i], 7, 9});
        }
        trace::Frame frame;
        frame.number = 77;
        frame.width = width;
        frame.height = height;
        frame.pixelFormat = "gray";
        frame.planes = {{luma.data(), width, static_cast<std::size_t>(width),
                         static_cast<std::size_t>(height)}};
        frame.pts = 39424;
        frame.seconds = 3.08;
        frame.key = true;
        clip.file = "/clips/some.mp4";
        clip.name = "some.mp4";
        clip.frameCount = 200;
        clip.frame = frame;
        clip.picture = picture;
        clip.generation = 5;
        clip.components = {{"Y", 0, 1, 0, 0, 8, 0, 0}};
    }
};

[[nodiscard]] inline std::vector<scene::Video> videosIn(const scene::Scene& scene) {
    std::vector<scene::Video> videos;
    for (const scene::Primitive& primitive : scene.primitives) {
        if (const auto* video = std::get_if<scene::Video>(&primitive.shape)) {
            videos.push_back(*video);
        }
    }
    return videos;
}

} // namespace depthscope::tests
