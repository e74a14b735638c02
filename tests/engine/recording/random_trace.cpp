// SPDX-License-Identifier: MIT
#include "tests/engine/recording/random_trace.h"

#include <bit>
#include <cstring>
#include <limits>

namespace depthscope::tests {

using trace::StepTrace;

namespace {

constexpr int kExperts = 5;
constexpr int kPerToken = 2;

} // namespace

int RandomTrace::below(int limit) {
    return std::uniform_int_distribution<int>(0, limit - 1)(m_random);
}

std::string RandomTrace::bytes(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += static_cast<char>(below(256));
    }
    return text;
}

float RandomTrace::oddFloat() {
    switch (below(8)) {
    case 0:
        return std::numeric_limits<float>::quiet_NaN();
    case 1:
        return std::bit_cast<float>(0xffc01234u); // a NaN with a payload
    case 2:
        return -0.0f;
    case 3:
        return -std::numeric_limits<float>::infinity();
    default:
        return std::uniform_real_distribution<float>(-2.0f, 9.0f)(m_random);
    }
}

double RandomTrace::oddDouble() {
    switch (below(7)) {
    case 0:
        return std::bit_cast<double>(0x7ff8000000000abcull);
    case 1:
        return std::numeric_limits<double>::infinity();
    case 2:
        return -0.0;
    case 3:
        return std::numeric_limits<double>::denorm_min();
    default:
        return std::uniform_real_distribution<double>(0.0, 1e12)(m_random);
    }
}

settings::RoutingSettings RandomTrace::routing() {
    settings::RoutingSettings routing;
    routing.rule = static_cast<settings::Rule>(1 + below(6));
    routing.tau = std::uniform_real_distribution<double>(0.0, 1.0)(m_random);
    routing.fixedDepth = below(5);
    routing.maxDepth = below(5);
    routing.kv = static_cast<settings::KvPolicy>(below(4));
    if (below(2) == 0) {
        routing.capacity = {{1, 1}, {2, 3}, {666666666, 1000000000}, {2, 4}, {0, 1}};
    }
    return routing;
}

trace::ModelInfo RandomTrace::model() {
    trace::ModelInfo info;
    info.name = "mor-" + std::to_string(below(1000));
    info.family = "mor_llama";
    info.dtype = "float32";
    info.device = "cpu";
    info.kernels = "cpu";
    info.router = static_cast<trace::RouterKind>(below(3));
    info.routerFunction = "sigmoid";
    info.parameters = 5'000'000'000;
    info.layers = 8;
    info.recursions = 3;
    info.blockLayers = 2;
    info.unsharedLayers = 2;
    info.contextLength = 512;
    info.vocabulary = 256;
    info.experts = below(2) * kExperts;
    info.expertsPerToken = info.experts == 0 ? 0 : kPerToken;
    info.passRules = {{settings::Rule::TopK, settings::Rule::Aux}, settings::Rule::TopK};
    info.generationRules = {{settings::Rule::Fixed}, settings::Rule::Fixed};
    info.kvPolicies = {settings::KvPolicy::Recursion, settings::KvPolicy::Hybrid};
    info.hasTokenizer = below(2) == 0;
    info.trainedCapacity = {{1, 1}, {2, 3}, {1, 3}};
    info.trainedKv = static_cast<settings::KvPolicy>(below(4));
    info.parts = {{"embedding", 4096, ""}, {"shared block", 1 << 20, "recursions 1-3"}};
    info.notes = {"tied embedding", "\u5b57 \U0001f642"};
    info.recipe = "{\n \"seed\": 1}\n";
    return info;
}

std::vector<trace::ExpertChoices> RandomTrace::experts(std::size_t tokens) {
    std::vector<trace::ExpertChoices> layers;
    for (const int layer : {0, 3}) {
        trace::ExpertChoices choices{layer, kExperts, kPerToken, {}, {}};
        for (std::size_t t = 0; t < tokens; ++t) {
            const int first = below(kExperts);
            const auto weight = std::uniform_real_distribution<float>(0.5F, 1.0F)(m_random);
            choices.index.push_back(static_cast<std::uint8_t>(first));
            choices.index.push_back(static_cast<std::uint8_t>((first + 1) % kExperts));
            choices.weight.push_back(weight);
            choices.weight.push_back(1 - weight);
        }
        layers.push_back(std::move(choices));
    }
    return layers;
}

