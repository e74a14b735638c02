// SPDX-License-Identifier: MIT
#include "engine/models/batched_decoder.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/models/block.h"
#include "engine/models/routed_alone.h"
#include "engine/nn/token_layer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <iterator>

namespace depthscope::models {

namespace {

using Clock = std::chrono::steady_clock;

bool sameStorages(const nn::LayerWeights& a, const nn::LayerWeights& b) {
    const auto storages = [](const nn::LayerWeights& layer) {
        std::vector<const void*> all;
        nn::LayerWeights::visit(layer, [&](const char*, const at::Tensor& tensor) {
            all.push_back(tensor.defined() ? tensor.const_data_ptr() : nullptr);
        });
        return all;
    };
    return storages(a) == storages(b);
}

/// Of each recursion, the first one that runs the same weights.
std::vector<int> weightsOfRecursions(const Weights& weights, int depth) {
    std::vector<int> first;
    for (int r = 0; r < depth && !weights.block.empty(); ++r) {
        const auto own = std::min(static_cast<std::size_t>(r), weights.block.size() - 1);
        const auto same = [&](int other) {
            return std::ranges::equal(weights.block[own],
                                      weights.block[static_cast<std::size_t>(other)], sameStorages);
        };
        const auto found = std::ranges::find_if(first, same);
        first.push_back(found == first.end() ? r : *found);
    }
    return first;
}

void refuseOthers(const spec::LanguageSpec& config) {
    const std::string hint = "Generate its texts one at a time: --text instead of --prompts.";
    if (config.isLooped()) {
        throw Error(ErrorCode::Usage,
                    fmt::format("{}: texts cannot be generated together, because the answer of a "
                                "token is chosen among all its recursions at their end",
                                spec::toString(config.family)),
                    hint);
    }
    if (config.isMoreFamily()) {
        throw Error(ErrorCode::Usage,
                    fmt::format("{}: texts cannot be generated together, because past its context "
                                "the model recomputes a text for each token",
                                spec::toString(config.family)),
                    hint);
    }
}

} // namespace

BatchedDecoder::BatchedDecoder(const LanguageModel& model, spec::ResolvedRouting routing)
    : m_model(model)
    , m_routing(std::move(routing)) {
    const spec::LanguageSpec& config = model.config();
    refuseOthers(config);
    m_frequencies = nn::rotaryFrequencies(config.headDim, config.ropeTheta, config.ropeScaling)
                        .to(model.device());
    m_weightsOf = weightsOfRecursions(model.weights(), m_routing.depth);
}

bool BatchedDecoder::recurs() const {
    const spec::LanguageSpec& config = m_model.config();
    return config.sharesLayers() && !spec::isSequence(config.recursion.sharing);
}

bool BatchedDecoder::choosesDepth() const {
    const spec::LanguageSpec& config = m_model.config();
    return config.hasRouter() && config.mor.type == spec::RouterType::Token;
}

BatchedDecoder::Together BatchedDecoder::together(Sequences sequences, bool packed) {
    std::vector<at::Tensor> x, cosine, sine;
    for (const Sequence* sequence : sequences) {
        x.push_back(packed ? sequence->packed : sequence->x);
        cosine.push_back(sequence->rotary.cosine);
        sine.push_back(sequence->rotary.sine);
    }
    return {at::cat(x), {at::cat(cosine), at::cat(sine)}};
}

void BatchedDecoder::runLayer(const nn::LayerWeights& layer,
                              Together& tokens,
                              std::span<const nn::KvAccess> kv) {
    const Clock::time_point start = Clock::now();
    tokens.x = nn::decoderLayer(layer, layerShape(m_model.config()), tokens.rotary, tokens.x, kv);
    m_layerSeconds += std::chrono::duration<double>(Clock::now() - start).count();
}

void BatchedDecoder::runOwnLayer(const nn::LayerWeights& layer,
                                 Together& tokens,
                                 Sequences sequences,
                                 std::int64_t index) {
    std::vector<nn::KvAccess> kv(sequences.size());
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        kv[i].slot = &sequences[i]->cache.slot(index);
        kv[i].positions = sequences[i]->position;
    }
    runLayer(layer, tokens, kv);
}

/// Block layer j at the recursion at which each is, plus those that this layer has `repeated`.
void BatchedDecoder::runBlockLayer(Together& tokens,
                                   Sequences sequences,
                                   std::int64_t j,
                                   int repeated) {
    std::vector<nn::KvAccess> kv;
    std::vector<nn::KeysValues> first(sequences.size());
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        Sequence& sequence = *sequences[i];
        kv.push_back(cachedAccess({m_model.config(), m_routing.settings.kv, sequence.cache},
                                  sequence.depth + repeated, j, first[i]));
        kv.back().positions = sequence.position;
        kv.back().lastOnly = kv.back().given != nullptr;
    }
    const auto r = static_cast<std::size_t>(sequences.front()->depth + repeated);
    const auto own = static_cast<std::size_t>(m_weightsOf[r]);
    runLayer(m_model.weights().block[own][static_cast<std::size_t>(j)], tokens, kv);
}

