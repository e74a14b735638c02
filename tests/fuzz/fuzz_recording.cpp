// SPDX-License-Identifier: MIT
// A .depthscope recording.
#include "engine/recording/reader.h"
#include "tests/fuzz/fuzz_files.h"

using namespace depthscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fuzz::FuzzFolder folder; // one for all runs
    const auto file = folder.write("a.depthscope", fuzz::viewOf(data, size));
    fuzz::readHostile([&] { static_cast<void>(recording::readRecording(file)); });
    return 0;
}
