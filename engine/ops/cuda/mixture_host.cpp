// SPDX-License-Identifier: MIT
// A mixture of recursive experts over one token (docs/routing.md 1.2) by our kernels: the choice,
// four products a loop over the chosen experts side by side, the sum. The GPU alone knows which
// experts those are.
#include "engine/ops/cuda/mixture_host.h"

#include "engine/ops/cuda/token_host.h"
#include "engine/ops/cuda/token_launch.h"
#include "engine/ops/token.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace depthscope::ops::cuda {

static_assert(kExpertParts == static_cast<int>(kTokenExpertParts));

namespace {

constexpr unsigned kWholeBlock = 256;
/// A token's state and its router's logits lie in 48 KiB, which every GPU has.
constexpr std::int64_t kWidest = 12000;

void checkExperts(const Mixture& of) {
    const auto parts = static_cast<std::int64_t>(of.experts.size());
    const std::int64_t experts = parts / kExpertParts, D = of.x.size(-1);
    const at::Tensor &gain = of.gain, &router = of.router;
    TORCH_CHECK(parts % kExpertParts == 0 && experts >= 1 && experts <= kMostExperts &&
                    router.dim() == 2 && router.size(0) == experts && router.size(1) == D &&
                    gain.numel() == D && of.perToken >= 1 && of.perToken <= experts,
                "token_mixture: 1 to ", kMostExperts, " experts, a row of the router each");
    for (std::int64_t i = 0; i < parts; ++i) {
        const auto at = static_cast<std::size_t>(i);
        TORCH_CHECK(of.experts[at].sizes() ==
                        of.experts[static_cast<std::size_t>(i % kExpertParts)].sizes(),
                    "token_mixture: experts of one shape");
    }
    TORCH_CHECK(of.part(kSteps).size(0) >= of.loops, "token_mixture: a step for each loop");
    TORCH_CHECK(D <= kWidest, "token_mixture: width ", D, "; at most ", kWidest);
}

/// One product of a loop.
struct Stage {
    int weights[2];
    int gain;
    bool gated;
};

RowsArgs rowsOf(const Mixture& of, const Stage& stage) {
    const at::Tensor& weight = of.part(static_cast<ExpertPart>(stage.weights[0]));
    RowsArgs args;
    args.of.rows[0] = weight.size(0);
    args.of.columns = weight.size(1);
    args.of.gated = stage.gated;
    args.input.epsilon = of.epsilon;
    return args;
}

void launch(Launcher& launcher,
            const Mixture& of,
            const Stage& stage,
            RowsArgs args,
            std::int64_t plusRow = -1) {
    const std::int64_t bytes = of.brain() ? 2 : 4;
    Grid grid;
    layOut(args.of.rows[0], bytes, of.perToken, grid, args);
    bool wide = loadsWide(args.of.columns, bytes, {args.input.wide});
    for (std::size_t i = 0; i < of.experts.size(); ++i) {
        const int part = static_cast<int>(i % kExpertParts);
        if (part == stage.weights[0] || part == stage.weights[1] || part == stage.gain) {
            wide = wide && loadsWide(args.of.columns, bytes, {of.experts[i].const_data_ptr()});
        }
    }
    const ExpertParts parts{static_cast<const void* const*>(of.chosen.const_data_ptr()),
                            {stage.weights[0], stage.weights[1]},
                            stage.gain,
                            plusRow < 0 ? -1 : static_cast<int>(kSteps),
                            plusRow};
    launcher.expertRows(grid, {of.brain(), wide}, args, parts);
}

/// z + o(v(norm(z))), then the feed-forward part, and the next loop's step onto it.
void runLoop(Launcher& launcher, const Mixture& of, std::int64_t loop) {
    const Stage values{{kValue, kValue}, kAttentionNorm, false};
    RowsArgs args = rowsOf(of, values);
    args.input.wide = of.state.const_data_ptr<float>();
    args.output.wide = of.value.mutable_data_ptr<float>();
    args.output.repeat = of.part(kAttentionOut).size(1) / of.part(kValue).size(0);
    args.output.headDim = of.headDim;
    launch(launcher, of, values, args);

    const Stage out{{kAttentionOut, kAttentionOut}, -1, false};
    args = rowsOf(of, out);
    args.input.wide = of.value.const_data_ptr<float>();
    args.output.addWide = of.state.const_data_ptr<float>();
    args.output.wide = of.entered.mutable_data_ptr<float>();
    launch(launcher, of, out, args);

    const Stage open{{kGate, kUp}, kFeedForwardNorm, true};
    args = rowsOf(of, open);
    args.input.wide = of.entered.const_data_ptr<float>();
    args.output.wide = of.opened.mutable_data_ptr<float>();
    launch(launcher, of, open, args);

    const Stage down{{kDown, kDown}, -1, false};
    args = rowsOf(of, down);
    args.input.wide = of.opened.const_data_ptr<float>();
    args.output.addWide = of.entered.const_data_ptr<float>();
    args.output.wide = of.state.mutable_data_ptr<float>();
    launch(launcher, of, down, args, loop + 1 < of.loops ? loop + 1 : -1);
}

ExpertTable tableOf(at::TensorList experts) {
    ExpertTable table{};
    for (std::size_t i = 0; i < experts.size(); ++i) {
        table.parts[i] = experts[i].const_data_ptr();
    }
    return table;
}

Grid oneBlock(std::int64_t floats) {
    Grid grid;
    grid.threads = kWholeBlock;
    grid.sharedBytes =
        static_cast<unsigned>((kWholeBlock / kWarp + floats) * static_cast<std::int64_t>(4));
    return grid;
}

} // namespace

