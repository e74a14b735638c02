// SPDX-License-Identifier: MIT
// Stands in for sentencepiece.cpp where the library is not built in.
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/tokenizers/sentencepiece.h"

namespace depthscope::tokenizers {

std::unique_ptr<Tokenizer> loadSentencePiece(const std::filesystem::path& file) {
    throw Error(ErrorCode::Usage,
                fmt::format("{}: this build has no SentencePiece tokenizer", file.string()),
                "Build with libsentencepiece-dev and -DDEPTHSCOPE_SENTENCEPIECE=ON, or use a "
                "byte-level tokenizer.json.");
}

} // namespace depthscope::tokenizers
