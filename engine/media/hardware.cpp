// SPDX-License-Identifier: MIT
#include "engine/media/hardware.h"

#include "engine/media/ffmpeg.h"

extern "C" {
#include <libavutil/hwcontext.h>
}

#include <utility>

namespace depthscope::media {

namespace {

struct ReleaseBuffer {
    void operator()(AVBufferRef* object) const { av_buffer_unref(&object); }
};

using Device = std::unique_ptr<AVBufferRef, ReleaseBuffer>;

AVPixelFormat formatOf(AVHWDeviceType type) {
    return type == AV_HWDEVICE_TYPE_VAAPI ? AV_PIX_FMT_VAAPI : AV_PIX_FMT_CUDA;
}

/// The device's format where the decoder offers it, else the first one that is in memory.
AVPixelFormat chooseFormat(AVCodecContext* context, const AVPixelFormat* offered) {
    const auto* device = reinterpret_cast<const AVHWDeviceContext*>(context->hw_device_ctx->data);
    for (const AVPixelFormat* format = offered; *format != AV_PIX_FMT_NONE; ++format) {
        if (*format == formatOf(device->type)) {
            return *format;
        }
    }
    for (const AVPixelFormat* format = offered; *format != AV_PIX_FMT_NONE; ++format) {
        const AVPixFmtDescriptor* facts = av_pix_fmt_desc_get(*format);
        if (facts != nullptr && (facts->flags & AV_PIX_FMT_FLAG_HWACCEL) == 0) {
            return *format;
        }
    }
    return AV_PIX_FMT_NONE;
}

class DevicePath final : public HardwarePath {
public:
    DevicePath(AVHWDeviceType type, Device device)
        : m_type(type)
        , m_device(std::move(device)) {}

    [[nodiscard]] std::string_view name() const override {
        return av_hwdevice_get_type_name(m_type);
    }

    [[nodiscard]] bool attach(AVCodecContext& context, const AVCodec& codec) override {
        const AVCodecHWConfig* config = nullptr;
        for (int i = 0; (config = avcodec_get_hw_config(&codec, i)) != nullptr; ++i) {
            const bool takesDevice =
                (config->methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX) != 0;
            if (takesDevice && config->device_type == m_type) {
                context.hw_device_ctx = av_buffer_ref(m_device.get());
                context.get_format = &chooseFormat;
                context.thread_count = 1; // the processor works, not our threads
                return context.hw_device_ctx != nullptr;
            }
        }
        return false;
    }

    [[nodiscard]] bool fetch(AVFrame& frame) override {
        const Owned<AVFrame> memory = makeFrame();
        if (frame.hw_frames_ctx == nullptr ||
            av_hwframe_transfer_data(memory.get(), &frame, 0) < 0 ||
            av_frame_copy_props(memory.get(), &frame) < 0) {
            return false;
        }
        av_frame_unref(&frame);
        av_frame_move_ref(&frame, memory.get());
        return true;
    }

private:
    AVHWDeviceType m_type;
    Device m_device;
};

} // namespace

std::shared_ptr<HardwarePath> openHardware() {
    quietLog();
    for (const AVHWDeviceType type : {AV_HWDEVICE_TYPE_VAAPI, AV_HWDEVICE_TYPE_CUDA}) {
        AVBufferRef* raw = nullptr;
        const int error = av_hwdevice_ctx_create(&raw, type, nullptr, nullptr, 0);
        Device device(raw);
        if (error >= 0 && device) {
            return std::make_shared<DevicePath>(type, std::move(device));
        }
    }
    return nullptr;
}

} // namespace depthscope::media
