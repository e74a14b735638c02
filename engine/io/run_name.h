// SPDX-License-Identifier: MIT
// What only the folder name tells about an official checkpoint (docs/routing.md 3.10), such as
// "rec3_middle_cycle_.._expert_linear_alpha_0.1_sigmoid_kv-share", whose parent is meant for a
// "checkpoint-100". Each answer leaves a note that says where it comes from. Any thread.
#pragma once

#include "engine/spec/language_spec.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::io {

class RunName {
public:
    explicit RunName(const std::filesystem::path& folder);

    /// The number of recursions; empty where the name has none.
    [[nodiscard]] std::optional<double> recursions() const { return number("rec"); }

    /// Router function and alpha; what the name leaves out is that of the official runs.
    void inferFunction(spec::MorSpec& mor, std::vector<std::string>& notes) const;
    void inferKv(spec::LanguageSpec& config, std::vector<std::string>& notes) const;

private:
    [[nodiscard]] bool has(std::string_view part) const;
    /// The number behind `label`.
    [[nodiscard]] std::optional<double> number(std::string_view label) const;

    std::string m_name;
};

} // namespace depthscope::io
