// SPDX-License-Identifier: MIT
#include "engine/media/index_cache.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "engine/base/text_file.h"
#include "engine/media/index_bytes.h"

#include <sys/stat.h>

#include <cstdio>
#include <string>

namespace depthscope::media {

namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30U;

/// Path, size and time of change as bytes; empty for anything but a regular file.
std::string stateOf(const std::filesystem::path& file) {
    struct stat facts {};

    std::error_code error;
    const std::filesystem::path whole = std::filesystem::absolute(file, error);
    if (error || ::stat(whole.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return {};
    }
    return whole.string() + '\n' + std::to_string(facts.st_size) + '\n' +
           std::to_string(facts.st_mtim.tv_sec) + '.' + std::to_string(facts.st_mtim.tv_nsec);
}

std::filesystem::path placeOf(const std::filesystem::path& folder, const std::string& state) {
    Fnv hash;
    hash.add(state.substr(0, state.find_last_of('\n', state.find_last_of('\n') - 1)));
    std::array<char, 2 * sizeof(std::uint64_t) + 1> name{};
    std::snprintf(name.data(), name.size(), "%016llx",
                  static_cast<unsigned long long>(hash.value()));
    return folder / (std::string(name.data()) + ".index");
}

} // namespace

std::shared_ptr<const MediaIndex> keptIndex(const std::filesystem::path& folder,
                                            const std::filesystem::path& file) {
    const std::string state = folder.empty() ? std::string() : stateOf(file);
    std::error_code error;
    if (state.empty() || !std::filesystem::exists(placeOf(folder, state), error)) {
        return nullptr;
    }
    try {
        const std::string bytes = readWhole(placeOf(folder, state), kMostBytes);
        if (std::optional<IndexParts> parts = partsFrom(bytes, state)) {
            return std::make_shared<const MediaIndex>(std::move(*parts));
        }
    } catch (const Error&) {
        return nullptr; // as good as none: it is made anew
    }
    return nullptr;
}

void keepIndex(const std::filesystem::path& folder,
               const std::filesystem::path& file,
               const MediaIndex& index) {
    const std::string state = folder.empty() ? std::string() : stateOf(file);
    if (state.empty()) {
        return;
    }
    try {
        makeFolder(folder);
        AtomicFile target(placeOf(folder, state));
        target.write(bytesOf(index.parts(), state));
        target.commit();
    } catch (const Error&) {
        return;
    }
}

} // namespace depthscope::media
