// SPDX-License-Identifier: MIT
// The words of a command line: options with and without values, and the rest. Main thread. Unknown
// or repeated options, missing values and numbers that are none throw Error{Usage} naming the
// option.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace depthscope::cli {

class Arguments {
public:
    explicit Arguments(std::vector<std::string> words)
        : m_words(std::move(words)) {}

    /// Takes "--name"; true if it was there.
    [[nodiscard]] bool flag(const std::string& name);
    /// Takes "--name value" or "--name=value".
    [[nodiscard]] std::optional<std::string> value(const std::string& name);
    /// All values of an option that may be repeated, in their order.
    [[nodiscard]] std::vector<std::string> values(const std::string& name);
    [[nodiscard]] std::int64_t integer(const std::string& name, std::int64_t otherwise);
    [[nodiscard]] double number(const std::string& name, double otherwise);
    /// Takes the next word that is no option; `what` names it in the message when it is missing.
    [[nodiscard]] std::string positional(const std::string& what);
    [[nodiscard]] std::optional<std::string> optionalPositional();
    /// Throws if words are left.
    void finish() const;

private:
    std::vector<std::string> m_words;
};

/// "3,7,1" -> ids. Throws Error{Usage}.
[[nodiscard]] std::vector<std::int32_t> parseIds(const std::string& text);

} // namespace depthscope::cli
