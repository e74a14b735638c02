// SPDX-License-Identifier: MIT
#include "engine/spec/huginn_config.h"

#include "engine/base/text.h"

#include <array>

namespace depthscope::spec {

namespace {

struct Word {
    const char* field;
    const char* value; ///< the only one that published weights have
};

constexpr std::array kWords{
    Word{"block_class_name", "SandwichBlock"}, Word{"norm_class_name", "RMSNorm_llama"},
    Word{"mlp_class_name", "GatedMLP"},        Word{"nonlin_name", "SiLU"},
    Word{"injection_type", "linear"},          Word{"state_init", "like-init"},
};

} // namespace

void refuseOtherMathematics(const JsonField& config) {
    for (const auto& [field, value] : kWords) {
        const std::string asked = config.string(field, value);
        if (asked != value) {
            config.at(field).fail(fmt::format("is \"{}\", which is not supported", asked),
                                  fmt::format("Valid: {}.", value));
        }
    }
    if (config.boolean("bias", false)) {
        config.at("bias").fail("is true, but Huginn's layers with biases are not supported",
                               "Choose a model without biases; qk_bias may be true.");
    }
    if (config.number("test_time_noise", 0) > 0) {
        config.at("test_time_noise")
            .fail("is above 0, but noise between recursions is not supported",
                  "Set it to 0: the answers are then those without noise.");
    }
}

void writeMathematics(nlohmann::json& config) {
    for (const auto& [field, value] : kWords) {
        config[field] = value;
    }
    config["bias"] = false;
}

} // namespace depthscope::spec
