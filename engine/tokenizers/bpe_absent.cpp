// SPDX-License-Identifier: MIT
// Stands in for bpe.cpp and bpe_trainer.cpp where Oniguruma is not built in.
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/tokenizers/bpe.h"

namespace depthscope::tokenizers {

namespace {

[[noreturn]] void refuse(const std::string& subject) {
    throw Error(ErrorCode::Usage, fmt::format("{}: this build has no BPE tokenizer", subject),
                "Build with Oniguruma and -DDEPTHSCOPE_TOKENIZERS=ON, or use a byte or character "
                "vocabulary.");
}

} // namespace

std::unique_ptr<Tokenizer> loadBpe(const std::filesystem::path& file) {
    refuse(file.string());
}

std::unique_ptr<Tokenizer> bpeOfText(std::string_view, const std::string& name) {
    refuse(name);
}

bool isByteLevel(const std::filesystem::path&) {
    return true;
}

std::string trainBpe(std::span<const std::string>, std::int32_t) {
    refuse("tokenizer training");
}

} // namespace depthscope::tokenizers
