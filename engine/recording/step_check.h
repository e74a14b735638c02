// SPDX-License-Identifier: MIT
// What a step must be so that views can trust its arrays. Writers check it before storing (an error
// there is a bug), readers before returning it (an error there is a damaged file). One owner, one
// thread.
#pragma once

#include "engine/recording/recording.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace depthscope::recording {

/// What is wrong with one step by itself; nothing if it is sound.
[[nodiscard]] std::optional<std::string> errorIn(const trace::StepTrace& step);

/// What is wrong with prompt and class ranges; nothing if they are sound.
[[nodiscard]] std::optional<std::string> errorIn(const RunSetup& recipe);

/// Follows the runs of a recording: the steps of a run are consecutive, have the same recursions,
/// rows, expert layers and kind of content, and leave no gaps.
class StepOrder {
public:
    /// What is wrong with a step where it stands, errorIn(step) included.
    [[nodiscard]] std::optional<std::string> errorInNext(const trace::StepTrace& step);

private:
    struct Run {
        std::uint64_t nextStep = 0;
        std::int32_t recursions = 0;
        trace::Layout layout;
        std::int64_t firstPlace = 0;
        std::int64_t endPlace = 0;                 ///< one past the last so far
        std::size_t content = 0;                   ///< kind of it
        std::vector<trace::ExpertChoices> experts; ///< layers and numbers alone, no choices
    };

    std::map<std::pair<std::uint64_t, trace::RunKey>, Run> m_runs;
};

} // namespace depthscope::recording
