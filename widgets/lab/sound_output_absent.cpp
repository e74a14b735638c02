// SPDX-License-Identifier: MIT
// A program built without Qt Multimedia (qt6-multimedia-dev) is silent.
#include "widgets/lab/sound_output.h"

namespace depthscope::lab {

std::shared_ptr<media::SoundSink> makeSoundOutput() {
    return nullptr;
}

} // namespace depthscope::lab
