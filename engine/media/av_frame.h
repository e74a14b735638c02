// SPDX-License-Identifier: MIT
// Between FFmpeg's frames and ours. Neither direction copies planes that both can share. Internal
// to engine/media; any thread.
#pragma once

#include "engine/base/rgb_picture.h"
#include "engine/media/ffmpeg.h"
#include "engine/trace/frame.h"

namespace depthscope::media {

/// Without number and time. Throws Error{BadInput} for pixels whose layout is not known.
[[nodiscard]] trace::Frame frameOf(Owned<AVFrame> decoded);

/// With format, size, colour and sample aspect 0:1; without a time. The planes are shared and
/// read-only. Throws Error{BadInput} for a pixel format that this FFmpeg does not know.
[[nodiscard]] Owned<AVFrame> avFrameOf(const trace::Frame& frame);

/// RGB24 of full range, copied.
[[nodiscard]] Owned<AVFrame> avFrameOf(const RgbPicture& picture);

} // namespace depthscope::media
