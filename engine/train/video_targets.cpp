// SPDX-License-Identifier: MIT
#include "engine/train/video_targets.h"

#include "engine/base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace depthscope::train {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kEnoughSeeds = 3;
constexpr const char* kMore = kMoreSystem;

std::string tooFewSeeds(std::size_t count) {
    return fmt::format("not measured: {} of {} seeds", count, kEnoughSeeds);
}

/// Met where the mean is on the right side of the line and the line is beyond the spread.
std::string verdictAtMost(const Spread& spread, double line) {
    if (spread.count < kEnoughSeeds) {
        return tooFewSeeds(spread.count);
    }
    if (spread.mean > line) {
        return "**not met**";
    }
    return spread.deviation == 0 || spread.isApartFrom(line) ? "met"
                                                             : "**not met** beyond the spread";
}

Spread ratioOf(const VideoFindings& findings,
               const std::string& above,
               const std::string& below,
               const VideoQuestion& question) {
    return spreadOf(
        ratios(videoAnswers(findings, above, question), videoAnswers(findings, below, question)));
}

double finalOf(const VideoResult& result, double (*read)(const Evaluation&)) {
    return result.curve.empty() ? kUnknown : read(result.curve.back());
}

const VideoResult*
resultOf(const VideoFindings& findings, const std::string& system, std::uint64_t seed) {
    for (const auto& result : findings.results) {
        if (result && result->cell.system == system && result->cell.seed == seed) {
            return &*result;
        }
    }
    return nullptr;
}

/// Of the control's whole training, what MoRE needs to reach its final loss.
struct Costs {
    std::vector<double> shares; ///< of the seeds that reach it
    std::size_t seeds = 0;
};

Costs costsOf(const VideoFindings& findings, const std::string& control, Axis axis) {
    Costs costs;
    for (const auto& more : findings.results) {
        if (!more || more->cell.system != kMore) {
            continue;
        }
        const VideoResult* against = resultOf(findings, control, more->cell.seed);
        if (against == nullptr || against->curve.empty()) {
            continue;
        }
        ++costs.seeds;
        const double at = reachedAt(more->curve, &flowLossOf, axis, finalOf(*against, &flowLossOf));
        if (std::isfinite(at)) {
            costs.shares.push_back(at / finalOf(*against, axis));
        }
    }
    return costs;
}

VideoTarget trainingCost(const VideoFindings& findings, const std::string& control, bool isTime) {
    VideoTarget target{"training cost 10 to 25 %",
                       fmt::format("{} until MoRE has the control's final flow loss, by the "
                                   "control's own",
                                   isTime ? "seconds" : "MACs"),
                       control,
                       "at most 0.25",
                       {},
                       {}};
    const Costs costs = costsOf(findings, control, isTime ? &secondsOf : &flopsOf);
    const std::size_t missed = costs.seeds - costs.shares.size();
    if (costs.seeds == 0) {
        target.value = "not run";
        target.verdict = tooFewSeeds(0);
        return target;
    }
    target.value = costs.shares.empty() ? "" : spreadText(spreadOf(costs.shares), "%.2f");
    if (missed > 0) {
        target.value += fmt::format("{}not reached by {} of {} seeds",
                                    costs.shares.empty() ? "" : ", ", missed, costs.seeds);
    }
    target.verdict = costs.seeds < kEnoughSeeds ? tooFewSeeds(costs.seeds)
                     : missed > 0               ? "**not met**"
                                                : verdictAtMost(spreadOf(costs.shares), 0.25);
    return target;
}

VideoTarget inference(const VideoFindings& findings, const std::string& control) {
    constexpr double kLine = 2.0, kSameLoss = 1.01;
    VideoTarget target{"inference 2 to 4 times",
                       "the control's seconds for a prediction of 8 steps by MoRE's, flow loss "
                       "within 1 %",
                       control,
                       "at least 2.0 in batches of 1 and of 8",
                       "not run",
                       {}};
    const Spread one = ratioOf(findings, control, kMore, figureOf("seconds_sample[1]"));
    const Spread eight = ratioOf(findings, control, kMore, figureOf("seconds_sample[8]"));
    const Spread loss = ratioOf(findings, kMore, control, figureOf("rf_loss"));
    if (one.count > 0) {
        target.value = fmt::format("batch of 1: {}, of 8: {}; flow loss {} times the control's",
                                   spreadText(one, "%.2f"), spreadText(eight, "%.2f"),
                                   spreadText(loss, "%.3f"));
    }
    const bool isMet = one.mean >= kLine && eight.mean >= kLine && loss.mean <= kSameLoss;
    target.verdict = one.count < kEnoughSeeds ? tooFewSeeds(one.count)
                     : isMet                  ? "met"
                                              : "**not met**";
    return target;
}

