// SPDX-License-Identifier: MIT
// The shape of a video diffusion transformer, plain (video_dit) or with pattern experts and a
// routed stack (more_dit), as its folder declares it (docs/video_models.md). A value; any thread.
// Letters: D width, H heads, E = D/H head width, P values of a patch, N tokens.
#pragma once

#include "engine/base/fraction.h"
#include "engine/settings/routing.h"
#include "engine/spec/router_spec.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::spec {

/// Frames, rows and columns: of a clip in pixels, of a patch in pixels, of a grid in tokens.
struct Extent3 {
    std::int64_t frames = 0;
    std::int64_t rows = 0;
    std::int64_t columns = 0;

    [[nodiscard]] std::int64_t count() const { return frames * rows * columns; }

    [[nodiscard]] bool operator==(const Extent3&) const = default;
};

/// Pixels are red, green and blue, -1 to 1.
inline constexpr std::int64_t kColours = 3;

/// How a token learns where it is: rotary angles on queries and keys, sine-cosine tables added to
/// the states, or both.
enum class VideoPositions : std::uint8_t { Rope3d, Sincos, Both };
/// Every token of a side attends to all, or blocks attend within frames and along time by turns.
enum class VideoAttention : std::uint8_t { Joint, Factorised };
/// Whose projection makes a block's shifts, scales and gates: the block's own, or one of all blocks
/// to which the block adds a table.
enum class Modulation : std::uint8_t { Block, Single };
/// What the network returns: the clean clip, or the velocity noise - clip.
enum class Prediction : std::uint8_t { X0, V };

/// The four pattern experts, in the order of their weights.
enum class Pattern : std::uint8_t { Temporal, Spatial, Motion, Context };
inline constexpr int kPatterns = 4;

/// How tokens come to pattern experts: token-choice, expert-choice, all four weighted, one for the
/// whole layer, or at random as a control.
enum class PatternMode : std::uint8_t { Token, Expert, Soft, Layer, Random };
/// What an expert's output is multiplied by: 1 + p - stopgrad(p), or 4 p.
enum class PatternGate : std::uint8_t { StraightThrough, Scaled };

/// Stage 1.
struct PatternExpertSpec {
    PatternMode mode = PatternMode::Token;
    Pattern layerPattern = Pattern::Spatial; ///< of PatternMode::Layer
    std::int64_t registers = 8;              ///< G, learned keys of the Context expert
    std::int64_t mlpRatio = 2;               ///< m_e
    Fraction capacityFactor{1, 1};           ///< expert-choice: k = ceil(factor · N / 4)
    PatternGate gate = PatternGate::StraightThrough;
    double biasRate = 1e-3;        ///< of the bias that balances the selection; 0: none
    double balanceCoefficient = 0; ///< of the balance loss; 0: none

    [[nodiscard]] bool operator==(const PatternExpertSpec&) const = default;
};

/// Which keys a token attends to at recursion r of the shared stack: of the active tokens, of all
/// as they were at the first recursion, or of all as they are now.
enum class RecursionKeys : std::uint8_t { Active, Frozen, Mixed };

/// At noise levels above `above` every capacity after the first is multiplied by `factor`.
struct NoiseCapacity {
    double above = 0; ///< t, 1 is noise
    Fraction factor{1, 1};

    [[nodiscard]] bool operator==(const NoiseCapacity&) const = default;
};

/// Stage 2: a stack of blocks that every token passes as often as it needs.
struct VideoRecursionSpec {
    std::int64_t blocks = 1;                    ///< S, of the stack
    int recursions = 3;                         ///< R
    settings::Rule rule = settings::Rule::TopK; ///< or Token, Fixed (no router), Random
    RouterSpec router = videoRouter();          ///< of the rule: Token needs a token router
    std::vector<Fraction> capacity;             ///< kappa, one per recursion; TopK and Random
    RecursionKeys keys = RecursionKeys::Active;
    bool expertTags = true;           ///< a learned vector of its pattern is added to a token
    std::vector<NoiseCapacity> noise; ///< rising; empty: the same at every noise level
    double alignedCoefficient = 0.1;  ///< of aligned routing; 0: none
    double balanceCoefficient = 0.01; ///< token-choice
    double zCoefficient = 1e-3;       ///< where router.zLoss

    /// Sigmoid, alpha 2, k rounded up.
    [[nodiscard]] static RouterSpec videoRouter();

