// SPDX-License-Identifier: MIT
#include "engine/io/run_name.h"

#include "engine/base/text.h"

#include <array>
#include <charconv>

namespace depthscope::io {

using spec::RouterFunction;

RunName::RunName(const std::filesystem::path& folder) {
    const std::filesystem::path path = std::filesystem::absolute(folder / "").parent_path();
    m_name = path.filename().string();
    if (m_name.starts_with("checkpoint")) {
        m_name = path.parent_path().filename().string();
    }
}

bool RunName::has(std::string_view part) const {
    return m_name.find(part) != std::string::npos;
}

std::optional<double> RunName::number(std::string_view label) const {
    const std::size_t at = m_name.find(label);
    if (at == std::string::npos) {
        return std::nullopt;
    }
    const char* begin = m_name.data() + at + label.size();
    double value = 0;
    const auto [end, error] = std::from_chars(begin, m_name.data() + m_name.size(), value);
    return error == std::errc() && end != begin ? std::optional(value) : std::nullopt;
}

void RunName::inferFunction(spec::MorSpec& mor, std::vector<std::string>& notes) const {
    const bool expert = mor.type == spec::RouterType::Expert;
    mor.function = expert ? RouterFunction::Sigmoid : RouterFunction::Softmax;
    bool named = false;
    for (const RouterFunction function : {RouterFunction::Sigmoid, RouterFunction::Tanh,
                                          RouterFunction::Identity, RouterFunction::Softmax}) {
        if (has(std::string("_") + spec::toString(function))) {
            mor.function = function;
            named = true;
        }
    }
    notes.push_back(std::string("router function ") + spec::toString(mor.function) +
                    (named ? ": from the folder name" : ": assumed, as in the official runs"));
    const std::optional<double> alpha = number("alpha_");
    mor.alpha = alpha.value_or(expert ? 0.1 : 1.0);
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), mor.alpha).ptr;
    notes.push_back(
        fmt::format("alpha {}{}", std::string(digits.data(), end),
                    alpha ? ": from the folder name" : ": assumed, as in the official runs"));
}

void RunName::inferKv(spec::LanguageSpec& config, std::vector<std::string>& notes) const {
    const bool share = has("kv-share") || has("kv_share") || has("kv-sharing");
    config.kv = share ? settings::KvPolicy::Share : settings::KvPolicy::Recursion;
    notes.emplace_back(share ? "recursive KV sharing: from the folder name"
                             : "recursion-wise KV caching: assumed, the folder name does not say");
}

} // namespace depthscope::io
