// SPDX-License-Identifier: MIT
#include "engine/io/model_folder.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/io/config_reader.h"
#include "engine/io/safetensors.h"
#include "engine/nn/memory.h"

#include <ATen/ATen.h>

#include <fstream>
#include <map>
#include <set>

namespace depthscope::io {

using models::LanguageModel;
using models::ModelConfig;
using models::Weights;
using models::WeightSlot;

namespace {

std::string shapeText(at::IntArrayRef shape) {
    std::string text = "[";
    for (const std::int64_t size : shape) {
        text += (text.size() > 1 ? ", " : "") + std::to_string(size);
    }
    return text + "]";
}

/// Reads the tensors of one model in the order of their declaration.
class WeightLoader {
public:
    WeightLoader(const std::filesystem::path& file, const LoadOptions& options)
        : m_reader(file)
        , m_options(options) {}

    Weights load(const ModelConfig& config) {
        Weights weights = models::emptyWeights(config);
        checkShapes(config, weights);
        std::size_t count = 0;
        models::visitWeights(config, weights, [&](const WeightSlot& slot, at::Tensor& tensor) {
            loadSlot(slot, tensor);
            ++count;
            if (m_options.progress) {
                m_options.progress(static_cast<double>(count) /
                                   static_cast<double>(m_reader.entries().size() + 1));
            }
        });
        noteUnknown();
        return weights;
    }

    [[nodiscard]] std::vector<std::string> notes() const { return m_notes; }

private:
    [[noreturn]] void reject(const std::string& what, const std::string& hint) const {
        throw Error(ErrorCode::BadInput, m_reader.path().string() + ": " + what, hint);
    }

    /// Before any memory is asked for: everything is there, in the right shape and kind.
    void checkShapes(const ModelConfig& config, Weights& weights) {
        models::visitWeights(config, weights, [&](const WeightSlot& slot, at::Tensor&) {
            const auto found = m_reader.entries().find(slot.key);
            if (found == m_reader.entries().end()) {
                if (slot.optional || !slot.sharedWith.empty()) {
                    return;
                }
                reject("tensor " + slot.key + " is missing",
                       "The weights do not belong to config.json, or the file is incomplete.");
            }
            if (found->second.shape != slot.shape) {
                reject("tensor " + slot.key + " has shape " + shapeText(found->second.shape) +
                           ", config.json asks for " + shapeText(slot.shape),
                       "The weights do not belong to config.json.");
            }
            if (!at::isFloatingType(found->second.dtype)) {
                reject("tensor " + slot.key + " is not of a floating type",
                       "The weights do not belong to config.json.");
            }
        });
    }

    at::Tensor read(const std::string& key) {
        at::Tensor tensor = m_reader.read(key).to(m_options.dtype);
        return tensor.to(m_options.device);
    }

    void loadSlot(const WeightSlot& slot, at::Tensor& tensor) {
        m_known.insert(slot.key);
        const bool present = m_reader.entries().contains(slot.key);
        if (slot.sharedWith.empty()) {
            if (present) {
                tensor = read(slot.key);
                m_loaded[slot.key] = tensor;
            }
            return;
        }
        const at::Tensor& first = m_loaded.at(slot.sharedWith);
        if (!present) {
            tensor = first;
            return;
        }
        at::Tensor own = read(slot.key);
        if (at::equal(own, first)) {
            tensor = first;
            return;
        }
        tensor = own;
        noteUntied(slot);
    }

    void noteUntied(const WeightSlot& slot) {
        const bool head = slot.key == "lm_head.weight";
        const std::string note = head ? "config.json ties the head to the embedding, but "
                                        "lm_head.weight differs: kept untied"
                                      : "untied weights: recursions differ where the design shares "
                                        "them (known fault of the public "
                                        "training code); each recursion runs its own";
        if (m_notes.empty() || m_notes.back() != note) {
            m_notes.push_back(note);
        }
    }

    void noteUnknown() {
        std::size_t unknown = 0;
        std::string example;
        for (const auto& [name, entry] : m_reader.entries()) {
            // Rotary tables are computed, never read (routing.md 1.3).
            const bool table = name.ends_with(".cos_cached") || name.ends_with(".sin_cached");
            if (name.starts_with("model.layers.") && name.ends_with("_proj.weight") &&
                !m_known.contains(name)) {
                reject("tensor " + name +
                           " has no place in a model of this num_hidden_layers and num_recursion",
                       "The weights do not belong to config.json and mor_config.json.");
            }
            if (!table && !m_known.contains(name)) {
                ++unknown;
                example = name;
            }
        }
        if (unknown > 0) {
            m_notes.push_back(std::to_string(unknown) +
                              " tensors of the file are not used, among them " + example);
        }
    }

    SafetensorsReader m_reader;
    const LoadOptions& m_options;
    std::map<std::string, at::Tensor> m_loaded;
    std::set<std::string> m_known;
    std::vector<std::string> m_notes;
};

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
    const std::filesystem::path absolute = std::filesystem::absolute(folder).lexically_normal();
    info->name = absolute.has_filename() ? absolute.filename().string()
                                         : absolute.parent_path().filename().string();
    info->folder = absolute.string();
    info->family = models::toString(config.family);
    info->dtype = c10::toString(model.dtype());
    info->device = model.device().str();
    info->kernels = model.device().is_cuda() ? "cuda" : "cpu";
    if (config.hasRouter()) {
        const bool expert = config.mor.type == models::RouterType::Expert;
        info->router = expert ? trace::RouterKind::Expert : trace::RouterKind::Token;
        info->routerFunction = models::toString(config.mor.function);
        info->trainedCapacity = config.mor.capacity;
        info->hasAuxRouter = config.mor.sampling == models::Sampling::AuxRouter;
    }
    if (config.family == models::Family::More) {
        info->experts = config.more.experts;
        info->expertsPerToken = config.more.perToken;
    }
    info->trainedKv = config.kv;
    info->kvPolicies = models::possibleKv(config);
    info->parts = models::countParameters(config, model.weights());
    for (const trace::ParameterPart& part : info->parts) {
        info->parameters += part.count;
    }
    info->layers = static_cast<int>(config.layers);
    info->recursions = config.recursions();
    info->blockLayers = static_cast<int>(config.blockLayers());
    info->unsharedLayers = static_cast<int>(config.unsharedLayers());
    info->contextLength = static_cast<int>(config.context);
    info->vocabulary = static_cast<int>(config.vocabulary);
    info->notes = std::move(notes);
    info->recipe = readRecipe(folder);
    return info;
}

LoadedModel loadModel(const std::filesystem::path& folder, const LoadOptions& options) {
    const nn::MemoryScope scope(nn::MemoryTag::Weights);
    std::vector<std::string> notes;
    const ModelConfig config = readConfig(folder, notes);
    WeightLoader loader(folder / "model.safetensors", options);
    Weights weights = loader.load(config);
    const std::vector<std::string> remarks = loader.notes();
    notes.insert(notes.end(), remarks.begin(), remarks.end());
    LoadedModel loaded;
    loaded.model = std::make_unique<LanguageModel>(config, std::move(weights));
    loaded.info = describe(*loaded.model, folder, std::move(notes));
    return loaded;
}

void saveModel(LanguageModel& model, const std::filesystem::path& folder, at::ScalarType dtype) {
    std::error_code fault;
    std::filesystem::create_directories(folder, fault);
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
