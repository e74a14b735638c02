// SPDX-License-Identifier: MIT
// The bench of language models: the prompt, the pass that routes it while settings change, and
// generation. Owned by the laboratory; GUI thread.
#pragma once

#include "engine/runtime/request.h"
#include "widgets/lab/shell.h"

#include <QElapsedTimer>
#include <cstdint>
#include <utility>

namespace depthscope::lab {

class TextBench {
public:
    explicit TextBench(Shell& shell)
        : m_shell(shell) {}

    [[nodiscard]] const runtime::Prompt& prompt() const { return m_prompt; }

    void setPrompt(runtime::Prompt prompt) { m_prompt = std::move(prompt); }

    /// Asks for a pass of the newest prompt and settings: now, or when what hinders it is over.
    /// The prompt must not be empty.
    void requestPass();

    /// Asks for a continuation. The prompt must not be empty and the model be loaded.
    void generate();

    /// The next idle moment submits a pass.
    [[nodiscard]] bool wantsPass() const { return m_wanted; }

    void cancel() { m_wanted = false; }

    /// A pass of the text and settings as they stand has failed, and no newer one has ended well.
    [[nodiscard]] bool refused() const { return m_refused == m_shell.revision(); }

    /// A pass has failed: a picture of another model or text than it was asked for is cleared.
    void passFailed();
    /// A pass has ended well, so that nothing is refused.
    void passSucceeded();

private:
    void submitPass();

    Shell& m_shell;
    runtime::Prompt m_prompt;
    runtime::Prompt m_askedPrompt;  ///< of the last pass
    runtime::Prompt m_routedPrompt; ///< of the last pass that did not fail
    std::uint64_t m_refused = 0;    ///< revision of the last pass that failed
    bool m_wanted = false;
    QElapsedTimer m_passClock;
};

} // namespace depthscope::lab
