// SPDX-License-Identifier: MIT
// A tokenizer.json, and a text that it encodes.
#include "engine/data/bpe.h"
#include "tests/fuzz/fuzz_files.h"

using namespace depthscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fuzz::FuzzFolder folder; // one for all runs
    const auto file = folder.write("tokenizer.json", fuzz::viewOf(data, size));
    fuzz::readHostile([&] {
        const auto tokenizer = depthscope::data::loadBpe(file);
        std::uint32_t at = 0;
        for (const depthscope::data::Piece& piece :
             tokenizer->encode("It's <|x|>\xc3\xa9\xcc\x81 \xff 12  \n")) {
            if (piece.begin != at || piece.end < at || piece.id < 0 ||
                piece.id >= tokenizer->size()) {
                std::abort();
            }
            at = piece.end;
        }
    });
    return 0;
}
