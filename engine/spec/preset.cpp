// SPDX-License-Identifier: MIT
#include "engine/spec/preset.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/spec/autoencoder_preset.h"
#include "engine/spec/language_weights.h"
#include "engine/spec/video_preset.h"

#include <algorithm>

namespace depthscope::spec {

namespace {

LanguageSpec demoShape() {
    LanguageSpec model;
    model.vocabulary = 1024;
    model.width = 192;
    model.ffn = 512;
    model.layers = 8;
    model.heads = 6;
    model.kvHeads = 2;
    model.headDim = 32;
    model.context = 512;
    model.eosTokens = {0};
    return model;
}

/// A model small enough for tests: seconds to train.
LanguageSpec tinyShape() {
    LanguageSpec model;
    model.vocabulary = 300;
    model.width = 32;
    model.ffn = 64;
    model.layers = 5;
    model.heads = 4;
    model.kvHeads = 2;
    model.headDim = 8;
    model.context = 64;
    model.eosTokens = {0};
    return model;
}

Preset demo(std::string name, std::string help, LanguageSpec model) {
    Preset preset;
    preset.name = std::move(name);
    preset.help = std::move(help);
    preset.model = std::move(model);
    preset.steps = 1800;
    preset.batch = 4;
    preset.sequence = 512; // the whole context, so that every position is trained
    return preset;
}

Preset tiny(std::string name, LanguageSpec model) {
    Preset preset =
        demo(std::move(name), "a few seconds of training, to try things out", std::move(model));
    preset.steps = 40;
    preset.batch = 4;
    preset.sequence = 48;
    preset.schedule.warmup = 5;
    preset.evaluateEvery = 20;
    preset.validationSequences = 4;
    preset.gradedBytes = 60'000;
    preset.vocabulary = 300;
    return preset;
}

LanguageSpec tinyMor(RouterType type) {
    return withRouter(tinyShape(), type);
}

LanguageSpec tinyMore() {
    LanguageSpec model = tinyShape();
    model.family = Family::More;
    model.layers = 1;
    model.normEpsilon = 1e-6;
    model.recursion.count = 2;
    return model;
}

/// All layers shared: `recursions` over blocks of the shape's layers (docs/looped.md 7).
LanguageSpec looped(LanguageSpec model, int recursions) {
    model.family = Family::Ouro;
    model.recursion = {Sharing::Cycle, recursions};
    model.layers = model.layers / recursions * recursions;
    return model;
}

Preset withGate(Preset preset) {
    preset.gateShare = 0.2;
    return preset;
}

/// What is frozen while the gate learns has seen most of the falling rate by then.
Preset loopedDemo() {
    Preset preset = withGate(demo("looped-demo", "looped: 2 layers, 4 recursions, an exit gate",
                                  looped(demoShape(), 4)));
    preset.gateShare = 0.1;
    preset.schedule.decayShare = 0.4;
    return preset;
}

/// The published MORE experiment (docs/routing.md 1.1, 1.6).
Preset shakespeare(std::string name, std::string help, Family family) {
    Preset preset;
    preset.name = std::move(name);
    preset.help = std::move(help);
    preset.model.family = family;
    preset.model.vocabulary = 65;
    preset.model.width = 128;
    preset.model.ffn = 256;
    preset.model.layers = 2;
    preset.model.heads = 4;
    preset.model.kvHeads = 4;
    preset.model.headDim = 32;
    preset.model.context = 128;
    preset.model.normEpsilon = 1e-6;
    preset.model.recursion.count = family == Family::More ? 3 : 1;
    preset.steps = 1001;
    preset.batch = 32;
    preset.sequence = 128;
    preset.schedule = {RateShape::Constant, 3e-4, 0, 0};
    preset.weightDecay = 0.01;
    preset.decayEverything = true;
    preset.beta2 = 0.999;
    preset.seed = 42;
    preset.evaluateEvery = 50;
    preset.validationSequences = 128;
    preset.tokenizerKind = TokenizerKind::Characters;
    return preset;
}

/// The 360M and 135M models of the paper (docs/routing.md 2.2, 3.9); the tokenizer is to be given.
Preset published(std::string name, std::string help, std::int64_t layers, bool small) {
    Preset preset;
    preset.name = std::move(name);
    preset.help = std::move(help);
    LanguageSpec& model = preset.model;
    model.vocabulary = 49'152;
    model.width = small ? 576 : 960;
    model.ffn = small ? 1536 : 2560;
    model.layers = layers;
    model.heads = small ? 9 : 15;
    model.kvHeads = small ? 3 : 5;
    model.headDim = 64;
    model.context = 2048;
    model.eosTokens = {0};
    preset.batch = 8;
    preset.accumulate = 128;
    preset.sequence = 2048;
    preset.autocast = true;
    preset.vocabulary = 49'152;
    preset.steps = 9438;
    preset.schedule = {RateShape::Decay, 3e-3, 57, 0.2};
    return preset;
}

Preset publishedRecursive(std::string name, int recursions, std::int64_t layers) {
    Preset preset =
        published(std::move(name), "the paper's recursive baseline: fixed depth", layers, false);
    preset.model.family = Family::RecursiveLlama;
    preset.model.recursion = {Sharing::MiddleCycle, recursions};
    preset.steps = recursions == 4 ? 8883 : 9438;
    return preset;
}

Preset publishedMor(std::string name, std::string help, std::int64_t layers, bool small) {
    Preset preset = published(std::move(name), std::move(help), layers, small);
    preset.model = withRouter(preset.model, RouterType::Expert);
    preset.model.mor.auxCoefficient = 0.001;
    preset.steps = 14'161;
    preset.schedule.warmup = 86;
    return preset;
}

/// docs/looped.md 1.
Preset ouro(std::string name, std::int64_t layers) {
    constexpr int kRecursions = 4;
    Preset preset;
    preset.name = std::move(name);
    preset.help = "the published looped model: its shape, for random weights";
    preset.steps = 0;
    preset.vocabulary = 49'152;
    LanguageSpec& model = preset.model;
    model.family = Family::Ouro;
    model.vocabulary = 49'152;
    model.width = 2048;
    model.ffn = 5632;
    model.recursion = {Sharing::Cycle, kRecursions};
    model.layers = layers * kRecursions;
    model.heads = 16;
    model.kvHeads = 16;
    model.headDim = 128;
    model.context = 65'536;
    model.ropeTheta = 1e6;
    model.normEpsilon = 1e-6;
    model.tiedHead = false;
    return preset;
}

/// docs/looped.md 5.
Preset huginn() {
    constexpr int kRecursions = 32;
    constexpr std::int64_t kCore = 4;
    Preset preset;
    preset.name = "huginn-3.5b";
    preset.help = "the published looped model: its shape, for random weights";
    preset.steps = 0;
    preset.vocabulary = 65'536;
    LanguageSpec& model = preset.model;
    model.family = Family::Huginn;
    model.vocabulary = 65'536;
    model.width = 5280;
    model.ffn = 17'920;
    model.recursion = {Sharing::Cycle, kRecursions};
    model.loop.prelude = 2;
    model.loop.coda = 2;
    model.loop.queryKeyBias = true;
    model.layers = model.loop.prelude + kCore * kRecursions + model.loop.coda;
    model.heads = 55;
    model.kvHeads = 55;
    model.headDim = 96;
    model.context = 4096;
    model.ropeTheta = 50'000;
    model.normEpsilon = 1e-6;
    return preset;
}

std::vector<Preset> makePresets() {
    return {
        demo("demo-vanilla", "the fair baseline: 8 unshared layers", demoShape()),
        demo("demo-mor-expert", "MoR, expert-choice, Middle-Cycle 1 + 2x3 + 1",
             withRouter(demoShape(), RouterType::Expert)),
        demo("demo-mor-token", "MoR, token-choice, Middle-Cycle 1 + 2x3 + 1",
             withRouter(demoShape(), RouterType::Token)),
        loopedDemo(),
        shakespeare("more-shakespeare",
                    "the published MORE experiment: 2 blocks, 4 experts, 3 loops", Family::More),
        shakespeare("more-baseline-shakespeare", "its baseline transformer", Family::MoreBaseline),
        published("vanilla-360m", "the paper's 32-layer baseline", 32, false),
        publishedRecursive("recursive-360m-2", 2, 32),
        publishedRecursive("recursive-360m-3", 3, 32),
        publishedRecursive("recursive-360m-4", 4, 34),
        publishedMor("mor-360m", "MoR-3, expert-choice, 1 + 10x3 + 1", 32, false),
        publishedMor("mor-135m", "MoR-3, expert-choice, 1 + 9x3 + 1 (of 30 layers, one dropped)",
                     29, true),
        tiny("tiny-vanilla", tinyShape()),
        tiny("tiny-mor-expert", tinyMor(RouterType::Expert)),
        tiny("tiny-mor-token", tinyMor(RouterType::Token)),
        tiny("tiny-more", tinyMore()),
        withGate(tiny("tiny-looped", looped(tinyShape(), 2))),
    };
}

} // namespace

LanguageSpec withRouter(LanguageSpec model, RouterType type) {
    if (!model.sharesLayers()) {
        model.recursion = {Sharing::MiddleCycle, 3};
    }
    model.family = Family::MorLlama;
    model.mor = {};
    model.mor.type = type;
    if (type == RouterType::Expert) {
        model.mor.capacity = evenCapacity(model.recursion.count);
        // Ten times the paper's: at this scale it separates the scores around the threshold at no
        // cost in loss.
        model.mor.auxCoefficient = 0.01;
    } else {
        model.mor.function = RouterFunction::Softmax;
        model.mor.alpha = 1.0;
        model.mor.zLoss = true;
        model.mor.zCoefficient = 1e-5;
    }
    return model;
}

const std::vector<Preset>& presets() {
    static const std::vector<Preset> all = makePresets();
    return all;
}

const std::vector<Preset>& publishedShapes() {
    static const std::vector<Preset> all{ouro("ouro-1.4b", 24), ouro("ouro-2.6b", 48), huginn()};
    return all;
}

double trainingBytes(const Preset& preset, std::int64_t parameters) {
    const LanguageSpec& c = preset.model;
    const auto number = [](std::int64_t count) { return static_cast<double>(count); };
    const bool more = c.family == Family::More;
    const double runs = number(c.layers) * (more ? 1.0 + c.more.perToken * c.recursion.count : 1.0);
    const double copies = preset.average > 0 ? 5 : 4; // weight, gradient, two moments, average
    // What a layer keeps of a token, in widths and feed-forward widths, and the head of its logits.
    const double kept = runs * (8 * number(c.width) + 4 * number(c.ffn)) + 3 * number(c.vocabulary);
    return sizeof(float) *
           (copies * number(parameters) + number(preset.batch * preset.sequence) * kept);
}

const Preset& findPreset(const std::string& name) {
    const auto found = std::ranges::find(presets(), name, &Preset::name);
    if (found == presets().end()) {
        throw Error(ErrorCode::Usage, fmt::format("unknown preset: {}", name),
                    fmt::format("Valid values: {}, {}, {}.", listOf(presets(), &Preset::name),
                                listOf(videoPresets(), &VideoPreset::name),
                                listOf(autoencoderPresets(), &AutoencoderPreset::name)));
    }
    return *found;
}

} // namespace depthscope::spec