void BatchedDecoder::begin(Sequences sequences) {
    const spec::LanguageSpec& config = m_model.config();
    const Weights& weights = m_model.weights();
    std::vector<std::int32_t> ids;
    for (Sequence* sequence : sequences) {
        ids.push_back(sequence->id);
        sequence->position = at::full({1, 1}, sequence->length,
                                      at::TensorOptions(m_model.device()).dtype(at::kLong));
        sequence->rotary = nn::rotary(sequence->position, m_frequencies, m_model.dtype());
        sequence->x = at::embedding(weights.embedding, idsRow({&ids.back(), 1}, m_model.device()));
        sequence->depth = 0;
        ++sequence->length;
    }
    Together tokens = together(sequences, false);
    for (std::size_t i = 0; i < weights.before.size(); ++i) {
        runOwnLayer(weights.before[i], tokens, sequences, static_cast<std::int64_t>(i));
    }
    const bool repeats = config.sharesLayers() && !recurs(); // a layer as often as all run it
    for (std::int64_t j = 0; repeats && j < config.blockLayers(); ++j) {
        for (int r = 0; r < m_routing.depth; ++r) {
            runBlockLayer(tokens, sequences, j, r);
        }
    }
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        Sequence& sequence = *sequences[i];
        sequence.x = tokens.x.narrow(0, static_cast<std::int64_t>(i), 1);
        sequence.packed = sequence.x;
        sequence.recurs = recurs() && m_routing.depth > 0;
        // As LanguageModel counts them.
        sequence.depth = repeats ? m_routing.depth : config.sharesLayers() ? 0 : 1;
    }
    if (recurs()) {
        route(sequences, 0);
    }
}

/// Of tokens in front of recursion r, all of them: who goes on, and by which gate.
void BatchedDecoder::route(Sequences sequences, int r) {
    const spec::LanguageSpec& config = m_model.config();
    if (!config.hasRouter() || (choosesDepth() && r > 0)) {
        return;
    }
    const Weights& weights = m_model.weights();
    const auto index = choosesDepth() ? 0 : static_cast<std::size_t>(r);
    RouterWeights router{weights.routers[index], {}, weights.routerBias};
    if (!weights.auxRouters.empty()) {
        router.aux = weights.auxRouters[index];
    }
    const at::Tensor x = together(sequences, false).x;
    at::Tensor gates;
    if (choosesDepth()) {
        const Destinations to = chooseDestinations(config.mor, router, m_routing, x);
        for (std::size_t i = 0; i < sequences.size(); ++i) {
            sequences[i]->last = to.last[i];
        }
        gates = to.gate;
    } else {
        const Entrance entrance = enterExpertChoice(config.mor, router, m_routing, x, r);
        for (std::size_t i = 0; i < sequences.size(); ++i) {
            sequences[i]->recurs = entrance.goesOn[i] != 0;
        }
        gates = entrance.gate;
    }
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        sequences[i]->gate = gates.narrow(0, static_cast<std::int64_t>(i), 1);
    }
}

void BatchedDecoder::recur(Sequences sequences) {
    // Together where the weights are the same, whichever recursion it is.
    std::vector<Sequence*> rest(sequences.begin(), sequences.end());
    while (!rest.empty()) {
        const auto weightsOf = [this](const Sequence* sequence) {
            return m_weightsOf[static_cast<std::size_t>(sequence->depth)];
        };
        const int own = weightsOf(rest.front());
        const auto others =
            std::stable_partition(rest.begin(), rest.end(), [&](const Sequence* sequence) {
                return weightsOf(sequence) == own;
            });
        recurTogether(Sequences(rest.begin(), others));
        rest.erase(rest.begin(), others);
    }
    for (int r = 1; r < m_routing.depth; ++r) {
        std::vector<Sequence*> ahead;
        std::ranges::copy_if(sequences, std::back_inserter(ahead), [r](const Sequence* sequence) {
            return sequence->recurs && sequence->depth == r;
        });
        if (!ahead.empty()) {
            route(ahead, r);
        }
    }
}

void BatchedDecoder::recurTogether(Sequences sequences) {
    Together tokens = together(sequences, choosesDepth());
    const at::Tensor before = tokens.x;
    for (std::int64_t j = 0; j < m_model.config().blockLayers(); ++j) {
        runBlockLayer(tokens, sequences, j, 0);
    }
    if (!m_model.config().hasRouter() || choosesDepth()) {
        leaveRecursion(sequences, tokens.x);
    } else {
        std::vector<at::Tensor> gates;
        for (const Sequence* sequence : sequences) {
            gates.push_back(sequence->gate);
        }
        leaveRecursion(sequences,
                       leaveExpertChoice(m_model.config().mor, before, tokens.x, at::cat(gates)));
    }
}

/// `made` [S, 1, D]: the states behind the recursion that each has run.
void BatchedDecoder::leaveRecursion(Sequences sequences, const at::Tensor& made) {
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        Sequence& sequence = *sequences[i];
        const at::Tensor own = made.narrow(0, static_cast<std::int64_t>(i), 1);
        ++sequence.depth;
        sequence.recurs = sequence.depth < m_routing.depth;
        if (!choosesDepth()) {
            sequence.x = own;
            continue;
        }
        sequence.packed = own;
        sequence.recurs = sequence.depth <= sequence.last;
        if (!sequence.recurs) {
            sequence.x = leaveTokenChoice(m_model.config().mor, sequence.x, own, sequence.gate);
        }
    }
}

at::Tensor BatchedDecoder::finish(Sequences sequences) {
    Together tokens = together(sequences, false);
    const Weights& weights = m_model.weights();
    const auto after = static_cast<std::int64_t>(weights.after.size());
    for (std::size_t i = 0; i < weights.after.size(); ++i) {
        runOwnLayer(weights.after[i], tokens, sequences,
                    m_model.config().layers - after + static_cast<std::int64_t>(i));
    }
    return logitsOf(m_model.config(), weights, tokens.x)
        .squeeze(1)
        .to(at::kFloat)
        .cpu()
        .contiguous();
}

} // namespace depthscope::models
