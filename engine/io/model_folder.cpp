// SPDX-License-Identifier: MIT
#include "engine/io/model_folder.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
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
    Weights weights = loadWeights(reader, config, options, notes);
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
