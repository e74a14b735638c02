// SPDX-License-Identifier: MIT
// Qt's events as an instrument's input. Pure, GUI thread.
#pragma once

#include "widgets/instruments/instrument.h"

#include <optional>

class QEvent;
class QKeyEvent;

namespace depthscope::host {

/// What an instrument understands of `event`; nothing if it is not for one.
[[nodiscard]] std::optional<instruments::Input> inputOf(const QEvent& event);

/// The instrument's key, if it is one without a modifier that belongs to the menus.
[[nodiscard]] std::optional<instruments::KeyPress> keyPressOf(const QKeyEvent& event);

} // namespace depthscope::host
