// SPDX-License-Identifier: MIT
#include "engine/spec/held_out.h"

#include "engine/base/json.h"

#include <cmath>
#include <stdexcept>

namespace depthscope::spec {

namespace {

/// A number under a name, finite and not negative.
std::optional<double> lossIn(const nlohmann::json& object) {
    if (!object.is_object()) {
        return std::nullopt;
    }
    const auto at = object.find("nats_per_token");
    if (at == object.end() || !at->is_number()) {
        return std::nullopt;
    }
    const auto value = at->get<double>();
    return std::isfinite(value) && value >= 0 ? std::optional(value) : std::nullopt;
}

const nlohmann::json* find(const nlohmann::json* object, const char* name) {
    if (object == nullptr || !object->is_object()) {
        return nullptr;
    }
    const auto at = object->find(name);
    return at == object->end() ? nullptr : &*at;
}

} // namespace

std::optional<HeldOutLoss> heldOutLoss(const std::string& training) {
    nlohmann::json document;
    try {
        document = parseJson(training);
    } catch (const std::invalid_argument&) {
        return std::nullopt; // none, or of a program that writes another
    }
    const nlohmann::json* trained = find(find(&document, "validation"), "as_trained");
    const std::optional<double> mean = trained ? lossIn(*trained) : std::nullopt;
    if (!mean) {
        return std::nullopt;
    }
    HeldOutLoss loss{*mean, *mean, {}};
    if (const nlohmann::json* classes = find(trained, "classes"); classes && classes->is_object()) {
        for (const auto& [name, figures] : classes->items()) {
            const std::optional<double> value = lossIn(figures);
            if (value && *value >= loss.hardest) {
                loss.hardest = *value;
                loss.className = name;
            }
        }
    }
    return loss;
}

} // namespace depthscope::spec
