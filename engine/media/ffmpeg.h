// SPDX-License-Identifier: MIT
// FFmpeg's objects with owners, and what differs between its versions 5.1 to 7. Internal to
// engine/media: no other folder includes FFmpeg's headers. Each object has one owner, one thread.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include <cstdint>
#include <memory>
#include <string>

namespace depthscope::media {

struct Release {
    void operator()(AVFormatContext* object) const { avformat_close_input(&object); }

    void operator()(AVCodecContext* object) const { avcodec_free_context(&object); }

    void operator()(AVCodecParameters* object) const { avcodec_parameters_free(&object); }

    void operator()(AVPacket* object) const { av_packet_free(&object); }

    void operator()(AVFrame* object) const { av_frame_free(&object); }

    void operator()(AVDictionary* object) const { av_dict_free(&object); }

    void operator()(SwsContext* object) const { sws_freeContext(object); }

    void operator()(AVIOContext* object) const {
        av_freep(&object->buffer);
        avio_context_free(&object);
    }
};

template <class Object>
using Owned = std::unique_ptr<Object, Release>;

/// Throws Error{OutOfMemory} for a null pointer: FFmpeg's allocators give one.
template <class Object>
[[nodiscard]] Owned<Object> owned(Object* object);

[[nodiscard]] Owned<AVPacket> makePacket();
[[nodiscard]] Owned<AVFrame> makeFrame();

/// FFmpeg's words for a fault.
[[nodiscard]] std::string faultText(int error);

/// The log levels of FFmpeg and SVT-AV1 are the only state of the process that we touch: they write
/// to stderr unless they are told not to, and everything that they say comes back as a fault or a
/// flag as well.
void quietLog();

/// What avio_alloc_context's writer takes.
#if LIBAVFORMAT_VERSION_MAJOR >= 61
using WrittenBytes = const std::uint8_t*;
#else
using WrittenBytes = std::uint8_t*;
#endif

[[nodiscard]] inline bool isKeyFrame(const AVFrame& frame) {
#ifdef AV_FRAME_FLAG_KEY
    return (frame.flags & AV_FRAME_FLAG_KEY) != 0;
#else
    return frame.key_frame != 0;
#endif
}

} // namespace depthscope::media
