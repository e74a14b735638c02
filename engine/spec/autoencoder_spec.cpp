// SPDX-License-Identifier: MIT
#include "engine/spec/autoencoder_spec.h"

#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/text.h"
#include "engine/spec/autoencoder_weights.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <numeric>
#include <utility>

namespace depthscope::spec {

namespace {

constexpr std::uintmax_t kMaximumBytes = 1U << 20U;
constexpr std::int64_t kWidest = 4096;
constexpr std::int64_t kMostPositions = 1 << 20;

using AutoencoderField = Field<AutoencoderSpec>;

/// Always the same: a recipe cannot choose another family with it.
AutoencoderField modelType() {
    AutoencoderField made{"model_type", nullptr, kAutoencoderFamily,
                          [](const AutoencoderSpec&) { return true; }};
    made.read = [](const AutoencoderSpec&) { return std::string(kAutoencoderFamily); };
    made.write = [](AutoencoderSpec&, const std::string&) {};
    made.choices = [](const AutoencoderSpec&) { return Names{kAutoencoderFamily}; };
    made.toJson = [](const AutoencoderSpec&) { return nlohmann::json(kAutoencoderFamily); };
    made.fromJson = [](AutoencoderSpec&, const JsonField&) {};
    return made;
}

AutoencoderField ofShape(const char* name, const char* help) {
    return {name, kShape, help, [](const AutoencoderSpec&) { return true; }};
}

std::vector<AutoencoderField> shapeFields() {
    return {
        number(
            ofShape("clip_frames", "frames of a clip"), 1, 256,
            [](auto& s) -> auto& { return s.clip.frames; }),
        number(
            ofShape("clip_height", "rows of a clip in pixels"), 1, 1024,
            [](auto& s) -> auto& { return s.clip.rows; }),
        number(
            ofShape("clip_width", "columns of a clip in pixels"), 1, 1024,
            [](auto& s) -> auto& { return s.clip.columns; }),
        number(
            ofShape("patch_size", "side of the square of pixels that a position begins with"), 1,
            16, [](auto& s) -> auto& { return s.patch; }),
        number(
            ofShape("halvings", "of rows and columns after that; each doubles the channels"), 0, 4,
            [](auto& s) -> auto& { return s.halvings; }),
        number(
            ofShape("hidden_size", "channels before the first halving"), 4, 1024,
            [](auto& s) -> auto& { return s.width; }),
        number(
            ofShape("blocks", "residual blocks between two halvings, of encoder and decoder each"),
            0, 16, [](auto& s) -> auto& { return s.blocks; }),
        number(
            ofShape("kernel_frames",
                    "frames that a block of the last level sees: its own and those before"),
            1, 9, [](auto& s) -> auto& { return s.kernelFrames; }),
        number(
            ofShape("latent_channels", "numbers of a position of a latent frame"), 1, 256,
            [](auto& s) -> auto& { return s.latents; }),
    };
}

[[noreturn]] void
refuse(const std::string& file, const std::string& reason, const std::string& hint) {
    throw Error(ErrorCode::BadInput, fmt::format("{}: {}", file, reason), hint);
}

double products(std::int64_t positions, std::int64_t in, std::int64_t out) {
    return static_cast<double>(positions) * static_cast<double>(in) * static_cast<double>(out);
}

} // namespace

Extent3 controlSize(const AutoencoderSpec& spec) {
    const auto pixels = static_cast<double>(kColours * spec.clip.rows * spec.clip.columns);
    const double scale = std::sqrt(static_cast<double>(spec.latentValues()) / pixels);
    const auto side = [scale](std::int64_t whole) {
        return std::min(whole,
                        static_cast<std::int64_t>(std::ceil(scale * static_cast<double>(whole))));
    };
    return {1, side(spec.clip.rows), side(spec.clip.columns)};
}

void checkAutoencoderSpec(const AutoencoderSpec& spec, const std::string& file) {
    for (const AutoencoderField& field : autoencoderFields()) {
        try { // each knows its own range
            AutoencoderSpec copy = spec;
            field.write(copy, field.read(spec));
        } catch (const Error& error) {
            refuse(file, fmt::format("{} is {}", field.name, field.read(spec)), error.hint());
        }
    }
    for (const auto& [name, side] :
         {std::pair{"clip_height", spec.clip.rows}, std::pair{"clip_width", spec.clip.columns}}) {
        if (side % spec.factor() != 0) {
            refuse(file,
                   fmt::format("{} {} is not a multiple of {}, the side of a latent's position in "
                               "pixels",
                               name, side, spec.factor()),
                   "A frame is divided into whole positions: change the size, patch_size or "
                   "halvings.");
        }
    }
    if (spec.widthAt(spec.halvings) > kWidest) {
        refuse(file,
               fmt::format("hidden_size {} is {} after {} halvings", spec.width,
                           spec.widthAt(spec.halvings), spec.halvings),
               fmt::format("Must be at most {} there.", kWidest));
    }
    if (spec.clip.count() / (spec.patch * spec.patch) > kMostPositions) {
        refuse(file, fmt::format("a clip has {} pixels", spec.clip.count()),
               fmt::format("Must be at most {} patches.", kMostPositions));
    }
    if (spec.latentValues() >= kColours * spec.clip.rows * spec.clip.columns) {
        refuse(file, fmt::format("latent_channels {} compresses nothing", spec.latents),
               fmt::format("Must be less than {}.", kColours * spec.factor() * spec.factor()));
    }
}

const std::vector<AutoencoderField>& autoencoderFields() {
    static const std::vector<AutoencoderField> all = [] {
        std::vector<AutoencoderField> list{modelType()};
        std::ranges::move(shapeFields(), std::back_inserter(list));
        return list;
    }();
    return all;
}

AutoencoderSpec readAutoencoderConfig(const std::filesystem::path& folder) {
    const JsonFile file(folder / "config.json", kMaximumBytes);
    const JsonField root = file.root();
    AutoencoderSpec spec;
    for (const AutoencoderField& field : autoencoderFields()) {
        const auto value = root.find(field.name);
        if (!value) {
            throw Error(ErrorCode::BadInput,
                        fmt::format("{}: {} is missing", root.where(), field.name),
                        "The configuration is incomplete: train the model again, or copy its "
                        "config.json again.");
        }
        field.fromJson(spec, *value);
    }
    checkAutoencoderSpec(spec, (folder / "config.json").string());
    return spec;
}

std::string autoencoderConfigJson(const AutoencoderSpec& spec, const std::string& dtype) {
    nlohmann::json root;
    for (const AutoencoderField& field : autoencoderFields()) {
        root[field.name] = field.toJson(spec);
    }
    root["torch_dtype"] = dtype;
    return root.dump(1) + "\n";
}

std::vector<ParameterPart> plannedParameters(const AutoencoderSpec& spec) {
    std::vector<ParameterPart> parts;
    AutoencoderWeights<Undrawn> none = emptyAutoencoderWeights<Undrawn>(spec);
    visitAutoencoderWeights<Undrawn>(spec, none, [&](const WeightSlot& slot, Undrawn&) {
        const std::int64_t count = std::accumulate(slot.shape.begin(), slot.shape.end(),
                                                   std::int64_t{1}, std::multiplies<>());
        const auto found = std::ranges::find(parts, slot.part, &ParameterPart::name);
        if (found != parts.end()) {
            found->count += count;
        } else {
            parts.push_back({slot.part, count, ""});
        }
    });
    return parts;
}

AutoencoderMacs autoencoderMacs(const AutoencoderSpec& spec) {
    constexpr std::int64_t kPlane = 9; // of a 3 x 3 kernel
    const std::int64_t pixels = kColours * spec.patch * spec.patch;
    const auto positions = [&](std::int64_t level) {
        const std::int64_t side = spec.patch << level;
        return spec.clip.frames * (spec.clip.rows / side) * (spec.clip.columns / side);
    };
    double both = products(positions(0), pixels, spec.width) +
                  products(positions(spec.halvings), spec.widthAt(spec.halvings), spec.latents);
    for (std::int64_t level = 0; level <= spec.halvings; ++level) {
        const std::int64_t width = spec.widthAt(level);
        both += static_cast<double>(spec.blocks * (kPlane * spec.framesAt(level) + 1)) *
                products(positions(level), width, width);
        if (level < spec.halvings) { // at the coarser level's positions, four neighbours each
            both += products(positions(level + 1), 4 * width, spec.widthAt(level + 1));
        }
    }
    return {both, both};
}

ModelInfo describe(const AutoencoderSpec& spec) {
    ModelInfo info;
    info.family = kAutoencoderFamily;
    const auto size = [](std::int64_t frames, std::int64_t rows, std::int64_t columns) {
        return ClipSize{static_cast<std::int32_t>(frames), static_cast<std::int32_t>(rows),
                        static_cast<std::int32_t>(columns)};
    };
    info.clip = ClipTraits{size(spec.clip.frames, spec.clip.rows, spec.clip.columns),
                           size(1, spec.factor(), spec.factor()),
                           0,
                           0,
                           {}};
    info.passRules = {{settings::Rule::Fixed}, settings::Rule::Fixed};
    info.kvPolicies = {settings::KvPolicy::Recursion};
    info.parts = plannedParameters(spec);
    for (const ParameterPart& part : info.parts) {
        info.parameters += part.count;
    }
    const Extent3 grid = spec.latentGrid();
    info.contextLength = static_cast<int>(grid.count());
    constexpr double kOperations = 2.0; // of a multiply-accumulate
    info.flopsByPosition = {
        {1, kOperations * autoencoderMacs(spec).total() / static_cast<double>(grid.count())}};
    info.notes.push_back(
        fmt::format("An autoencoder: it compresses each frame to {} numbers ({} x {} x {} in place "
                    "of {} x {} x 3) and reconstructs it; it predicts nothing.",
                    spec.latentValues(), grid.rows, grid.columns, spec.latents, spec.clip.rows,
                    spec.clip.columns));
    return info;
}

} // namespace depthscope::spec
