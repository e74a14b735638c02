// SPDX-License-Identifier: MIT
// What jobs found out: the reports among the events (event.h). Plain values without tensors, each
// with the id of its job.
#pragma once

#include "engine/runtime/request_parts.h"
#include "engine/trace/convergence.h"
#include "engine/trace/training_clip.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace depthscope::runtime {

struct ConvergenceReport {
    JobId job = 0;
    trace::ConvergencePtr convergence; ///< never null
};

struct ClassScore {
    std::string name;
    std::int64_t tokens = 0;
    double nll = 0; ///< nats per token
    double meanDepth = 0;
};

struct ScoreReport {
    JobId job = 0;
    std::int64_t tokens = 0;
    double nll = 0; ///< nats per token
    double bitsPerCharacter = 0;
    double meanDepth = 0;
    double decisionAccuracy = 0; ///< NaN where there is no router
    double deadTokenRatio = 0;   ///< NaN where there is no router
    double maxVio = 0;           ///< NaN unless token-choice
    double entropy = 0;
    double flopsPerToken = 0;
    double tau = 0;               ///< of the threshold rule; NaN under another
    double regret = 0;            ///< nats per token the best depths would save; NaN: not asked
    double regretAtEqualCost = 0; ///< with no more recursion steps than the router spent
    std::vector<float> losses;    ///< [tokens] nats, in the text's order
    std::vector<std::int64_t> activeTokens; ///< [R + 1] all tokens, then those of each recursion
    std::vector<ClassScore> classes;        ///< those that the text has, where it has any
};

/// A figure with its unit.
struct NamedValue {
    std::string name;
    double value = 0;
    std::string unit;
};

struct TrainReport {
    JobId job = 0;
    std::int64_t step = 0;
    std::int64_t steps = 0;
    double trainLoss = 0;
    double valLoss = 0;
    double tokensPerSecond = 0;
    std::int64_t peakBytes = 0;
    double seconds = 0;
    double meanDepth = 0;             ///< of the validation tokens
    std::vector<double> activeShares; ///< share of the validation tokens that run each recursion
    std::vector<NamedValue> metrics;  ///< of the held-out data, all of them
    std::string sample;               ///< generated text of the early and the last evaluations
    trace::TrainingClipPtr clip;      ///< where pictures were asked for; null: none
};

/// A finished cell, or the whole table at the end.
struct ExperimentReport {
    JobId job = 0;
    std::string cell; ///< "mor3-expert, graded, seed 2"
    double valLoss = 0;
    std::string unit; ///< of the loss: "nats per token"
    int done = 0;     ///< cells finished so far
    int cells = 0;
    std::string page; ///< the results in Markdown; in the last report
};

/// Clips as a model drew or predicted them.
struct VideoSampleReport {
    JobId job = 0;
    std::int64_t width = 0, height = 0, frames = 0, contextFrames = 0;
    std::vector<std::vector<std::uint8_t>> clips; ///< [T, H, W, 3] each, the context before
    std::int64_t truthFrames = 0;                 ///< predicted frames whose truth is known
    double psnr = 0;                              ///< dB of those against the truth; NaN: none
    double psnrCopy = 0;                          ///< the same of the last context frame repeated
    std::string notice; ///< what a reader of the figures must know; empty: nothing
    int steps = 0;
    double milliseconds = 0;       ///< of sampling
    std::int64_t contextBytes = 0; ///< of the context's keys and values
};

struct VideoScoreReport {
    JobId job = 0;
    std::string clips; ///< name
    std::int64_t count = 0;
    double psnrPrediction = 0, psnrCopyLast = 0, psnrContextMean = 0; ///< dB; NaN: no context
    double shareAboveCopy = 0;
    std::vector<std::pair<double, double>> flowLoss; ///< t, mean squared error of the velocity
    std::vector<NamedValue>
        figures; ///< of predicted objects; of an autoencoder its reconstructions
};

struct VideoProbeReport {
    JobId job = 0;
    std::int64_t parameters = 0;
    std::vector<NamedValue> macs;        ///< by stage, every frame noisy, for one clip
    std::vector<NamedValue> contextMacs; ///< of the clean frames, once for a clip
    std::vector<NamedValue> targetMacs;  ///< of the predicted frames, in each denoising step
    /// Of a model that routes, over the target patches of 96 clips noised to t = 0.5: empty
    /// without.
    std::string clips;                    ///< name
    std::vector<double> depthHistogram;   ///< share of the patches by depth 0..R
    std::vector<NamedValue> expertShare;  ///< by pattern
    std::vector<NamedValue> depthByClass; ///< mean depth; NaN: no such patch
    std::vector<NamedValue> auc;          ///< of depth against the class; NaN: nothing to compare
};

struct TokenizeReport {
    JobId job = 0;
    std::vector<std::int32_t> ids;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges; ///< of encode: bytes of each piece
    std::string text;
    int vocabulary = 0;
};

struct GradedTextReport {
    JobId job = 0;
    Prompt prompt; ///< text and class ranges
};

struct BenchCase {
    std::string name;
    std::string unit; ///< "ms", "tokens/s", "GB/s", "%"
    double value = 0;
    double limit = 0; ///< of this machine, measured in the same run; 0: none
    std::string note;
    double bytes = 0; ///< that one token must read from memory; 0: does not bound it
    double flops = 0; ///< that one token must compute; 0: does not bound it
};

struct BenchReport {
    JobId job = 0;
    std::string suite;
    std::string device;
    int threads = 0;
    std::vector<BenchCase> cases;
};

struct SelftestReport {
    JobId job = 0;

    struct Check {
        std::string name;
        bool passed = false;
        std::string detail;
    };

    std::vector<Check> checks;
};

struct InfoReport {
    JobId job = 0;
    std::vector<std::pair<std::string, std::string>> versions;
    std::vector<std::string> devices;
    std::vector<std::string> kernels;
};

} // namespace depthscope::runtime
