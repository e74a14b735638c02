// SPDX-License-Identifier: MIT
#include "engine/spec/model_type.h"

#include "engine/base/error.h"
#include "engine/base/json.h"

#include <cstdint>
#include <optional>
#include <utility>

namespace depthscope::spec {

using nlohmann::json;

namespace {

constexpr std::uintmax_t kMaximumBytes = 1U << 20U;

bool isEnabled(const json& sideCar, const char* part, bool whereSilent) {
    const auto found = sideCar.find(part);
    if (found == sideCar.end() || !found->is_object()) {
        return false;
    }
    const auto enable = found->find("enable");
    return enable != found->end() && enable->is_boolean() ? enable->get<bool>() : whereSilent;
}

std::optional<json> readObject(const std::filesystem::path& file) {
    try {
        json value = JsonFile(file, kMaximumBytes).root().value();
        return value.is_object() ? std::optional(std::move(value)) : std::nullopt;
    } catch (const Error&) {
        return std::nullopt;
    }
}

} // namespace

std::string modelTypeOf(const json& config, const json* sideCar) {
    const auto named = config.find("model_type");
    std::string type = "llama";
    if (named != config.end() && named->is_string()) {
        type = named->get<std::string>();
    }
    const bool isLlama = type == "llama" || type == "mor_llama" || type == "recursive_llama";
    if (!isLlama || sideCar == nullptr || !sideCar->is_object()) {
        return type;
    }
    // The official code writes "enable" only where it is false.
    return isEnabled(*sideCar, "mor", true)          ? "mor_llama"
           : isEnabled(*sideCar, "recursive", false) ? "recursive_llama"
                                                     : "llama";
}

std::string modelTypeOf(const std::filesystem::path& folder) {
    const std::optional<json> config = readObject(folder / "config.json");
    if (!config) {
        return {};
    }
    const std::optional<json> sideCar = readObject(folder / "mor_config.json");
    return modelTypeOf(*config, sideCar ? &*sideCar : nullptr);
}

} // namespace depthscope::spec
