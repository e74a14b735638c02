// SPDX-License-Identifier: MIT
#include "engine/media/open_clip.h"

#include "engine/media/pixel_layout.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace depthscope::media {

void showIn(trace::ClipView& view, ClipPicture picture, std::uint64_t generation) {
    if (!view.frame || view.frame->pixelFormat != picture.frame.pixelFormat) {
        view.components = pixelLayout(picture.frame.pixelFormat);
    }
    view.frame = std::move(picture.frame);
    view.picture = std::move(picture.rgb);
    view.quick = picture.quick;
    view.codec = std::move(picture.codec);
    view.generation = generation;
}

RgbPicturePtr differenceOf(const RgbPicture& a, const RgbPicture& b, int gain) {
    if (a.width != b.width || a.height != b.height || a.bytes.size() != b.bytes.size()) {
        return nullptr;
    }
    auto result = std::make_shared<RgbPicture>();
    result->width = a.width;
    result->height = a.height;
    result->bytes.resize(a.bytes.size());
    std::transform(a.bytes.begin(), a.bytes.end(), b.bytes.begin(), result->bytes.begin(),
                   [gain](std::uint8_t left, std::uint8_t right) {
                       const int distance = std::abs(int{left} - int{right}) * gain;
                       return static_cast<std::uint8_t>(std::min(distance, 255));
                   });
    return result;
}

} // namespace depthscope::media
