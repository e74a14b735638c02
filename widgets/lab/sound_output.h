// SPDX-License-Identifier: MIT
// The sound device of this machine, through Qt Multimedia, on a thread of its own.
#pragma once

#include "engine/media/sound_track.h"

#include <memory>

namespace depthscope::lab {

/// Null: there is no device, or the program was built without Qt Multimedia. GUI thread.
[[nodiscard]] std::shared_ptr<media::SoundSink> makeSoundOutput();

} // namespace depthscope::lab