Mixture mixtureOf(const MixtureWeights& weights,
                  MixtureShape shape,
                  double epsilon,
                  const MixtureResults& results) {
    checkWeights("token_mixture", weights.x, {weights.gain, weights.router});
    checkWeights("token_mixture", weights.x, weights.experts);
    Mixture of;
    of.x = weights.x;
    of.gain = weights.gain;
    of.router = weights.router;
    of.experts = weights.experts.vec();
    of.perToken = shape.perToken;
    of.headDim = shape.headDim;
    of.loops = shape.loops;
    of.epsilon = epsilon;
    of.out = results.out;
    of.index = results.index;
    of.weight = results.weight;
    checkExperts(of);
    const at::TensorOptions floats = of.x.options().dtype(at::kFloat);
    const std::int64_t k = of.perToken, D = of.x.size(-1);
    of.state = at::empty({k, D}, floats);
    of.entered = at::empty({k, D}, floats);
    of.value = at::empty({k, of.part(kAttentionOut).size(1)}, floats);
    of.opened = at::empty({k, of.part(kGate).size(0)}, floats);
    of.chosen = at::empty({k, kExpertParts}, of.x.options().dtype(at::kLong));
    of.exact = at::empty({k}, floats);
    return of;
}

void mixInto(Launcher& launcher, const Mixture& of) {
    const std::int64_t D = of.x.size(-1);
    const Form form{of.brain(), false};
    launcher.choice(oneBlock(D + of.router.size(0)), form,
                    {of.x.const_data_ptr(), of.gain.const_data_ptr(), of.router.const_data_ptr(),
                     of.epsilon, D, of.router.size(0), of.perToken,
                     of.index.mutable_data_ptr<std::int64_t>(), of.exact.mutable_data_ptr<float>(),
                     of.weight.mutable_data_ptr(),
                     static_cast<const void**>(of.chosen.mutable_data_ptr()),
                     of.state.mutable_data_ptr<float>(), of.loops > 0},
                    tableOf(of.experts));
    for (std::int64_t loop = 0; loop < of.loops; ++loop) {
        runLoop(launcher, of, loop);
    }
    launcher.mixing(
        oneBlock(of.perToken), form,
        {of.x.const_data_ptr(), of.out.mutable_data_ptr(), of.state.const_data_ptr<float>(),
         of.index.const_data_ptr<std::int64_t>(), of.exact.const_data_ptr<float>(),
         static_cast<const void* const*>(of.chosen.const_data_ptr()), of.epsilon, D, of.perToken});
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> tokenMixture(Launcher& launcher,
                                                            const at::Tensor& x,
                                                            const at::Tensor& gain,
                                                            const at::Tensor& router,
                                                            at::TensorList experts,
                                                            std::int64_t perToken,
                                                            std::int64_t headDim,
                                                            std::int64_t loops,
                                                            double epsilon) {
    TORCH_CHECK(x.size(0) == 1 && x.size(1) == 1, "token_mixture: one token, got ", x.sizes());
    const at::Tensor dense = x.contiguous();
    MixtureResults results{at::empty_like(dense),
                           at::empty({1, 1, perToken}, x.options().dtype(at::kLong)),
                           at::empty({1, 1, perToken}, x.options())};
    mixInto(launcher, mixtureOf({dense, gain, router, experts}, {perToken, headDim, loops}, epsilon,
                                results));
    return {std::move(results.out), std::move(results.index), std::move(results.weight)};
}

} // namespace depthscope::ops::cuda
