// SPDX-License-Identifier: MIT
// What programs request of a video model. Part of request.h; the answers are in report.h.
#pragma once

#include "engine/runtime/clip_request.h"
#include "engine/runtime/request_parts.h"
#include "engine/settings/routing.h"
#include "engine/trace/run_key.h"

#include <cstdint>
#include <optional>
#include <string>

namespace depthscope::runtime {

/// Draws clips from a video model, or predicts what follows the first frames of clips.
struct VideoSampleRequest {
    ClipChoice clips;
    ClipFrames context;     ///< instead of `clips`, of all that are drawn; empty: none
    ClipFile own;           ///< instead of `context`; no file: none
    std::int64_t count = 1; ///< clips
    int steps = 8;
    bool heun = false; ///< else Euler
    double guidance = 1;
    int classNumber = -1;    ///< label to draw; -1: none
    bool generate = false;   ///< from noise alone, where the model could predict
    std::uint64_t seed = 1;  ///< of the noise; clip k has seed + k
    bool keepContext = true; ///< false: make the context's keys and values in every step
    std::string experts;     ///< spec::PatternMode by name; empty: as trained
    settings::RoutingSettings routing;
    ModelRole role = ModelRole::Main;
    std::uint64_t revision = 0;
    trace::RunKey run = trace::kMainRun; ///< the steps' key
    /// Steps have pictures of the first clip as it is expected to end, and the truth is a run of
    /// its own.
    bool pictures = false;
    /// For a reference: first drawn by turns with this routing and these experts, so that the
    /// steps' times are medians that can be compared.
    std::optional<settings::RoutingSettings> timedWith;
    std::string timedExperts;

    [[nodiscard]] Priority priority() const {
        return run == trace::kMainRun ? Priority::MainPass : Priority::Reference;
    }

    [[nodiscard]] bool replaces(const VideoSampleRequest& older) const { return run == older.run; }
};

/// Measures a video model on held-out clips.
struct VideoScoreRequest {
    ClipChoice clips;
    std::int64_t count = 96;
    int steps = 8;
    bool heun = false;
    std::string experts; ///< spec::PatternMode by name; empty: as trained
    settings::RoutingSettings routing;

    [[nodiscard]] Priority priority() const { return Priority::Background; }

    [[nodiscard]] bool replaces(const VideoScoreRequest&) const { return false; }
};

/// Size and work of a video model.
struct VideoProbeRequest {
    [[nodiscard]] Priority priority() const { return Priority::Short; }

    [[nodiscard]] bool replaces(const VideoProbeRequest&) const { return false; }
};

} // namespace depthscope::runtime
