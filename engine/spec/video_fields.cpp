// SPDX-License-Identifier: MIT
#include "engine/spec/video_fields.h"

#include "engine/spec/language_spec.h"
#include "engine/spec/video_field_kinds.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace depthscope::spec {

namespace {

using namespace fields;
using settings::Rule;

// ---- fields that decide what others mean -------------------------------------------------------

/// The settings that both stages of a MoRE begin with.
void addStages(VideoSpec& spec) {
    if (!spec.patterns) {
        spec.patterns.emplace();
    }
    if (!spec.recursion) {
        spec.recursion.emplace();
        spec.recursion->capacity = evenCapacity(spec.recursion->recursions);
    }
}

VideoField modelType() {
    VideoField made = as(
        field("model_type", kShape,
              "video_dit: a plain diffusion transformer; more_dit: with pattern experts, a "
              "routed stack, or both"),
        [](const VideoSpec& spec) { return std::string(spec.family()); },
        [](VideoSpec& spec, const std::string& text) {
            if (text == "video_dit") {
                spec.patterns.reset();
                spec.recursion.reset();
            } else if (!spec.isMore()) {
                addStages(spec);
            }
        });
    made.choices = [](const VideoSpec&) { return Names{"video_dit", "more_dit"}; };
    return made;
}

VideoField stage(const char* name,
                 const char* help,
                 bool (*has)(const VideoSpec&),
                 void (*set)(VideoSpec&, bool)) {
    VideoField made = field(name, kShape, help, isMore);
    made.read = [has](const VideoSpec& spec) { return has(spec) ? "true" : "false"; };
    made.write = [set](VideoSpec& spec, const std::string& text) { set(spec, text == "true"); };
    made.choices = [](const VideoSpec&) { return Names{"true", "false"}; };
    made.toJson = [has](const VideoSpec& spec) { return nlohmann::json(has(spec)); };
    made.fromJson = [set](VideoSpec& spec, const JsonField& value) { set(spec, value.boolean()); };
    return made;
}

std::vector<VideoField> stageFields() {
    return {
        stage("pattern_experts", "Stage 1: every token goes to one of four pattern experts",
              hasPatterns,
              [](VideoSpec& spec, bool wanted) {
                  if (!wanted) {
                      spec.patterns.reset();
                      if (spec.recursion) {
                          spec.recursion->expertTags = false;
                      }
                  } else if (!spec.patterns) {
                      spec.patterns.emplace();
                  }
              }),
        stage("recursive_stack", "Stage 2: one stack of blocks that tokens pass several times",
              recurs,
              [](VideoSpec& spec, bool wanted) {
                  if (!wanted) {
                      spec.recursion.reset();
                  } else if (!spec.recursion) {
                      spec.recursion.emplace();
                      spec.recursion->capacity = evenCapacity(spec.recursion->recursions);
                      spec.recursion->expertTags = spec.patterns.has_value();
                  }
              }),
    };
}

/// Which rule the stack was trained with; a token router is another network.
VideoField depthRule() {
    VideoField made = choice<Rule>(
        field("depth_rule", kRecursion,
              "topk: each recursion keeps the best tokens; token: each token chooses its depth; "
              "fixed: every token takes every recursion; random: the control",
              recurs),
        {Rule::TopK, Rule::Token, Rule::Fixed, Rule::Random},
        [](auto& spec) -> auto& { return spec.recursion->rule; });
    const auto settle = [](VideoSpec& spec) {
        VideoRecursionSpec& recursion = *spec.recursion;
        const bool isToken = recursion.rule == Rule::Token;
        if (isToken != (recursion.router.type == RouterType::Token)) {
            recursion.router = VideoRecursionSpec::videoRouter();
            if (isToken) {
                recursion.router.type = RouterType::Token;
                recursion.router.function = RouterFunction::Softmax;
                recursion.router.alpha = 1.0;
                recursion.router.zLoss = true;
            }
        }
    };
    made.write = [assign = made.write, settle](VideoSpec& spec, const std::string& text) {
        assign(spec, text);
        settle(spec);
    };
    made.fromJson = [assign = made.fromJson, settle](VideoSpec& spec, const JsonField& value) {
        assign(spec, value);
        settle(spec);
    };
    return made;
}

// ---- the declaration ---------------------------------------------------------------------------

std::vector<VideoField> clipFields() {
    return {
        number(
            field("clip_frames", kShape, "frames of a clip"), 1, 256,
            [](auto& s) -> auto& { return s.clip.frames; }),
        number(
            field("clip_height", kShape, "rows of a clip in pixels"), 1, 1024,
            [](auto& s) -> auto& { return s.clip.rows; }),
        number(
            field("clip_width", kShape, "columns of a clip in pixels"), 1, 1024,
            [](auto& s) -> auto& { return s.clip.columns; }),
        number(
            field("patch_frames", kShape, "frames of a patch"), 1, 256,
            [](auto& s) -> auto& { return s.patch.frames; }),
        number(
            field("patch_height", kShape, "rows of a patch in pixels"), 1, 1024,
            [](auto& s) -> auto& { return s.patch.rows; }),
        number(
            field("patch_width", kShape, "columns of a patch in pixels"), 1, 1024,
            [](auto& s) -> auto& { return s.patch.columns; }),
        number(
            field("context_frames", kShape,
                  "clean frames that a prediction starts from, at most; 0: it only generates"),
            0, 256, [](auto& s) -> auto& { return s.contextFrames; }),
        number(
            field("classes", kShape, "labels that can be asked for; 0: none"), 0, 65536,
            [](auto& s) -> auto& { return s.classes; }),
    };
}

std::vector<VideoField> shapeFields() {
    return {
        number(
            field("hidden_size", kShape, "width of the residual stream"), 8, 16384,
            [](auto& s) -> auto& { return s.width; }),
        number(
            field("num_attention_heads", kShape, "heads of the attention"), 1, 1024,
            [](auto& s) -> auto& { return s.heads; }),
        number(
            field("mlp_ratio", kShape, "width of the feed-forward layers over the width"), 1, 64,
            [](auto& s) -> auto& { return s.mlpRatio; }),
        number(
            field("entry_blocks", kShape, "blocks before the experts; all of a video_dit"), 0, 256,
            [](auto& s) -> auto& { return s.entryBlocks; }),
        number(
            field("exit_blocks", kShape, "blocks after the stack"), 0, 256,
            [](auto& s) -> auto& { return s.exitBlocks; }),
        choice<VideoPositions>(
            field("positions", kShape, "rotary angles of three axes, sine-cosine tables, or both"),
            {VideoPositions::Both, VideoPositions::Rope3d, VideoPositions::Sincos},
            [](auto& s) -> auto& { return s.positions; }),
        choice<VideoAttention>(
            field("attention", kShape,
                  "all tokens of a clip together, or within frames and along time by turns"),
            {VideoAttention::Joint, VideoAttention::Factorised},
            [](auto& s) -> auto& { return s.attention; }),
        choice<Modulation>(
            field("modulation", kShape,
                  "each block projects the noise level itself, or all share one projection"),
            {Modulation::Block, Modulation::Single}, [](auto& s) -> auto& { return s.modulation; }),
        flag(
            field("qk_norm", kShape, "RMS norm of queries and keys"),
            [](auto& s) -> auto& { return s.qkNorm; }),
        choice<Prediction>(
            field("prediction", kShape, "what the network returns: the clean clip or the velocity"),
            {Prediction::X0, Prediction::V}, [](auto& s) -> auto& { return s.prediction; }),
        flag(
            field("residual", kShape, "add the output to the last context frame",
                  [](const VideoSpec& s) { return s.prediction == Prediction::X0; }),
            [](auto& s) -> auto& { return s.residual; }),
    };
}

} // namespace

const std::vector<VideoField>& videoFields() {
    static const std::vector<VideoField> all = [] {
        std::vector<VideoField> list{modelType()};
        for (VideoField& made : stageFields()) {
            list.push_back(std::move(made));
        }
        list.push_back(depthRule());
        for (const auto make : {&clipFields, &shapeFields, &videoStageFields}) {
            std::ranges::move(make(), std::back_inserter(list));
        }
        return list;
    }();
    return all;
}

} // namespace depthscope::spec
