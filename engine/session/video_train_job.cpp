// SPDX-License-Identifier: MIT
// Training of a model on clips: a video transformer, or an autoencoder; the rest is training_job.h.
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/data/own_split.h"
#include "engine/io/autoencoder_folder.h"
#include "engine/io/video_folder.h"
#include "engine/session/autoencoder_family.h"
#include "engine/session/own_videos.h"
#include "engine/session/training_clip.h"
#include "engine/session/training_job.h"
#include "engine/session/video_clips.h"
#include "engine/spec/autoencoder_preset.h"
#include "engine/spec/families.h"
#include "engine/spec/video_preset.h"
#include "engine/train/flow_objective.h"
#include "engine/train/reconstruction_report.h"
#include "engine/train/video_report.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace depthscope::session {

namespace {

/// A video transformer learns to predict clips.
struct Prediction {
    using Preset = spec::VideoPreset;
    using Objective = train::FlowObjective;
    using Record = train::VideoRecord;
    using Report = train::VideoReport;

    static const Preset* find(const std::string& name) { return spec::findVideoPreset(name); }

    static std::int64_t tokens(const spec::VideoSpec& spec) { return spec.grid().count(); }

    static trace::TrainingClipPtr picture(const Objective& objective, std::int64_t step) {
        return objective.preset().model.contextFrames == 0
                   ? nullptr
                   : predictedClip(objective.model(), objective.clips().validation(0), step);
    }

    static void addGround(Record& record, std::shared_ptr<const data::ProceduralClips> clips) {
        record.ground = [clips = std::move(clips)](std::uint64_t index) {
            return clips->ground(index);
        };
    }
};

/// An autoencoder learns to reconstruct them.
struct Reconstruction {
    using Preset = spec::AutoencoderPreset;
    using Objective = train::ReconstructionObjective;
    using Record = train::ReconstructionRecord;
    using Report = train::ReconstructionReport;

    static const Preset* find(const std::string& name) { return spec::findAutoencoderPreset(name); }

    static std::int64_t tokens(const spec::AutoencoderSpec& spec) {
        return spec.latentGrid().count();
    }

    static trace::TrainingClipPtr picture(const Objective& objective, std::int64_t step) {
        return reconstructedClip(objective.model(), objective.clips().validation(0), step);
    }

    static void addGround(Record&, const std::shared_ptr<const data::ProceduralClips>&) {}
};

template <class Kind>
class ClipTrainJob final : public TrainingJob {
public:
    using TrainingJob::TrainingJob;

    ~ClipTrainJob() override { saveRest(); }

    ClipTrainJob(const ClipTrainJob&) = delete;
    ClipTrainJob& operator=(const ClipTrainJob&) = delete;

private:
    using Preset = typename Kind::Preset;

    /// What is to be learned, then the videos, if it is them.
    bool gather(bool started) override {
        if (!m_preset) {
            plan(started);
            return m_preset->data.empty();
        }
        if (!m_reader->isDone()) {
            const OwnVideosReader::Progress progress = m_reader->progress();
            if (!progress.file.empty() && isTimeToTell()) {
                say(progress.share, fmt::format("reading {}", progress.file));
            }
            return false;
        }
        m_own = m_reader->take();
        m_split = data::splitOwnClips(*m_own, m_preset->data);
        tellVideos();
        return true;
    }

    void plan(bool started) {
        refuseText();
        Preset preset = *Kind::find(m_request.preset);
        if (started) {
            train::applyCheckpointRecipe(checkpoint(), preset);
        }
        spec::changeRecipe(preset, m_request.recipe);
        preset.steps = m_request.steps > 0 ? m_request.steps : preset.steps;
        preset.seed = m_request.seed > 0 ? m_request.seed : preset.seed;
        preset.autocast = preset.autocast || m_workspace.dtype == at::kBFloat16;
        if (!preset.data.empty()) {
            const spec::Extent3& clip = preset.model.clip;
            data::OwnClipsRecipe recipe;
            recipe.size = {static_cast<std::int32_t>(clip.frames),
                           static_cast<std::int32_t>(clip.rows),
                           static_cast<std::int32_t>(clip.columns)};
            recipe.every = static_cast<std::int32_t>(preset.every);
            m_reader.emplace(preset.data, recipe, m_request.cacheFolder);
        }
        m_preset = std::move(preset);
    }

    [[nodiscard]] bool isTimeToTell() {
        constexpr std::chrono::seconds kTellEvery(1);
        const auto now = std::chrono::steady_clock::now();
        const bool isTime = now - m_lastTold >= kTellEvery;
        m_lastTold = isTime ? now : m_lastTold;
        return isTime;
    }

