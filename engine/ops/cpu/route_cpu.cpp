// SPDX-License-Identifier: MIT
// The routing operators on the CPU, a row at a time: ATen's gather and scatter look up an index for
// each element.
#include "engine/ops/route.h"
#include "engine/ops/route_checks.h"

#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <span>
#include <vector>

namespace depthscope::ops::cpu {

namespace {

/// Bytes that a thread must have to move before another is woken.
constexpr std::int64_t kGrain = 256 * 1024;

std::int64_t rowsOfGrain(const at::Tensor& x) {
    return std::max<std::int64_t>(1,
                                  kGrain / std::max<std::int64_t>(1, x.size(2) * x.element_size()));
}

/// As a descending sort has them: NaN first, of equal ones the lowest position.
template <class T>
std::vector<std::int64_t> best(const T* scores, std::int64_t count, std::int64_t k) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), 0);
    const auto isBefore = [scores](std::int64_t a, std::int64_t b) {
        const T x = scores[a], y = scores[b];
        if (x > y || (x != x && y == y)) {
            return true;
        }
        return !(y > x || (y != y && x == x)) && a < b;
    };
    if (k < count) {
        std::nth_element(order.begin(), order.begin() + k, order.end(), isBefore);
    }
    order.resize(static_cast<std::size_t>(k));
    std::sort(order.begin(), order.end());
    return order;
}

at::Tensor topk(const at::Tensor& scores, std::int64_t k) {
    checkTopk(scores, k);
    const std::int64_t rows = scores.size(0), count = scores.size(1);
    const at::Tensor dense =
        (scores.scalar_type() == at::kDouble ? scores : scores.to(at::kFloat)).contiguous();
    at::Tensor out = at::empty({rows, k}, scores.options().dtype(at::kLong));
    auto* to = out.mutable_data_ptr<std::int64_t>();
    AT_DISPATCH_FLOATING_TYPES(dense.scalar_type(), "topk_positions", [&] {
        const auto* from = dense.const_data_ptr<scalar_t>();
        for (std::int64_t b = 0; b < rows; ++b) {
            to = std::ranges::copy(best(from + b * count, count, k), to).out;
        }
    });
    return out;
}

/// `index` is contiguous.
void checkRange(const char* op, const at::Tensor& x, const at::Tensor& index) {
    const std::span all(index.const_data_ptr<std::int64_t>(),
                        static_cast<std::size_t>(index.numel()));
    if (!all.empty()) {
        const auto [least, most] = std::ranges::minmax(all);
        TORCH_CHECK(least >= 0 && most < x.size(1), op, ": positions must be within 0..",
                    x.size(1) - 1);
    }
}

at::Tensor gather(const at::Tensor& x, const at::Tensor& positions) {
    checkPositions("gather_rows", x, positions);
    const at::Tensor from = x.contiguous(), index = positions.contiguous();
    checkRange("gather_rows", x, index);
    const std::int64_t N = x.size(1), K = positions.size(1), D = x.size(2);
    at::Tensor out = at::empty({x.size(0), K, D}, x.options());
    const auto bytes = static_cast<std::size_t>(D * x.element_size());
    const auto* source = static_cast<const char*>(from.const_data_ptr());
    auto* target = static_cast<char*>(out.mutable_data_ptr());
    const auto* at = index.const_data_ptr<std::int64_t>();
    at::parallel_for(0, x.size(0) * K, rowsOfGrain(x), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const auto row = static_cast<std::size_t>(i / K * N + at[i]);
            std::memcpy(target + static_cast<std::size_t>(i) * bytes, source + row * bytes, bytes);
        }
    });
    return out;
}

/// A row of the batch belongs to one thread, so that a position that occurs twice is no race.
template <class T>
void addRows(at::Tensor& out,
             const at::Tensor& index,
             const at::Tensor& h,
             const at::Tensor& gate) {
    const std::int64_t N = out.size(1), K = index.size(1), D = out.size(2);
    T* to = out.mutable_data_ptr<T>();
    const T* from = h.const_data_ptr<T>();
    const T* by = gate.const_data_ptr<T>();
    const auto* at = index.const_data_ptr<std::int64_t>();
    const std::int64_t grain = std::max<std::int64_t>(1, rowsOfGrain(out) / K);
    at::parallel_for(0, out.size(0), grain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin * K; i < end * K; ++i) {
            T* row = to + (i / K * N + at[i]) * D;
            const T* added = from + i * D;
            const T weight = by[i];
            for (std::int64_t d = 0; d < D; ++d) {
                row[d] = static_cast<T>(row[d] + static_cast<T>(added[d] * weight));
            }
        }
    });
}

at::Tensor scatter(const at::Tensor& x,
                   const at::Tensor& positions,
                   const at::Tensor& h,
                   const at::Tensor& gate) {
    checkScatter(x, positions, h, gate);
    at::Tensor out = x.clone(at::MemoryFormat::Contiguous);
    if (positions.numel() == 0) {
        return out;
    }
    const at::Tensor index = positions.contiguous(), added = h.contiguous(),
                     weights = gate.contiguous();
    checkRange("gated_scatter", x, index);
    AT_DISPATCH_FLOATING_TYPES_AND2(at::kBFloat16, at::kHalf, x.scalar_type(), "gated_scatter",
                                    [&] { addRows<scalar_t>(out, index, added, weights); });
    return out;
}

} // namespace

TORCH_LIBRARY_IMPL(depthscope, CPU, m) {
    m.impl("topk_positions", topk);
    m.impl("gather_rows", gather);
    m.impl("gated_scatter", scatter);
}

} // namespace depthscope::ops::cpu
