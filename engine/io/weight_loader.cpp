// SPDX-License-Identifier: MIT
#include "engine/io/weight_loader.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <ATen/ATen.h>

#include <map>
#include <set>
#include <utility>

namespace depthscope::io {

using models::Weights;
using spec::LanguageSpec;
using spec::WeightSlot;

namespace {

std::string shapeText(at::IntArrayRef shape) {
    std::string text = "[";
    for (const std::int64_t size : shape) {
        text += (text.size() > 1 ? ", " : "") + std::to_string(size);
    }
    return text + "]";
}

/// As PyTorch calls it.
std::string nameOf(at::ScalarType type) {
    switch (type) {
    case at::ScalarType::Long:
        return "int64";
    case at::ScalarType::Int:
        return "int32";
    case at::ScalarType::Short:
        return "int16";
    case at::ScalarType::Char:
        return "int8";
    case at::ScalarType::Byte:
        return "uint8";
    default:
        return "bool";
    }
}

/// Reads the tensors of one model in the order of their declaration.
class WeightLoader {
public:
    WeightLoader(WeightReader& reader, const LoadOptions& options, std::vector<std::string>& notes)
        : m_reader(reader)
        , m_options(options)
        , m_notes(notes) {}

    void load(const VisitTensors& visit, bool sharesLayers) {
        checkShapes(visit);
        std::size_t count = 0;
        visit([&](const WeightSlot& slot, at::Tensor& tensor) {
            loadSlot(slot, tensor);
            ++count;
            if (m_options.progress) {
                m_options.progress(static_cast<double>(count) /
                                   static_cast<double>(m_reader.entries().size() + 1));
            }
        });
        noteUnknown(sharesLayers);
    }

private:
    [[noreturn]] void reject(const std::string& what, const std::string& hint) const {
        throw Error(ErrorCode::BadInput, fmt::format("{}: {}", m_reader.path().string(), what),
                    hint);
    }

    [[noreturn]] void rejectMissing(const std::string& key) const {
        const auto& entries = m_reader.entries();
        const std::string first = entries.empty() ? "" : entries.begin()->first;
        for (const auto& [name, entry] : entries) {
            const bool behind = name.size() > key.size() && name.ends_with("." + key);
            const std::string prefix = behind ? name.substr(0, name.size() - key.size()) : "";
            if (behind && first.starts_with(prefix)) { // as all names: they are sorted
                reject(fmt::format("tensor {} is missing, but {} is present", key, name),
                       fmt::format("The names begin with \"{}\": the weights were saved from a "
                                   "wrapper around the model (torch.compile, DataParallel, PEFT). "
                                   "Save the inner model instead, or rename the tensors.",
                                   prefix));
            }
        }
        if (key == "lm_head.weight") {
            reject(
                fmt::format(
                    "tensor {} is missing, and config.json does not tie it to the embedding", key),
                "Get the weights of the whole language model; or set tie_word_embeddings to "
                "true in config.json if the embedding is the head.");
        }
        reject(fmt::format("tensor {} is missing", key),
               "The weights do not belong to config.json, or the file is incomplete.");
    }

    [[noreturn]] void rejectType(const std::string& key, const TensorEntry& entry) const {
        const std::string type = entry.unreadable.empty() ? nameOf(entry.dtype) : entry.unreadable;
        reject(fmt::format("tensor {} is {}{}, which is not supported", key,
                           type.find(' ') == std::string::npos ? "of type " : "", type),
               "Supported dtypes: float64, float32, float16, bfloat16. Convert the model to one of "
               "these; dequantise it first if it is quantised.");
    }

    /// Before any memory is asked for: everything is there, in the right shape and kind.
    void checkShapes(const VisitTensors& visit) {
        visit([&](const WeightSlot& slot, at::Tensor&) {
            const auto found = m_reader.entries().find(slot.key);
            if (found == m_reader.entries().end()) {
                if (slot.optional || !slot.sharedWith.empty()) {
                    return;
                }
                rejectMissing(slot.key);
            }
            if (!found->second.unreadable.empty() || !at::isFloatingType(found->second.dtype)) {
                rejectType(slot.key, found->second);
            }
            if (found->second.shape != slot.shape) {
                reject(fmt::format("tensor {} has shape {}, but config.json requires {}", slot.key,
                                   shapeText(found->second.shape), shapeText(slot.shape)),
                       "The weights do not belong to config.json.");
            }
        });
    }

