// SPDX-License-Identifier: MIT
// One factory for each instrument, so that each stays in one file; makeInstruments() calls them in
// the order of the window. Any thread.
#pragma once

#include "widgets/instruments/instrument.h"

#include <memory>

namespace depthscope::instruments {

[[nodiscard]] std::unique_ptr<Instrument> makeTextPanel();
[[nodiscard]] std::unique_ptr<Instrument> makeDepthHeatmap();
[[nodiscard]] std::unique_ptr<Instrument> makeConvergencePanel();
[[nodiscard]] std::unique_ptr<Instrument> makeKvPanel();
[[nodiscard]] std::unique_ptr<Instrument> makeLanesPanel();
[[nodiscard]] std::unique_ptr<Instrument> makeTransport();
[[nodiscard]] std::unique_ptr<Instrument> makeSavedLost();
[[nodiscard]] std::unique_ptr<Instrument> makeExpertPanel();
[[nodiscard]] std::unique_ptr<Instrument> makeRouterPanel();
[[nodiscard]] std::unique_ptr<Instrument> makeTokenInspector();
[[nodiscard]] std::unique_ptr<Instrument> makeTrainingCurves();
[[nodiscard]] std::unique_ptr<Instrument> makeVideoPanel();

} // namespace depthscope::instruments
