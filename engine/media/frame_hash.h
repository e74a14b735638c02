// SPDX-License-Identifier: MIT
// The MD5 of a frame's native planes, packed row by row, as `ffmpeg -f framemd5` prints it. Any
// thread.
#pragma once

#include "engine/trace/frame.h"

#include <string>

namespace depthscope::media {

[[nodiscard]] std::string md5Of(const trace::Frame& frame);

} // namespace depthscope::media
