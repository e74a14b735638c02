// SPDX-License-Identifier: MIT
#include "engine/session/token_case.h"

#include "engine/ops/layer.h"
#include "engine/ops/token_run.h"

#include <ATen/ATen.h>

#include <iterator>

namespace depthscope::session {

namespace {

constexpr std::int64_t kWidth = 192, kHeads = 6, kKvHeads = 2, kHeadDim = 32, kFeed = 512;
constexpr std::int64_t kVocabulary = 1000, kEntries = 300, kRoom = 320;
constexpr std::int64_t kExperts = 4, kPerToken = 2, kLoops = 2;
constexpr double kEpsilon = 1e-5;

} // namespace

TokenCase::TokenCase(at::ScalarType type) {
    const auto random = [&](at::IntArrayRef shape, double size) {
        return (at::randn(shape) * size).to(type);
    };
    const auto gain = [&] { return (at::randn({kWidth}) * 0.1 + 1).to(type); };
    constexpr double kSmall = 0.05;
    m_x = random({1, 1, kWidth}, 1);
    m_gain = gain();
    m_q = random({kHeads * kHeadDim, kWidth}, kSmall);
    m_k = random({kKvHeads * kHeadDim, kWidth}, kSmall);
    m_v = random({kKvHeads * kHeadDim, kWidth}, kSmall);
    m_o = random({kWidth, kHeads * kHeadDim}, kSmall);
    const at::Tensor angle = at::randn({1, 1, kHeadDim / 2});
    m_cosine = angle.cos().to(type);
    m_sine = angle.sin().to(type);
    m_keys = random({1, kKvHeads, kRoom, kHeadDim}, 1);
    m_values = random({1, kKvHeads, kRoom, kHeadDim}, 1);
    m_gate = random({kFeed, kWidth}, kSmall);
    m_up = random({kVocabulary, kWidth}, kSmall);
    m_down = random({kWidth, kFeed}, kSmall);
    m_router = random({kExperts, kWidth}, 1);
    for (std::int64_t e = 0; e < kExperts; ++e) {
        const at::Tensor parts[] = {gain(),
                                    random({kKvHeads * kHeadDim, kWidth}, kSmall),
                                    random({kWidth, kHeads * kHeadDim}, kSmall),
                                    gain(),
                                    random({kFeed, kWidth}, kSmall),
                                    random({kFeed, kWidth}, kSmall),
                                    random({kWidth, kFeed}, kSmall),
                                    random({kLoops, kWidth}, 1),
                                    gain()};
        m_experts.insert(m_experts.end(), std::begin(parts), std::end(parts));
    }
}

std::vector<at::Tensor> TokenCase::run(at::Device device) const {
    const auto there = [&](const at::Tensor& t) { return t.to(device, t.scalar_type()); };
    const at::Tensor x = there(m_x), gain = there(m_gain), q = there(m_q), k = there(m_k),
                     v = there(m_v), o = there(m_o), cosine = there(m_cosine), sine = there(m_sine),
                     gate = there(m_gate), up = there(m_up), down = there(m_down),
                     router = there(m_router);
    const at::Tensor keys = m_keys.clone().to(device), values = m_values.clone().to(device);
    const ops::TokenEntries entries[] = {{keys, values, kEntries, true}};
    std::vector<at::Tensor> experts;
    for (const at::Tensor& part : m_experts) {
        experts.push_back(there(part));
    }
    std::vector<at::Tensor> results;
    results.push_back(ops::tokenAttention(x, {gain, q, k, v, o, cosine, sine, entries, kEpsilon}));
    results.push_back(keys);
    results.push_back(values);
    const at::Tensor wider = up.narrow(0, 0, kFeed);
    results.push_back(ops::tokenFeedForward(x, {gain, gate, wider, down, kEpsilon}));
    results.push_back(ops::tokenHead(x, gain, up, kEpsilon));
    results.push_back(ops::rmsNorm(x, gain, kEpsilon));
    results.push_back(ops::rotateHalves(keys, cosine.unsqueeze(1), sine.unsqueeze(1)));
    results.push_back(ops::gated(gate, wider));
    // What many products follow each other in, in fp32 alone: in bfloat16 their roundings add up,
    // and choose other experts. Two layers of the same weights, and a block of MORE, over four
    // tokens: launched, recorded, replayed; then a mixture.
    if (m_x.scalar_type() == at::kFloat) {
        const at::Tensor layers[] = {gain, q, k, v, o, gain, gate, wider, down,
                                     gain, q, k, v, o, gain, gate, wider, down};
        const at::Tensor runKeys[] = {keys.clone(), keys.clone()},
                         runValues[] = {values.clone(), values.clone()};
        const at::Tensor block[] = {gain, q, k, v, o, gain, router};
        const auto run = ops::prepareTokenRun(layers, runKeys, runValues, kEpsilon);
        const auto blocks = ops::prepareTokenRun(
            {block, experts, {&keys, 1}, {&values, 1}, kPerToken, kHeadDim, kLoops, kEpsilon});
        for (std::int64_t token = 1; token <= 4; ++token) {
            results.push_back(run->run(x, cosine, sine, kEntries + token));
            results.push_back(blocks->run(x, cosine, sine, kEntries + token));
        }
        results.insert(results.end(), {runKeys[1], runValues[1]});
        auto [mixed, index, weight] =
            ops::tokenMixture(x, {gain, router, experts, kPerToken, kHeadDim, kLoops, kEpsilon});
        results.insert(results.end(), {std::move(mixed), std::move(weight), std::move(index)});
    }
    return results;
}

} // namespace depthscope::session
