// SPDX-License-Identifier: MIT
// The safetensors container: reading one file, and writing one. Engine thread.
#pragma once

#include "engine/io/weight_reader.h"

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace depthscope::io {

/// One .safetensors file.
class SafetensorsReader : public WeightReader {
public:
    explicit SafetensorsReader(const std::filesystem::path& file)
        : WeightReader(readSafetensorsIndex(file)) {}
};

struct NamedTensor {
    std::string name;
    at::Tensor tensor;
};

/// Writes a temporary file, syncs, then renames: the target is either the old file or the complete
/// new one. Throws Error{OutOfMemory} for a full disk and Error{BadInput} for an unwritable
/// location, naming the file.
void writeSafetensors(const std::filesystem::path& path,
                      const std::vector<NamedTensor>& tensors,
                      const std::map<std::string, std::string>& metadata = {});

} // namespace depthscope::io
