// SPDX-License-Identifier: MIT
// An index as bytes and back. Internal to engine/media; any thread.
#pragma once

#include "engine/media/media_index.h"

#include <optional>
#include <string>
#include <string_view>

namespace depthscope::media {

/// `state` says which file they are of, in which state.
[[nodiscard]] std::string bytesOf(const IndexParts& parts, std::string_view state);

/// Nothing where they are damaged, of another version of the format, or of another state.
[[nodiscard]] std::optional<IndexParts> partsFrom(std::string_view bytes, std::string_view state);

} // namespace depthscope::media
