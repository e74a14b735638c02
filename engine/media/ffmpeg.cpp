// SPDX-License-Identifier: MIT
#include "engine/media/ffmpeg.h"

#include "engine/base/error.h"

#include <array>
#include <cstdlib>
#include <mutex>

namespace depthscope::media {

template <class Object>
Owned<Object> owned(Object* object) {
    if (object == nullptr) {
        throw Error(ErrorCode::OutOfMemory, "no memory for a video", "Close other programs.");
    }
    return Owned<Object>(object);
}

template Owned<AVFormatContext> owned(AVFormatContext*);
template Owned<AVCodecContext> owned(AVCodecContext*);
template Owned<AVCodecParameters> owned(AVCodecParameters*);
template Owned<AVIOContext> owned(AVIOContext*);
template Owned<AVPacket> owned(AVPacket*);
template Owned<AVFrame> owned(AVFrame*);
template Owned<SwsContext> owned(SwsContext*);

Owned<AVPacket> makePacket() {
    return Owned<AVPacket>(owned(av_packet_alloc()));
}

Owned<AVFrame> makeFrame() {
    return Owned<AVFrame>(owned(av_frame_alloc()));
}

std::string faultText(int error) {
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    av_strerror(error, text.data(), text.size());
    return text.data();
}

void quietLog() {
    static std::once_flag once;
    std::call_once(once, [] {
        av_log_set_level(AV_LOG_QUIET);
        ::setenv("SVT_LOG", "1", 0); // SVT-AV1 has no other way to be told
    });
}

} // namespace depthscope::media
