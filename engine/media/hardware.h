// SPDX-License-Identifier: MIT
// Decoding by the graphics processor. What it gives is brought back to memory; whatever goes wrong
// is decoded again in software, so that no frame is lost (docs/video.md, "Decoding by the graphics
// processor"). Internal to engine/media, but for openHardware(); one thread at a time.
#pragma once

#include <memory>
#include <string_view>

struct AVCodec;
struct AVCodecContext;
struct AVFrame;

namespace depthscope::media {

class HardwarePath {
public:
    HardwarePath() = default;
    virtual ~HardwarePath() = default;
    HardwarePath(const HardwarePath&) = delete;
    HardwarePath& operator=(const HardwarePath&) = delete;

    /// "vaapi"
    [[nodiscard]] virtual std::string_view name() const = 0;

    /// Makes a decoder that is not open yet one of this path. False: not for this codec.
    [[nodiscard]] virtual bool attach(AVCodecContext& context, const AVCodec& codec) = 0;

    /// Brings a frame of such a decoder to memory. False where it cannot, or where the frame is in
    /// memory already: the processor does not take this kind of stream.
    [[nodiscard]] virtual bool fetch(AVFrame& frame) = 0;
};

/// VAAPI, else CUDA: the first whose device opens. Null: none does. Takes up to a second.
[[nodiscard]] std::shared_ptr<HardwarePath> openHardware();

} // namespace depthscope::media
