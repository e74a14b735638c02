// SPDX-License-Identifier: MIT
// One encoder of libavcodec: fitted frames in, packets out. Internal to engine/media; one owner,
// one thread (encoders start their own).
#pragma once

#include "engine/media/encode_settings.h"
#include "engine/media/encoding_format.h"
#include "engine/media/ffmpeg.h"
#include "engine/media/frame_fitter.h"

#include <cstdint>

namespace depthscope::media {

class FrameEncoder {
public:
    /// How the encoder is opened, beside what the form says.
    struct Setup {
        const EncodingFormat* format = nullptr;
        const EncoderRecipe* encoder = nullptr;
        const EncodeSettings* settings = nullptr;
        AVRational timeBase{1, 25};
        bool inContainer = true; ///< headers go to the container
    };

    /// Throws Error{BadInput} where the encoder refuses size, format or quality.
    FrameEncoder(const FittedForm& form, const Setup& setup);

    [[nodiscard]] const AVCodecContext& context() const { return *m_context; }

    /// Null: no frame comes any more. Throws Error where the encoder fails.
    void send(const AVFrame* frame);

    /// False: no packet is ready. Times are in units of the time base.
    [[nodiscard]] bool receive(AVPacket& packet);

private:
    [[noreturn]] void fail(int error, const char* doing) const;

    Owned<AVCodecContext> m_context;
    std::int64_t m_sent = 0;
};

} // namespace depthscope::media
