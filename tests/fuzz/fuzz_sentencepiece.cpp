// SPDX-License-Identifier: MIT
// A tokenizer.model, and a text that it encodes.
#include "engine/data/sentencepiece.h"
#include "tests/fuzz/fuzz_files.h"

using namespace depthscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fuzz::FuzzFolder folder; // one for all runs
    const auto file = folder.write("tokenizer.model", fuzz::viewOf(data, size));
    fuzz::readHostile([&] {
        const auto tokenizer = depthscope::data::loadSentencePiece(file);
        std::uint32_t at = 0;
        std::vector<std::int32_t> ids;
        for (const depthscope::data::Piece& piece :
             tokenizer->encode("It's  <s>\xc3\xa9\xcc\x81 \xff 12 \xef\xbd\xa1\n")) {
            if (piece.begin != at || piece.end < at || piece.id < 0 ||
                piece.id >= tokenizer->size()) {
                std::abort();
            }
            at = piece.end;
            ids.push_back(piece.id);
        }
        static_cast<void>(tokenizer->decode(ids));
    });
    return 0;
}