VideoTarget memory(const VideoFindings& findings,
                   const std::string& control,
                   const char* figure,
                   const char* measure) {
    VideoTarget target{"memory 40 to 60 %",
                       fmt::format("{}, by the control's", measure),
                       control,
                       "at most 0.60",
                       "not run",
                       {}};
    const Spread spread = ratioOf(findings, kMore, control, figureOf(figure));
    target.value = spreadText(spread, "%.3f");
    target.verdict = verdictAtMost(spread, 0.6);
    return target;
}

VideoTarget quality(const VideoFindings& findings, const std::string& control) {
    constexpr double kLine = 0.8;
    VideoTarget target{"quality +20 to 40 %",
                       "F-dist by the control's after equal time",
                       control,
                       "at most 0.80",
                       "not run",
                       {}};
    const Spread spread = ratioOf(findings, kMore, control, figureOf("f_distance"));
    target.value = spreadText(spread, "%.2f");
    if (!findings.features || !findings.features->test.passes()) {
        target.verdict = "not measured: F-dist fails its self-test";
    } else if (findings.experiment.steps > 0) {
        target.verdict = "not measured: trainings of equal steps, not of equal time";
    } else {
        target.verdict = verdictAtMost(spread, kLine);
    }
    return target;
}

} // namespace

BySeed videoAnswers(const VideoFindings& findings,
                    const std::string& system,
                    const VideoQuestion& question) {
    BySeed values;
    for (const auto& result : findings.results) {
        if (result && result->cell.system == system) {
            const double value = question(*result);
            if (std::isfinite(value)) {
                values.emplace_back(result->cell.seed, value);
            }
        }
    }
    return values;
}

VideoQuestion figureOf(std::string name) {
    return [name = std::move(name)](const VideoResult& result) { return result.figure(name); };
}

double flowLossOf(const Evaluation& point) {
    const std::vector<double> levels = point.series("flow_loss");
    double sum = 0;
    for (const double level : levels) {
        sum += level;
    }
    return levels.empty() ? kUnknown : sum / static_cast<double>(levels.size());
}

double commonEnd(const VideoFindings& findings, Axis axis) {
    double end = std::numeric_limits<double>::infinity();
    for (const auto& result : findings.results) {
        if (result && !result->curve.empty()) {
            end = std::min(end, axis(result->curve.back()));
        }
    }
    return end;
}

std::vector<VideoTarget> videoTargets(const VideoFindings& findings) {
    std::vector<VideoTarget> targets;
    const std::array<const char*, 2> controls{"dit-shallow", "dit-deep"};
    for (const bool isTime : {false, true}) {
        for (const char* control : controls) {
            targets.push_back(trainingCost(findings, control, isTime));
        }
    }
    for (const char* control : controls) {
        targets.push_back(inference(findings, control));
    }
    for (const auto& [figure, measure] :
         {std::pair{"bytes[training]", "most bytes in a training step"},
          std::pair{"bytes[inference]", "most bytes in a prediction of 8 clips"},
          std::pair{"bytes[weights]", "bytes of the weights"}}) {
        for (const char* control : controls) {
            targets.push_back(memory(findings, control, figure, measure));
        }
    }
    for (const char* control : controls) {
        targets.push_back(quality(findings, control));
    }
    return targets;
}

std::string verdictText(const VideoClaim& claim) {
    if (claim.difference.count == 0) {
        return "not run";
    }
    if (claim.difference.count < 2) {
        return "one seed: undecided";
    }
    return fmt::format("{}, standard error {}",
                       claim.isConfirmed()      ? "confirmed"
                       : claim.isContradicted() ? "**contradicted**"
                                                : "undecided",
                       numberText("%.2f", claim.difference.standardError()));
}

