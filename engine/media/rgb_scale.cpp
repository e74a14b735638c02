// SPDX-License-Identifier: MIT
#include "engine/media/rgb_scale.h"

#include "engine/base/error.h"
#include "engine/media/ffmpeg.h"

#include <algorithm>
#include <array>
#include <vector>

namespace depthscope::media {

namespace {

constexpr int kChannels = 3;
constexpr int kAlign = 64; ///< swscale reads and writes past the end of shorter rows

/// Rows at a distance that swscale can bear.
struct PaddedRows {
    int stride;
    std::vector<std::uint8_t> bytes;

    PaddedRows(int width, int height)
        : stride((width * kChannels + kAlign - 1) / kAlign * kAlign)
        , bytes(static_cast<std::size_t>(stride) * static_cast<std::size_t>(height) + kAlign) {}

    [[nodiscard]] std::uint8_t* row(int y) {
        return bytes.data() + std::ptrdiff_t{y} * std::ptrdiff_t{stride};
    }
};

struct Cut {
    int left = 0;
    int top = 0;
    int width = 0;
    int height = 0;
};

/// The largest part about the middle that looks as `size` does, at least a pixel.
Cut cutOf(const RgbImage& image, const ScaledSize& size) {
    // width · over / under : height = size.width : size.height
    const std::int64_t across = std::int64_t{size.width} * size.sampleAspect.under;
    const std::int64_t down = std::int64_t{size.height} * size.sampleAspect.over;
    Cut cut{0, 0, image.width, image.height};
    if (image.width * down > image.height * across) {
        cut.width = std::max(1, static_cast<int>(image.height * across / down));
    } else {
        cut.height = std::max(1, static_cast<int>(image.width * down / across));
    }
    cut.left = (image.width - cut.width) / 2;
    cut.top = (image.height - cut.height) / 2;
    return cut;
}

} // namespace

RgbImage cutAndScaled(const RgbImage& image, const ScaledSize& size) {
    quietLog();
    const Cut cut = cutOf(image, size);
    PaddedRows source(cut.width, cut.height);
    for (int y = 0; y < cut.height; ++y) {
        const auto first =
            image.bytes.begin() +
            std::ptrdiff_t{kChannels} * (std::ptrdiff_t{cut.top + y} * image.width + cut.left);
        std::copy_n(first, cut.width * kChannels, source.row(y));
    }
    const Owned<SwsContext> context(sws_getContext(
        cut.width, cut.height, AV_PIX_FMT_RGB24, size.width, size.height, AV_PIX_FMT_RGB24,
        SWS_AREA | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_BITEXACT,
        nullptr, nullptr, nullptr));
    if (!context) {
        throw Error(ErrorCode::OutOfMemory, "pictures: no memory to scale a frame");
    }
    PaddedRows target(size.width, size.height);
    const std::array<const std::uint8_t*, 4> from{source.row(0), nullptr, nullptr, nullptr};
    const std::array<int, 4> fromStride{source.stride, 0, 0, 0};
    const std::array<std::uint8_t*, 4> to{target.row(0), nullptr, nullptr, nullptr};
    const std::array<int, 4> toStride{target.stride, 0, 0, 0};
    sws_scale(context.get(), from.data(), fromStride.data(), 0, cut.height, to.data(),
              toStride.data());
    RgbImage scaled{size.width, size.height, {}};
    for (int y = 0; y < size.height; ++y) {
        const std::uint8_t* row = target.row(y);
        scaled.bytes.insert(scaled.bytes.end(), row, row + size.width * kChannels);
    }
    return scaled;
}

RgbImage turned(const RgbImage& image, int quarters) {
    RgbImage from = image;
    for (int quarter = 0; quarter < (quarters % 4 + 4) % 4; ++quarter) {
        RgbImage to{from.height, from.width, std::vector<std::uint8_t>(from.bytes.size())};
        for (int y = 0; y < from.height; ++y) {
            for (int x = 0; x < from.width; ++x) {
                const auto source = std::size_t(kChannels) * std::size_t(y * from.width + x);
                const auto target =
                    std::size_t(kChannels) * std::size_t(x * to.width + to.width - 1 - y);
                std::copy_n(from.bytes.begin() + std::ptrdiff_t(source), kChannels,
                            to.bytes.begin() + std::ptrdiff_t(target));
            }
        }
        from = std::move(to);
    }
    return from;
}

} // namespace depthscope::media
