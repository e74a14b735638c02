// SPDX-License-Identifier: MIT
#include "engine/io/safetensors.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/io/safetensors_dtypes.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace depthscope::io {

using nlohmann::json;

void writeSafetensors(const std::filesystem::path& path,
                      const std::vector<NamedTensor>& tensors,
                      const std::map<std::string, std::string>& metadata) {
    json header = json::object();
    if (!metadata.empty()) {
        header["__metadata__"] = metadata;
    }
    std::uint64_t offset = 0;
    std::vector<at::Tensor> data;
    for (const NamedTensor& named : tensors) {
        data.push_back(named.tensor.detach().cpu().contiguous());
        const auto* known = std::find_if(
            kSafetensorsDtypes.begin(), kSafetensorsDtypes.end(),
            [&](const SafetensorsDtype& d) { return data.back().scalar_type() == d.dtype; });
        if (known == kSafetensorsDtypes.end()) {
            throw Error(ErrorCode::Internal,
                        fmt::format("tensor {}: dtype cannot be stored", named.name));
        }
        const std::uint64_t bytes = data.back().nbytes();
        header[named.name] = {{"dtype", known->name},
                              {"shape", data.back().sizes().vec()},
                              {"data_offsets", {offset, offset + bytes}}};
        offset += bytes;
    }
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' '); // readers map the data: keep it aligned
    std::array<unsigned char, 8> length{};
    for (std::size_t i = 0; i < length.size(); ++i) {
        length[i] = static_cast<unsigned char>(text.size() >> (8 * i));
    }
    AtomicFile file(path);
    file.write(length.data(), length.size());
    file.write(text);
    for (const at::Tensor& tensor : data) {
        file.write(tensor.data_ptr(), tensor.nbytes());
    }
    file.commit();
}

} // namespace depthscope::io
