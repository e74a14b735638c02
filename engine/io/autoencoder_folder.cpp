// SPDX-License-Identifier: MIT
#include "engine/io/autoencoder_folder.h"

#include "engine/base/atomic_file.h"
#include "engine/io/safetensors.h"
#include "engine/io/weight_loader.h"
#include "engine/nn/memory.h"
#include "engine/spec/describe.h"

#include <ATen/ATen.h>

#include <iterator>
#include <utility>

namespace depthscope::io {

namespace {

const char* nameOf(at::ScalarType dtype) {
    return dtype == at::kBFloat16 ? "bfloat16" : "float32";
}

} // namespace

LoadedAutoencoder loadAutoencoder(const std::filesystem::path& folder, const LoadOptions& options) {
    const nn::MemoryScope scope(nn::MemoryTag::Weights);
    std::vector<std::string> notes;
    const spec::AutoencoderSpec spec = spec::readAutoencoderConfig(folder);
    WeightReader reader(findWeights(folder));
    auto weights = spec::emptyAutoencoderWeights<at::Tensor>(spec);
    loadTensors(
        reader,
        [&](const spec::WeightVisitor<at::Tensor>& visitor) {
            spec::visitAutoencoderWeights<at::Tensor>(spec, weights, visitor);
        },
        options, notes);
    models::convertWeights(spec, weights, options.device, options.dtype);
    requireFinite(models::weightsOf(spec, weights), reader.path());
    LoadedAutoencoder loaded;
    loaded.model = std::make_unique<models::Autoencoder>(spec, std::move(weights));
    loaded.info = std::make_shared<spec::ModelInfo>(spec::describe(spec));
    spec::ModelInfo& info = *loaded.info;
    info.notes.insert(info.notes.end(), std::make_move_iterator(notes.begin()),
                      std::make_move_iterator(notes.end()));
    const std::filesystem::path absolute = std::filesystem::absolute(folder).lexically_normal();
    info.name = spec::modelName(absolute);
    info.folder = absolute.string();
    info.dtype = nameOf(options.dtype);
    info.device = options.device.str();
    info.kernels = options.device.is_cuda() ? "cuda" : "cpu";
    info.recipe = trainingRecord(folder);
    return loaded;
}

void saveModel(models::Autoencoder& model,
               const std::filesystem::path& folder,
               at::ScalarType dtype) {
    makeFolder(folder);
    std::vector<NamedTensor> tensors;
    for (const models::DistinctWeight& weight : models::weightsOf(model.spec(), model.weights())) {
        tensors.push_back({weight.key, weight.tensor.detach().to(at::kCPU, dtype)});
    }
    writeSafetensors(folder / "model.safetensors", tensors, {{"format", "pt"}});
    AtomicFile file(folder / "config.json");
    file.write(spec::autoencoderConfigJson(model.spec(), nameOf(dtype)));
    file.commit();
}

} // namespace depthscope::io
