// SPDX-License-Identifier: MIT
// The text and tokenizer of a training, from what the request names. Engine thread.
#pragma once

#include "engine/data/corpus.h"
#include "engine/runtime/event.h"
#include "engine/spec/preset.h"
#include "engine/tokenizers/tokenizer.h"
#include "engine/tokenizers/tokenizer_files.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace depthscope::session {

struct TrainingData {
    std::unique_ptr<tokenizers::Tokenizer> tokenizer;
    tokenizers::TokenizerFiles tokenizerFiles; ///< for the out folder; empty where it has them
    data::Corpus corpus;
    std::string source;         ///< "graded + tinyshakespeare.txt"
    std::uint64_t dataHash = 0; ///< FNV-1a of the training ids
};

/// False: empty; throws Error{Usage} for a corpus that is not known.
[[nodiscard]] bool isGraded(const std::string& corpus);

/// Checks what can be checked before anything is written: a request without data, missing files, a
/// vocabulary that cannot be learned here. Throws as prepareTraining does.
void checkTraining(const runtime::TrainRequest& request, const spec::Preset& preset);

/// Takes the tokenizer of the request, else that of the model to start from, else that of the out
/// folder, else learns one from the corpus. Writes nothing. Throws Error{Usage} for a request
/// without data, Error{BadInput} naming file and reason.
[[nodiscard]] TrainingData prepareTraining(const runtime::TrainRequest& request,
                                           spec::Preset& preset);

} // namespace depthscope::session