StepTrace RandomTrace::step(int tokens, int recursions, bool isSparse) {
    StepTrace step;
    const auto count = static_cast<std::size_t>(tokens);
    step.recursions = recursions;
    step.revision = (std::uint64_t{m_random()} << 32) | m_random();
    step.routing = routing();
    step.causal = below(2) == 0;
    step.offDistribution = below(2) == 0;
    step.notice = below(3) == 0 ? bytes(20) : "first 512 of 800 tokens used \u2192 \u5b57";
    for (std::size_t t = 0; t < count; ++t) {
        step.ids.push_back(static_cast<std::int32_t>(m_random()));
        step.depth.push_back(static_cast<std::uint8_t>(below(recursions + 1)));
    }
    if (!isSparse) {
        for (std::size_t t = 0; t < count; ++t) {
            step.classes.push_back(
                static_cast<std::uint8_t>(below(4) == 0 ? trace::kNoClass : below(7)));
            step.nll.push_back(oddFloat());
            step.text += bytes(static_cast<std::size_t>(below(5)));
            step.pieceEnds.push_back(static_cast<std::uint32_t>(step.text.size()));
        }
        for (std::size_t i = 0; i < count * static_cast<std::size_t>(recursions); ++i) {
            step.scores.push_back(oddFloat());
        }
        step.kv.groups = {{0, 512, 3}, {1, 1024, 1ll << 40}};
    }
    step.kv.measuredBytes = below(1 << 30);
    step.kv.reservedBytes = 1ll << 33;
    step.kv.predictedBytes = below(1000);
    step.kv.fullBytes = below(1000);
    step.cost = {oddDouble(),   oddDouble(), oddDouble(), below(9),
                 below(2) == 0, below(9),    oddDouble()};
    step.lossLm = oddDouble();
    step.lossAux = oddDouble();
    step.lossBalance = oddDouble();
    step.lossZ = oddDouble();
    return step;
}

std::vector<trace::StepPtr>
RandomTrace::run(std::uint64_t number, trace::RunRole role, int steps, int tokens) {
    const auto shared = std::make_shared<const trace::ModelInfo>(model());
    const int recursions = 1 + below(6);
    std::vector<trace::StepPtr> made;
    std::int32_t position = 0;
    for (int s = 0; s < steps; ++s) {
        StepTrace next = step(s == 0 ? tokens : 1, recursions, below(4) == 0);
        next.run = number;
        next.step = static_cast<std::uint32_t>(s);
        next.role = role;
        next.kind = steps == 1 ? trace::StepKind::Pass
                    : s == 0   ? trace::StepKind::Prefill
                               : trace::StepKind::Decode;
        next.model = shared;
        if (shared->experts > 0) {
            next.experts = experts(next.tokens());
        }
        next.firstToken = position;
        position += static_cast<std::int32_t>(next.tokens());
        made.push_back(std::make_shared<const StepTrace>(std::move(next)));
    }
    return made;
}

recording::Recipe RandomTrace::recipe() {
    recording::Recipe recipe;
    recipe.prompt = "to be \u5b57 \U0001f642" + bytes(30) + std::string(1, '\0') + "end";
    recipe.promptIds = {3, 7, 1, -5};
    recipe.classes = {{0, 5, 2}, {5, 9, trace::kNoClass}};
    recipe.settings.routing = routing();
    recipe.settings.generation.seed = 9'000'000'000'000'000;
    recipe.settings.generation.topP = 0.1;
    recipe.software = "Depthscope 0.1.0";
    recipe.created = "2026-01-02T03:04:05Z";
    return recipe;
}

