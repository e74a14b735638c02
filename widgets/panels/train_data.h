// SPDX-License-Identifier: MIT
// What a language model can be trained on in the Train dock, as data of its choice.
#pragma once

namespace depthscope::panels {

namespace TrainData {
enum Text { Graded, TextFile, Both };
} // namespace TrainData

} // namespace depthscope::panels
