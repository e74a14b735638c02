// SPDX-License-Identifier: MIT
// A pickle as torch.save writes one for a state dictionary, read as data: an allow-list of opcodes
// and of globals, those of torch.load(weights_only=True); no code is ever run. Any thread. Throws
// Error{BadInput} naming the file and what was found.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::io {

/// A part of a storage, as `_rebuild_tensor_v2` describes it. Numbers are as the file has them.
struct PickledTensor {
    std::string unreadable; ///< what it is if it cannot be read; then the fields below are unused
    at::ScalarType dtype = at::ScalarType::Undefined;
    std::string storageKey; ///< member data/<key> of the archive
    std::int64_t storageElements = 0;
    std::int64_t offset = 0; ///< in elements
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> strides;
};

/// The tensors of the dictionary by name. A dictionary that holds one under "state_dict", "model"
/// or "module" stands for that one; values that are not tensors are ignored or unreadable. `file`
/// is for messages.
[[nodiscard]] std::map<std::string, PickledTensor> readPickledTensors(std::string_view pickle,
                                                                      const std::string& file);

} // namespace depthscope::io
