// SPDX-License-Identifier: MIT
// The name of a folder that is still free, beside one that is taken. Reads the folder that it is
// in; any thread.
#pragma once

#include <QString>

namespace depthscope::panels {

/// "trained/tiny-2" beside "trained/tiny", "trained/tiny-3" beside "trained/tiny-2".
[[nodiscard]] QString nextFreeFolder(const QString& taken);

} // namespace depthscope::panels
