// SPDX-License-Identifier: MIT
// Measures the trained model of one cell of the experiment more-dit: predictions, what other
// routing of the same weights changes, where depth and experts go, regret, memory and time
// (docs/video_models.md, "Experiment"). A piece at a time. Engine thread.
#pragma once

#include "engine/evaluate/clip_batch.h"
#include "engine/evaluate/clip_score.h"
#include "engine/evaluate/frechet.h"
#include "engine/evaluate/motion_features.h"
#include "engine/train/flow_objective.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace depthscope::session {

/// What cells are measured with; the same for all. Outlives the scores.
struct CellYardstick {
    evaluate::ClipSource clips; ///< held out
    std::uint64_t firstClip = 0;
    std::int64_t count = 384;
    std::int64_t regretClips = 8;
    const evaluate::MotionFeatures* features = nullptr;
    evaluate::Gaussian real; ///< features of other clips' true frames
};

class VideoCellScore {
public:
    /// Objective and yardstick outlive the score. `usedBefore`: bytes of tensors before the cell's
    /// own. `everyIntervention`: else only those that tell what depth is worth.
    VideoCellScore(train::FlowObjective& objective,
                   const CellYardstick& yardstick,
                   std::int64_t usedBefore,
                   bool everyIntervention);

    /// A piece; false: all is there.
    bool step();

    [[nodiscard]] double fraction() const;

    /// By name (train::VideoResult).
    [[nodiscard]] const std::vector<std::pair<std::string, double>>& figures() const {
        return m_figures;
    }

private:
    using Stage = std::function<bool()>; ///< a piece of it; false: done

    void add(std::string name, double value) { m_figures.emplace_back(std::move(name), value); }

    [[nodiscard]] evaluate::ClipScoring scoring() const;
    [[nodiscard]] Stage predictions();
    [[nodiscard]] Stage intervention(const std::string& name, evaluate::ClipScoring scoring);
    void addInterventions(bool every);
    [[nodiscard]] Stage depths();
    [[nodiscard]] Stage regret();
    void measureTraining();
    void measureSampling();
    void keepPredictions(const evaluate::ClipScore& score);

    train::FlowObjective& m_objective;
    const CellYardstick& m_yardstick;
    std::int64_t m_usedBefore;
    std::deque<Stage> m_stages; ///< the first is at work
    std::size_t m_all = 0;
    std::vector<at::Tensor> m_predicted; ///< features
    std::vector<std::pair<std::string, double>> m_figures;
};

} // namespace depthscope::session
