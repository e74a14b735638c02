// SPDX-License-Identifier: MIT
// What KV MEMORY draws along the tokens of a text: bands of bytes by recursion, stacked. Pure, any
// thread.
#pragma once

#include "widgets/instruments/instrument.h"

#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::instruments {

using Bytes = std::vector<std::int64_t>;

/// Bytes up to and with each token, of one group. [T + 1], from 0.
[[nodiscard]] Bytes cumulative(const trace::RunView& run, const trace::KvGroup& group);

/// "unshared", "recursion 2"
[[nodiscard]] std::string groupName(const trace::KvGroup& group, const scene::TextService& text);

/// The run has groups of keys and values.
[[nodiscard]] scene::Scene drawKvBands(const trace::TraceView& view,
                                       const ViewState& state,
                                       const Cursor& cursor,
                                       const Viewport& viewport);

} // namespace depthscope::instruments
