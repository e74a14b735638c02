// SPDX-License-Identifier: MIT
// A program built without video (DEPTHSCOPE_MEDIA=OFF) says so where it is asked for own videos.
#include "engine/base/error.h"
#include "engine/session/own_context.h"

namespace depthscope::session {

bool OwnContext::isOf(const runtime::ClipFile& /*file*/, const spec::VideoSpec& /*spec*/) const {
    return false;
}

OwnContextReader::OwnContextReader(const runtime::ClipFile& file, const spec::VideoSpec& /*spec*/) {
    throw Error(ErrorCode::Usage, file.file + ": this program was built without video",
                "Build it with DEPTHSCOPE_MEDIA=ON; it needs FFmpeg's development packages.");
}

bool OwnContextReader::isDone() const {
    return true;
}

} // namespace depthscope::session
