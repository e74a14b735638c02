// SPDX-License-Identifier: MIT
#include "engine/io/video_folder.h"

#include "engine/base/atomic_file.h"
#include "engine/io/safetensors.h"
#include "engine/io/weight_loader.h"
#include "engine/nn/memory.h"
#include "engine/spec/describe.h"
#include "engine/spec/video_config.h"
#include "engine/spec/video_declaration.h"

#include <ATen/ATen.h>

#include <iterator>
#include <utility>

namespace depthscope::io {

using models::VideoModel;

std::shared_ptr<spec::ModelInfo>
describe(VideoModel& model, const std::filesystem::path& folder, std::vector<std::string> notes) {
    auto info = std::make_shared<spec::ModelInfo>(spec::describe(model.spec()));
    info->notes.insert(info->notes.begin(), std::make_move_iterator(notes.begin()),
                       std::make_move_iterator(notes.end()));
    const std::filesystem::path absolute = std::filesystem::absolute(folder).lexically_normal();
    info->name = spec::modelName(absolute);
    info->folder = absolute.string();
    info->dtype = model.dtype() == at::kFloat ? "float32" : "bfloat16";
    info->device = model.device().str();
    info->kernels = model.device().is_cuda() ? "cuda" : "cpu";
    info->parts = models::countParameters(model.spec(), model.weights());
    info->parameters = 0;
    for (const spec::ParameterPart& part : info->parts) {
        info->parameters += part.count;
    }
    info->recipe = trainingRecord(folder);
    return info;
}

LoadedVideoModel loadVideoModel(const std::filesystem::path& folder, const LoadOptions& options) {
    const nn::MemoryScope scope(nn::MemoryTag::Weights);
    std::vector<std::string> notes;
    spec::VideoSpec spec = spec::readVideoConfig(folder);
    WeightReader reader(findWeights(folder));
    auto weights = spec::emptyVideoWeights<at::Tensor>(spec);
    loadTensors(
        reader,
        [&](const spec::WeightVisitor<at::Tensor>& visitor) {
            spec::visitVideoWeights<at::Tensor>(spec, weights, visitor);
        },
        options, notes);
    models::convertWeights(spec, weights, options.device, options.dtype);
    requireFinite(models::weightsOf(spec, weights), reader.path());
    LoadedVideoModel loaded;
    loaded.model = std::make_unique<VideoModel>(std::move(spec), std::move(weights));
    loaded.info = describe(*loaded.model, folder, std::move(notes));
    return loaded;
}

void saveModel(VideoModel& model, const std::filesystem::path& folder, at::ScalarType dtype) {
    makeFolder(folder);
    std::vector<NamedTensor> tensors;
    for (const models::DistinctWeight& weight : models::weightsOf(model.spec(), model.weights())) {
        tensors.push_back({weight.key, weight.tensor.detach().to(at::kCPU, dtype)});
    }
    const std::string name = dtype == at::kBFloat16 ? "bfloat16" : "float32";
    writeSafetensors(folder / "model.safetensors", tensors, {{"format", "pt"}});
    AtomicFile file(folder / "config.json");
    file.write(spec::videoConfigJson(model.spec(), name));
    file.commit();
}

} // namespace depthscope::io
