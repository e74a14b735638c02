// SPDX-License-Identifier: MIT
// A tokenizer.json, and a text that it encodes.
#include "engine/tokenizers/bpe.h"
#include "tests/fuzz/fuzz_files.h"
#include "tests/fuzz/fuzz_tokens.h"

using namespace depthscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const fuzz::FuzzFolder folder; // one for all runs
    const auto file = folder.write("tokenizer.json", fuzz::viewOf(bytes, size));
    fuzz::readHostile([&] {
        const auto tokenizer = tokenizers::loadBpe(file);
        static_cast<void>(
            fuzz::encodeSoundly(*tokenizer, "It's <|x|>\xc3\xa9\xcc\x81 \xff 12  \n"));
    });
    return 0;
}
