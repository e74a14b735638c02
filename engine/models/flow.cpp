// SPDX-License-Identifier: MIT
#include "engine/models/flow.h"

#include "engine/models/patchify.h"

#include <ATen/ATen.h>

namespace depthscope::models {

at::Tensor overPatches(const at::Tensor& t) {
    return t.view({-1, 1, 1});
}

at::Tensor noised(const at::Tensor& clean, const at::Tensor& noise, const at::Tensor& t) {
    return at::lerp(clean, noise, overPatches(t));
}

at::Tensor cleanOf(const spec::VideoSpec& spec, const FlowOutput& flow) {
    const at::Tensor output = flow.output.to(at::kFloat);
    if (spec.prediction == spec::Prediction::V) {
        return flow.noisy - overPatches(flow.t) * output;
    }
    return flow.base.defined() ? output + flow.base : output;
}

at::Tensor velocityOf(const spec::VideoSpec& spec, const FlowOutput& flow) {
    if (spec.prediction == spec::Prediction::V) {
        return flow.output.to(at::kFloat);
    }
    return (flow.noisy - cleanOf(spec, flow)) / overPatches(flow.t.clamp_min(kLeastNoise));
}

at::Tensor
lastFramePatches(const spec::VideoSpec& spec, const at::Tensor& context, std::int64_t frames) {
    constexpr int kTime = 2;
    const at::Tensor last = context.narrow(kTime, context.size(kTime) - 1, 1);
    return patchify(last.expand({-1, -1, frames, -1, -1}), spec.patch);
}

at::Tensor shiftedTime(const at::Tensor& t, double shift) {
    return t * shift / (t * (shift - 1.0) + 1.0);
}

} // namespace depthscope::models
