// SPDX-License-Identifier: MIT
// The CUDA side of engine/ops/route.h: checks, guard, stream, then our kernels. Part of the plug-in
// libdepthscope_cuda.so, which registers implementations only; the schema is the engine's.
#include "engine/ops/cuda/route_kernels.h"

#include <ATen/ATen.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/library.h>

namespace depthscope::ops::cuda {

namespace {

Kind kindOf(const char* op, const at::Tensor& tensor) {
    switch (tensor.scalar_type()) {
    case at::kFloat:
        return Kind::Float;
    case at::kDouble:
        return Kind::Double;
    case at::kHalf:
        return Kind::Half;
    case at::kBFloat16:
        return Kind::BFloat16;
    default:
        TORCH_CHECK(false, op, ": dtype ", tensor.scalar_type(), " is not supported");
    }
}

void checkRows(const char* op, const at::Tensor& x, const at::Tensor& positions) {
    TORCH_CHECK(x.dim() == 3, op, ": x must be [B, N, D], got ", x.sizes());
    TORCH_CHECK(positions.dim() == 2 && positions.scalar_type() == at::kLong &&
                    positions.size(0) == x.size(0) && positions.device() == x.device(),
                op, ": positions must be int64 [B, k] on the device of x, got ", positions.sizes());
}

at::Tensor topk(const at::Tensor& scores, std::int64_t k) {
    TORCH_CHECK(scores.dim() == 2, "topk_positions: scores must be [B, N], got ", scores.sizes());
    TORCH_CHECK(k >= 1 && k <= scores.size(1), "topk_positions: k is ", k, " of ", scores.size(1));
    const c10::cuda::CUDAGuard guard(scores.device());
    const at::Tensor dense = scores.contiguous();
    at::Tensor marks = at::empty(dense.sizes(), dense.options().dtype(at::kByte));
    at::Tensor positions = at::empty({dense.size(0), k}, dense.options().dtype(at::kLong));
    if (dense.size(0) > 0) {
        C10_CUDA_CHECK(launchTopk(kindOf("topk_positions", dense), dense.const_data_ptr(),
                                  marks.mutable_data_ptr<std::uint8_t>(),
                                  positions.mutable_data_ptr<std::int64_t>(), dense.size(0),
                                  dense.size(1), k, c10::cuda::getCurrentCUDAStream()));
    }
    return positions;
}

at::Tensor gather(const at::Tensor& x, const at::Tensor& positions) {
    checkRows("gather_rows", x, positions);
    const c10::cuda::CUDAGuard guard(x.device());
    const at::Tensor dense = x.contiguous();
    const at::Tensor rows = positions.contiguous();
    at::Tensor out = at::empty({x.size(0), positions.size(1), x.size(2)}, x.options());
    if (out.numel() > 0) {
        C10_CUDA_CHECK(launchGather(kindOf("gather_rows", x), dense.const_data_ptr(),
                                    rows.const_data_ptr<std::int64_t>(), out.mutable_data_ptr(),
                                    x.size(0), x.size(1), positions.size(1), x.size(2),
                                    c10::cuda::getCurrentCUDAStream()));
    }
    return out;
}

at::Tensor scatter(const at::Tensor& x,
                   const at::Tensor& positions,
                   const at::Tensor& h,
                   const at::Tensor& gate) {
    checkRows("gated_scatter", x, positions);
    TORCH_CHECK(h.dim() == 3 && h.size(0) == x.size(0) && h.size(1) == positions.size(1) &&
                    h.size(2) == x.size(2) && h.scalar_type() == x.scalar_type(),
                "gated_scatter: h must be [B, k, D] of x's dtype, got ", h.sizes());
    TORCH_CHECK(gate.sizes() == positions.sizes() && gate.scalar_type() == x.scalar_type(),
                "gated_scatter: gate must be [B, k] of x's dtype, got ", gate.sizes());
    const c10::cuda::CUDAGuard guard(x.device());
    at::Tensor y = x.clone(at::MemoryFormat::Contiguous);
    const at::Tensor rows = positions.contiguous();
    const at::Tensor values = h.contiguous();
    const at::Tensor weights = gate.contiguous();
    if (values.numel() > 0) {
        C10_CUDA_CHECK(launchScatter(
            kindOf("gated_scatter", x), y.mutable_data_ptr(), rows.const_data_ptr<std::int64_t>(),
            values.const_data_ptr(), weights.const_data_ptr(), x.size(0), x.size(1),
            positions.size(1), x.size(2), c10::cuda::getCurrentCUDAStream()));
    }
    return y;
}

} // namespace

TORCH_LIBRARY_IMPL(depthscope, CUDA, m) {
    m.impl("topk_positions", topk);
    m.impl("gather_rows", gather);
    m.impl("gated_scatter", scatter);
}

} // namespace depthscope::ops::cuda
