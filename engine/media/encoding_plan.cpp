// SPDX-License-Identifier: MIT
#include "engine/media/encoding_plan.h"

#include "engine/base/text.h"
#include "engine/media/limits.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace depthscope::media {

namespace {

constexpr std::int32_t kSharedSide = 256;

std::int32_t scaled(std::int32_t side, const trace::Ratio& scale) {
    const double exact = static_cast<double>(side) * scale.over / scale.under;
    constexpr double kMost = 65'535;
    return static_cast<std::int32_t>(std::clamp(std::round(exact), 1.0, kMost));
}

trace::Ratio
scaleOf(const EncodingFormat& format, PictureSize source, const EncodeSettings& settings) {
    if (settings.scale.over > 0 && settings.scale.under > 0) {
        return settings.scale;
    }
    return {format.isShared ? enlargement(source.width, source.height) : 1, 1};
}

bool isNearestAt(const trace::Ratio& scale, ScaleRule rule) {
    const bool isWhole = scale.over % scale.under == 0;
    const bool isSame = scale.over == scale.under;
    return !isSame && (rule == ScaleRule::Nearest || (rule == ScaleRule::Usual && isWhole));
}

} // namespace

std::int32_t enlargement(std::int32_t width, std::int32_t height) {
    const std::int32_t side = std::max(std::min(width, height), 1);
    if (side >= kSharedSide) {
        return 1;
    }
    const std::int32_t factor = (kSharedSide + side - 1) / side;
    return factor + factor % 2;
}

EncodingPlan
planEncoding(const EncodingFormat& format, PictureSize source, const EncodeSettings& settings) {
    EncodingPlan plan;
    plan.scale = scaleOf(format, source, settings);
    plan.isNearest = isNearestAt(plan.scale, settings.rule);
    plan.size = {scaled(source.width, plan.scale), scaled(source.height, plan.scale)};
    constexpr int kHalf = 180;
    if (settings.turn % kHalf != 0) {
        std::swap(plan.size.width, plan.size.height);
    }
    const std::int64_t most = Limits().framePixels;
    if (std::int64_t{plan.size.width} * plan.size.height > most) {
        plan.reason = fmt::format("pictures would be {} x {} pixels; at most {} are written",
                                  plan.size.width, plan.size.height, most);
        plan.remedy = "Choose a smaller scale.";
        return plan;
    }
    const EncoderChoice choice = chooseEncoder(format, plan.size.width, plan.size.height);
    plan.encoder = choice.encoder;
    if (plan.encoder == nullptr) {
        plan.reason = fmt::format("no encoder of {} can write {} x {} pixels: {}", format.label,
                                  plan.size.width, plan.size.height, choice.reason);
        plan.remedy = "Choose another codec; info lists the encoders.";
        return plan;
    }
    // libx264 refuses odd sizes where chroma has half the resolution; the others do not.
    if (plan.encoder->name == "libx264" && !settings.fullChroma) {
        plan.padding = {plan.size.width % 2, plan.size.height % 2};
        plan.size.width += plan.padding.width;
        plan.size.height += plan.padding.height;
    }
    return plan;
}

} // namespace depthscope::media