    /// What was left out, and what was made of the rest.
    void tellVideos() const {
        constexpr int kMostTold = 20;
        int told = 0;
        for (const data::OwnVideo& video : m_own->videos()) {
            const std::string name = video.file.filename().string();
            std::string text;
            if (!video.refused.empty()) {
                text = fmt::format("left out: {}", video.refused);
            } else if (video.clips == 0) {
                text = fmt::format("left out: {}: no clip of {} undamaged frames in its {}", name,
                                   m_own->recipe().size.frames, video.frames);
            } else if (video.damaged > 0) {
                text = fmt::format("{}: {} of {} frames are damaged and stand in no clip", name,
                                   video.damaged, video.frames);
            } else if (video.isCut) {
                text = fmt::format("{}: cut after {} frames, as the memory for videos is full",
                                   name, video.frames);
            }
            if (!text.empty() && ++told <= kMostTold) {
                say(1, text);
            }
        }
        if (told > kMostTold) {
            say(1,
                fmt::format("{} more files like these; training.json lists all", told - kMostTold));
        }
        say(1, fmt::format("{} clips to learn, {} held out: {}", m_split.learned.size(),
                           m_split.heldOut.size(), m_split.rule));
    }

    train::TrainerSettings begin(bool /*started*/) override {
        const Preset& preset = *m_preset;
        requireMemory(
            preset.name,
            spec::trainingBytes(preset,
                                spec::parameterCount(spec::plannedParameters(preset.model))),
            fmt::format("{} clips of {} tokens", preset.batch, Kind::tokens(preset.model)));
        lock();
        m_objective.emplace(preset, m_own ? ownSets() : proceduralSets(), m_workspace.device);
        return train::trainerSettings(preset);
    }

    train::ClipSets proceduralSets() {
        const Preset& preset = *m_preset;
        m_validation =
            proceduralClips(preset.clips, preset.model, train::validationSeed(preset.seed));
        train::ClipSets sets;
        sets.training = sourceOf(proceduralClips(preset.clips, preset.model, preset.seed));
        sets.validation = sourceOf(m_validation);
        sets.name = preset.clips;
        return sets;
    }

    train::ClipSets ownSets() {
        const auto heldOut = static_cast<std::int64_t>(m_split.heldOut.size());
        m_preset->validationClips = std::min(m_preset->validationClips, heldOut);
        train::ClipSets sets;
        sets.training = [this](std::uint64_t index) {
            return m_own->clip(m_split.learned.at(index));
        };
        sets.validation = [this](std::uint64_t index) {
            return m_own->clip(m_split.heldOutAt(index));
        };
        sets.count = static_cast<std::uint32_t>(m_split.learned.size());
        sets.name = fmt::format("own videos {:016x}", m_own->hash());
        return sets;
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
                    "A video model learns from clips: give --clips NAME, or --data FOLDER.");
            }
        }
    }

    train::Objective& objective() override { return *m_objective; }

    void fill(const train::Evaluation& evaluation, runtime::TrainReport& report) override {
        for (const train::Metric& metric : evaluation.metrics) {
            report.metrics.push_back({metric.name, metric.value, metric.unit});
        }
        if (m_request.pictures) {
            withMeasured([&] { report.clip = Kind::picture(*m_objective, report.step); });
        }
    }

    void saveBest(const std::filesystem::path& best) override {
        io::saveModel(m_objective->model(), best, at::kFloat);
    }

    void finish() override {
        io::saveModel(m_objective->model(), folder(), at::kBFloat16);
        typename Kind::Record record{*m_objective, m_objective->clips().validation};
        train::ClipTraining& training = record.training;
        if (m_own) {
            training.own = m_own.get();
            training.split = &m_split;
        } else {
            Kind::addGround(record, m_validation);
        }
        training.curve = run().curve();
        training.seconds = run().seconds();
        training.threads = m_workspace.backgroundThreads;
        training.device = m_workspace.device.str();
        training.resumedWith = run().differences();
        m_report.emplace(std::move(record));
    }

    bool report(double& fraction) override {
        const bool isMore = m_report->step();
        fraction = m_report->fraction();
        return isMore;
    }

    [[nodiscard]] std::string reportText() const override { return m_report->text(); }

    std::optional<Preset> m_preset;
    std::optional<OwnVideosReader> m_reader;
    std::shared_ptr<const data::OwnClips> m_own; ///< null: procedural clips
    data::OwnSplit m_split;
    std::chrono::steady_clock::time_point m_lastTold;
    std::shared_ptr<const data::ProceduralClips> m_validation;
    std::optional<typename Kind::Objective> m_objective;
    std::optional<typename Kind::Report> m_report;
};

} // namespace

std::unique_ptr<Job>
makeVideoTrainJob(Workspace& workspace, JobId id, runtime::TrainRequest request, Publish publish) {
    if (Reconstruction::find(request.preset) != nullptr) {
        return std::make_unique<ClipTrainJob<Reconstruction>>(workspace, id, std::move(request),
                                                              std::move(publish));
    }
    return std::make_unique<ClipTrainJob<Prediction>>(workspace, id, std::move(request),
                                                      std::move(publish));
}

} // namespace depthscope::session
