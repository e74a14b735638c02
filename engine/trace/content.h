// SPDX-License-Identifier: MIT
// The content of the places of a step. Letters: N places of this step, V vocabulary. Values; any
// thread.
#pragma once

#include "engine/base/rgb_picture.h"
#include "engine/trace/frame.h"

#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

namespace depthscope::trace {

struct TextContent {
    std::vector<std::int32_t> ids;        ///< [N]
    std::string text;                     ///< bytes of all pieces of this step, in order
    std::vector<std::uint32_t> pieceEnds; ///< [N] end of piece n in `text`; empty: no tokenizer
    std::vector<float> nll;    ///< [N] nats of this token given those before; NaN if unknown
    std::vector<float> logits; ///< [N * V] only where they were asked for
    double loss = 0;           ///< mean nats of the known tokens, where losses were asked for

    /// Bytes of piece n; "#17" stands for id 17 where the model has no tokenizer.
    [[nodiscard]] std::string piece(std::size_t n) const {
        if (pieceEnds.empty()) {
            return "#" + std::to_string(ids[n]);
        }
        const std::size_t begin = n == 0 ? 0 : pieceEnds[n - 1];
        return text.substr(begin, pieceEnds[n] - begin);
    }
};

/// How the pictures of a clip are packed.
struct PictureCodec {
    std::string name; ///< "ffv1"
    std::int32_t width = 0;
    std::int32_t height = 0;
    std::vector<std::uint8_t> extradata; ///< what its decoder must know first
};

/// One picture as an encoder packed it: opaque bytes.
struct PicturePacket {
    std::int64_t pts = 0; ///< in frames
    std::vector<std::uint8_t> bytes;
};

/// Pictures of a clip as this step has them: RGB where they were made or decoded, packets where
/// they come from a recording. Both at once where a step was packed to be stored.
struct ClipContent {
    Ratio rate{25, 1};              ///< frames per second
    std::int32_t firstFrame = 0;    ///< of the clip; picture n is frame firstFrame + n
    std::int32_t contextFrames = 0; ///< the first ones, which were given; the others are predicted
    /// How it was made, apart from model and routing: runs of equal words can be compared.
    std::string source;
    /// Of the predicted frames against the truth, dB; NaN where no truth is known or none
    /// predicted.
    double psnr = std::numeric_limits<double>::quiet_NaN();
    double psnrCopyLast = std::numeric_limits<double>::quiet_NaN(); ///< of the last context frame
    std::vector<RgbPicturePtr> pictures;
    PictureCodec codec;
    std::vector<PicturePacket> packets;
};

/// No content: places identified only by their position.
using Content = std::variant<std::monostate, TextContent, ClipContent>;

} // namespace depthscope::trace
