// SPDX-License-Identifier: MIT
#include "engine/media/index_cache.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/file_state.h"
#include "engine/base/text_file.h"
#include "engine/media/index_bytes.h"

#include <string>

namespace depthscope::media {

namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30U;

std::filesystem::path placeOf(const std::filesystem::path& folder, const FileState& state) {
    return folder / (state.name + ".index");
}

} // namespace

std::shared_ptr<const MediaIndex> keptIndex(const std::filesystem::path& folder,
                                            const std::filesystem::path& file) {
    const FileState state = folder.empty() ? FileState() : fileState(file);
    std::error_code error;
    if (state.text.empty() || !std::filesystem::exists(placeOf(folder, state), error)) {
        return nullptr;
    }
    try {
        const std::string bytes = readWhole(placeOf(folder, state), kMostBytes);
        if (std::optional<IndexParts> parts = partsFrom(bytes, state.text)) {
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
    const FileState state = folder.empty() ? FileState() : fileState(file);
    if (state.text.empty()) {
        return;
    }
    try {
        makeFolder(folder);
        AtomicFile target(placeOf(folder, state));
        target.write(bytesOf(index.parts(), state.text));
        target.commit();
    } catch (const Error&) {
        return;
    }
}

} // namespace depthscope::media
