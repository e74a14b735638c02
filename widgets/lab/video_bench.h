// SPDX-License-Identifier: MIT
// The bench of video models: the clip that is continued, and the denoising run that is made anew
// while settings change. Owned by the laboratory; GUI thread.
#pragma once

#include "widgets/lab/bench.h"

namespace depthscope::lab {

class VideoBench final : public Bench {
public:
    using Bench::Bench;

    /// A clip is named by the settings, or is that of the training.
    [[nodiscard]] bool hasInput() const override { return true; }

    [[nodiscard]] runtime::Request reference(const trace::RunKey& key,
                                             const trace::RunView& main) const override;

    [[nodiscard]] std::optional<runtime::Request>
    timedReference(const trace::RunView& main) const override;

private:
    [[nodiscard]] runtime::Request newPass() override;

    void rememberRouted() override { m_routed = m_asked; }

    [[nodiscard]] bool isRouted() const override { return shell().settings().video == m_routed; }

    /// Some runs of a small model.
    [[nodiscard]] qint64 letFinishMilliseconds() const override { return 250; }

    settings::VideoSettings m_asked;  ///< of the last run
    settings::VideoSettings m_routed; ///< of the last run that did not fail
};

} // namespace depthscope::lab
