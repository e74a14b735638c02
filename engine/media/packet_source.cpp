// SPDX-License-Identifier: MIT
#include "engine/media/packet_source.h"

#include "engine/media/demuxer.h"
#include "engine/media/image_files.h"
#include "engine/media/image_source.h"

#include <utility>

namespace depthscope::media {

std::unique_ptr<PacketSource>
openSource(const std::filesystem::path& path, const Limits& limits, std::stop_token stop) {
    std::error_code error;
    const bool isFolder = std::filesystem::is_directory(path, error);
    if (isFolder || (!std::filesystem::exists(path, error) && isImagePattern(path))) {
        return std::make_unique<ImageSource>(path, limits, std::move(stop));
    }
    return std::make_unique<Demuxer>(path, limits, std::move(stop));
}

} // namespace depthscope::media
