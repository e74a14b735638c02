// SPDX-License-Identifier: MIT
#include "engine/evaluate/motion_features.h"

#include "engine/base/hash.h"
#include "engine/base/text.h"
#include "engine/evaluate/frechet.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

namespace depthscope::evaluate {

namespace {

constexpr double kFast = 0.05; // of the shorter side, a frame: as evaluate::clipClass
constexpr int kTime = 2;
constexpr std::int64_t kLogits =
    std::accumulate(kMotionAnswers.begin(), kMotionAnswers.end(), std::int64_t{0});

struct Shape {
    const char* name;
    std::vector<std::int64_t> sizes;
};

const std::vector<Shape>& shapes() {
    constexpr std::int64_t kFirst = 12, kSecond = 24, kThird = 48, kKernel = 3, kColours = 3;
    static const std::vector<Shape> all{
        {"conv1.weight", {kFirst, kColours, kKernel, kKernel, kKernel}},
        {"conv1.bias", {kFirst}},
        {"conv2.weight", {kSecond, kFirst, kKernel, kKernel, kKernel}},
        {"conv2.bias", {kSecond}},
        {"conv3.weight", {kThird, kSecond, kKernel, kKernel, kKernel}},
        {"conv3.bias", {kThird}},
        {"features.weight", {kMotionFeatures, kThird}},
        {"features.bias", {kMotionFeatures}},
        {"answers.weight", {kLogits, kMotionFeatures}},
        {"answers.bias", {kLogits}},
    };
    return all;
}

} // namespace

std::array<std::int64_t, kMotionAnswers.size()> motionLabels(const data::Clip& clip,
                                                             std::int64_t firstFrame) {
    if (clip.objects.empty() || clip.objects.front().points.empty()) {
        return {};
    }
    const data::Track& track = clip.objects.front();
    const auto last = static_cast<std::int64_t>(track.points.size()) - 1;
    const data::TrackPoint& from =
        track.points[static_cast<std::size_t>(std::clamp<std::int64_t>(firstFrame, 0, last))];
    const data::TrackPoint& to = track.points.back();
    const double side = std::min(clip.size.height, clip.size.width);
    const bool isFast = std::hypot(from.speedX, from.speedY) > kFast * side;
    const bool right = to.x > from.x, down = to.y > from.y;
    return {track.kind == data::ObjectKind::Glyph ? 0 : static_cast<std::int64_t>(track.kind),
            isFast ? 1 : 0, (right ? 2 : 0) + (down ? 1 : 0), 0};
}

MotionFeatures::MotionFeatures(std::uint64_t seed) {
    at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    for (const Shape& shape : shapes()) {
        at::Tensor made = at::zeros(shape.sizes, at::kFloat);
        if (shape.sizes.size() > 1) { // He et al. 2015
            const double inputs = static_cast<double>(made.numel() / shape.sizes.front());
            made = at::randn(shape.sizes, generator, at::TensorOptions(at::kFloat)) *
                   std::sqrt(2.0 / inputs);
        }
        m_weights.push_back({shape.name, made});
    }
}

const at::Tensor& MotionFeatures::weight(const std::string& name) const {
    return std::ranges::find(m_weights, name, &NamedWeight::name)->tensor;
}

at::Tensor MotionFeatures::features(const at::Tensor& frames) const {
    constexpr std::array<std::int64_t, 3> kInPlane{1, 2, 2}, kEverywhere{2, 2, 2}, kPad{1, 1, 1};
    const auto layer = [&](const at::Tensor& x, const std::string& name, at::IntArrayRef stride) {
        return at::silu(
            at::conv3d(x, weight(name + ".weight"), weight(name + ".bias"), stride, kPad));
    };
    const at::Tensor first = layer(frames.contiguous(), "conv1", kInPlane);
    const at::Tensor third = layer(layer(first, "conv2", kEverywhere), "conv3", kEverywhere);
    const at::Tensor pooled = third.mean(at::IntArrayRef{2, 3, 4});
    return at::tanh(at::linear(pooled, weight("features.weight"), weight("features.bias")));
}

std::array<at::Tensor, kMotionAnswers.size()>
MotionFeatures::answers(const at::Tensor& features) const {
    const at::Tensor all = at::linear(features, weight("answers.weight"), weight("answers.bias"));
    std::array<at::Tensor, kMotionAnswers.size()> parts;
    std::int64_t begin = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        parts.at(i) = all.narrow(1, begin, kMotionAnswers.at(i));
        begin += kMotionAnswers.at(i);
    }
    return parts;
}

std::string MotionFeatures::hash() const {
    Fnv fnv;
    for (const NamedWeight& weight : m_weights) {
        const at::Tensor bytes = weight.tensor.detach().contiguous();
        fnv.add(std::string_view(static_cast<const char*>(bytes.const_data_ptr()), bytes.nbytes()));
    }
    return fmt::format("{:016x}", fnv.value());
}

at::Tensor shuffledFrames(const at::Tensor& frames) {
    std::vector<std::int64_t> order;
    for (const std::int64_t first : {1, 0}) {
        for (std::int64_t i = first; i < frames.size(kTime); i += 2) {
            order.push_back(i);
        }
    }
    return frames.index_select(kTime, at::tensor(order, at::kLong).to(frames.device()));
}

at::Tensor blurredFrames(const at::Tensor& frames, const at::Tensor& error) {
    constexpr std::array<std::int64_t, 3> kWindow{1, 3, 3}, kStride{1, 1, 1}, kPad{0, 1, 1};
    constexpr int kMostTimes = 256;
    const auto errorsOf = [&](const at::Tensor& made) {
        return (made - frames).square().flatten(1).mean(1);
    };
    at::Tensor blurred = frames;
    for (int i = 0; i < kMostTimes && !errorsOf(blurred).ge(error).all().item<bool>(); ++i) {
        blurred = at::avg_pool3d(blurred, kWindow, kStride, kPad, false, false);
    }
    // The error grows with the square of the way towards the blurred clip.
    const at::Tensor way =
        at::where(error > 0, (error / errorsOf(blurred).clamp_min(1e-12)).sqrt(), 0.0);
    return frames + (blurred - frames) * way.view({-1, 1, 1, 1, 1});
}

FeatureSelfTest
selfTest(const MotionFeatures& net, const at::Tensor& reference, const at::Tensor& others) {
    const c10::NoGradGuard noGrad;
    const Gaussian real = gaussianOf(net.features(reference));
    const auto apart = [&](const at::Tensor& frames) {
        return frechetDistance(real, gaussianOf(net.features(frames)));
    };
    constexpr std::uint64_t kSeed = 1;
    at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(kSeed);
    const at::Tensor shuffled = shuffledFrames(others);
    const at::Tensor error = (shuffled - others).square().flatten(1).mean(1);
    const at::Tensor noise =
        at::randn(others.sizes(), generator, at::TensorOptions(at::kFloat)).clamp(-1, 1);
    return {apart(others), apart(blurredFrames(others, error)), apart(shuffled), apart(noise)};
}

} // namespace depthscope::evaluate
