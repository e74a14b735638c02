// SPDX-License-Identifier: MIT
#include "engine/spec/language_spec.h"

#include "engine/base/error.h"
#include "engine/base/names.h"
#include "engine/base/text.h"

#include <cmath>
#include <numeric>

namespace depthscope::spec {

bool isSequence(Sharing sharing) {
    return sharing == Sharing::Sequence || sharing == Sharing::MiddleSequence;
}

bool isMiddle(Sharing sharing) {
    return sharing == Sharing::MiddleCycle || sharing == Sharing::MiddleSequence;
}

std::int64_t LanguageSpec::leadingLayers() const {
    return refinesState() ? loop.prelude : sharesLayers() && isMiddle(recursion.sharing) ? 1 : 0;
}

std::int64_t LanguageSpec::trailingLayers() const {
    return refinesState() ? loop.coda : leadingLayers();
}

std::int64_t LanguageSpec::unsharedLayers() const {
    return sharesLayers() ? leadingLayers() + trailingLayers() : layers;
}

std::int64_t LanguageSpec::blockLayers() const {
    return sharesLayers() ? (layers - unsharedLayers()) / recursion.count : 0;
}

std::int64_t LanguageSpec::unrolledLayer(int r, std::int64_t j) const {
    return leadingLayers() +
           (isSequence(recursion.sharing) ? j * recursion.count + r : r * blockLayers() + j);
}

std::int64_t sharedSlot(const LanguageSpec& config, std::int64_t layer) {
    if (!config.sharesLayers()) {
        return layer;
    }
    const std::int64_t lead = config.leadingLayers(), block = config.blockLayers();
    if (layer < lead) {
        return layer;
    }
    if (const std::int64_t last = config.layers - config.trailingLayers(); layer >= last) {
        return lead + block + layer - last;
    }
    const std::int64_t inner = layer - lead;
    return lead +
           (isSequence(config.recursion.sharing) ? inner / config.recursion.count : inner % block);
}

std::vector<std::int64_t> keptLayers(Sharing sharing, int count, std::int64_t layers) {
    const std::int64_t lead = isMiddle(sharing) ? 1 : 0;
    const std::int64_t inner = layers - 2 * lead;
    const std::int64_t kept = inner / count * count;
    std::vector<std::int64_t> indices;
    if (lead > 0) {
        indices.push_back(0);
    }
    for (std::int64_t i = 0; i < kept; ++i) {
        const double step =
            kept > 1 ? static_cast<double>(inner - 1) / static_cast<double>(kept - 1) : 0.0;
        // nearbyint rounds halves to even, as the release's rounding does.
        indices.push_back(lead +
                          static_cast<std::int64_t>(std::nearbyint(static_cast<double>(i) * step)));
    }
    if (lead > 0) {
        indices.push_back(layers - 1);
    }
    return indices;
}

std::vector<Fraction> evenCapacity(int recursions) {
    std::vector<Fraction> capacity;
    for (int r = 0; r < recursions; ++r) {
        const int common = std::gcd(recursions - r, recursions);
        capacity.push_back({(recursions - r) / common, recursions / common});
    }
    return capacity;
}

namespace {

constexpr NameTable<Family, 7> kFamilies{{{{Family::Llama, "llama"},
                                           {Family::MorLlama, "mor_llama"},
                                           {Family::RecursiveLlama, "recursive_llama"},
                                           {Family::More, "more"},
                                           {Family::MoreBaseline, "more_baseline"},
                                           {Family::Ouro, "ouro"},
                                           {Family::Huginn, "huginn_raven"}}}};
constexpr NameTable<Sharing, 4> kSharings{{{{Sharing::Cycle, "cycle"},
                                            {Sharing::Sequence, "sequence"},
                                            {Sharing::MiddleCycle, "middle_cycle"},
                                            {Sharing::MiddleSequence, "middle_sequence"}}}};
constexpr NameTable<RouterType, 2> kRouterTypes{
    {{{RouterType::Expert, "expert"}, {RouterType::Token, "token"}}}};
constexpr NameTable<RouterNet, 3> kRouterNets{
    {{{RouterNet::Linear, "linear"}, {RouterNet::Mlp, "mlp"}, {RouterNet::WideMlp, "wide_mlp"}}}};
constexpr NameTable<ScoreTraining, 3> kScoreTrainings{{{{ScoreTraining::AuxLoss, "aux_loss"},
                                                        {ScoreTraining::AuxRouter, "aux_router"},
                                                        {ScoreTraining::None, "none"}}}};
constexpr NameTable<Balancing, 3> kBalancings{
    {{{Balancing::Loss, "loss"}, {Balancing::LossFree, "loss_free"}, {Balancing::None, "none"}}}};
constexpr NameTable<RouterFunction, 4> kRouterFunctions{{{{RouterFunction::Sigmoid, "sigmoid"},
                                                          {RouterFunction::Tanh, "tanh"},
                                                          {RouterFunction::Identity, "identity"},
                                                          {RouterFunction::Softmax, "softmax"}}}};

} // namespace

const char* toString(Family family) {
    return kFamilies.nameOf(family);
}

const char* toString(Sharing sharing) {
    return kSharings.nameOf(sharing);
}

const char* toString(RouterType type) {
    return kRouterTypes.nameOf(type);
}

const char* toString(RouterNet net) {
    return kRouterNets.nameOf(net);
}

const char* toString(ScoreTraining scoreTraining) {
    return kScoreTrainings.nameOf(scoreTraining);
}

const char* toString(Balancing balancing) {
    return kBalancings.nameOf(balancing);
}

const char* toString(RouterFunction function) {
    return kRouterFunctions.nameOf(function);
}

namespace {

/// Bounds that no real model reaches: they stop absurd files before memory is asked for.
constexpr std::int64_t kMaxVocabulary = 4'000'000;
constexpr std::int64_t kMaxWidth = 65'536;
constexpr std::int64_t kMaxFfn = 1'048'576;
constexpr std::int64_t kMaxLayers = 1'024;
constexpr std::int64_t kMaxHeads = 1'024;
constexpr std::int64_t kMaxContext = 16'777'216;
constexpr std::int64_t kMaxRecursions = 64;

/// What config.json calls the sizes that every model has, and what they usually are.
struct SizeNames {
    const char* width;
    const char* heads;
    const char* headDim;
    const char* context;
    const char* normEpsilon;
    const char* usualEpsilon;
    const char* theta;
    const char* usualTheta;
};

constexpr SizeNames kLlamaNames{"hidden_size",  "num_attention_heads",
                                "head_dim",     "max_position_embeddings",
                                "rms_norm_eps", "Llama models use 1e-5 or 1e-6.",
                                "rope_theta",   "Llama models use 10000 to 1000000."};
constexpr SizeNames kHuginnNames{"n_embd",           "n_heads",
                                 "n_embd / n_heads", "block_size",
                                 "norm_eps",         "Huginn-0125 uses 1e-6.",
                                 "rope_base",        "Huginn-0125 uses 50000."};

void require(bool good, const std::string& file, const std::string& what, const std::string& hint) {
    if (!good) {
        throw Error(ErrorCode::BadInput, file + ": " + what, hint);
    }
}

void checkRange(std::int64_t value,
                std::int64_t largest,
                const std::string& file,
                const char* field) {
    require(value >= 1 && value <= largest, file,
            std::string(field) + " is " + std::to_string(value) + ", outside 1.." +
                std::to_string(largest),
            "The file is damaged or not of the expected type; download it again from the source of "
            "the weights.");
}

/// What follows from the width in a Huginn, and all factors of its unrolled depth.
void checkRefined(const LanguageSpec& config, const std::string& file) {
    require(config.recursion.count >= 1 && config.recursion.count <= kMostRecursions, file,
            fmt::format("mean_recurrence is {}, outside 1..{}", config.recursion.count,
                        kMostRecursions),
            "Huginn-0125 was trained with 32 recursions on average.");
    checkRange(config.loop.prelude, kMaxLayers, file, "n_layers_in_prelude");
    checkRange(config.loop.coda, kMaxLayers, file, "n_layers_in_coda");
    checkRange(config.blockLayers(), kMaxLayers, file, "n_layers_in_recurrent_block");
    require(config.kvHeads == config.heads, file,
            fmt::format("num_key_value_heads is {} of {} heads", config.kvHeads, config.heads),
            "Every head of Huginn has its keys and values: give the same number of both.");
    require(config.heads * config.headDim == config.width, file,
            fmt::format("n_embd must be n_heads times the width of a head, not {} of {} and {}",
                        config.heads, config.headDim, config.width),
            "Huginn-0125 has 55 heads of 96 numbers.");
}

/// Both factors of the unrolled depth, of which neither may be absurd.
void checkLoop(const LanguageSpec& config, const std::string& file) {
    require(
        config.recursion.count >= 1 && config.recursion.count <= kMostRecursions, file,
        fmt::format("total_ut_steps is {}, outside 1..{}", config.recursion.count, kMostRecursions),
        "Ouro models run 4 recursions.");
    checkRange(config.layers / config.recursion.count, kMaxLayers, file, "num_hidden_layers");
    require(config.loop.exitThreshold >= 0 && std::isfinite(config.loop.exitThreshold), file,
            fmt::format("early_exit_threshold is {}, below 0", config.loop.exitThreshold),
            "A probability: 1 uses the last recursion.");
    require(config.loop.exitStep < config.recursion.count, file,
            fmt::format("early_exit_step is {}, but the model has the recursions 0 to {}",
                        config.loop.exitStep, config.recursion.count - 1),
            "Omit it, so that early_exit_threshold decides.");
}

void checkRecursion(const LanguageSpec& config, const std::string& file) {
    const int count = config.recursion.count;
    require(count >= 1 && count <= kMaxRecursions, file,
            "num_recursion is " + std::to_string(count) + ", outside 1..64",
            "Mixture-of-Recursions models have 2 to 4 recursions.");
    const std::int64_t repeated = config.layers - config.unsharedLayers();
    require(repeated > 0 && repeated % count == 0, file,
            "num_hidden_layers is " + std::to_string(config.layers) +
                ", which does not divide evenly into " + std::to_string(count) + " recursions",
            "num_hidden_layers counts unrolled layers: recursions times block layers, plus 2 with "
            "middle_cycle.");
}

void checkExpertRouter(const LanguageSpec& config, const std::string& file) {
    const MorSpec& mor = config.mor;
    require(static_cast<int>(mor.capacity.size()) == config.recursion.count, file,
            "capacity has " + std::to_string(mor.capacity.size()) + " entries for " +
                std::to_string(config.recursion.count) + " recursions",
            "Give one capacity for each recursion, for example 1.0,0.66,0.33.");
    try {
        settings::checkCapacity(mor.capacity);
    } catch (const Error& error) {
        throw Error(error.code(), file + ": mor: " + error.message(), error.hint());
    }
    require(mor.function != RouterFunction::Softmax, file,
            "router_func must not be softmax for an expert router",
            "Expert-choice routers use sigmoid, tanh or identity.");
}

void checkMor(const LanguageSpec& config, const std::string& file) {
    const MorSpec& mor = config.mor;
    require(!isSequence(config.recursion.sharing), file,
            std::string("sharing is ") + toString(config.recursion.sharing) + " with a router",
            "MoR models share layers by cycle or middle_cycle.");
    if (mor.type == RouterType::Expert) {
        checkExpertRouter(config, file);
    } else {
        require(mor.function == RouterFunction::Softmax || mor.function == RouterFunction::Sigmoid,
                file,
                std::string("router_func is ") + toString(mor.function) + " for a token router",
                "Token-choice routers use softmax or sigmoid.");
        require(config.kv != settings::KvPolicy::Hybrid, file,
                "update_cache must be false for a token router",
                "Only expert-choice models refresh shared keys and values.");
    }
    require(mor.wideFactor >= 1 && mor.wideFactor <= 64, file, "wide_factor must be from 1 to 64",
            "Released models use 2, the paper uses 4.");
    require(mor.temperature > 0 && mor.temperature < 1e6, file, "temp must be a positive number",
            "The router temperature of all shipped models is 1.0.");
    require(mor.alpha >= 0 && mor.alpha < 1e6, file, "alpha must be at least 0 and less than 1e6",
            "Shipped models use 0.1 (sigmoid) or 1.0 (softmax).");
}

void checkScaling(const RopeScaling& scaling, const std::string& file) {
    constexpr double kAbsurd = 1e9;
    const char* hint = "Llama 3 uses factor 8 or 32, low_freq_factor 1, high_freq_factor 4.";
    require(scaling.factor >= 1 && scaling.factor < kAbsurd, file,
            "the factor of rope_scaling must be at least 1 and less than 1e9", hint);
    require(scaling.lowFactor > 0 && scaling.highFactor > scaling.lowFactor &&
                scaling.highFactor < kAbsurd,
            file, "low_freq_factor must be positive and less than high_freq_factor in rope_scaling",
            hint);
    require(scaling.trainedContext >= 1 && scaling.trainedContext < kAbsurd, file,
            "original_max_position_embeddings of rope_scaling must be at least 1 and less than 1e9",
            hint);
}

void checkMore(const LanguageSpec& config, const std::string& file) {
    constexpr int kMaxExperts = 255;
    require(config.more.experts >= 1 && config.more.experts <= kMaxExperts, file,
            "num_experts is " + std::to_string(config.more.experts) + ", outside 1..255",
            "MORE models usually have a few experts.");
    require(config.more.perToken >= 1 && config.more.perToken <= config.more.experts, file,
            "top_k is " + std::to_string(config.more.perToken) + " of " +
                std::to_string(config.more.experts) + " experts",
            "A token chooses at least one expert and at most all of them.");
    require(config.recursion.count >= 0 && config.recursion.count <= kMaxRecursions, file,
            "n_recursions is " + std::to_string(config.recursion.count) + ", outside 0..64",
            "MORE models loop three times.");
}

} // namespace

void checkSpec(const LanguageSpec& config, const std::string& file, const std::string& side) {
    const SizeNames& names = config.refinesState() ? kHuginnNames : kLlamaNames;
    checkRange(config.vocabulary, kMaxVocabulary, file, "vocab_size");
    checkRange(config.width, kMaxWidth, file, names.width);
    checkRange(config.ffn, kMaxFfn, file, "intermediate_size");
    if (config.hasExitGate()) {
        checkLoop(config, file);
    } else if (!config.refinesState()) {
        checkRange(config.layers, kMaxLayers, file, "num_hidden_layers");
    }
    checkRange(config.heads, kMaxHeads, file, names.heads);
    checkRange(config.kvHeads, kMaxHeads, file, "num_key_value_heads");
    checkRange(config.headDim, kMaxWidth, file, names.headDim);
    checkRange(config.context, kMaxContext, file, names.context);
    require(config.heads % config.kvHeads == 0, file,
            fmt::format("{} {} is not a multiple of num_key_value_heads {}", names.heads,
                        config.heads, config.kvHeads),
            "Grouped-query attention shares each key head among the same number of query heads.");
    require(config.headDim % 2 == 0, file, fmt::format("{} must be even", names.headDim),
            "Rotary embeddings need heads of even width.");
    require(config.normEpsilon > 0 && config.normEpsilon < 1, file,
            fmt::format("{} must be between 0 and 1", names.normEpsilon), names.usualEpsilon);
    require(config.ropeTheta > 1 && config.ropeTheta < 1e12, file,
            fmt::format("{} is out of range: {:f}", names.theta, config.ropeTheta),
            names.usualTheta);
    checkScaling(config.ropeScaling, file);
    if (config.refinesState()) {
        checkRefined(config, file);
    } else if (config.sharesLayers() && !config.isLooped()) {
        checkRecursion(config, side);
    }
    if (config.hasRouter()) {
        checkMor(config, side);
    }
    if (config.family == Family::More) {
        checkMore(config, file);
    }
}

} // namespace depthscope::spec
