// SPDX-License-Identifier: MIT
// The header of a .safetensors file.
#include "engine/io/weight_index.h"
#include "tests/fuzz/fuzz_files.h"

using namespace depthscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fuzz::FuzzFolder folder; // one for all runs
    const auto file = folder.write("a.safetensors", fuzz::viewOf(data, size));
    fuzz::readHostile([&] { static_cast<void>(io::readSafetensorsIndex(file)); });
    return 0;
}
