// SPDX-License-Identifier: MIT
// What a model is good for, in its own words. Reads a file; throws nothing; any thread.
#pragma once

#include <QString>

namespace depthscope::lab {

/// The first paragraph of the folder's README.md, after headings and a header between lines of
/// three hyphens, as one line without marks; at most 240 characters. Empty: there is none.
[[nodiscard]] QString purposeOf(const QString& folder);

} // namespace depthscope::lab