std::string routerState(double auc) {
    constexpr double kMotionDeep = 0.7, kBackgroundDeep = 0.3;
    if (!std::isfinite(auc)) {
        return "unknown";
    }
    return auc >= kMotionDeep       ? "motion deep"
           : auc <= kBackgroundDeep ? "background deep"
                                    : "between";
}

namespace {

struct At {
    const char* what;
    Axis axis;
};

/// MoRE against a control, both read where the shortest curve ends.
struct Comparison {
    const char* control;
    const char* who;
    At at;
    const char* plainly; ///< where it is not confirmed; empty: nothing to say
};

constexpr At kClips{"after equal clips", &samplesOf}, kMacs{"after equal MACs", &flopsOf},
    kTime{"after equal time", &secondsOf};

constexpr std::array kComparisons{
    Comparison{"dit-shallow", "the shallow DiT", kClips, ""},
    Comparison{"dit-shallow", "the shallow DiT", kMacs, ""},
    Comparison{"dit-shallow", "the shallow DiT", kTime,
               "MoRE is not shown to beat a plain transformer of about its work in equal time."},
    Comparison{"dit-parameters", "a DiT of its parameters", kClips, ""},
    Comparison{"dit-parameters", "a DiT of its parameters", kTime,
               "MoRE is not shown to beat a plain transformer of its parameters in equal time."},
    Comparison{"dit-deep", "the deep DiT", kMacs, ""},
    Comparison{"dit-deep", "the deep DiT", kTime, ""},
    Comparison{"more-unaligned", "MoRE without aligned routing", kClips,
               "Aligned routing is not shown to help."},
    Comparison{"random-depth", "drawn depths", kClips,
               "Learned depth is not shown to be better than random depth, each trained that way."},
    Comparison{"random-expert", "drawn experts", kClips,
               "Learned experts are not shown to be better than random experts, each trained that "
               "way."},
    Comparison{"stage-1-only", "Stage 1 alone", kClips, "Stage 2 is not shown to earn its place."},
    Comparison{"stage-2-only", "Stage 2 alone", kClips, "Stage 1 is not shown to earn its place."},
};

/// The finished MoRE against itself under an intervention.
struct Intervened {
    const char* figure;
    const char* statement;
    const char* plainly;
};

constexpr std::array kIntervened{
    Intervened{"psnr[random]", "its own depths predict better than drawn ones",
               "In the finished MoRE its own depths are not shown to be better than drawn ones."},
    Intervened{"psnr[inverted]", "its own depths predict better than inverted ones",
               "In the finished MoRE its own depths are not shown to be better than the opposite."},
    Intervened{"psnr[oracle]", "its own depths predict better than depths by true motion", ""},
    Intervened{"psnr[depth:1]", "its own depths predict better than one recursion for all",
               "In the finished MoRE a second recursion is not shown to be worth anything."},
    Intervened{"psnr[expert:random]", "its own experts predict better than drawn ones",
               "In the finished MoRE its own experts are not shown to be better than drawn ones."},
};

} // namespace

std::vector<VideoClaim> videoClaims(const VideoFindings& findings) {
    std::vector<VideoClaim> claims;
    for (const Comparison& one : kComparisons) {
        const double end = commonEnd(findings, one.at.axis);
        const VideoQuestion psnr = [end, axis = one.at.axis](const VideoResult& result) {
            return valueAt(result.curve, "psnr_prediction", axis, end);
        };
        claims.push_back({fmt::format("MoRE predicts better than {} {}", one.who, one.at.what),
                          spreadOf(differences(videoAnswers(findings, kMore, psnr),
                                               videoAnswers(findings, one.control, psnr))),
                          one.plainly});
    }
    const BySeed trained = videoAnswers(findings, kMore, figureOf("psnr"));
    for (const Intervened& one : kIntervened) {
        claims.push_back(
            {fmt::format("in the finished MoRE, {}", one.statement),
             spreadOf(differences(trained, videoAnswers(findings, kMore, figureOf(one.figure)))),
             one.plainly});
    }
    return claims;
}

} // namespace depthscope::train