namespace {

template <class Value>
bool sameBits(const std::vector<Value>& one, const std::vector<Value>& other) {
    return one.size() == other.size() &&
           (one.empty() || std::memcmp(one.data(), other.data(), one.size() * sizeof(Value)) == 0);
}

bool sameBits(double one, double other) {
    return std::bit_cast<std::uint64_t>(one) == std::bit_cast<std::uint64_t>(other);
}

bool sameFractions(const std::vector<Fraction>& one, const std::vector<Fraction>& other) {
    return sameBits(one, other); // as written: 2/4 comes back as 2/4
}

bool same(const trace::KvUse& one, const trace::KvUse& other) {
    bool isSame = one.groups.size() == other.groups.size() &&
                  one.measuredBytes == other.measuredBytes &&
                  one.reservedBytes == other.reservedBytes &&
                  one.predictedBytes == other.predictedBytes && one.fullBytes == other.fullBytes;
    for (std::size_t g = 0; isSame && g < one.groups.size(); ++g) {
        isSame = one.groups[g].recursion == other.groups[g].recursion &&
                 one.groups[g].bytesPerToken == other.groups[g].bytesPerToken &&
                 one.groups[g].entries == other.groups[g].entries;
    }
    return isSame;
}

bool same(const trace::StepCost& one, const trace::StepCost& other) {
    return sameBits(one.flops, other.flops) && sameBits(one.fullFlops, other.fullFlops) &&
           sameBits(one.milliseconds, other.milliseconds) && one.syncs == other.syncs &&
           one.traced == other.traced && one.rounds == other.rounds &&
           sameBits(one.routedMilliseconds, other.routedMilliseconds);
}

bool same(const std::vector<trace::ExpertChoices>& one,
          const std::vector<trace::ExpertChoices>& other) {
    bool isSame = one.size() == other.size();
    for (std::size_t i = 0; isSame && i < one.size(); ++i) {
        isSame = one[i].sameLayer(other[i]) && sameBits(one[i].index, other[i].index) &&
                 sameBits(one[i].weight, other[i].weight);
    }
    return isSame;
}

bool same(const trace::ModelInfo& one, const trace::ModelInfo& other) {
    bool isSame = one.parts.size() == other.parts.size();
    for (std::size_t p = 0; isSame && p < one.parts.size(); ++p) {
        isSame = one.parts[p].name == other.parts[p].name &&
                 one.parts[p].count == other.parts[p].count &&
                 one.parts[p].sharedBy == other.parts[p].sharedBy;
    }
    return isSame && one.name == other.name && one.folder == other.folder &&
           one.family == other.family && one.dtype == other.dtype && one.device == other.device &&
           one.kernels == other.kernels && one.router == other.router &&
           one.routerFunction == other.routerFunction && one.parameters == other.parameters &&
           one.layers == other.layers && one.recursions == other.recursions &&
           one.blockLayers == other.blockLayers && one.unsharedLayers == other.unsharedLayers &&
           one.contextLength == other.contextLength && one.vocabulary == other.vocabulary &&
           one.experts == other.experts && one.expertsPerToken == other.expertsPerToken &&
           one.passRules == other.passRules && one.generationRules == other.generationRules &&
           one.kvPolicies == other.kvPolicies && one.hasTokenizer == other.hasTokenizer &&
           sameFractions(one.trainedCapacity, other.trainedCapacity) &&
           one.trainedKv == other.trainedKv && one.notes == other.notes &&
           one.recipe == other.recipe;
}

} // namespace

std::string differenceOf(const StepTrace& one, const StepTrace& other) {
    const std::pair<const char*, bool> fields[] = {
        {"run", one.run == other.run},
        {"step", one.step == other.step},
        {"kind", one.kind == other.kind},
        {"role", one.role == other.role},
        {"revision", one.revision == other.revision},
        {"model", same(*one.model, *other.model)},
        {"routing", one.routing == other.routing},
        {"tau", sameBits(one.routing.tau, other.routing.tau)},
        {"capacity", sameFractions(one.routing.capacity, other.routing.capacity)},
        {"causal", one.causal == other.causal},
        {"offDistribution", one.offDistribution == other.offDistribution},
        {"notice", one.notice == other.notice},
        {"firstToken", one.firstToken == other.firstToken},
        {"recursions", one.recursions == other.recursions},
        {"ids", sameBits(one.ids, other.ids)},
        {"depth", sameBits(one.depth, other.depth)},
        {"classes", sameBits(one.classes, other.classes)},
        {"nll", sameBits(one.nll, other.nll)},
        {"scores", sameBits(one.scores, other.scores)},
        {"experts", same(one.experts, other.experts)},
        {"text", one.text == other.text},
        {"pieceEnds", sameBits(one.pieceEnds, other.pieceEnds)},
        {"kv", same(one.kv, other.kv)},
        {"cost", same(one.cost, other.cost)},
        {"lossLm", sameBits(one.lossLm, other.lossLm)},
        {"lossAux", sameBits(one.lossAux, other.lossAux)},
        {"lossBalance", sameBits(one.lossBalance, other.lossBalance)},
        {"lossZ", sameBits(one.lossZ, other.lossZ)},
    };
    for (const auto& [name, isSame] : fields) {
        if (!isSame) {
            return name;
        }
    }
    return {};
}

} // namespace depthscope::tests
