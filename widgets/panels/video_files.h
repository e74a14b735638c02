// SPDX-License-Identifier: MIT
// Which files the window takes for a clip. Pure but for a look at the file; GUI thread.
#pragma once

#include <QString>

namespace depthscope::panels {

/// A video or an image by its ending or its first bytes, or a folder of images that is no model.
[[nodiscard]] bool isVideo(const QString& path);

/// For file dialogs.
[[nodiscard]] QString videoFilter();

} // namespace depthscope::panels
