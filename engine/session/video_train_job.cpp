// SPDX-License-Identifier: MIT
// Training of a video model on clips; the rest is training_job.h.
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/io/video_folder.h"
#include "engine/session/training_job.h"
#include "engine/session/video_clips.h"
#include "engine/spec/families.h"
#include "engine/spec/video_preset.h"
#include "engine/train/flow_objective.h"
#include "engine/train/video_report.h"

#include <optional>

namespace depthscope::session {

namespace {

class VideoTrainJob final : public TrainingJob {
public:
    using TrainingJob::TrainingJob;

    ~VideoTrainJob() override { saveRest(); }

    VideoTrainJob(const VideoTrainJob&) = delete;
    VideoTrainJob& operator=(const VideoTrainJob&) = delete;

private:
    train::TrainerSettings begin(bool started) override {
        refuseText();
        spec::VideoPreset preset = *spec::findVideoPreset(m_request.preset);
        if (started) {
            train::applyCheckpointRecipe(checkpoint(), preset);
        }
        spec::changeRecipe(preset, m_request.recipe);
        preset.steps = m_request.steps > 0 ? m_request.steps : preset.steps;
        preset.seed = m_request.seed > 0 ? m_request.seed : preset.seed;
        preset.autocast = preset.autocast || m_workspace.dtype == at::kBFloat16;
        requireMemory(
            preset.name,
            spec::trainingBytes(preset,
                                spec::parameterCount(spec::plannedParameters(preset.model))),
            fmt::format("{} clips of {} tokens", preset.batch, preset.model.grid().count()));
        lock();
        m_validation =
            proceduralClips(preset.clips, preset.model, train::validationSeed(preset.seed));
        train::ClipSets sets;
        sets.training = sourceOf(proceduralClips(preset.clips, preset.model, preset.seed));
        sets.validation = sourceOf(m_validation);
        sets.name = preset.clips;
        m_objective.emplace(preset, std::move(sets), m_workspace.device);
        return train::trainerSettings(preset);
    }

    void refuseText() const {
        for (const auto& [name, value] :
             {std::pair{"--text-file", &m_request.textFile},
              std::pair{"--corpus", &m_request.corpus}, std::pair{"--tokens", &m_request.tokenFile},
              std::pair{"--tokenizer", &m_request.tokenizer},
              std::pair{"--init-from", &m_request.initFrom}}) {
            if (!value->empty()) {
                throw Error(
                    ErrorCode::Usage,
                    fmt::format("{} has no effect on {}, a video model", name, m_request.preset),
                    "A video model learns from clips: give --clips NAME.");
            }
        }
    }

    train::Objective& objective() override { return *m_objective; }

    void fill(const train::Evaluation& evaluation, runtime::TrainReport& report) override {
        for (const train::Metric& metric : evaluation.metrics) {
            report.metrics.push_back({metric.name, metric.value, metric.unit});
        }
    }

    void saveBest(const std::filesystem::path& best) override {
        io::saveModel(m_objective->model(), best, at::kFloat);
    }

    void finish() override {
        io::saveModel(m_objective->model(), folder(), at::kBFloat16);
        m_report.emplace(train::VideoRecord{
            *m_objective, sourceOf(m_validation),
            [clips = m_validation](std::uint64_t index) { return clips->ground(index); },
            run().curve(), run().seconds(), m_workspace.backgroundThreads, run().differences()});
    }

    bool report(double& fraction) override {
        const bool isMore = m_report->step();
        fraction = m_report->fraction();
        return isMore;
    }

    [[nodiscard]] std::string reportText() const override { return m_report->text(); }

    std::shared_ptr<const data::ProceduralClips> m_validation;
    std::optional<train::FlowObjective> m_objective;
    std::optional<train::VideoReport> m_report;
};

} // namespace

std::unique_ptr<Job>
makeVideoTrainJob(Workspace& workspace, JobId id, runtime::TrainRequest request, Publish publish) {
    return std::make_unique<VideoTrainJob>(workspace, id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
