// SPDX-License-Identifier: MIT
// The bench of language models: the prompt, the pass that routes it while settings change, and
// generation. Owned by the laboratory; GUI thread.
#pragma once

#include "widgets/lab/bench.h"

#include <optional>

namespace depthscope::lab {

/// Who chose a prompt: one of the program's gives way to another that the model can read.
enum class Author { User, Program };

class TextBench final : public Bench {
public:
    using Bench::Bench;

    [[nodiscard]] const runtime::Prompt& prompt() const { return m_prompt; }

    void setPrompt(runtime::Prompt prompt, Author author);

    /// Ids instead of a text for a model without tokenizer, and the text again for the next one
    /// with a tokenizer. True: the prompt is another one.
    bool followModel(const spec::ModelInfo& model);

    [[nodiscard]] bool hasInput() const override { return !m_prompt.empty(); }

    /// Asks for a continuation. The prompt must not be empty and the model be loaded.
    void generate();

    [[nodiscard]] bool choosesOther() override;

    [[nodiscard]] runtime::Request reference(const trace::RunKey& key,
                                             const trace::RunView& main) const override;
    [[nodiscard]] std::optional<runtime::Request>
    timedReference(const trace::RunView& main) const override;

private:
    [[nodiscard]] runtime::Request newPass() override;

    void rememberRouted() override { m_routedPrompt = m_askedPrompt; }

    [[nodiscard]] bool isRouted() const override { return m_prompt == m_routedPrompt; }

    [[nodiscard]] qint64 letFinishMilliseconds() const override { return 40; }

    runtime::Prompt m_prompt;
    std::optional<runtime::Prompt> m_text;     ///< that ids stand for
    std::optional<runtime::Prompt> m_proposal; ///< the program's; nothing: the user chose one
    runtime::Prompt m_askedPrompt;             ///< of the last pass
    runtime::Prompt m_routedPrompt;            ///< of the last pass that did not fail
};

} // namespace depthscope::lab