    /// Names of one tensor (torch.save keeps shared storages) get one tensor.
    at::Tensor read(const std::string& key) {
        const TensorEntry& entry = m_reader.entries().at(key);
        for (const auto& [name, tensor] : m_byPlace[{entry.file, entry.begin}]) {
            if (m_reader.entries().at(name) == entry) {
                return tensor;
            }
        }
        at::Tensor tensor = m_reader.read(key, m_options.dtype).to(m_options.device);
        m_byPlace[{entry.file, entry.begin}].emplace_back(key, tensor);
        return tensor;
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
        if (!present || isSame(slot, first)) {
            tensor = first;
            return;
        }
        tensor = read(slot.key);
        noteUntied(slot);
    }

    [[nodiscard]] bool isSame(const WeightSlot& slot, const at::Tensor& first) const {
        const std::map<std::string, TensorEntry>& entries = m_reader.entries();
        return entries.at(slot.key) == entries.at(slot.sharedWith) ||
               m_reader.equals(slot.key, first);
    }

    void noteUntied(const WeightSlot& slot) {
        const bool head = slot.key == "lm_head.weight";
        const std::string note =
            head ? "config.json ties the head to the embedding, but "
                   "lm_head.weight differs: kept untied"
                 : "untied weights: recursions differ where the design shares "
                   "them (a known bug of the public training code); each recursion runs its own";
        if (m_notes.empty() || m_notes.back() != note) {
            m_notes.push_back(note);
        }
    }

    void noteUnknown(bool sharesLayers) {
        std::size_t unknown = 0;
        std::string example;
        for (const auto& [name, entry] : m_reader.entries()) {
            // Rotary tables are computed, never read (docs/routing.md 1.3).
            const bool table = name.ends_with(".cos_cached") || name.ends_with(".sin_cached") ||
                               name.ends_with(".inv_freq") || name.ends_with("freqs_cis");
            if (sharesLayers && name.starts_with("model.layers.") &&
                name.ends_with("_proj.weight") && !m_known.contains(name)) {
                reject(fmt::format("tensor {} does not fit a model with this number of layers and "
                                   "recursions",
                                   name),
                       "The weights do not belong to the configuration beside them.");
            }
            if (!table && !m_known.contains(name)) {
                ++unknown;
                example = name;
            }
        }
        if (unknown > 0) {
            m_notes.push_back(
                unknown == 1 ? fmt::format("tensor {} in the file is not used", example)
                             : fmt::format("{} tensors in the file are not used, for example {}",
                                           unknown, example));
        }
    }

    WeightReader& m_reader;
    const LoadOptions& m_options;
    std::map<std::string, at::Tensor> m_loaded;
    /// Name and tensor by file and first byte.
    std::map<std::pair<std::uint32_t, std::uint64_t>,
             std::vector<std::pair<std::string, at::Tensor>>>
        m_byPlace;
    std::set<std::string> m_known;
    std::vector<std::string>& m_notes;
};

} // namespace

models::Weights loadWeights(WeightReader& reader,
                            const spec::LanguageSpec& config,
                            const LoadOptions& options,
                            std::vector<std::string>& notes) {
    Weights weights = models::emptyWeights(config);
    const auto visit = [&](const spec::WeightVisitor<at::Tensor>& visitor) {
        models::visitWeights(config, weights, visitor);
    };
    WeightLoader(reader, options, notes).load(visit, config.sharesLayers());
    return weights;
}

void requireFinite(const std::vector<models::DistinctWeight>& weights,
                   const std::filesystem::path& file) {
    for (const models::DistinctWeight& weight : weights) {
        if (!weight.tensor.isfinite().all().item<bool>()) {
            throw Error(ErrorCode::BadInput,
                        fmt::format("{}: tensor {} has values that are not finite", file.string(),
                                    weight.key),
                        "The model is damaged or its training diverged; use an earlier copy.");
        }
    }
}

void loadTensors(WeightReader& reader,
                 const VisitTensors& visit,
                 const LoadOptions& options,
                 std::vector<std::string>& notes) {
    WeightLoader(reader, options, notes).load(visit, false);
}

} // namespace depthscope::io
