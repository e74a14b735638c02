// SPDX-License-Identifier: MIT
#include "engine/session/video_cell_score.h"

#include "engine/base/text.h"
#include "engine/evaluate/clip_regret.h"
#include "engine/evaluate/depth_probe.h"
#include "engine/nn/memory.h"
#include "engine/spec/video_macs.h"
#include "engine/spec/video_weights.h"
#include "engine/train/training_run.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <array>
#include <memory>

namespace depthscope::session {

using settings::Rule;

namespace {

constexpr int kTime = 2;

/// The clips' noise where it is drawn for time and memory alone.
std::vector<std::uint64_t> seedsOf(std::int64_t clips) {
    std::vector<std::uint64_t> seeds;
    for (std::int64_t i = 0; i < clips; ++i) {
        seeds.push_back(static_cast<std::uint64_t>(i));
    }
    return seeds;
}

} // namespace

VideoCellScore::VideoCellScore(train::FlowObjective& objective,
                               const CellYardstick& yardstick,
                               std::int64_t usedBefore,
                               bool everyIntervention)
    : m_objective(objective)
    , m_yardstick(yardstick)
    , m_usedBefore(usedBefore) {
    const spec::VideoSpec& spec = m_objective.model().spec();
    add("parameters", static_cast<double>(spec::parameterCount(spec::plannedParameters(spec))));
    add("macs", spec::videoMacs(spec, spec::targetSide(spec)).total());
    add("macs_context", spec::videoMacs(spec, spec::contextSide(spec)).total());
    m_stages.push_back([this] {
        measureTraining(); // first: nothing else of the score is in memory yet
        return false;
    });
    m_stages.push_back([this] {
        measureSampling();
        return false;
    });
    m_stages.push_back(predictions());
    if (spec.recursion && spec.recursion->hasRouter()) {
        addInterventions(everyIntervention);
        m_stages.push_back(regret());
    }
    if (spec.isMore()) {
        m_stages.push_back(depths());
    }
    m_all = m_stages.size();
}

bool VideoCellScore::step() {
    if (!m_stages.empty() && !m_stages.front()()) {
        m_stages.pop_front();
    }
    return !m_stages.empty();
}

double VideoCellScore::fraction() const {
    return 1.0 - static_cast<double>(m_stages.size()) / static_cast<double>(m_all);
}

evaluate::ClipScoring VideoCellScore::scoring() const {
    const spec::VideoPreset& preset = m_objective.preset();
    evaluate::ClipScoring scoring;
    scoring.clips = m_yardstick.count;
    scoring.batch = preset.batch;
    scoring.firstClip = m_yardstick.firstClip;
    scoring.weightCap = preset.weightCap;
    scoring.flow = false;
    return scoring;
}

VideoCellScore::Stage VideoCellScore::predictions() {
    evaluate::ClipScoring wanted = scoring();
    wanted.flow = true;
    wanted.predicted = [this](const at::Tensor& frames) {
        m_predicted.push_back(m_yardstick.features->features(frames));
    };
    auto scorer = std::make_shared<evaluate::ClipScorer>(m_objective.model(), m_yardstick.clips,
                                                         std::move(wanted));
    return [this, scorer] {
        if (scorer->step()) {
            return true;
        }
        keepPredictions(scorer->score());
        return false;
    };
}

void VideoCellScore::keepPredictions(const evaluate::ClipScore& score) {
    add("psnr", score.psnrPrediction);
    add("psnr_copy_last", score.psnrCopyLast);
    add("psnr_context_mean", score.psnrContextMean);
    add("share_above_copy", score.shareAboveCopy);
    add("weighted_loss", score.weightedLoss);
    double sum = 0;
    for (std::size_t i = 0; i < score.flowLoss.size(); ++i) {
        add(fmt::format("flow_loss[{}]", i + 1), score.flowLoss.at(i));
        sum += score.flowLoss.at(i);
    }
    add("rf_loss", sum / static_cast<double>(score.flowLoss.size()));
    add("f_distance",
        evaluate::frechetDistance(m_yardstick.real, evaluate::gaussianOf(at::cat(m_predicted))));
    m_predicted.clear();
}

VideoCellScore::Stage VideoCellScore::intervention(const std::string& name,
                                                   evaluate::ClipScoring wanted) {
    auto scorer = std::make_shared<evaluate::ClipScorer>(m_objective.model(), m_yardstick.clips,
                                                         std::move(wanted));
    return [this, scorer, name] {
        if (scorer->step()) {
            return true;
        }
        add(fmt::format("psnr[{}]", name), scorer->score().psnrPrediction);
        return false;
    };
}

void VideoCellScore::addInterventions(bool every) {
    const spec::VideoSpec& spec = m_objective.model().spec();
    const auto with = [this](const std::string& name, const auto& change) {
        evaluate::ClipScoring wanted = scoring();
        change(wanted);
        m_stages.push_back(intervention(name, std::move(wanted)));
    };
    const auto recursion = [](evaluate::ClipScoring& wanted) -> models::RecursionRequest& {
        return wanted.sampling.recursion;
    };
    for (int depth = 1; depth <= (every ? spec.recursions() : 1); ++depth) {
        with(fmt::format("depth:{}", depth), [&](evaluate::ClipScoring& wanted) {
            recursion(wanted).settings.rule = Rule::Fixed;
            recursion(wanted).settings.fixedDepth = depth;
        });
    }
    if (!every) {
        return;
    }
    with("random", [&](auto& wanted) { recursion(wanted).settings.rule = Rule::Random; });
    with("inverted", [&](auto& wanted) { recursion(wanted).inverted = true; });
    with("oracle", [](auto& wanted) { wanted.oracle = true; });
    if (!spec.patterns) {
        return;
    }
    with("expert:random",
         [](auto& wanted) { wanted.sampling.patterns.mode = spec::PatternMode::Random; });
    for (int e = 0; e < spec::kPatterns; ++e) {
        const auto pattern = static_cast<spec::Pattern>(e);
        with(fmt::format("expert:{}", spec::toString(pattern)),
             [&](auto& wanted) { wanted.sampling.patterns.forced = pattern; });
    }
}

VideoCellScore::Stage VideoCellScore::depths() {
    evaluate::DepthProbing probing;
    probing.clips = m_yardstick.count;
    probing.batch = m_objective.preset().batch;
    auto probe = std::make_shared<evaluate::DepthProbe>(m_objective.model(), m_yardstick.clips,
                                                        std::move(probing));
    return [this, probe] {
        if (probe->step()) {
            return true;
        }
        const evaluate::DepthFigures figures = probe->figures();
        const std::vector<std::string>& names = trace::patchClasses()->names;
        for (std::size_t kind = 0; kind < figures.auc.size(); ++kind) {
            add(fmt::format("depth[{}]", names.at(kind)), figures.depthByClass.at(kind));
            add(fmt::format("auc[{}]", names.at(kind)), figures.auc.at(kind));
        }
        for (int e = 0; e < spec::kPatterns; ++e) {
            add(fmt::format("share[{}]", spec::toString(static_cast<spec::Pattern>(e))),
                figures.expertShares.at(static_cast<std::size_t>(e)));
        }
        return false;
    };
}

VideoCellScore::Stage VideoCellScore::regret() {
    evaluate::ClipRegretting regretting;
    regretting.clips = m_yardstick.regretClips;
    regretting.firstClip = m_yardstick.firstClip;
    auto meter = std::make_shared<evaluate::ClipRegretMeter>(m_objective.model(), m_yardstick.clips,
                                                             regretting);
    return [this, meter] {
        if (meter->step()) {
            return true;
        }
        add("regret", meter->regret().share());
        add("regret_equal", meter->regret().shareAtEqualCost());
        return false;
    };
}

void VideoCellScore::measureTraining() {
    nn::resetPeakMemory(at::kCPU);
    m_objective.loss({}).total.backward();
    add("bytes[training]", static_cast<double>(nn::memoryUse(at::kCPU).peak - m_usedBefore));
    for (const train::Weight& weight : m_objective.weights()) {
        at::Tensor(weight.tensor).mutable_grad() = at::Tensor();
    }
}

void VideoCellScore::measureSampling() {
    const c10::NoGradGuard noGrad;
    const models::VideoModel& model = m_objective.model();
    constexpr int kTimes = 5;
    constexpr double kBytes = 4; // fp32
    const double weights = kBytes * m_figures.front().second;
    add("bytes[weights]", weights);
    for (const std::int64_t batch : {1, 8}) {
        const std::vector<std::uint64_t> seeds = seedsOf(batch);
        const at::Tensor pixels = evaluate::batchOf(m_yardstick.clips, seeds).pixels;
        std::array<double, kTimes> seconds{};
        for (double& one : seconds) {
            nn::resetPeakMemory(at::kCPU);
            const std::int64_t used = nn::memoryUse(at::kCPU).used;
            const double begin = train::threadSeconds();
            generate::ClipSampler sampler(
                model, {}, {pixels.narrow(kTime, 0, model.spec().contextFrames), {}, seeds});
            while (!sampler.isDone()) {
                sampler.step();
            }
            one = train::threadSeconds() - begin;
            if (batch == 8 && &one == &seconds.back()) {
                const auto most = static_cast<double>(nn::memoryUse(at::kCPU).peak - used);
                const auto keys = static_cast<double>(sampler.contextBytes());
                add("bytes[inference]", weights + most);
                add("bytes[keys]", keys);
                add("bytes[activations]", most - keys);
            }
        }
        std::ranges::sort(seconds);
        add(fmt::format("seconds_sample[{}]", batch), seconds.at(kTimes / 2));
    }
}

} // namespace depthscope::session
