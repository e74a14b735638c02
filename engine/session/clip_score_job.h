// SPDX-License-Identifier: MIT
// Clips measured a few at a time, with progress: what the scores of all video families share.
// Engine thread.
#pragma once

#include "engine/runtime/video_request.h"
#include "engine/session/threads.h"
#include "engine/session/video_clips.h"
#include "engine/session/workspace.h"

#include <optional>
#include <utility>

namespace depthscope::session {

/// `Scorer` has step(), which is false when it is done, and fraction().
template <class Scorer>
class ClipScoreJob : public Job {
public:
    ClipScoreJob(Workspace& workspace,
                 JobId id,
                 runtime::VideoScoreRequest request,
                 Publish publish)
        : m_request(std::move(request))
        , m_workspace(workspace)
        , m_id(id)
        , m_publish(std::move(publish)) {
        requireCount(m_request.count);
    }

    bool step() final {
        useThreads(m_workspace.interactiveThreads);
        const bool isMore = m_scorer->step();
        m_publish(runtime::JobProgress{m_id, m_scorer->fraction(), -1, "measuring clips"});
        if (!isMore) {
            runtime::VideoScoreReport made = report();
            made.job = m_id;
            m_publish(std::move(made));
        }
        return isMore;
    }

protected:
    [[nodiscard]] virtual runtime::VideoScoreReport report() const = 0;

    runtime::VideoScoreRequest m_request;
    std::optional<Scorer> m_scorer; ///< made by who derives

private:
    Workspace& m_workspace;
    JobId m_id;
    Publish m_publish;
};

} // namespace depthscope::session
