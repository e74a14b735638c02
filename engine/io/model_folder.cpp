// SPDX-License-Identifier: MIT
#include "engine/io/model_folder.h"

#include "engine/base/atomic_file.h"
#include "engine/base/available_memory.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/io/mor_layout.h"
#include "engine/io/safetensors.h"
#include "engine/io/weight_loader.h"
#include "engine/nn/memory.h"
#include "engine/spec/config_file.h"
#include "engine/spec/describe.h"
#include "engine/spec/language_weights.h"

#include <ATen/ATen.h>

#include <fstream>
#include <iterator>
#include <map>
#include <utility>

namespace depthscope::io {

using models::LanguageModel;
using models::Weights;
using spec::LanguageSpec;

namespace {

/// A model that was saved without its head has no "model." before its names.
void addModelPrefix(WeightIndex& index, std::vector<std::string>& notes) {
    const auto first = index.entries.lower_bound("model.");
    const bool prefixed = first != index.entries.end() && first->first.starts_with("model.");
    if (prefixed || !index.entries.contains("embed_tokens.weight")) {
        return;
    }
    std::map<std::string, TensorEntry> entries;
    for (auto& [name, entry] : index.entries) {
        entries.emplace((name.starts_with("lm_head.") ? "" : "model.") + name, std::move(entry));
    }
    index.entries = std::move(entries);
    notes.emplace_back("the tensor names lack the prefix \"model.\"; read as if they had it");
}

at::ScalarType dtypeFor(const WeightReader& reader, const LoadOptions& options) {
    constexpr std::int64_t kLarge = 500'000'000;
    std::int64_t elements = 0;
    bool isBfloat16 = true;
    for (const auto& [name, entry] : reader.entries()) {
        elements += c10::multiply_integers(entry.shape);
        isBfloat16 = isBfloat16 && entry.dtype == at::kBFloat16;
    }
    return options.keepsLargeBfloat16 && isBfloat16 && elements > kLarge ? at::kBFloat16
                                                                         : options.dtype;
}

/// Before anything is read: a machine that swaps helps nobody.
void requireMemory(const std::filesystem::path& folder,
                   const LanguageSpec& config,
                   const LoadOptions& options) {
    if (!options.device.is_cpu()) {
        return; // its allocator knows
    }
    const auto bytes = static_cast<double>(spec::parameterCount(spec::plannedParameters(config))) *
                       static_cast<double>(c10::elementSize(options.dtype));
    const double free = availableMemory();
    if (bytes > free) {
        constexpr double kGigabyte = 1e9;
        throw Error(ErrorCode::OutOfMemory,
                    fmt::format("{}: the weights take {:.1f} GB as {}, and {:.1f} GB of memory are "
                                "available",
                                folder.string(), bytes / kGigabyte,
                                options.dtype == at::kFloat ? "float32" : "bfloat16",
                                free / kGigabyte),
                    options.dtype == at::kFloat
                        ? "Close other programs, or choose --dtype bfloat16 or a smaller model."
                        : "Close other programs, or choose a smaller model.");
    }
}

void writeText(const std::filesystem::path& path, const std::string& text) {
    AtomicFile file(path);
    file.write(text);
    file.commit();
}

} // namespace

std::string trainingRecord(const std::filesystem::path& folder) {
    constexpr std::uintmax_t kMaxRecipeBytes = 4U << 20U;
    const std::filesystem::path path = folder / "training.json";
    std::error_code error;
    const std::uintmax_t bytes = std::filesystem::file_size(path, error);
    if (error || bytes > kMaxRecipeBytes) {
        return {};
    }
    std::ifstream stream(path, std::ios::binary);
    std::string text(bytes, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(bytes));
    return stream ? text : std::string{};
}

std::shared_ptr<spec::ModelInfo> describe(LanguageModel& model,
                                          const std::filesystem::path& folder,
                                          std::vector<std::string> notes) {
    const LanguageSpec& config = model.config();
    auto info = std::make_shared<spec::ModelInfo>(spec::describe(config));
    info->notes.insert(info->notes.begin(), std::make_move_iterator(notes.begin()),
                       std::make_move_iterator(notes.end()));
    const std::filesystem::path absolute = std::filesystem::absolute(folder).lexically_normal();
    info->name = spec::modelName(absolute);
    info->folder = absolute.string();
    info->dtype = model.dtype() == at::kFloat ? "float32" : "bfloat16"; // what can be loaded
    info->device = model.device().str();
    info->kernels = model.device().is_cuda() ? "cuda" : "cpu";
    info->parts = models::countParameters(config, model.weights());
    info->parameters = spec::parameterCount(info->parts);
    info->recipe = trainingRecord(folder);
    info->heldOut = spec::heldOutLoss(info->recipe);
    return info;
}

LoadedModel loadModel(const std::filesystem::path& folder, const LoadOptions& options) {
    const nn::MemoryScope scope(nn::MemoryTag::Weights);
    std::vector<std::string> notes;
    LanguageSpec config = spec::readConfig(folder, notes);
    WeightIndex index = findWeights(folder);
    addModelPrefix(index, notes);
    WeightReader reader(std::move(index));
    reconcileLayout(config, reader, folder, notes);
    LoadOptions used = options;
    used.dtype = dtypeFor(reader, options);
    requireMemory(folder, config, used);
    Weights weights = loadWeights(reader, config, used, notes);
    LoadedModel loaded;
    loaded.model = std::make_unique<LanguageModel>(config, std::move(weights));
    loaded.info = describe(*loaded.model, folder, std::move(notes));
    return loaded;
}

void saveModel(LanguageModel& model, const std::filesystem::path& folder, at::ScalarType dtype) {
    makeFolder(folder);
    std::vector<NamedTensor> tensors;
    for (const models::DistinctWeight& weight :
         models::distinctWeights(model.config(), model.weights())) {
        tensors.push_back({weight.key, weight.tensor.detach().to(at::kCPU, dtype)});
    }
    const std::string name = dtype == at::kBFloat16 ? "bfloat16" : "float32";
    writeSafetensors(folder / "model.safetensors", tensors, {{"format", "pt"}});
    if (model.config().sharesLayers() && !model.config().isLooped()) {
        writeText(folder / "mor_config.json", spec::morConfigJson(model.config()));
    }
    writeText(folder / "config.json", spec::configJson(model.config(), name));
}

} // namespace depthscope::io
