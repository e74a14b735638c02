// SPDX-License-Identifier: MIT
// Makes frames what an encoder takes: size, pixel format, colour, orientation, through libavfilter.
// Internal to engine/media; one owner, one thread.
#pragma once

#include "engine/media/encoding_plan.h"
#include "engine/media/ffmpeg.h"
#include "engine/media/filter_graph.h"

#include <deque>
#include <string>

namespace depthscope::media {

/// What all frames are made into; decided by the first one.
struct FittedForm {
    std::int32_t width = 0;
    std::int32_t height = 0;
    AVPixelFormat pixels = AV_PIX_FMT_NONE;
    AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;
    AVColorPrimaries primaries = AVCOL_PRI_UNSPECIFIED;
    AVColorTransferCharacteristic transfer = AVCOL_TRC_UNSPECIFIED;
    AVColorRange range = AVCOL_RANGE_UNSPECIFIED;
    AVRational sampleAspect{1, 1};
    trace::Ratio scale{1, 1};
    bool isNearest = false; ///< pixels are repeated or left out
    std::int32_t turn = 0;
    PictureSize padding; ///< columns and rows that are repeated to make sizes even
};

/// `plan` must have an encoder. Throws Error: Usage for settings that contradict each other,
/// BadInput for pixels that the encoder cannot keep.
[[nodiscard]] FittedForm formOf(const AVFrame& first,
                                const EncodingFormat& format,
                                const EncodingPlan& plan,
                                const EncodeSettings& settings);

class FrameFitter {
public:
    explicit FrameFitter(const FittedForm& form)
        : m_form(form) {}

    /// Frames of other sizes and formats than the first one's are stretched to its size.
    void push(Owned<AVFrame> frame);

    /// Null: none is ready.
    [[nodiscard]] Owned<AVFrame> pop();

    /// No frame comes any more; what is left can be popped.
    void finish();

private:
    /// What a graph is made for.
    struct Kind {
        int width = 0;
        int height = 0;
        int format = AV_PIX_FMT_NONE;
        AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;
        AVColorRange range = AVCOL_RANGE_UNSPECIFIED;

        [[nodiscard]] bool operator==(const Kind&) const = default;
    };

    [[nodiscard]] bool isFit(const Kind& kind) const;
    [[nodiscard]] std::string filtersFor(const Kind& kind) const;
    void makeGraph(const Kind& kind);
    void drain();
    void take(Owned<AVFrame> fitted);

    FittedForm m_form;
    Kind m_kind;
    FilterGraph m_graph;
    std::deque<Owned<AVFrame>> m_ready;
};

} // namespace depthscope::media
