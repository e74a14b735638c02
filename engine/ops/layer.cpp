// SPDX-License-Identifier: MIT
// Schemas, ATen references and gradients. The CUDA kernels register themselves from the plug-in.
#include "engine/ops/layer.h"

#include "engine/ops/layer_formulas.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace depthscope::ops {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using Pair = std::tuple<at::Tensor, at::Tensor>;

/// A rotation's gradient is the rotation back.
struct RotateFunction : torch::autograd::Function<RotateFunction> {
    static at::Tensor forward(AutogradContext* context,
                              const at::Tensor& x,
                              const at::Tensor& cosine,
                              const at::Tensor& sine) {
        context->save_for_backward({cosine, sine});
        context->saved_data["type"] = x.scalar_type();
        const at::AutoDispatchBelowADInplaceOrView guard;
        return rotateHalves(x, cosine, sine);
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const variable_list saved = context->get_saved_variables();
        const at::Tensor back = rotateHalves(gradients[0], saved[0], saved[1].neg());
        return {back.to(context->saved_data["type"].toScalarType()), at::Tensor(), at::Tensor()};
    }
};

struct GatedFunction : torch::autograd::Function<GatedFunction> {
    static at::Tensor
    forward(AutogradContext* context, const at::Tensor& gate, const at::Tensor& up) {
        context->save_for_backward({gate, up});
        const at::AutoDispatchBelowADInplaceOrView guard;
        return gated(gate, up);
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const variable_list saved = context->get_saved_variables();
        const auto [byGate, byUp] = gatedBackward(gradients[0], saved[0], saved[1]);
        return {byGate, byUp};
    }
};

bool learns(const at::Tensor& x) {
    return c10::GradMode::is_enabled() && x.requires_grad();
}

at::Tensor rotateAutograd(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine) {
    if (learns(x)) {
        return RotateFunction::apply(x, cosine, sine);
    }
    const at::AutoDispatchBelowADInplaceOrView guard;
    return rotateHalves(x, cosine, sine);
}

at::Tensor gatedAutograd(const at::Tensor& gate, const at::Tensor& up) {
    if (learns(gate) || learns(up)) {
        return GatedFunction::apply(gate, up);
    }
    const at::AutoDispatchBelowADInplaceOrView guard;
    return gated(gate, up);
}

template <class Function>
auto find(const char* name, Function*) {
    return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Function>();
}

} // namespace

TORCH_LIBRARY_FRAGMENT(depthscope, m) {
    m.def("rotate_halves(Tensor x, Tensor cosine, Tensor sine) -> Tensor");
    m.def("gated(Tensor gate, Tensor up) -> Tensor");
    m.def("gated_backward(Tensor gradient, Tensor gate, Tensor up) -> (Tensor, Tensor)");
}

TORCH_LIBRARY_IMPL(depthscope, CompositeExplicitAutograd, m) {
    m.impl("rotate_halves", formulas::rotateHalves);
    m.impl("gated", formulas::gated);
    m.impl("gated_backward", formulas::gatedBackward);
}

TORCH_LIBRARY_IMPL(depthscope, Autograd, m) {
    m.impl("rotate_halves", rotateAutograd);
    m.impl("gated", gatedAutograd);
}

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& gain, double epsilon) {
    if (x.is_cuda() && x.scalar_type() == gain.scalar_type()) {
        return at::rms_norm(x, {x.size(-1)}, gain, epsilon);
    }
    const at::Tensor wide = x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
    const at::Tensor scale = at::rsqrt(wide.square().mean(-1, true).add(epsilon));
    return (wide * scale).to(x.scalar_type()) * gain;
}

at::Tensor rotateHalves(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine) {
    static const auto op = find("depthscope::rotate_halves", formulas::rotateHalves);
    return op.call(x, cosine, sine);
}

at::Tensor gated(const at::Tensor& gate, const at::Tensor& up) {
    static const auto op = find("depthscope::gated", formulas::gated);
    return op.call(gate, up);
}

Pair gatedBackward(const at::Tensor& gradient, const at::Tensor& gate, const at::Tensor& up) {
    static const auto op = find("depthscope::gated_backward", formulas::gatedBackward);
    return op.call(gradient, gate, up);
}

} // namespace depthscope::ops
