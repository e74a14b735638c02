// SPDX-License-Identifier: MIT
#include "engine/recording/files.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

namespace depthscope::recording {

namespace {

std::filesystem::path beside(const std::filesystem::path& path, const char* ending) {
    std::filesystem::path companion = path;
    companion += ending;
    return companion;
}

} // namespace

std::uintmax_t logBytes(const std::filesystem::path& path) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(beside(path, "-wal"), error);
    return error ? 0 : size;
}

void removeCompanions(const std::filesystem::path& path) {
    std::error_code ignored;
    for (const char* ending : {"-wal", "-journal", "-shm"}) {
        std::filesystem::remove(beside(path, ending), ignored);
    }
}

TemporaryFolder::TemporaryFolder() {
    std::error_code error;
    std::string name = (std::filesystem::temp_directory_path(error) / "depthscope-XXXXXX").string();
    if (error || ::mkdtemp(name.data()) == nullptr) {
        throw Error(ErrorCode::OutOfMemory,
                    fmt::format("Cannot create a temporary folder: {}", std::strerror(errno)),
                    "Free some space, or set TMPDIR to a folder that you can write to.");
    }
    m_path = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

std::filesystem::path copyWithLog(const std::filesystem::path& path,
                                  const TemporaryFolder& folder) {
    std::filesystem::path copy = folder.path() / "recording";
    try {
        std::filesystem::copy_file(path, copy);
        std::filesystem::copy_file(beside(path, "-wal"), beside(copy, "-wal"));
    } catch (const std::filesystem::filesystem_error& error) {
        const bool isFull = error.code() == std::errc::no_space_on_device;
        throw Error(
            isFull ? ErrorCode::OutOfMemory : ErrorCode::BadInput,
            fmt::format(
                "{}: this recording was interrupted and could not be copied for reading: {}",
                path.string(), error.code().message()),
            isFull ? "Free some space, or set TMPDIR to a folder on another disk."
                   : "Check that the file and the log beside it are readable.");
    }
    // A copied read-only file stays read-only, but SQLite has to fold the log into it.
    using std::filesystem::perms;
    for (const std::filesystem::path& file : {copy, beside(copy, "-wal")}) {
        std::error_code ignored;
        std::filesystem::permissions(file, perms::owner_read | perms::owner_write, ignored);
    }
    return copy;
}

void syncFolder(const std::filesystem::path& folder) {
    const int descriptor =
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        (void)::fsync(descriptor);
        (void)::close(descriptor);
    }
}

} // namespace depthscope::recording
