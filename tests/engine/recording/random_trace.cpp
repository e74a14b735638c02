// SPDX-License-Identifier: MIT
#include "tests/engine/recording/random_trace.h"

#include "engine/trace/graded_classes.h"

#include <bit>
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

spec::ModelInfo RandomTrace::model() {
    spec::ModelInfo info;
    info.name = "mor-" + std::to_string(below(1000));
    info.family = "mor_llama";
    info.dtype = "float32";
    info.device = "cpu";
    info.kernels = "cpu";
    info.router = static_cast<spec::RouterKind>(below(5));
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
    if (info.experts > 0 && below(2) == 0) {
        for (int e = 0; e < info.experts; ++e) {
            info.expertNames.push_back("expert " + std::to_string(e));
        }
        info.clip = spec::ClipTraits{{8, 16, 24}, {2, 4, 4}, 4, 6, "three-shapes"};
    }
    info.passRules = {{settings::Rule::TopK, settings::Rule::Aux}, settings::Rule::TopK};
    info.generationRules = {{settings::Rule::Fixed}, settings::Rule::Fixed};
    info.kvPolicies = {settings::KvPolicy::Recursion, settings::KvPolicy::Hybrid};
    info.hasTokenizer = below(2) == 0;
    info.trainedCapacity = {{1, 1}, {2, 3}, {1, 3}};
    info.sharedSlots = {0, 1, 2, 1, 2, 1, 2, 3};
    info.flopsByPosition = {{0, 1.5e9}, {511, oddDouble()}};
    info.trainedKv = static_cast<settings::KvPolicy>(below(4));
    info.parts = {{"embedding", 4096, ""}, {"shared block", 1 << 20, "recursions 1-3"}};
    info.notes = {"tied embedding", "\u5b57 \U0001f642"};
    info.recipe = "{\n \"seed\": 1}\n";
    return info;
}

std::vector<trace::ExpertChoices> RandomTrace::experts(std::size_t places,
                                                       const std::vector<int>& perPlace) {
    std::vector<trace::ExpertChoices> layers;
    for (const int layer : {0, 3}) {
        trace::ExpertChoices choices{.layer = layer, .experts = kExperts};
        for (std::size_t n = 0; n < places; ++n) {
            const int chosen = perPlace[m_random() % perPlace.size()];
            const int first = below(kExperts);
            float left = 1;
            for (int c = 0; c < chosen; ++c) {
                const float share = std::uniform_real_distribution<float>(0.5F, 1.0F)(m_random);
                choices.index.push_back(static_cast<std::uint8_t>((first + c) % kExperts));
                choices.weight.push_back(c + 1 == chosen ? left : left * share);
                left -= choices.weight.back();
            }
            choices.endPlace();
        }
        layers.push_back(std::move(choices));
    }
    return layers;
}

void RandomTrace::addClasses(trace::RoutingStep& routing, const trace::ClassSetPtr& set) {
    for (std::size_t n = 0; n < routing.places(); ++n) {
        const int number = below(static_cast<int>(set->names.size()));
        routing.classes.push_back(
            static_cast<std::uint8_t>(below(4) == 0 ? trace::kNoClass : number));
    }
    routing.classSet = routing.classes.empty() ? nullptr : set;
}

trace::TextContent RandomTrace::text(std::size_t tokens, bool isSparse) {
    trace::TextContent text;
    for (std::size_t t = 0; t < tokens; ++t) {
        text.ids.push_back(static_cast<std::int32_t>(m_random()));
        if (!isSparse) {
            text.nll.push_back(oddFloat());
            text.text += bytes(static_cast<std::size_t>(below(5)));
            text.pieceEnds.push_back(static_cast<std::uint32_t>(text.text.size()));
        }
    }
    text.loss = oddDouble();
    return text;
}

