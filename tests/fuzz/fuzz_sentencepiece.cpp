// SPDX-License-Identifier: MIT
// A tokenizer.model, and a text that it encodes.
#include "engine/tokenizers/sentencepiece.h"
#include "tests/fuzz/fuzz_files.h"
#include "tests/fuzz/fuzz_tokens.h"

using namespace depthscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const fuzz::FuzzFolder folder; // one for all runs
    const auto file = folder.write("tokenizer.model", fuzz::viewOf(bytes, size));
    fuzz::readHostile([&] {
        const auto tokenizer = tokenizers::loadSentencePiece(file);
        static_cast<void>(tokenizer->decode(
            fuzz::encodeSoundly(*tokenizer, "It's  <s>\xc3\xa9\xcc\x81 \xff 12 \xef\xbd\xa1\n")));
    });
    return 0;
}
