// SPDX-License-Identifier: MIT
#include "engine/media/index_builder.h"

#include "engine/base/error.h"
#include "engine/media/decoding_pass.h"
#include "engine/media/index_cache.h"
#include "engine/media/packet_scan.h"

namespace depthscope::media {

std::shared_ptr<const MediaIndex> buildIndex(const std::filesystem::path& path,
                                             const IndexOptions& options,
                                             const std::stop_token& stop) {
    if (auto kept = keptIndex(options.cacheFolder, path)) {
        return kept;
    }
    const std::unique_ptr<PacketSource> source = openSource(path, options.limits, stop);
    std::optional<IndexParts> parts = scanPackets(*source, options.limits, options.progress);
    const auto pixels = [](const IndexParts& scanned) {
        return static_cast<double>(scanned.facts.width) * scanned.facts.height *
               static_cast<double>(scanned.frames.size());
    };
    if (!parts || pixels(*parts) < static_cast<double>(options.certainPixels)) {
        source->rewind();
        parts = runDecodingPass(path, *source, options, {});
    }
    auto index = std::make_shared<const MediaIndex>(std::move(*parts));
    keepIndex(options.cacheFolder, path, *index);
    return index;
}

std::shared_ptr<const MediaIndex> decodeAll(const std::filesystem::path& path,
                                            const IndexOptions& options,
                                            const FrameVisitor& visit,
                                            const std::stop_token& stop) {
    const std::unique_ptr<PacketSource> source = openSource(path, options.limits, stop);
    return std::make_shared<const MediaIndex>(runDecodingPass(path, *source, options, visit));
}

} // namespace depthscope::media
