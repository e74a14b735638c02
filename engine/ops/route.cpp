// SPDX-License-Identifier: MIT
// Schema, ATen reference and gradient of the routing operators. The CUDA kernels register
// themselves from the plug-in for the same schema.
#include "engine/ops/route.h"

#include "engine/ops/route_checks.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace depthscope::ops {

namespace {

at::Tensor topkReference(const at::Tensor& scores, std::int64_t k) {
    checkTopk(scores, k);
    const at::Tensor order =
        std::get<1>(at::sort(scores, /*stable=*/true, /*dim=*/1, /*descending=*/true));
    return std::get<0>(order.narrow(1, 0, k).sort(1));
}

at::Tensor expandRows(const at::Tensor& positions, std::int64_t width) {
    return positions.unsqueeze(-1).expand({positions.size(0), positions.size(1), width});
}

at::Tensor gatherReference(const at::Tensor& x, const at::Tensor& positions) {
    checkPositions("gather_rows", x, positions);
    return x.gather(1, expandRows(positions, x.size(2)));
}

at::Tensor scatterReference(const at::Tensor& x,
                            const at::Tensor& positions,
                            const at::Tensor& h,
                            const at::Tensor& gate) {
    checkScatter(x, positions, h, gate);
    return x.scatter_add(1, expandRows(positions, x.size(2)), h * gate.unsqueeze(-1));
}

struct GatherFunction : torch::autograd::Function<GatherFunction> {
    static at::Tensor forward(torch::autograd::AutogradContext* context,
                              const at::Tensor& x,
                              const at::Tensor& positions) {
        context->save_for_backward({positions});
        context->saved_data["tokens"] = x.size(1);
        const at::AutoDispatchBelowADInplaceOrView guard;
        return gatherRows(x, positions);
    }

    static torch::autograd::variable_list
    backward(torch::autograd::AutogradContext* context,
             const torch::autograd::variable_list& gradients) {
        const at::Tensor positions = context->get_saved_variables()[0];
        const at::Tensor& gradient = gradients[0];
        const at::Tensor zero =
            at::zeros({gradient.size(0), context->saved_data["tokens"].toInt(), gradient.size(2)},
                      gradient.options());
        return {gatedScatter(zero, positions, gradient.contiguous(),
                             at::ones(positions.sizes(), gradient.options())),
                at::Tensor()};
    }
};

struct ScatterFunction : torch::autograd::Function<ScatterFunction> {
    static at::Tensor forward(torch::autograd::AutogradContext* context,
                              const at::Tensor& x,
                              const at::Tensor& positions,
                              const at::Tensor& h,
                              const at::Tensor& gate) {
        context->save_for_backward({positions, h, gate});
        const at::AutoDispatchBelowADInplaceOrView guard;
        return gatedScatter(x, positions, h, gate);
    }

    static torch::autograd::variable_list
    backward(torch::autograd::AutogradContext* context,
             const torch::autograd::variable_list& gradients) {
        const auto saved = context->get_saved_variables();
        const at::Tensor rows = gatherRows(gradients[0].contiguous(), saved[0]);
        return {gradients[0], at::Tensor(), rows * saved[2].unsqueeze(-1),
                (rows * saved[1]).sum(-1)};
    }
};

at::Tensor topkAutograd(const at::Tensor& scores, std::int64_t k) {
    TORCH_CHECK(!(scores.requires_grad() && c10::GradMode::is_enabled()),
                "topk_positions has no gradient: detach the scores");
    const at::AutoDispatchBelowADInplaceOrView guard;
    return topkPositions(scores, k);
}

at::Tensor gatherAutograd(const at::Tensor& x, const at::Tensor& positions) {
    return GatherFunction::apply(x, positions);
}

at::Tensor scatterAutograd(const at::Tensor& x,
                           const at::Tensor& positions,
                           const at::Tensor& h,
                           const at::Tensor& gate) {
    return ScatterFunction::apply(x, positions, h, gate);
}

} // namespace

TORCH_LIBRARY(depthscope, m) {
    m.def("topk_positions(Tensor scores, int k) -> Tensor");
    m.def("gather_rows(Tensor x, Tensor positions) -> Tensor");
    m.def("gated_scatter(Tensor x, Tensor positions, Tensor h, Tensor gate) -> Tensor");
}

TORCH_LIBRARY_IMPL(depthscope, CompositeExplicitAutograd, m) {
    m.impl("topk_positions", topkReference);
    m.impl("gather_rows", gatherReference);
    m.impl("gated_scatter", scatterReference);
}

TORCH_LIBRARY_IMPL(depthscope, Autograd, m) {
    m.impl("topk_positions", topkAutograd);
    m.impl("gather_rows", gatherAutograd);
    m.impl("gated_scatter", scatterAutograd);
}

at::Tensor topkPositions(const at::Tensor& scores, std::int64_t k) {
    static const auto op = c10::Dispatcher::singleton()
                               .findSchemaOrThrow("depthscope::topk_positions", "")
                               .typed<at::Tensor(const at::Tensor&, std::int64_t)>();
    return op.call(scores, k);
}

at::Tensor gatherRows(const at::Tensor& x, const at::Tensor& positions) {
    static const auto op = c10::Dispatcher::singleton()
                               .findSchemaOrThrow("depthscope::gather_rows", "")
                               .typed<at::Tensor(const at::Tensor&, const at::Tensor&)>();
    return op.call(x, positions);
}

at::Tensor gatedScatter(const at::Tensor& x,
                        const at::Tensor& positions,
                        const at::Tensor& h,
                        const at::Tensor& gate) {
    static const auto op = c10::Dispatcher::singleton()
                               .findSchemaOrThrow("depthscope::gated_scatter", "")
                               .typed<at::Tensor(const at::Tensor&, const at::Tensor&,
                                                 const at::Tensor&, const at::Tensor&)>();
    return op.call(x, positions, h, gate);
}

} // namespace depthscope::ops
