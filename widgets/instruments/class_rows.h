// SPDX-License-Identifier: MIT
// CLASSES of ROUTER: what each class of places got, how far that can be trusted, and what follows
// for the question that graded text asks. Pure; the thread that makes the scene.
#pragma once

#include "engine/trace/class_depth.h"
#include "widgets/instruments/row_list.h"

#include <string>
#include <vector>

namespace depthscope::instruments {

/// The section, or why there is none.
void addClassRows(RowList& list, const trace::RunView& run);

/// Its rows of the table: section, row, figure, value, unit.
void addClassCells(Table& table, const trace::RunView& run, const scene::TextService& text);

/// Whether sums are deeper than memorised phrases, in words, by the 95 % interval of the
/// difference. Empty where the run has no such classes, or no router chose its depths.
[[nodiscard]] std::string depthVerdict(const trace::RunView& run,
                                       const std::vector<trace::ClassDepth>& depths,
                                       const scene::TextService& text);

} // namespace depthscope::instruments
