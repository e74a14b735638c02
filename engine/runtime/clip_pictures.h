// SPDX-License-Identifier: MIT
// Joins engine/media and engine/recording: the pictures of steps are packed before they are stored,
// and decoded when a recording is replayed, without the engine. Any thread but the GUI's and the
// engine's. In a program built without video, steps are recorded and shown without their pictures.
#pragma once

#include "engine/trace/step_trace.h"

namespace depthscope::runtime {

/// The step as a recording takes it: its pictures as packets. The step itself where it has none, or
/// is packed already. Throws Error as media::packPictures.
[[nodiscard]] trace::StepPtr packed(const trace::StepPtr& step);
[[nodiscard]] std::vector<trace::StepPtr> packed(const std::vector<trace::StepPtr>& steps);

/// The step as a recording gives it, with its pictures decoded. Throws Error{BadInput} for damage.
[[nodiscard]] trace::StepPtr unpacked(const trace::StepPtr& step);

} // namespace depthscope::runtime
