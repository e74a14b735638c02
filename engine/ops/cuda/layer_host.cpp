// SPDX-License-Identifier: MIT
#include "engine/ops/cuda/layer_host.h"

#include "engine/ops/layer_formulas.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>

namespace depthscope::ops::cuda {

namespace {

constexpr std::int64_t kThreads = 256;
/// Enough to fill the largest GPUs; threads go on to further elements.
constexpr std::int64_t kMostBlocks = 4096;

Grid gridOf(std::int64_t elements) {
    Grid grid;
    grid.threads = static_cast<unsigned>(kThreads);
    grid.blocks = static_cast<unsigned>(
        std::clamp<std::int64_t>((elements + kThreads - 1) / kThreads, 1, kMostBlocks));
    return grid;
}

/// None: no kernel of ours has these types.
std::optional<Elements> elementsOf(at::ScalarType type) {
    switch (type) {
    case at::kFloat:
        return Elements::Float;
    case at::kBFloat16:
        return Elements::Brain;
    case at::kDouble:
        return Elements::Double;
    default:
        return std::nullopt;
    }
}

std::optional<Elements> elementsOf(const at::Tensor& x, const at::Tensor& angles) {
    if (x.scalar_type() == angles.scalar_type()) {
        return elementsOf(x.scalar_type());
    }
    const bool mixed = x.scalar_type() == at::kBFloat16 && angles.scalar_type() == at::kFloat;
    return mixed ? std::optional(Elements::BrainByFloat) : std::nullopt;
}

at::Tensor denseLast(const at::Tensor& t) {
    return t.stride(-1) == 1 ? t : t.contiguous();
}

/// Strides of the dimensions before the last, the last first; 1 and 0 for those that it lacks.
void describe(const at::Tensor& t, std::int64_t (&strides)[kMostOuter]) {
    const std::int64_t outer = t.dim() - 1;
    for (std::int64_t d = 0; d < kMostOuter; ++d) {
        strides[d] = d < outer ? t.stride(outer - 1 - d) : 0;
    }
}

at::Tensor expandedTo(const at::Tensor& angles, const at::Tensor& x) {
    std::vector<std::int64_t> shape = x.sizes().vec();
    shape.back() /= 2;
    return denseLast(angles).expand(shape);
}

} // namespace

at::Tensor rotateHalves(Launcher& launcher,
                        const at::Tensor& x,
                        const at::Tensor& cosine,
                        const at::Tensor& sine) {
    TORCH_CHECK(x.dim() >= 1 && x.size(-1) % 2 == 0, "rotate_halves: x must be [.., E], E even");
    const std::optional<Elements> elements = elementsOf(x, cosine);
    if (!elements || x.dim() > kMostOuter + 1 || sine.scalar_type() != cosine.scalar_type()) {
        return formulas::rotateHalves(x, cosine, sine);
    }
    const at::Tensor from = denseLast(x), c = expandedTo(cosine, x), s = expandedTo(sine, x);
    at::Tensor out = at::empty(x.sizes(), cosine.options());
    RotateArgs args{};
    args.x = from.const_data_ptr();
    args.cosine = c.const_data_ptr();
    args.sine = s.const_data_ptr();
    args.out = out.mutable_data_ptr();
    args.half = x.size(-1) / 2;
    args.pairs = x.numel() / 2;
    for (std::int64_t d = 0; d < kMostOuter; ++d) {
        args.sizes[d] = d < x.dim() - 1 ? x.size(x.dim() - 2 - d) : 1;
    }
    describe(from, args.xStrides);
    describe(c, args.cosineStrides);
    describe(s, args.sineStrides);
    if (args.pairs > 0) {
        launcher.rotate(gridOf(args.pairs), *elements, args);
    }
    return out;
}

at::Tensor gated(Launcher& launcher, const at::Tensor& gate, const at::Tensor& up) {
    const std::optional<Elements> elements = elementsOf(gate.scalar_type());
    if (!elements || up.scalar_type() != gate.scalar_type() || up.sizes() != gate.sizes()) {
        return formulas::gated(gate, up);
    }
    const at::Tensor a = gate.contiguous(), b = up.contiguous();
    at::Tensor out = at::empty_like(a);
    if (out.numel() > 0) {
        launcher.gated(gridOf(out.numel()), *elements,
                       {nullptr, a.const_data_ptr(), b.const_data_ptr(), out.mutable_data_ptr(),
                        nullptr, out.numel()});
    }
    return out;
}

std::tuple<at::Tensor, at::Tensor> gatedBackward(Launcher& launcher,
                                                 const at::Tensor& gradient,
                                                 const at::Tensor& gate,
                                                 const at::Tensor& up) {
    const std::optional<Elements> elements = elementsOf(gate.scalar_type());
    if (!elements || up.scalar_type() != gate.scalar_type() || up.sizes() != gate.sizes() ||
        gradient.scalar_type() != gate.scalar_type() || gradient.sizes() != gate.sizes()) {
        return formulas::gatedBackward(gradient, gate, up);
    }
    const at::Tensor g = gradient.contiguous(), a = gate.contiguous(), b = up.contiguous();
    at::Tensor byGate = at::empty_like(a), byUp = at::empty_like(b);
    if (byGate.numel() > 0) {
        launcher.gated(gridOf(byGate.numel()), *elements,
                       {g.const_data_ptr(), a.const_data_ptr(), b.const_data_ptr(),
                        byGate.mutable_data_ptr(), byUp.mutable_data_ptr(), byGate.numel()});
    }
    return {std::move(byGate), std::move(byUp)};
}

} // namespace depthscope::ops::cuda
