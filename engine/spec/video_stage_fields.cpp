// SPDX-License-Identifier: MIT
// The quantities of pattern experts and of the recursive stack.
#include "engine/spec/language_spec.h"
#include "engine/spec/video_field_kinds.h"

#include <algorithm>
#include <iterator>

namespace depthscope::spec::fields {

namespace {

constexpr double kMany = 1e9;

std::vector<VideoField> patternFields() {
    const char* group = kExperts;
    return {
        choice<PatternMode>(
            field(
                "expert_mode", group,
                "tokens choose their expert, experts their tokens, all four weighted, one for all, "
                "or at random as a control",
                hasPatterns),
            {PatternMode::Token, PatternMode::Expert, PatternMode::Soft, PatternMode::Layer,
             PatternMode::Random},
            [](auto& s) -> auto& { return s.patterns->mode; }),
        choice<Pattern>(
            field("layer_pattern", group, "the expert of all tokens",
                  [](const VideoSpec& s) {
                      return hasPatterns(s) && s.patterns->mode == PatternMode::Layer;
                  }),
            {Pattern::Temporal, Pattern::Spatial, Pattern::Motion, Pattern::Context},
            [](auto& s) -> auto& { return s.patterns->layerPattern; }),
        number(
            field("registers", group, "learned keys of the Context expert", hasPatterns), 0, 1024,
            [](auto& s) -> auto& { return s.patterns->registers; }),
        number(
            field("expert_mlp_ratio", group,
                  "width of an expert's feed-forward layer over the width", hasPatterns),
            1, 64, [](auto& s) -> auto& { return s.patterns->mlpRatio; }),
        as(
            field("capacity_factor", group,
                  "share of a quarter of the tokens that each expert takes, e.g. 1 or 5/4",
                  [](const VideoSpec& s) {
                      return hasPatterns(s) && s.patterns->mode == PatternMode::Expert;
                  }),
            [](const VideoSpec& s) { return toString(s.patterns->capacityFactor); },
            [](VideoSpec& s, const std::string& text) {
                s.patterns->capacityFactor = parseFraction(text, "capacity_factor");
            }),
        choice<PatternGate>(
            field("expert_gate", group,
                  "what an expert's output is multiplied by: 1 + p - p or 4 p", hasPatterns),
            {PatternGate::StraightThrough, PatternGate::Scaled},
            [](auto& s) -> auto& { return s.patterns->gate; }),
        number(
            field("expert_bias_rate", group,
                  "rate of the selection bias that balances the experts; 0: none", hasPatterns),
            0, 1, [](auto& s) -> auto& { return s.patterns->biasRate; }),
        number(
            field("expert_balance_coeff", group, "weight of the experts' balance loss; 0: none",
                  hasPatterns),
            0, kMany, [](auto& s) -> auto& { return s.patterns->balanceCoefficient; }),
    };
}

std::vector<VideoField> recursionFields() {
    return {
        number(
            field("num_recursion", kRecursion, "how often a token passes the stack at most",
                  recurs),
            1, 8, [](auto& s) -> auto& { return s.recursion->recursions; }),
        number(
            field("stack_blocks", kRecursion, "blocks of the stack", recurs), 1, 256,
            [](auto& s) -> auto& { return s.recursion->blocks; }),
        choice<RecursionKeys>(
            field(
                "recursion_keys", kRecursion,
                "keys of a recursion: those of its active tokens, those of the first recursion, or "
                "all tokens' present ones",
                recurs),
            {RecursionKeys::Active, RecursionKeys::Frozen, RecursionKeys::Mixed},
            [](auto& s) -> auto& { return s.recursion->keys; }),
        flag(
            field("expert_tags", kRecursion,
                  "add a learned vector of its pattern to a token before the stack",
                  [](const VideoSpec& s) { return recurs(s) && hasPatterns(s); }),
            [](auto& s) -> auto& { return s.recursion->expertTags; }),
        as(
            field("capacity", kRouter,
                  "share of the tokens that each recursion keeps, never increasing, e.g. 1,2/3,1/3",
                  ranks),
            [](const VideoSpec& s) { return settings::toString(s.recursion->capacity); },
            [](VideoSpec& s, const std::string& text) {
                // As it will be written: a text that reads back as itself.
                s.recursion->capacity =
                    settings::parseCapacity(settings::toString(settings::parseCapacity(text)));
            }),
        as(
            field("noise_capacity", kRouter,
                  "factors of the capacities above noise levels, e.g. 0.875:7/10; empty: none",
                  ranks),
            [](const VideoSpec& s) { return noiseCapacityText(s.recursion->noise); },
            [](VideoSpec& s, const std::string& text) {
                s.recursion->noise = parseNoiseCapacity(text);
            }),
    };
}

std::vector<VideoField> routerFields() {
    const char* group = kRouter;
    VideoField function = choice<RouterFunction>(
        field("router_func", group, "activation of the router scores", routes),
        {RouterFunction::Sigmoid, RouterFunction::Tanh, RouterFunction::Identity,
         RouterFunction::Softmax},
        [](auto& s) -> auto& { return s.recursion->router.function; });
    function.choices = [](const VideoSpec& s) {
        return choosesDepth(s) ? Names{"softmax", "sigmoid"} : Names{"sigmoid", "tanh", "identity"};
    };
    return {
        choice<RouterNet>(
            field("router_type", group, "network that computes the router scores", routes),
            {RouterNet::Linear, RouterNet::Mlp, RouterNet::WideMlp},
            [](auto& s) -> auto& { return s.recursion->router.net; }),
        function,
        flag(
            field("weighted_gating", group,
                  "weight a recursion's output by its score; false: add it unweighted", routes),
            [](auto& s) -> auto& { return s.recursion->router.weightedGating; }),
        number(
            field("alpha", group, "scale of the router scores", routes), 0, 1e6,
            [](auto& s) -> auto& { return s.recursion->router.alpha; }),
        number(
            field(
                "aligned_coeff", group,
                "weight of the loss that teaches the router to rank tokens by their present error; "
                "0: none",
                ranks),
            0, kMany, [](auto& s) -> auto& { return s.recursion->alignedCoefficient; }),
        number(
            field("balance_coeff", group, "weight of the balancing loss", choosesDepth), 0, kMany,
            [](auto& s) -> auto& { return s.recursion->balanceCoefficient; }),
        flag(
            field("z_loss", group, "add a z-loss that keeps the router logits small", routes),
            [](auto& s) -> auto& { return s.recursion->router.zLoss; }),
        number(
            field("z_coeff", group, "weight of the z-loss",
                  [](const VideoSpec& s) { return routes(s) && s.recursion->router.zLoss; }),
            0, kMany, [](auto& s) -> auto& { return s.recursion->zCoefficient; }),
    };
}

} // namespace

std::vector<VideoField> videoStageFields() {
    std::vector<VideoField> list = patternFields();
    std::ranges::move(recursionFields(), std::back_inserter(list));
    std::ranges::move(routerFields(), std::back_inserter(list));
    return list;
}

} // namespace depthscope::spec::fields