    [[nodiscard]] bool hasRouter() const { return rule != settings::Rule::Fixed; }
};

struct VideoSpec {
    Extent3 clip{8, 16, 16};
    Extent3 patch{2, 4, 4};
    std::int64_t width = 96; ///< D
    std::int64_t heads = 3;  ///< H
    std::int64_t mlpRatio = 4;
    VideoPositions positions = VideoPositions::Both;
    VideoAttention attention = VideoAttention::Joint;
    Modulation modulation = Modulation::Block;
    bool qkNorm = false; ///< RMS norm of queries and keys, with a gain for each head width
    Prediction prediction = Prediction::X0;
    std::int64_t classes = 0;       ///< K; one more row stands for "none". 0: no labels
    std::int64_t contextFrames = 4; ///< clean frames that a prediction starts from, at most
    bool residual = false;          ///< the output is added to the last context frame
    std::int64_t entryBlocks = 4;   ///< of a video_dit all of them
    std::int64_t exitBlocks = 0;
    std::optional<PatternExpertSpec> patterns;   ///< Stage 1
    std::optional<VideoRecursionSpec> recursion; ///< Stage 2

    /// more_dit, else video_dit.
    [[nodiscard]] bool isMore() const { return patterns.has_value() || recursion.has_value(); }

    /// The model_type of docs/models.md.
    [[nodiscard]] const char* family() const { return isMore() ? "more_dit" : "video_dit"; }

    [[nodiscard]] std::int64_t headWidth() const { return width / heads; }

    /// P, numbers of a patch.
    [[nodiscard]] std::int64_t patchValues() const { return kColours * patch.count(); }

    /// The tokens of so many frames of pixels.
    [[nodiscard]] Extent3 gridOf(std::int64_t frames) const {
        return {frames / patch.frames, clip.rows / patch.rows, clip.columns / patch.columns};
    }

    [[nodiscard]] Extent3 grid() const { return gridOf(clip.frames); }

    [[nodiscard]] int recursions() const { return recursion ? recursion->recursions : 1; }
};

/// Channels in rotary pairs of a head's time, row and column parts: c - 2 floor(c/3), floor(c/3),
/// floor(c/3) of the c = E/2 pairs (Wan 2.1).
[[nodiscard]] Extent3 rotaryPairs(std::int64_t headWidth);

/// kappa · factor of the noise table, recursion by recursion, at noise level t. The first recursion
/// is not touched.
[[nodiscard]] std::vector<Fraction>
capacityAt(const VideoRecursionSpec& recursion, const std::vector<Fraction>& capacity, double t);

/// The keys that a KV policy stands for in a video model: recursion-wise `active`, recursive
/// sharing `frozen`, hybrid `mixed`; KvPolicy::Model: those that it was trained with. And back.
[[nodiscard]] RecursionKeys keysOf(settings::KvPolicy policy, RecursionKeys trained);
[[nodiscard]] settings::KvPolicy policyOf(RecursionKeys keys);

/// "0.875:7/10,0.95:1/2" and back. Throws Error{BadInput}.
[[nodiscard]] std::string noiseCapacityText(const std::vector<NoiseCapacity>& noise);
[[nodiscard]] std::vector<NoiseCapacity> parseNoiseCapacity(std::string_view text);

/// Throws Error{BadInput} for sizes that are out of range or inconsistent, naming the field and
/// `file`.
void checkVideoSpec(const VideoSpec& spec, const std::string& file);

/// "rope3d", "sincos", "both"
[[nodiscard]] std::string_view toString(VideoPositions positions);
/// "joint", "factorised"
[[nodiscard]] std::string_view toString(VideoAttention attention);
/// "block", "single"
[[nodiscard]] std::string_view toString(Modulation modulation);
/// "x0", "v"
[[nodiscard]] std::string_view toString(Prediction prediction);
/// "temporal", "spatial", "motion", "context"
[[nodiscard]] std::string_view toString(Pattern pattern);
/// "token", "expert", "soft", "layer", "random"
[[nodiscard]] std::string_view toString(PatternMode mode);
/// Throws Error{Usage} that lists the names.
[[nodiscard]] PatternMode parsePatternMode(std::string_view name);
/// "straight_through", "scaled"
[[nodiscard]] std::string_view toString(PatternGate gate);
/// "active", "frozen", "mixed"
[[nodiscard]] std::string_view toString(RecursionKeys keys);

} // namespace depthscope::spec
