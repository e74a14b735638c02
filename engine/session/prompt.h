// SPDX-License-Identifier: MIT
// A prompt as the model reads it: ids with their bytes and classes, truncated to the context.
// Engine thread.
#pragma once

#include "engine/runtime/request.h"
#include "engine/session/workspace.h"
#include "engine/trace/step_trace.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace depthscope::session {

struct EncodedPrompt {
    std::vector<std::int32_t> ids;
    std::vector<std::uint8_t> classes; ///< empty: none known
    trace::ClassSetPtr classSet;       ///< that they belong to
    std::string text;                  ///< bytes of the pieces, in order; empty without tokenizer
    std::vector<std::uint32_t> pieceEnds; ///< [ids] end of each piece in text
    std::string notice; ///< what was left out, e.g. "the first 512 of 800 tokens are used"
    bool isCut = false; ///< it was longer than the context

    void addNotice(const std::string& also) { notice += (notice.empty() ? "" : "; ") + also; }
};

/// A text that was encoded before: a slider requests the same one at every tick.
struct KnownPrompt {
    std::shared_ptr<const LanguageSlot> slot;
    runtime::Prompt prompt;
    std::shared_ptr<const EncodedPrompt> encoded;
};

/// Makes it the step's.
void attachPrompt(trace::StepTrace& step, EncodedPrompt prompt);

/// What the step of a pass says beside its trace: its run, what was asked, and the prompt.
void describePass(Workspace& workspace,
                  const runtime::PassRequest& request,
                  const EncodedPrompt& prompt,
                  trace::StepTrace& step);

/// Throws Error{BadInput} for an id outside the vocabulary.
void checkIds(const LanguageSlot& slot, std::span<const std::int32_t> ids);

/// Throws Error{BadInput} for an empty prompt, an id outside the vocabulary, or text without a
/// tokenizer.
[[nodiscard]] EncodedPrompt encodePrompt(const LanguageSlot& slot, const runtime::Prompt& prompt);

/// The same, remembered in the workspace while model and prompt stay the same.
[[nodiscard]] std::shared_ptr<const EncodedPrompt>
encodeOnce(Workspace& workspace,
           const std::shared_ptr<const LanguageSlot>& slot,
           const runtime::Prompt& prompt);

} // namespace depthscope::session
