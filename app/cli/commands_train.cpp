// SPDX-License-Identifier: MIT
#include "app/cli/client.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/recorder.h"

#include <algorithm>
#include <array>
#include <cstdio>

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
             {"load", report.load},
             {"seconds", report.seconds}};
    if (!report.sample.empty()) {
        out["sample"] = report.sample;
    }
    return out;
}

std::string minutesAndSeconds(double seconds) {
    std::array<char, 32> text{};
    const auto whole = static_cast<long long>(seconds);
    std::snprintf(text.data(), text.size(), "%lld:%02lld", whole / 60, whole % 60);
    return text.data();
}

void showProgress(const runtime::JobProgress& progress) {
    std::string line = "train: " + progress.what;
    if (progress.secondsLeft >= 0) {
        line += ", " + minutesAndSeconds(progress.secondsLeft) + " left";
    }
    printStatus(line);
}

} // namespace

double takeMinutes(Arguments& arguments) {
    constexpr double kNone = 1e9;
    const double minutes = arguments.number("minutes", kNone);
    if (!(minutes > 0 && minutes <= kNone)) {
        throw Error(ErrorCode::Usage, "--minutes is not above 0",
                    "Leave it out for no limit, or give for example 90 or 0.5.");
    }
    return minutes == kNone ? 0 : minutes;
}

void runTrain(const Common& common, Arguments& arguments) {
    runtime::TrainRequest request;
    request.outFolder = arguments.value("out").value_or("");
    request.textFile = arguments.value("text-file").value_or("");
    request.corpus = arguments.value("corpus").value_or("");
    request.tokenFile = arguments.value("tokens").value_or("");
    request.tokenizer = arguments.value("tokenizer").value_or("");
    request.initFrom = arguments.value("init-from").value_or("");
    const auto init = arguments.value("init");
    if (init && request.initFrom.empty()) {
        throw Error(ErrorCode::Usage, "--init says how to take over the layers of a model",
                    "Add --init-from MODEL.");
    }
    request.init = init.value_or(request.init);
    const std::int64_t steps = arguments.integer("steps", -1);
    request.steps = static_cast<int>(std::clamp<std::int64_t>(steps, 0, INT32_MAX));
    request.recipe = takeRecipe(arguments);
    request.minutes = takeMinutes(arguments);
    request.resume = arguments.flag("resume");
    Recorder recorder(arguments);
    request.trace = recorder.wanted();
    request.preset = arguments.positional("the preset");
    arguments.finish();
    if (request.outFolder.empty()) {
        throw Error(ErrorCode::Usage, "--out is missing",
                    "Name the folder for the trained model: --out DIR.");
    }
    if (steps == 0 || steps < -1) {
        throw Error(ErrorCode::Usage, "--steps is not above 0",
                    "Give the number of optimiser steps, or leave it out for the preset's.");
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
                printLine(line.data());
                if (!report->sample.empty()) {
                    printLine(report->sample);
                }
                std::fflush(stdout);
            }
        } else if (const auto* progress = std::get_if<runtime::JobProgress>(&event)) {
            showProgress(*progress);
        }
    });
    recorder.close();
}

} // namespace depthscope::cli