StepTrace RandomTrace::step(std::size_t places, int recursions, bool isSparse) {
    StepTrace step;
    step.revision = (std::uint64_t{m_random()} << 32) | m_random();
    step.settings = routing();
    step.causal = below(2) == 0;
    step.offDistribution = below(2) == 0;
    step.notice = below(3) == 0 ? bytes(20) : "first 512 of 800 tokens used \u2192 \u5b57";
    trace::RoutingStep& made = step.routing;
    made.recursions = recursions;
    for (std::size_t n = 0; n < places; ++n) {
        made.depth.push_back(static_cast<std::uint8_t>(below(recursions + 1)));
    }
    if (!isSparse) {
        for (std::size_t i = 0; i < places * static_cast<std::size_t>(recursions); ++i) {
            made.scores.push_back(oddFloat());
        }
        made.kv.groups = {{0, 512, 3}, {1, 1024, 1ll << 40}};
    }
    made.kv.measuredBytes = below(1 << 30);
    made.kv.reservedBytes = 1ll << 33;
    made.kv.predictedBytes = below(1000);
    made.kv.fullBytes = below(1000);
    made.cost = {oddDouble(), oddDouble(), oddDouble(), below(9), below(2) == 0,
                 below(9),    oddFloat(),  oddDouble(), {},       oddDouble()};
    for (int i = below(4); i > 0; --i) {
        made.cost.stages.push_back({below(recursions + 1), below(1000), below(1000) / 7.0});
    }
    made.losses = {oddDouble(), oddDouble(), oddDouble()};
    return step;
}

std::vector<trace::StepPtr>
RandomTrace::run(std::uint64_t number, const trace::RunKey& key, int steps, int tokens) {
    const auto shared = std::make_shared<const spec::ModelInfo>(model());
    const int recursions = 1 + below(6);
    std::vector<trace::StepPtr> made;
    std::int32_t position = 0;
    for (int s = 0; s < steps; ++s) {
        const std::size_t count = s == 0 ? static_cast<std::size_t>(tokens) : 1;
        const bool isSparse = below(4) == 0;
        StepTrace next = step(count, recursions, isSparse);
        next.run = number;
        next.step = static_cast<std::uint32_t>(s);
        next.key = key;
        next.kind = steps == 1 ? trace::StepKind::Pass
                    : s == 0   ? trace::StepKind::Prefill
                               : trace::StepKind::Decode;
        next.model = shared;
        next.content = text(count, isSparse);
        if (!isSparse) {
            addClasses(next.routing, trace::gradedClasses());
        }
        if (shared->experts > 0) {
            next.routing.experts = experts(count, {kPerToken});
        }
        next.routing.firstPlace = position;
        position += static_cast<std::int32_t>(count);
        next.routing.layout.columns = position;
        made.push_back(std::make_shared<const StepTrace>(std::move(next)));
    }
    return made;
}

std::vector<trace::StepPtr>
RandomTrace::grid(std::uint64_t number, const trace::RunKey& key, int steps) {
    const auto shared = std::make_shared<const spec::ModelInfo>(model());
    const auto set = std::make_shared<const trace::ClassSet>(
        trace::ClassSet{"shapes \u5b57", {"edge", "", "sky " + bytes(3)}});
    const trace::Layout layout{1 + below(3), 1 + below(5), 1 + below(6)};
    const auto places = static_cast<int>(layout.places());
    const int recursions = 1 + below(6);
    const bool hasExperts = below(2) == 0;
    std::vector<trace::StepPtr> made;
    for (int s = 0; s < steps; ++s) {
        const int first = s > 0 && below(2) == 0 ? below(places) : 0;
        const int count = s > 0 && below(2) == 0 ? below(places - first + 1) : places - first;
        const bool isSparse = below(4) == 0;
        StepTrace next = step(static_cast<std::size_t>(count), recursions, isSparse);
        next.run = number;
        next.step = static_cast<std::uint32_t>(s);
        next.key = key;
        next.model = shared;
        next.routing.layout = layout;
        next.routing.firstPlace = first;
        if (!isSparse) {
            addClasses(next.routing, set);
        }
        if (hasExperts) {
            next.routing.experts = experts(next.routing.places(), {0, 1, 2, 3});
        }
        if (below(4) != 0) {
            next.routing.noiseLevel = 1.0 - s / static_cast<double>(steps);
        }
        made.push_back(std::make_shared<const StepTrace>(std::move(next)));
    }
    return made;
}

recording::RunSetup RandomTrace::recipe() {
    recording::RunSetup recipe;
    recipe.prompt = "to be \u5b57 \U0001f642" + bytes(30) + std::string(1, '\0') + "end";
    recipe.promptIds = {3, 7, 1, -5};
    recipe.classes = {trace::gradedClasses(), {{0, 5, 2}, {5, 9, trace::kNoClass}}};
    recipe.settings.routing = routing();
    recipe.settings.generation.seed = 9'000'000'000'000'000;
    recipe.settings.generation.topP = 0.1;
    recipe.software = "Depthscope 0.1.0";
    recipe.created = "2026-01-02T03:04:05Z";
    return recipe;
}

} // namespace depthscope::tests
