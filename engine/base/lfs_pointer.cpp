// SPDX-License-Identifier: MIT
#include "engine/base/lfs_pointer.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <fstream>
#include <string>
#include <string_view>

namespace depthscope {

void refuseLfsPointer(const std::filesystem::path& file) {
    constexpr std::string_view kStart = "version https://git-lfs.github.com/spec/";
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) {
        return; // a pipe would block
    }
    std::ifstream stream(file, std::ios::binary);
    std::string start(kStart.size(), '\0');
    stream.read(start.data(), static_cast<std::streamsize>(start.size()));
    if (!stream || start != kStart) {
        return;
    }
    throw Error(ErrorCode::BadInput,
                fmt::format("{}: a Git LFS pointer of {} bytes, not the file itself", file.string(),
                            std::filesystem::file_size(file, error)),
                "Run \"git lfs pull\" in the repository that it came from, or download the file "
                "itself.");
}

} // namespace depthscope
