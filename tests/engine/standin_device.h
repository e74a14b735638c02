// SPDX-License-Identifier: MIT
// A device for tests of code that shall run on a graphics processor where there is none: its memory
// is the host's, but, as on a GPU, an operator refuses tensors of both devices, and every place
// where the host would wait for the device is counted. Operators run on the CPU behind it, so
// results equal the CPU's. Registers itself as LibTorch's PrivateUse1 when its source is linked.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace depthscope::tests {

[[nodiscard]] at::Device standInDevice();

/// Names of the operators at which the host waited since the last call: copies to the host, values
/// read, results whose shape is data.
[[nodiscard]] std::vector<std::string> takeWaits();

} // namespace depthscope::tests
