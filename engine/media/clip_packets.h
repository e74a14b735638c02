// SPDX-License-Identifier: MIT
// The pictures of a trace step as FFV1 packets, one for each picture, and back. Without loss. Any
// thread; not the GUI's or the engine's, as it takes a while.
#pragma once

#include "engine/trace/content.h"

namespace depthscope::media {

/// Fills in codec and packets from the pictures, which must all be of one size. Throws Error:
/// BadInput for pictures that differ, OutOfMemory.
void packPictures(trace::ClipContent& clip);

/// Fills in the pictures from the packets. What stands in a file may be hostile: sizes are compared
/// with what the clip says, and limited, before memory is asked for. Throws Error{BadInput} that
/// names the frame.
void unpackPictures(trace::ClipContent& clip);

} // namespace depthscope::media
