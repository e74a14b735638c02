// SPDX-License-Identifier: MIT
// What a screen reader is told of a combo box: its name, or that of its label, and as value what is
// chosen. Qt's own interface has the value as name on Linux. GUI thread.
#pragma once

namespace depthscope::panels {

/// For all choice boxes of the program; again, it does nothing.
void installChoiceAccessible();

} // namespace depthscope::panels
