// SPDX-License-Identifier: MIT
// How a setting is declared: once, with name, help, unit and range. The command line, JSON,
// QSettings, the form, the documentation and the range check all visit the same declaration. Any
// thread.
#pragma once

#include <limits>

namespace depthscope::settings {

/// What a person needs to know about one field. `minimum` and `maximum` bound numbers (inclusive)
/// and are ignored for other types.
struct FieldInfo {
    const char* name;      ///< key on the command line (--name), in JSON and in QSettings
    const char* help;      ///< one sentence for tooltips and documentation
    const char* unit = ""; ///< "" where the number has none
    double minimum = -std::numeric_limits<double>::infinity();
    double maximum = std::numeric_limits<double>::infinity();
};

} // namespace depthscope::settings
