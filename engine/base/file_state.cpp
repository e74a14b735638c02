// SPDX-License-Identifier: MIT
#include "engine/base/file_state.h"

#include "engine/base/hash.h"
#include "engine/base/text.h"

#include <sys/stat.h>

namespace depthscope {

FileState fileState(const std::filesystem::path& file) {
    struct stat facts {};

    std::error_code error;
    const std::string whole = std::filesystem::absolute(file, error).string();
    if (error || ::stat(whole.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return {};
    }
    Fnv hash;
    hash.add(whole);
    return {fmt::format("{}\n{}\n{}.{}", whole, facts.st_size, facts.st_mtim.tv_sec,
                        facts.st_mtim.tv_nsec),
            fmt::format("{:016x}", hash.value())};
}

} // namespace depthscope
