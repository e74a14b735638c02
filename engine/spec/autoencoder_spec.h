// SPDX-License-Identifier: MIT
// The shape of a causal video autoencoder (video_autoencoder), as its folder declares it
// (docs/video_models.md, "Autoencoder"). A value; any thread. Letters: D_l channels at level l, Z
// channels of a latent, L halvings.
#pragma once

#include "engine/spec/clip_preset.h"
#include "engine/spec/field.h"
#include "engine/spec/model_info.h"
#include "engine/spec/training_fields.h"
#include "engine/spec/video_spec.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace depthscope::spec {

struct AutoencoderSpec {
    Extent3 clip{8, 128, 128};     ///< that it was made for; other whole numbers of tiles fit too
    std::int64_t patch = 4;        ///< side of the square of pixels that a position begins with
    std::int64_t halvings = 1;     ///< L, of rows and columns after that; each doubles the channels
    std::int64_t width = 32;       ///< D_0
    std::int64_t blocks = 1;       ///< residual blocks of a level, of encoder and decoder each
    std::int64_t kernelFrames = 3; ///< that a block of the last level sees: its own and before
    std::int64_t latents = 8;      ///< Z

    [[nodiscard]] std::int64_t levels() const { return halvings + 1; }

    /// D_l.
    [[nodiscard]] std::int64_t widthAt(std::int64_t level) const { return width << level; }

    /// Pixels a side of what becomes one position of a latent frame.
    [[nodiscard]] std::int64_t factor() const { return patch << halvings; }

    /// Frames that a block of the level sees. Time is mixed where it costs least.
    [[nodiscard]] std::int64_t framesAt(std::int64_t level) const {
        return level == halvings ? kernelFrames : 1;
    }

    [[nodiscard]] Extent3 latentGrid() const {
        return {clip.frames, clip.rows / factor(), clip.columns / factor()};
    }

    /// Numbers that stand for a frame.
    [[nodiscard]] std::int64_t latentValues() const {
        return latents * latentGrid().rows * latentGrid().columns;
    }
};

inline constexpr const char* kAutoencoderFamily = "video_autoencoder";

/// Rows and columns to which the control shrinks a frame: of the frame's shape and, rounded up, at
/// least as many numbers as a latent frame has; one frame.
[[nodiscard]] Extent3 controlSize(const AutoencoderSpec& spec);

/// Throws Error{BadInput} that names `file` and field.
void checkAutoencoderSpec(const AutoencoderSpec& spec, const std::string& file);

/// Every quantity, declared once, as video_fields.h says.
[[nodiscard]] const std::vector<Field<AutoencoderSpec>>& autoencoderFields();

/// config.json. Throws Error{BadInput} naming file and field.
[[nodiscard]] AutoencoderSpec readAutoencoderConfig(const std::filesystem::path& folder);
[[nodiscard]] std::string autoencoderConfigJson(const AutoencoderSpec& spec,
                                                const std::string& dtype);

/// Without name and folder.
[[nodiscard]] ModelInfo describe(const AutoencoderSpec& spec);

/// Multiply-accumulates of a clip: products with weights; norms and activations are left out.
struct AutoencoderMacs {
    double encoder = 0;
    double decoder = 0;

    [[nodiscard]] double total() const { return encoder + decoder; }
};

[[nodiscard]] AutoencoderMacs autoencoderMacs(const AutoencoderSpec& spec);

} // namespace depthscope::spec
