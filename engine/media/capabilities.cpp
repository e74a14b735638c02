// SPDX-License-Identifier: MIT
#include "engine/media/capabilities.h"

#include "engine/media/ffmpeg.h"

extern "C" {
#include <libavutil/hwcontext.h>
}

namespace depthscope::media {

namespace {

constexpr AVCodecID kDecoders[] = {
    AV_CODEC_ID_H264,    AV_CODEC_ID_HEVC,    AV_CODEC_ID_VP8,        AV_CODEC_ID_VP9,
    AV_CODEC_ID_AV1,     AV_CODEC_ID_MPEG4,   AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG1VIDEO,
    AV_CODEC_ID_THEORA,  AV_CODEC_ID_MJPEG,   AV_CODEC_ID_PRORES,     AV_CODEC_ID_DNXHD,
    AV_CODEC_ID_FFV1,    AV_CODEC_ID_HUFFYUV, AV_CODEC_ID_UTVIDEO,    AV_CODEC_ID_VC1,
    AV_CODEC_ID_GIF,     AV_CODEC_ID_APNG,    AV_CODEC_ID_PNG,        AV_CODEC_ID_WEBP,
    AV_CODEC_ID_RAWVIDEO};

constexpr const char* kEncoders[] = {
    "libx264",  "libx264rgb", "libx265", "libvpx",     "libvpx-vp9", "libaom-av1", "libsvtav1",
    "librav1e", "ffv1",       "mpeg4",   "mpeg2video", "libtheora",  "prores_ks",  "dnxhd",
    "mjpeg",    "gif",        "apng",    "png",        "libwebp",    "rawvideo"};

} // namespace

Capabilities capabilities() {
    Capabilities found{av_version_info(), avutil_license(), {}, {}, {}};
    for (const AVCodecID codec : kDecoders) {
        if (avcodec_find_decoder(codec) != nullptr) {
            found.decoders.emplace_back(avcodec_get_name(codec));
        }
    }
    for (const char* name : kEncoders) {
        if (avcodec_find_encoder_by_name(name) != nullptr) {
            found.encoders.emplace_back(name);
        }
    }
    for (AVHWDeviceType type = av_hwdevice_iterate_types(AV_HWDEVICE_TYPE_NONE);
         type != AV_HWDEVICE_TYPE_NONE; type = av_hwdevice_iterate_types(type)) {
        found.hardware.emplace_back(av_hwdevice_get_type_name(type));
    }
    return found;
}

} // namespace depthscope::media
