// SPDX-License-Identifier: MIT
// The names that a pickle of torch.save may reference: those of torch.load(weights_only=True). Any
// other could execute code. Constants; any thread.
#pragma once

#include <string_view>

namespace depthscope::io {

/// Description of a value that is not a tensor.
inline constexpr std::string_view kNoTensor = "not a tensor";

[[nodiscard]] bool isAllowedGlobal(std::string_view module, std::string_view name);

/// What an allowed constructor makes where that cannot be read ("a sparse tensor", kNoTensor);
/// empty for those that can be, and for what is no constructor.
[[nodiscard]] std::string_view unreadableOf(std::string_view name);

/// The same for a tensor over a storage of an element type that is not read.
[[nodiscard]] std::string_view unreadableStorage(std::string_view storage);

} // namespace depthscope::io
