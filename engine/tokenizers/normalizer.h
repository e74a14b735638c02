// SPDX-License-Identifier: MIT
// The `normalizer` of a tokenizer.json: rewrites text before it is split (NFC, NFD, NFKC, NFKD,
// Lowercase, Strip, StripAccents, Nmt, Replace, Prepend, ByteLevel and sequences of them). Const
// after construction; any thread, each with its own Regex::Scratch. Throws Error{BadInput} naming
// file and field.
#pragma once

#include "engine/base/json.h"
#include "engine/tokenizers/normal_text.h"
#include "engine/tokenizers/regex.h"

#include <optional>
#include <string>
#include <vector>

namespace depthscope::tokenizers {

class Normalizer {
public:
    /// Leaves every text unchanged.
    Normalizer() = default;
    explicit Normalizer(const JsonField& field);

    [[nodiscard]] bool isIdentity() const { return m_steps.empty(); }

    /// The text must be well-formed UTF-8, and stays so. Throws Error{BadInput} if it would become
    /// too long.
    [[nodiscard]] NormalText apply(NormalText text, Regex::Scratch& scratch) const;

private:
    enum class Kind {
        Nfc,
        Nfd,
        Nfkc,
        Nfkd,
        Lowercase,
        StripAccents,
        Nmt,
        ByteLevel,
        Strip,
        Replace,
        Prepend
    };

    struct Step {
        Kind kind = Kind::Nfc;
        std::optional<Regex> pattern{}; ///< Replace
        std::string content{};          ///< Replace, Prepend
        bool left = true;               ///< Strip
        bool right = true;
    };

    void add(const JsonField& field, int depth);
    void addReplace(const JsonField& field);

    static NormalText unicodeForm(const NormalText& text, Kind kind);
    static NormalText byCharacter(const NormalText& text, Kind kind);
    static NormalText toLetters(const NormalText& text);
    static NormalText strip(const NormalText& text, const Step& step);
    static NormalText replace(const NormalText& text,
                              const Step& step,
                              std::size_t original,
                              Regex::Scratch& scratch);

    std::vector<Step> m_steps;
};

} // namespace depthscope::tokenizers
