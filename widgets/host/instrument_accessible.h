// SPDX-License-Identifier: MIT
// What a screen reader is told of an instrument: it is a chart, its name is its title, its
// description what it shows as a whole, its value what stands under the cursor. Its table twin has
// the figures. GUI thread.
#pragma once

namespace depthscope::host {

/// For all instruments of the program; again, it does nothing.
void installInstrumentAccessible();

} // namespace depthscope::host
