// SPDX-License-Identifier: MIT
#include "app/cli/commands_video_models.h"

#include "app/cli/client.h"
#include "app/cli/output.h"
#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/media/png.h"

#include <CLI/App.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

namespace depthscope::cli {

using nlohmann::json;

namespace {

void showProgress(const runtime::JobProgress& progress) {
    printStatus(fmt::format("video: {} ({:.0f} %)", progress.what, 100 * progress.fraction));
}

/// Loads the model, performs the request, returns its report.
template <class Report, class Request>
Report ask(const Common& common, const std::string& folder, const Request& request) {
    Client client(common.engine);
    client.perform(runtime::LoadRequest{folder, runtime::ModelRole::Main});
    std::optional<Report> found;
    client.perform(request, [&](const runtime::Event& event) {
        if (const auto* report = std::get_if<Report>(&event)) {
            found = *report;
        } else if (const auto* progress = std::get_if<runtime::JobProgress>(&event)) {
            showProgress(*progress);
        }
    });
    return *found;
}

bool seedIsGiven(const Common& common) {
    return std::ranges::find(common.given, "seed") != common.given.end();
}

bool wantsHeun(const std::string& solver) {
    if (solver != "euler" && solver != "heun") {
        throw Error(ErrorCode::Usage, fmt::format("unknown solver: {}", solver),
                    "Valid values: euler, heun.");
    }
    return solver == "heun";
}

int stepsOf(std::int64_t steps) {
    constexpr std::int64_t kMost = 1000;
    if (steps < 1 || steps > kMost) {
        throw Error(ErrorCode::Usage, fmt::format("--steps is {}", steps),
                    fmt::format("Must be from 1 to {}.", kMost));
    }
    return static_cast<int>(steps);
}

json namedJson(const std::vector<runtime::NamedValue>& values) {
    json out = json::object();
    for (const runtime::NamedValue& value : values) {
        out[value.name] = finiteOrNull(value.value);
    }
    return out;
}

// ---- sample ------------------------------------------------------------------------------------

struct SampleOptions {
    std::string folder;
    std::string out;
    std::string solver = "euler";
    std::int64_t steps = 8;
    std::int64_t classNumber = -1;
    std::int64_t index = 0;
    runtime::VideoSampleRequest request;
};

/// clip-000/frame-000000.png, ..; one clip without the folder in between.
void writeFrames(const std::filesystem::path& out, const runtime::VideoSampleReport& report) {
    const auto frameBytes =
        static_cast<std::ptrdiff_t>(report.width) * static_cast<std::ptrdiff_t>(report.height) * 3;
    for (std::size_t k = 0; k < report.clips.size(); ++k) {
        const std::filesystem::path folder =
            report.clips.size() == 1 ? out : out / fmt::format("clip-{:03}", k);
        makeFolder(folder);
        for (std::int64_t t = 0; t < report.frames; ++t) {
            media::RgbImage image;
            image.width = static_cast<std::int32_t>(report.width);
            image.height = static_cast<std::int32_t>(report.height);
            const auto first = report.clips[k].begin() + t * frameBytes;
            image.bytes.assign(first, first + frameBytes);
            media::writePng(folder / fmt::format("frame-{:06}.png", t), image);
        }
    }
}

void sample(const Common& common, const SampleOptions& options) {
    if (options.out.empty()) {
        throw Error(ErrorCode::Usage, "--out is missing",
                    "Give the folder for the frames: --out DIR.");
    }
    runtime::VideoSampleRequest request = options.request;
    request.steps = stepsOf(options.steps);
    request.heun = wantsHeun(options.solver);
    request.classNumber =
        static_cast<int>(std::clamp<std::int64_t>(options.classNumber, -1, 1 << 20));
    request.clips.first = static_cast<std::uint64_t>(std::max<std::int64_t>(0, options.index));
    if (seedIsGiven(common)) {
        request.seed = request.clips.seed = common.engine.seed;
    }
    const auto report = ask<runtime::VideoSampleReport>(common, options.folder, request);
    writeFrames(options.out, report);
    if (common.json) {
        printJson({{"out", options.out},
                   {"clips", report.clips.size()},
                   {"frames", report.frames},
                   {"context_frames", report.contextFrames},
                   {"width", report.width},
                   {"height", report.height},
                   {"steps", report.steps},
                   {"milliseconds", report.milliseconds},
                   {"context_bytes", report.contextBytes},
                   {"psnr_prediction", finiteOrNull(report.psnr)},
                   {"psnr_copy_last", finiteOrNull(report.psnrCopy)}});
        return;
    }
    printLine(fmt::format("{} of {} frames, {} x {} pixels, {} given, in {}", report.clips.size(),
                          report.frames, report.width, report.height, report.contextFrames,
                          options.out));
    printLine(fmt::format("{} denoising steps in {:.0f} ms; keys and values of the context {}",
                          report.steps, report.milliseconds,
                          humanBytes(static_cast<double>(report.contextBytes))));
    if (report.contextFrames > 0) {
        printLine(fmt::format("PSNR {:.2f} dB; of the last frame repeated {:.2f} dB", report.psnr,
                              report.psnrCopy));
    }
}

// ---- score -------------------------------------------------------------------------------------

struct ScoreOptions {
    std::string folder;
    std::string solver = "euler";
    std::int64_t steps = 8;
    runtime::VideoScoreRequest request;
};

void score(const Common& common, const ScoreOptions& options) {
    runtime::VideoScoreRequest request = options.request;
    request.steps = stepsOf(options.steps);
    request.heun = wantsHeun(options.solver);
    if (seedIsGiven(common)) {
        request.clips.seed = common.engine.seed;
    }
    const auto report = ask<runtime::VideoScoreReport>(common, options.folder, request);
    if (common.json) {
        json flow = json::array();
        for (const auto& [t, loss] : report.flowLoss) {
            flow.push_back({{"t", t}, {"loss", finiteOrNull(loss)}});
        }
        printJson({{"clips", report.clips},
                   {"count", report.count},
                   {"steps", request.steps},
                   {"solver", options.solver},
                   {"psnr_prediction", finiteOrNull(report.psnrPrediction)},
                   {"psnr_copy_last", finiteOrNull(report.psnrCopyLast)},
                   {"psnr_context_mean", finiteOrNull(report.psnrContextMean)},
                   {"share_above_copy", finiteOrNull(report.shareAboveCopy)},
                   {"flow_loss", flow},
                   {"physics", namedJson(report.physics)}});
        return;
    }
    printLine(fmt::format("{} clips of {}, {} {} steps", report.count, report.clips, request.steps,
                          options.solver));
    printLine(fmt::format("PSNR {:.2f} dB; last frame repeated {:.2f} dB, mean of the context "
                          "{:.2f} dB; better than the last frame on {:.1f} % of the clips",
                          report.psnrPrediction, report.psnrCopyLast, report.psnrContextMean,
                          100 * report.shareAboveCopy));
    std::string flow = "squared error of the velocity by noise level:";
    for (const auto& [t, loss] : report.flowLoss) {
        flow += fmt::format(" {:.2f}: {:.4f}", t, loss);
    }
    printLine(flow);
    for (const runtime::NamedValue& value : report.physics) {
        printLine(fmt::format("  {}{:.3f} {}", padded(value.name, 18), value.value, value.unit));
    }
}

// ---- probe -------------------------------------------------------------------------------------

/// Where the depth goes.
void printDepth(const runtime::VideoProbeReport& report) {
    if (report.depthHistogram.empty()) {
        return;
    }
    std::string line = fmt::format("target patches of {} by depth:", report.clips);
    for (std::size_t depth = 0; depth < report.depthHistogram.size(); ++depth) {
        line += fmt::format(" {}: {:.1f} %", depth, 100 * report.depthHistogram[depth]);
    }
    printLine(line);
    for (const auto& [title, values] :
         {std::pair{"mean depth", &report.depthByClass},
          std::pair{"AUC of depth against (0.5: says nothing)", &report.auc},
          std::pair{"experts", &report.expertShare}}) {
        line = fmt::format("{}:", title);
        for (const runtime::NamedValue& value : *values) {
            line += fmt::format(" {} {:.2f}", value.name, value.value);
        }
        if (!values->empty()) {
            printLine(line);
        }
    }
}

void probe(const Common& common, const std::string& folder) {
    const auto report =
        ask<runtime::VideoProbeReport>(common, folder, runtime::VideoProbeRequest{});
    if (common.json) {
        json out{{"parameters", report.parameters}, {"macs", namedJson(report.macs)}};
        if (!report.targetMacs.empty()) {
            out["macs_context"] = namedJson(report.contextMacs);
            out["macs_target"] = namedJson(report.targetMacs);
        }
        if (!report.depthHistogram.empty()) {
            out["clips"] = report.clips;
            out["depth_histogram"] = report.depthHistogram;
            out["expert_share"] = namedJson(report.expertShare);
            out["depth_by_class"] = namedJson(report.depthByClass);
            out["auc"] = namedJson(report.auc);
        }
        printJson(out);
        return;
    }
    printLine(fmt::format("{} parameters", report.parameters));
    for (const auto& [title, values] :
         {std::pair{"multiply-accumulates of a clip, every frame noisy", &report.macs},
          std::pair{"of its context, once", &report.contextMacs},
          std::pair{"of the predicted frames, in each denoising step", &report.targetMacs}}) {
        std::string line = fmt::format("{}:", title);
        for (const runtime::NamedValue& value : *values) {
            line += fmt::format(" {} {}", value.name, humanCount(value.value));
        }
        if (!values->empty()) {
            printLine(line);
        }
    }
    printDepth(report);
}

} // namespace

Action declareVideoSample(CLI::App& app) {
    auto options = std::make_shared<SampleOptions>();
    addWord(app, "MODEL", options->folder, "Folder of a video model");
    addText(app, "out", "DIR", options->out, "Folder for the frames, as PNG files");
    addInteger(app, "steps", options->steps, "Denoising steps; default: 8");
    addText(app, "solver", "euler|heun", options->solver, "How a step is taken");
    addNumber(app, "guidance", options->request.guidance,
              "Weight of the class; 1: as it is, above: more of it");
    addInteger(app, "class", options->classNumber, "Label to draw, from 0");
    addText(app, "clips", "NAME", options->request.clips.name,
            "Procedural clips whose first frames are the context");
    addInteger(app, "index", options->index, "Number of the first clip");
    addInteger(app, "count", options->request.count, "Clips");
    addFlag(app, "generate", options->request.generate, "Draw all frames, without a context");
    addRouting(app, options->request.routing);
    return [options](const Common& common) { sample(common, *options); };
}

Action declareVideoScore(CLI::App& app) {
    auto options = std::make_shared<ScoreOptions>();
    addWord(app, "MODEL", options->folder, "Folder of a video model");
    addText(app, "clips", "NAME", options->request.clips.name,
            "Procedural clips; default: those that the model was trained on");
    addInteger(app, "count", options->request.count, "Clips; default: 96");
    addInteger(app, "steps", options->steps, "Denoising steps; default: 8");
    addText(app, "solver", "euler|heun", options->solver, "How a step is taken");
    addRouting(app, options->request.routing);
    return [options](const Common& common) { score(common, *options); };
}

Action declareVideoProbe(CLI::App& app) {
    auto folder = std::make_shared<std::string>();
    addWord(app, "MODEL", *folder, "Folder of a video model");
    return [folder](const Common& common) { probe(common, *folder); };
}

} // namespace depthscope::cli
