// SPDX-License-Identifier: MIT
// What the jobs of one session share: loaded models, device, threads, counters. Owned by the
// session; engine thread only.
#pragma once

#include "engine/base/error.h"
#include "engine/models/language_model.h"
#include "engine/runtime/session.h"
#include "engine/spec/model_info.h"
#include "engine/tokenizers/tokenizer.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace depthscope::session {

struct Family;

/// A model in memory, of any family. Jobs hold it by shared_ptr: a newer load does not invalidate
/// it.
struct ModelSlot {
    virtual ~ModelSlot() = default;

    const Family* family = nullptr; ///< that loaded it; never null
    std::shared_ptr<const spec::ModelInfo> info;
};

/// A language model with its tokenizer.
struct LanguageSlot final : ModelSlot {
    std::unique_ptr<models::LanguageModel> model;
    std::unique_ptr<tokenizers::Tokenizer>
        tokenizer;                       ///< null where the folder has none that can be read
    std::optional<Error> tokenizerError; ///< why it cannot be read

    /// Throws Error{BadInput} where there is none: the fault, or that the file is missing.
    [[nodiscard]] const tokenizers::Tokenizer& requireTokenizer() const;
};

struct PassSnapshot;
struct KnownPrompt;
struct OwnContext;

struct Workspace {
    runtime::EngineOptions options;
    std::span<const Family> families; ///< that can be loaded
    at::Device device = at::kCPU;
    at::ScalarType dtype = at::kFloat;
    bool keepsLargeBfloat16 = false; ///< as io::LoadOptions
    std::string whyNoCuda;           ///< why there is no CUDA; empty if there is
    int interactiveThreads = 1;      ///< measured best
    int backgroundThreads = 1;       ///< at most cores - 1 while a window is open
    std::uint64_t syncs = 0;
    std::uint64_t nextRun = 1;
    std::array<std::shared_ptr<const ModelSlot>, 2> slots; ///< by runtime::ModelRole
    std::shared_ptr<const PassSnapshot> snapshot;          ///< start of the last pass; null: none
    std::shared_ptr<const KnownPrompt> prompt; ///< of the last pass over text; null: none
    std::shared_ptr<const OwnContext> context; ///< frames of an own video read last; null: none

    /// Throws Error{Usage} if nothing is loaded there.
    [[nodiscard]] std::shared_ptr<const ModelSlot> require(runtime::ModelRole role) const;

    /// The same; throws Error{Usage} too where it is no language model.
    [[nodiscard]] std::shared_ptr<const LanguageSlot>
    requireLanguage(runtime::ModelRole role) const;
};

} // namespace depthscope::session
