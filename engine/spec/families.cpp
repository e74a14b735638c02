// SPDX-License-Identifier: MIT
#include "engine/spec/families.h"

#include "engine/spec/autoencoder_spec.h"
#include "engine/spec/config_file.h"
#include "engine/spec/describe.h"
#include "engine/spec/model_type.h"
#include "engine/spec/video_config.h"

#include <algorithm>
#include <array>

namespace depthscope::spec {

namespace {

ModelInfo describeLanguage(const std::filesystem::path& folder) {
    std::vector<std::string> notes;
    ModelInfo info = describe(readConfig(folder, notes));
    info.notes.insert(info.notes.begin(), notes.begin(), notes.end());
    return info;
}

ModelInfo describeVideo(const std::filesystem::path& folder) {
    return describe(readVideoConfig(folder));
}

ModelInfo describeAutoencoder(const std::filesystem::path& folder) {
    return describe(readAutoencoderConfig(folder));
}

constexpr std::array kFamilies{
    FamilyRow{"mor_llama", "Mixture of recursions", &describeLanguage},
    FamilyRow{"more", "Mixture of recursive experts", &describeLanguage},
    FamilyRow{"more_dit", "Routed video transformers", &describeVideo},
    FamilyRow{"recursive_llama", "Recursive, fixed depth", &describeLanguage},
    FamilyRow{"ouro", "Looped, with an exit gate", &describeLanguage},
    FamilyRow{"huginn_raven", "Looped, refining a state", &describeLanguage},
    FamilyRow{"llama", "Vanilla transformers", &describeLanguage},
    FamilyRow{"more_baseline", "Recursive-expert baselines", &describeLanguage},
    FamilyRow{"video_dit", "Video transformers", &describeVideo},
    FamilyRow{kAutoencoderFamily, "Video autoencoders", &describeAutoencoder},
};

} // namespace

std::span<const FamilyRow> families() {
    return kFamilies;
}

const FamilyRow* findFamily(std::string_view modelType) {
    const auto* found = std::ranges::find(kFamilies, modelType, &FamilyRow::modelType);
    return found == kFamilies.end() ? nullptr : found;
}

ModelInfo describeFolder(const std::filesystem::path& folder) {
    const FamilyRow* family = findFamily(modelTypeOf(folder));
    // A configuration that cannot be read, or is of no family, is refused by the reader.
    ModelInfo info = family == nullptr ? describeLanguage(folder) : family->describe(folder);
    info.name = modelName(folder);
    info.folder = std::filesystem::absolute(folder).lexically_normal().string();
    return info;
}

} // namespace depthscope::spec
