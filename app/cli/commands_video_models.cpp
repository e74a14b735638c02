// SPDX-License-Identifier: MIT
#include "app/cli/commands_video_models.h"

#include "app/cli/autoencoder_output.h"
#include "app/cli/output.h"
#include "app/cli/video_requests.h"
#include "engine/base/text.h"

#include <CLI/App.hpp>

#include <memory>

namespace depthscope::cli {

using nlohmann::json;

namespace {

// ---- score -------------------------------------------------------------------------------------

struct ScoreOptions {
    std::string folder;
    SolverOptions solver;
    runtime::VideoScoreRequest request;
};

void score(const Common& common, const ScoreOptions& options) {
    const auto autoencoder = autoencoderIn(options.folder);
    if (autoencoder) {
        refuseSolver(options.solver, options.folder);
    }
    runtime::VideoScoreRequest request = options.request;
    request.steps = options.solver.stepCount();
    request.heun = options.solver.wantsHeun();
    if (seedIsGiven(common)) {
        request.clips.seed = common.engine.seed;
    }
    const auto report = askVideoModel<runtime::VideoScoreReport>(common, options.folder, request);
    if (autoencoder) {
        printReconstructionScore(common, *autoencoder, report);
        return;
    }
    if (common.json) {
        json flow = json::array();
        for (const auto& [t, loss] : report.flowLoss) {
            flow.push_back({{"t", t}, {"loss", finiteOrNull(loss)}});
        }
        printJson({{"clips", report.clips},
                   {"count", report.count},
                   {"steps", request.steps},
                   {"solver", options.solver.solver},
                   {"routing", routingJson(request.routing)},
                   {"psnr_prediction", finiteOrNull(report.psnrPrediction)},
                   {"psnr_copy_last", finiteOrNull(report.psnrCopyLast)},
                   {"psnr_context_mean", finiteOrNull(report.psnrContextMean)},
                   {"share_above_copy", finiteOrNull(report.shareAboveCopy)},
                   {"flow_loss", flow},
                   {"physics", namedJson(report.figures)}});
        return;
    }
    printLine(fmt::format("{} clips of {}, {} {} steps", report.count, report.clips, request.steps,
                          options.solver.solver));
    printLine(fmt::format("PSNR {:.2f} dB; last frame repeated {:.2f} dB, mean of the context "
                          "{:.2f} dB; better than the last frame on {:.1f} % of the clips",
                          report.psnrPrediction, report.psnrCopyLast, report.psnrContextMean,
                          100 * report.shareAboveCopy));
    std::string flow = "squared error of the velocity by noise level:";
    for (const auto& [t, loss] : report.flowLoss) {
        flow += fmt::format(" {:.2f}: {:.4f}", t, loss);
    }
    printLine(flow);
    for (const runtime::NamedValue& value : report.figures) {
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
        askVideoModel<runtime::VideoProbeReport>(common, folder, runtime::VideoProbeRequest{});
    if (const auto autoencoder = autoencoderIn(folder)) {
        printAutoencoderProbe(common, *autoencoder, report);
        return;
    }
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

Action declareVideoScore(CLI::App& app) {
    auto options = std::make_shared<ScoreOptions>();
    addWord(app, "MODEL", options->folder, "Folder of a video model");
    addText(app, "clips", "NAME", options->request.clips.name,
            "Procedural clips; default: those that the model was trained on");
    addInteger(app, "count", options->request.count, "Clips; default: 96");
    addSolver(app, options->solver);
    addVideoRouting(app, options->request.routing);
    return [options](const Common& common) { score(common, *options); };
}

Action declareVideoProbe(CLI::App& app) {
    auto folder = std::make_shared<std::string>();
    addWord(app, "MODEL", *folder, "Folder of a video model");
    return [folder](const Common& common) { probe(common, *folder); };
}

} // namespace depthscope::cli
