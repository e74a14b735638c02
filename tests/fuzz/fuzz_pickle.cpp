// SPDX-License-Identifier: MIT
// The pickle in an archive of torch.save.
#include "engine/io/pickle_reader.h"
#include "tests/fuzz/fuzz_files.h"

using namespace depthscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::readHostile(
        [&] { static_cast<void>(io::readPickledTensors(fuzz::viewOf(data, size), "data.pkl")); });
    return 0;
}
