// SPDX-License-Identifier: MIT
#include "engine/ops/cuda/token_launch.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>

namespace depthscope::ops::cuda {

namespace {

constexpr std::int64_t kRowThreads = 128;
/// Blocks that keep the largest GPUs busy; each takes several rows where there are more.
constexpr std::int64_t kMostBlocks = 1056;
/// A row of at most this many bytes is made by 8 threads: with 32 each would load once or twice.
constexpr std::int64_t kShortRow = 2048;
constexpr std::int64_t kMostWarps = 16;

std::int64_t divideUp(std::int64_t a, std::int64_t b) {
    return (a + b - 1) / b;
}

} // namespace

void checkWeights(const char* op, const at::Tensor& x, at::TensorList weights) {
    TORCH_CHECK(x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16, op,
                ": float or bfloat16, got ", x.scalar_type());
    TORCH_CHECK(x.dim() == 3 && x.numel() > 0, op, ": x must be [S, 1, D], got ", x.sizes());
    for (const at::Tensor& weight : weights) {
        TORCH_CHECK(weight.is_contiguous() && weight.scalar_type() == x.scalar_type() &&
                        weight.device() == x.device(),
                    op, ": weights must be contiguous, of the type and on the device of x");
    }
}

Grid attentionGrid(std::int64_t heads,
                   std::int64_t tokens,
                   std::int64_t entries,
                   std::int64_t headDim) {
    const std::int64_t warps =
        std::clamp<std::int64_t>(divideUp(entries, attention::kAtOnce), 1, kMostWarps);
    Grid grid;
    grid.blocks = static_cast<unsigned>(heads);
    grid.slots = static_cast<unsigned>(tokens);
    grid.threads = static_cast<unsigned>(warps * kWarp);
    grid.sharedBytes =
        attention::sharedFloats(grid.threads, headDim) * static_cast<unsigned>(sizeof(float));
    return grid;
}

bool loadsWide(std::int64_t columns,
               std::int64_t elementBytes,
               std::initializer_list<const void*> places) {
    return columns * elementBytes % 16 == 0 && std::ranges::all_of(places, [](const void* place) {
               return reinterpret_cast<std::uintptr_t>(place) % 16 == 0;
           });
}

void layOut(std::int64_t rows,
            std::int64_t elementBytes,
            std::int64_t slots,
            Grid& grid,
            RowsArgs& args) {
    args.lanes = args.of.columns * elementBytes <= kShortRow ? 8 : kWarp;
    grid.threads = kRowThreads;
    grid.blocks =
        static_cast<unsigned>(std::min(kMostBlocks, divideUp(rows, kRowThreads / args.lanes)));
    grid.slots = static_cast<unsigned>(slots);
}

Product::Product(const at::Tensor& x, at::TensorList matrices)
    : m_brain(x.scalar_type() == at::kBFloat16)
    , m_slots(x.numel() / x.size(-1)) {
    m_args.of.columns = matrices[0].size(1);
    for (std::size_t i = 0; i < matrices.size(); ++i) {
        TORCH_CHECK(matrices[i].dim() == 2 && matrices[i].size(1) == m_args.of.columns,
                    "a product's matrices must have equal rows");
        m_args.of.weights[i] = matrices[i].const_data_ptr();
        m_args.of.rows[i] = matrices[i].size(0);
        m_rows += matrices[i].size(0);
    }
}

Product::Product(const at::Tensor& x, const at::Tensor& gate, const at::Tensor& up)
    : Product(x, gate) {
    TORCH_CHECK(up.sizes() == gate.sizes(), "gate and up must have one shape");
    m_args.of.weights[1] = up.const_data_ptr();
    m_args.of.gated = true;
}

void Product::reads(const at::Tensor& x, const at::Tensor& gain, double epsilon) {
    TORCH_CHECK(x.size(-1) == m_args.of.columns && gain.numel() == m_args.of.columns,
                "a product's vectors and gain must be as long as its rows");
    m_input = x.contiguous();
    m_args.input.typed = m_input.const_data_ptr();
    m_args.input.gain = gain.const_data_ptr();
    m_args.input.epsilon = epsilon;
}

void Product::reads(const at::Tensor& x) {
    TORCH_CHECK(x.is_contiguous() && x.size(-1) == m_args.of.columns,
                "a product's vectors must be as long as its rows");
    m_args.input.wide = x.const_data_ptr<float>();
}

void Product::adds(const at::Tensor& x) {
    TORCH_CHECK(x.is_contiguous() && x.numel() == m_slots * m_rows,
                "what is added must be as long as the results");
    m_args.output.addTyped = x.const_data_ptr();
}

void Product::writes(const at::Tensor& to) {
    if (to.scalar_type() == at::kFloat) {
        m_args.output.wide = to.mutable_data_ptr<float>();
    } else {
        m_args.output.typed = to.mutable_data_ptr();
    }
}

void Product::run(Launcher& launcher) {
    const std::int64_t bytes = m_brain ? 2 : 4;
    Grid grid;
    layOut(m_rows, bytes, m_slots, grid, m_args);
    const RowsOf& of = m_args.of;
    const bool wide = loadsWide(of.columns, bytes,
                                {of.weights[0], of.weights[1], of.weights[2], m_args.input.typed,
                                 m_args.input.wide, m_args.input.gain});
    launcher.rows(grid, {m_brain, wide}, m_args);
}

void projectInto(Launcher& launcher,
                 const at::Tensor& x,
                 const at::Tensor& gain,
                 at::TensorList parts,
                 double epsilon,
                 const at::Tensor& made) {
    Product product(x, parts);
    product.reads(x, gain, epsilon);
    product.writes(made);
    product.run(launcher);
}

void attendInto(Launcher& launcher,
                const at::Tensor& made,
                const Attended& to,
                const Turned& turned,
                const at::Tensor& mixed) {
    const std::int64_t tokens = made.size(0), half = turned.cosine.size(-1), E = 2 * half;
    const bool brain = to.keys[0].scalar_type() == at::kBFloat16;
    const std::int64_t angleBytes = half * (brain ? 2 : 4);
    for (std::int64_t first = 0; first < tokens; first += kMostAttending) {
        const std::int64_t count = std::min<std::int64_t>(kMostAttending, tokens - first);
        AttentionArgs args{};
        args.made = made.const_data_ptr<float>() + first * made.size(1);
        const auto angles = [&](const at::Tensor& of) {
            return static_cast<const char*>(of.const_data_ptr()) + first * angleBytes;
        };
        args.cosine = angles(turned.cosine);
        args.sine = angles(turned.sine);
        args.mixed = mixed.mutable_data_ptr<float>() + first * turned.heads * E;
        args.counts = to.counts == nullptr ? nullptr : to.counts + first;
        args.madeWidth = made.size(1);
        args.heads = turned.heads;
        args.kvHeads = to.keys[0].size(1);
        args.headDim = E;
        std::int64_t most = 1;
        for (std::int64_t i = 0; i < count; ++i) {
            const auto at = static_cast<std::size_t>(first + i);
            args.tokens[i] = {to.keys[at].mutable_data_ptr(),
                              to.values[at].mutable_data_ptr(),
                              to.keys[at].stride(1),
                              to.keys[at].stride(2),
                              to.entries[at],
                              to.append[at] != 0};
            most = std::max(most, to.entries[at]);
        }
        launcher.attention(attentionGrid(turned.heads, count, most, E), {brain, false}, args);
    }
}

void openInto(Launcher& launcher,
              const at::Tensor& x,
              const at::Tensor& gain,
              const std::pair<at::Tensor, at::Tensor>& gateUp,
              double epsilon,
              const at::Tensor& opened) {
    Product product(x, gateUp.first, gateUp.second);
    product.reads(x, gain, epsilon);
    product.writes(opened);
    product.run(launcher);
}

void addInto(Launcher& launcher,
             const at::Tensor& x,
             const at::Tensor& weight,
             const at::Tensor& from,
             const at::Tensor& out) {
    Product product(x, weight);
    product.reads(from);
    product.adds(x);
    product.writes(out);
    product.run(launcher);
}

} // namespace depthscope::ops::cuda
