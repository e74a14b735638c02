// SPDX-License-Identifier: MIT
// Reads back the recipe that scene_export.h put inside a figure. Any thread; bounds what it reads.
#pragma once

#include <QString>
#include <optional>

namespace depthscope::paint::qt {

/// The file's suffix is that of a figure: svg, pdf or png.
[[nodiscard]] bool mayHoldRecipe(const QString& path);

/// Nothing where the file has none: it was not exported by Depthscope, or was written anew by a
/// program that drops descriptions. Throws Error{BadInput} naming the file when it cannot be read
/// or is damaged before the recipe ends.
[[nodiscard]] std::optional<QString> embeddedRecipe(const QString& path);

} // namespace depthscope::paint::qt
