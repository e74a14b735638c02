// SPDX-License-Identifier: MIT
// The shape of a language model as its folder declares it: the Llama fields of config.json, the
// official `mor` / `recursive` / `kv_sharing` objects of mor_config.json (docs/routing.md 2, 3),
// the keys of MORE (docs/routing.md 1). A value; any thread.
#pragma once

#include "engine/base/fraction.h"
#include "engine/settings/routing.h"
#include "engine/spec/rope_scaling.h"
#include "engine/spec/router_spec.h"

#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::spec {

enum class Family : std::uint8_t {
    Llama,
    MorLlama,
    RecursiveLlama,
    More,
    MoreBaseline,
    Ouro,
    Huginn
};
enum class Sharing : std::uint8_t { Cycle, Sequence, MiddleCycle, MiddleSequence };

/// Which unrolled layers share one set of weights (docs/routing.md 2.3), or, for MORE, how often an
/// expert runs.
struct RecursionSpec {
    Sharing sharing = Sharing::MiddleCycle;
    int count = 1; ///< R
};

/// What trains the scores of an expert-choice router (docs/routing.md 3.4).
enum class ScoreTraining : std::uint8_t { AuxLoss, AuxRouter, None };
/// What balances a token-choice router (docs/routing.md 3.5).
enum class Balancing : std::uint8_t { Loss, LossFree, None };

/// A router and how it is trained; meaning and defaults of docs/routing.md 3.
struct MorSpec : RouterSpec {
    std::vector<Fraction> capacity; ///< one per recursion; expert-choice
    bool randomRouter = false;      ///< random selection as a control; gates are still learned
    ScoreTraining scoreTraining = ScoreTraining::AuxLoss;
    double auxCoefficient = 0.001; ///< of the auxiliary loss (docs/routing.md 3.4)
    std::int64_t capacityWarmup =
        0; ///< micro-batches over which capacity falls (docs/routing.md 3.3)
    Balancing balancing = Balancing::Loss;
    double balanceCoefficient = 0.1; ///< of the balance loss (docs/routing.md 3.5)
    double balanceRate = 0.001;      ///< u of loss-free balancing
    std::int64_t balanceWarmup = 0;  ///< micro-batches during which every token runs at full depth
    double zCoefficient = 0.001;
};

/// MORE fields (docs/routing.md 1.1); loops per expert are RecursionSpec::count.
struct MoreSpec {
    int experts = 4;  ///< E
    int perToken = 2; ///< k
};

/// Looped models: when Ouro was published to leave (docs/looped.md 2), what stands around Huginn's
/// core (docs/looped.md 5).
struct LoopSpec {
    double exitThreshold = 1; ///< of the exit probability
    int exitStep = -1;        ///< always after this recursion, from 0; -1: by the threshold
    std::int64_t prelude = 0; ///< layers before the core
    std::int64_t coda = 0;    ///< layers behind it
    bool queryKeyBias = false;
};

using settings::kMostRecursions;

struct LanguageSpec {
    Family family = Family::Llama;
    std::int64_t vocabulary = 0;
    std::int64_t width = 0; ///< D
    std::int64_t ffn = 0;
    std::int64_t layers = 0; ///< unrolled depth L; MORE: fractal blocks
    std::int64_t heads = 0;  ///< H
    std::int64_t kvHeads = 0;
    std::int64_t headDim = 0;
    std::int64_t context = 0; ///< max_position_embeddings
    double ropeTheta = 10000.0;
    RopeScaling ropeScaling;
    bool attentionBias = false; ///< q, k, v and o have biases
    bool mlpBias = false;       ///< gate, up and down have biases
    double normEpsilon = 1e-5;
    bool tiedHead = true;
    std::vector<std::int64_t> eosTokens; ///< each ends a text; empty: none
    RecursionSpec recursion;             ///< meaningful with sharesLayers() and for More
    MorSpec mor;                         ///< meaningful with hasRouter()
    MoreSpec more;                       ///< meaningful for More
    LoopSpec loop;                       ///< meaningful with isLooped()
    settings::KvPolicy kv = settings::KvPolicy::Recursion; ///< trained with (docs/routing.md 3.7)

