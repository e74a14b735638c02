// SPDX-License-Identifier: MIT
// Rows of clips and their frames beside those of the steps (format 3). For this folder only; one
// thread.
#pragma once

#include "engine/recording/rows.h"

#include <optional>

namespace depthscope::recording {

/// Reads both tables in the order of the steps.
class ClipRows {
public:
    explicit ClipRows(Database& database);

    /// Call with growing numbers. Nothing where the step has no clip. Throws Error{BadInput} for
    /// sizes over the limits, before memory is asked for.
    [[nodiscard]] std::optional<trace::ClipContent> of(std::int64_t step);

private:
    void advanceClip();
    void advanceFrame();
    void readFrames(std::int64_t step, const std::string& subject, trace::ClipContent& clip);

    Statement m_clips;
    Statement m_frames;
    std::optional<std::int64_t> m_clipStep;
    std::optional<std::int64_t> m_frameStep;
};

} // namespace depthscope::recording
