// SPDX-License-Identifier: MIT
// Gives a reader the bytes of the fuzzer as files in a folder of memory, and swallows the one error
// that hostile files may get. One thread.
#pragma once

#include "engine/base/error.h"

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace depthscope::fuzz {

class FuzzFolder {
public:
    FuzzFolder() {
        std::error_code error;
        const std::filesystem::path memory = "/dev/shm";
        const std::filesystem::path base = std::filesystem::is_directory(memory, error)
                                               ? memory
                                               : std::filesystem::temp_directory_path();
        m_path = base / ("depthscope-fuzz-" + std::to_string(::getpid()));
        std::filesystem::create_directories(m_path);
    }

    ~FuzzFolder() {
        std::error_code error;
        std::filesystem::remove_all(m_path, error);
    }

    FuzzFolder(const FuzzFolder&) = delete;
    FuzzFolder& operator=(const FuzzFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

    std::filesystem::path write(const char* name, std::string_view bytes) const {
        std::ofstream(m_path / name, std::ios::binary | std::ios::trunc) << bytes;
        return m_path / name;
    }

private:
    std::filesystem::path m_path;
};

inline std::string_view viewOf(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Any other exception than ours ends the program, as it would end the reader's caller. A file is
/// bad input, never a fault of ours or a lack of memory.
template <typename Call>
void readHostile(const Call& call) {
    try {
        call();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::BadInput) {
            std::fprintf(stderr, "wrong kind of error: %s\n", error.message().c_str());
            std::abort();
        }
    }
}

} // namespace depthscope::fuzz