    /// One block of layers runs several times: MoR, the recursive baseline, looped models.
    [[nodiscard]] bool sharesLayers() const {
        return family == Family::MorLlama || family == Family::RecursiveLlama || isLooped();
    }

    /// Every recursion can give the logits (docs/looped.md): Ouro, Huginn.
    [[nodiscard]] bool isLooped() const { return hasExitGate() || refinesState(); }

    /// A looped model whose gate says how likely a token is to leave: Ouro.
    [[nodiscard]] bool hasExitGate() const { return family == Family::Ouro; }

    /// A looped model whose recursions refine a state of its own beside what they read: Huginn.
    [[nodiscard]] bool refinesState() const { return family == Family::Huginn; }

    /// A router decides how often: MoR.
    [[nodiscard]] bool hasRouter() const { return family == Family::MorLlama; }

    /// The families of docs/routing.md 1, with their own keys and sizes.
    [[nodiscard]] bool isMoreFamily() const {
        return family == Family::More || family == Family::MoreBaseline;
    }

    /// Layers before the shared block: 1 with the Middle sharings; Huginn's prelude.
    [[nodiscard]] std::int64_t leadingLayers() const;
    /// Layers behind it.
    [[nodiscard]] std::int64_t trailingLayers() const;
    /// Layers outside the shared block: 2 with the Middle sharings, all without sharing.
    [[nodiscard]] std::int64_t unsharedLayers() const;
    /// Layers of the shared block (base depth b of docs/routing.md 2.3); 0 without sharing.
    [[nodiscard]] std::int64_t blockLayers() const;
    /// The unrolled layer that block layer j is at recursion r: its KV slot.
    [[nodiscard]] std::int64_t unrolledLayer(int r, std::int64_t j) const;

    /// Steps that a token can take; 1 where there is no recursion.
    [[nodiscard]] int recursions() const {
        return sharesLayers() || family == Family::More ? recursion.count : 1;
    }
};

/// Sequence and Middle-Sequence: a layer repeats before the next one starts.
[[nodiscard]] bool isSequence(Sharing sharing);
/// Middle-Cycle and Middle-Sequence keep the first and the last layer to themselves.
[[nodiscard]] bool isMiddle(Sharing sharing);

/// The unrolled layer l's shared weight slot (docs/routing.md 2.3), for 0 <= l < layers.
[[nodiscard]] std::int64_t sharedSlot(const LanguageSpec& config, std::int64_t layer);

/// The drop rule (docs/routing.md 2.3): the layers of a depth-`layers` model that are kept so that
/// the shared part divides into `count` recursions; all of them if it already does.
[[nodiscard]] std::vector<std::int64_t> keptLayers(Sharing sharing, int count, std::int64_t layers);

/// Evenly falling shares: 1, (R-1)/R, ... 1/R.
[[nodiscard]] std::vector<Fraction> evenCapacity(int recursions);

/// Throws Error{BadInput} for sizes that are out of range or inconsistent, naming the field and
/// `file`, or `side` where recursions and routers are described.
void checkSpec(const LanguageSpec& config, const std::string& file, const std::string& side);

/// The model_type of docs/models.md.
[[nodiscard]] const char* toString(Family family);
/// "expert", "token"
[[nodiscard]] const char* toString(RouterType type);
/// "linear", "mlp", "wide_mlp"
[[nodiscard]] const char* toString(RouterNet net);
[[nodiscard]] const char* toString(RouterFunction function);
/// "aux_loss", "aux_router", "none"
[[nodiscard]] const char* toString(ScoreTraining scoreTraining);
/// "loss", "loss_free", "none"
[[nodiscard]] const char* toString(Balancing balancing);
/// "cycle", "sequence", "middle_cycle", "middle_sequence"
[[nodiscard]] const char* toString(Sharing sharing);

} // namespace depthscope::spec
