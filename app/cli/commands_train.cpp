// SPDX-License-Identifier: MIT
#include "app/cli/client.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/recorder.h"
#include "engine/base/text.h"

#include <CLI/App.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

namespace depthscope::cli {

using nlohmann::json;

namespace {

json reportJson(const runtime::TrainReport& report) {
    json out{{"step", report.step},
             {"train_loss", finiteOrNull(report.trainLoss)},
             {"val_loss", finiteOrNull(report.valLoss)},
             {"tokens_per_second", finiteOrNull(report.tokensPerSecond)},
             {"peak_bytes", report.peakBytes},
             {"mean_depth", report.meanDepth},
             {"load", report.activeShares},
             {"seconds", report.seconds}};
    if (!report.sample.empty()) {
        out["sample"] = report.sample;
    }
    for (const runtime::NamedValue& metric : report.metrics) {
        out["metrics"][metric.name] = finiteOrNull(metric.value);
    }
    return out;
}

/// Of a video model: the prediction, and what it has to beat.
std::string decibels(const runtime::TrainReport& report) {
    std::string text;
    for (const runtime::NamedValue& metric : report.metrics) {
        if (metric.unit == "dB") {
            text += fmt::format("  {} {:.2f} dB", metric.name, metric.value);
        }
    }
    return text;
}

struct TrainOptions {
    runtime::TrainRequest request;
    std::string init;
    std::int64_t steps = -1;
    std::string record;
    std::string clips;
    std::string data;
};

void train(const Common& common, const TrainOptions& options) {
    runtime::TrainRequest request = options.request;
    if (!options.init.empty() && request.initFrom.empty()) {
        throw Error(ErrorCode::Usage, "--init needs --init-from", "Add --init-from MODEL.");
    }
    if (!options.clips.empty()) {
        request.recipe.push_back({"clips", options.clips});
    }
    if (!options.data.empty()) {
        request.recipe.push_back({"data", options.data});
    }
    if (!request.cacheFolder.empty() && options.data.empty() && !request.resume) {
        throw Error(ErrorCode::Usage, "--cache needs --data", "Add --data FOLDER.");
    }
    request.init = options.init.empty() ? request.init : options.init;
    const std::int64_t steps = options.steps;
    request.steps = static_cast<int>(std::clamp<std::int64_t>(steps, 0, INT32_MAX));
    Recorder recorder(options.record);
    request.trace = recorder.wanted();
    if (request.outFolder.empty()) {
        throw Error(ErrorCode::Usage, "--out is missing",
                    "Give the folder for the trained model: --out DIR.");
    }
    if (steps == 0 || steps < -1) {
        throw Error(ErrorCode::Usage, "--steps must be greater than 0",
                    "Give the number of optimiser steps, or leave it out to use the preset's.");
    }
    const bool seedGiven = std::ranges::find(common.given, "seed") != common.given.end();
    request.seed = seedGiven ? common.engine.seed : 0;

    Client client(common.engine);
    recorder.begin({}, {});
    client.perform(request, [&](const runtime::Event& event) {
        recorder.see(event);
        if (const auto* report = std::get_if<runtime::TrainReport>(&event)) {
            if (common.json) {
                printJson(reportJson(*report));
            } else {
                std::array<char, 160> line{};
                std::snprintf(line.data(), line.size(),
                              "step %lld  train %.4f  validation %.4f  %.0f tokens/s  %s",
                              static_cast<long long>(report->step), report->trainLoss,
                              report->valLoss, report->tokensPerSecond,
                              minutesAndSeconds(report->seconds).c_str());
                printLine(line.data() + decibels(*report));
                if (!report->sample.empty()) {
                    printLine(report->sample);
                }
                std::fflush(stdout);
            }
        } else if (const auto* progress = std::get_if<runtime::JobProgress>(&event)) {
            showProgress("train", *progress);
        }
    });
    recorder.close();
}

} // namespace

Action declareTrain(CLI::App& app) {
    auto options = std::make_shared<TrainOptions>();
    runtime::TrainRequest& request = options->request;
    addWord(app, "PRESET", request.preset, "Preset to train; `presets` lists them");
    addText(app, "out", "DIR", request.outFolder, "Folder for the trained model");
    addText(app, "text-file", "FILE", request.textFile, "Text file to train on");
    addText(app, "corpus", "graded", request.corpus, "Generated text, mixed with the text file");
    addText(app, "tokens", "FILE.bin", request.tokenFile, "Token stream to use instead of both");
    addText(app, "tokenizer", "FILE", request.tokenizer,
            "Tokenizer to use instead of the preset's");
    addInteger(app, "steps", options->steps, "Optimiser steps; default: the preset's");
    addMinutes(app, request.minutes);
    addFlag(app, "resume", request.resume, "Resume from the checkpoint in --out");
    addText(app, "init-from", "MODEL", request.initFrom,
            "Llama model to initialise the shared layers from");
    addText(app, "init", "stepwise|average|lower|upper|random", options->init,
            "How its layers initialise the shared layers");
    addText(app, "clips", "NAME", options->clips, "Procedural clips that a video model learns");
    addText(app, "data", "FOLDER", options->data,
            "Your own videos, which a video model learns instead; or one video");
    addText(app, "cache", "DIR", request.cacheFolder,
            "Keep the scaled frames of the videos here for the next time");
    addRecipe(app, request.recipe);
    addRecord(app, options->record);
    return [options](const Common& common) { train(common, *options); };
}

} // namespace depthscope::cli
