// SPDX-License-Identifier: MIT
#include "engine/io/model_folder.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/io/config_reader.h"
#include "engine/io/mor_layout.h"
#include "engine/io/safetensors.h"
#include "engine/io/weight_loader.h"
#include "engine/models/flops.h"
#include "engine/models/routing_rules.h"
#include "engine/nn/memory.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <utility>

namespace depthscope::io {

using models::LanguageModel;
using models::ModelConfig;
using models::Weights;

namespace {

std::string readRecipe(const std::filesystem::path& folder) {
    constexpr std::uintmax_t kMaxRecipeBytes = 4U << 20U;
    const std::filesystem::path path = folder / "training.json";
    std::error_code fault;
    const std::uintmax_t bytes = std::filesystem::file_size(path, fault);
    if (fault || bytes > kMaxRecipeBytes) {
        return {};
    }
    std::ifstream stream(path, std::ios::binary);
    std::string text(bytes, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(bytes));
    return stream ? text : std::string{};
}

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
    notes.emplace_back("the names of the tensors lack \"model.\": read as if they had it");
}

void writeText(const std::filesystem::path& path, const std::string& text) {
    AtomicFile file(path);
    file.write(text);
    file.commit();
}

} // namespace

std::shared_ptr<trace::ModelInfo> describe(LanguageModel& model,
                                           const std::filesystem::path& folder,
                                           std::vector<std::string> notes) {
    const ModelConfig& config = model.config();
    auto info = std::make_shared<trace::ModelInfo>();
    info->notes = std::move(notes);
    const std::filesystem::path absolute = std::filesystem::absolute(folder).lexically_normal();
    info->name = absolute.has_filename() ? absolute.filename().string()
                                         : absolute.parent_path().filename().string();
    if (info->name == "best" && absolute.has_parent_path()) {
        info->name = (absolute.parent_path().filename() / "best").string(); // of a training
    }
    info->folder = absolute.string();
    info->family = models::toString(config.family);
    info->dtype = model.dtype() == at::kFloat ? "float32" : "bfloat16"; // what can be loaded
    info->device = model.device().str();
    info->kernels = model.device().is_cuda() ? "cuda" : "cpu";
    if (config.hasRouter()) {
        const bool expert = config.mor.type == models::RouterType::Expert;
        info->router = expert ? trace::RouterKind::Expert : trace::RouterKind::Token;
        info->routerFunction = models::toString(config.mor.function);
        info->trainedCapacity = config.mor.capacity;
    }
    if (config.family == models::Family::More) {
        info->experts = config.more.experts;
        info->expertsPerToken = config.more.perToken;
    }
    info->trainedKv = config.kv;
    info->kvPolicies = models::possibleKv(config);
    const auto rulesIn = [&](models::RoutingUse use) {
        return trace::RuleSet{models::possibleRules(config, use),
                              models::standardRule(config, use)};
    };
    info->passRules = rulesIn(models::RoutingUse::Pass);
    info->generationRules = rulesIn(models::RoutingUse::Generation);
    info->parts = models::countParameters(config, model.weights());
    for (const trace::ParameterPart& part : info->parts) {
        info->parameters += part.count;
    }
    info->layers = static_cast<int>(config.layers);
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        info->sharedSlots.push_back(static_cast<int>(models::sharedSlot(config, layer)));
    }
    for (std::int64_t position = 1;; position = std::min(position * 4, config.context)) {
        models::StepLoad load;
        load.unshared = models::causalLoad(1, position - 1);
        load.headTokens = 1;
        info->flopsByPosition.emplace_back(
            static_cast<int>(position), models::stepFlops(config, models::fullLoad(config, load)));
        if (position == config.context) {
            break;
        }
    }
    if (config.hasRouter() && config.mor.sampling == models::Sampling::AuxRouter) {
        info->notes.emplace_back("an auxiliary router was trained to decide without seeing later "
                                 "tokens: generate with --routing aux");
    }
    if (config.family == models::Family::More) {
        const std::int64_t idle = config.layers * config.more.experts * config.width *
                                  (config.heads + config.kvHeads) * config.headDim;
        info->notes.push_back(
            std::to_string(idle) +
            " parameters are unused: an expert's query and key projections, whose "
            "softmax over one key is 1; kept for checkpoints");
    }
    info->recursions = config.recursions();
    info->blockLayers = static_cast<int>(config.blockLayers());
    info->unsharedLayers = static_cast<int>(config.unsharedLayers());
    info->contextLength = static_cast<int>(config.context);
    info->vocabulary = static_cast<int>(config.vocabulary);
    info->recipe = readRecipe(folder);
    return info;
}

LoadedModel loadModel(const std::filesystem::path& folder, const LoadOptions& options) {
    const nn::MemoryScope scope(nn::MemoryTag::Weights);
    std::vector<std::string> notes;
    ModelConfig config = readConfig(folder, notes);
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
    if (model.config().sharesLayers()) {
        writeText(folder / "mor_config.json", morConfigJson(model.config()));
    }
    writeText(folder / "config.json", configJson(model.config(), name));
}

} // namespace depthscope::io
