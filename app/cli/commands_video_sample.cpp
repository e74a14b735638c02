// SPDX-License-Identifier: MIT
// `video sample`: clips drawn by a video model, as files.
#include "app/cli/autoencoder_output.h"
#include "app/cli/clip_files.h"
#include "app/cli/commands_video_models.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/video_requests.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/media/clip_stretch.h"
#include "engine/spec/video_config.h"

#include <CLI/App.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

namespace depthscope::cli {

using nlohmann::json;

namespace {

struct SampleOptions {
    std::string folder;
    std::string out;
    std::string rate;
    std::string context; ///< file; empty: procedural clips
    std::int64_t first = 0;
    std::int64_t every = 1;
    std::int64_t index = 0;
    std::int64_t classNumber = -1;
    SolverOptions solver;
    runtime::VideoSampleRequest request;
    std::optional<spec::AutoencoderSpec> autoencoder; ///< that the folder is; none: it predicts
};

/// At most a line a second, and only for what takes longer.
media::IndexOptions tellingOptions(const std::string& file) {
    using Clock = std::chrono::steady_clock;
    media::IndexOptions how;
    how.progress = [file, last = Clock::now()](double share) mutable {
        if (Clock::now() - last >= std::chrono::seconds(1)) {
            last = Clock::now();
            printStatus(fmt::format("video: reading {} ({:.0f} %)", file, 100 * share));
        }
    };
    return how;
}

/// Frames that an own video must have, and can have.
struct FramesWanted {
    spec::Extent3 clip;
    std::int64_t least = 1;
};

FramesWanted framesWanted(const SampleOptions& options) {
    if (options.autoencoder) {
        return {options.autoencoder->clip};
    }
    const spec::VideoSpec spec = spec::readVideoConfig(options.folder);
    if (spec.contextFrames == 0) {
        throw Error(ErrorCode::Usage,
                    fmt::format("--context: {} was trained without context frames", options.folder),
                    "Choose a model that predicts.");
    }
    return {spec.clip, spec.contextFrames};
}

/// The context, and what follows it as far as the file goes, of the model's size.
media::SmallClip readContext(const SampleOptions& options, const FramesWanted& wanted) {
    const InterruptWatch interrupt;
    return media::readClipStretch({.file = options.context,
                                   .size = {static_cast<std::int32_t>(wanted.clip.columns),
                                            static_cast<std::int32_t>(wanted.clip.rows)},
                                   .first = options.first,
                                   .every = options.every,
                                   .least = wanted.least,
                                   .most = wanted.clip.frames},
                                  tellingOptions(options.context), interrupt.token());
}

void checkOptions(const SampleOptions& options) {
    if (options.out.empty()) {
        throw Error(ErrorCode::Usage, "--out is missing",
                    "Give a file (.mp4, .webm, .mkv, .gif), or a folder for PNG images: --out "
                    "DIR.");
    }
    const bool isOwn = !options.context.empty();
    for (const auto& [name, isGiven] :
         {std::pair{"--clips", isOwn && !options.request.clips.name.empty()},
          std::pair{"--index", isOwn && options.index != 0},
          std::pair{"--generate", isOwn && options.request.generate},
          std::pair{"--first", !isOwn && options.first != 0},
          std::pair{"--every", !isOwn && options.every != 1}}) {
        if (isGiven) {
            throw Error(
                ErrorCode::Usage,
                fmt::format("{} has no effect {} --context", name, isOwn ? "with" : "without"),
                "Omit it.");
        }
    }
}

/// What clip `number` was made with, for its file.
json recordOf(const SampleOptions& options,
              const runtime::VideoSampleRequest& request,
              std::size_t number) {
    json made{{"program", "depthscope"},
              {"model", std::filesystem::path(options.folder).lexically_normal().string()}};
    if (options.autoencoder) {
        made["left"] = "truth";
        made["right"] = "reconstruction";
    } else {
        made["seed"] = request.seed + number;
        made["steps"] = request.steps;
        made["solver"] = options.solver.solver;
        made["guidance"] = request.guidance;
        made["routing"] = routingJson(request.routing);
    }
    if (request.classNumber >= 0) {
        made["class"] = request.classNumber;
    }
    if (!request.context.empty()) {
        made["context"] = {{"file", std::filesystem::path(options.context).filename().string()},
                           {"first", options.first},
                           {"every", options.every}};
    } else if (!request.generate) {
        made["clips"] = {
            {"name", request.clips.name.empty() ? json(nullptr) : json(request.clips.name)},
            {"seed", request.clips.seed},
            {"index", request.clips.first + number}};
    }
    return made;
}

void print(const Common& common,
           const SampleOptions& options,
           const runtime::VideoSampleReport& report,
           const std::vector<std::string>& files) {
    if (options.autoencoder) {
        printReconstructions(common, report, options.out, files);
        return;
    }
    if (common.json) {
        printJson({{"out", options.out},
                   {"files", files},
                   {"clips", report.clips.size()},
                   {"frames", report.frames},
                   {"context_frames", report.contextFrames},
                   {"truth_frames", report.truthFrames},
                   {"width", report.width},
                   {"height", report.height},
                   {"steps", report.steps},
                   {"routing", routingJson(options.request.routing)},
                   {"milliseconds", report.milliseconds},
                   {"context_bytes", report.contextBytes},
                   {"psnr_prediction", finiteOrNull(report.psnr)},
                   {"psnr_copy_last", finiteOrNull(report.psnrCopy)},
                   {"notice", report.notice.empty() ? json(nullptr) : json(report.notice)}});
        return;
    }
    printLine(fmt::format("{} of {} frames, {} x {} pixels, {} given, in {}", report.clips.size(),
                          report.frames, report.width, report.height, report.contextFrames,
                          options.out));
    printLine(fmt::format("{} denoising steps in {:.0f} ms; keys and values of the context {}",
                          report.steps, report.milliseconds,
                          humanBytes(static_cast<double>(report.contextBytes))));
    if (report.truthFrames > 0) {
        printLine(fmt::format("PSNR of {} frames {:.2f} dB; of the last frame repeated {:.2f} dB",
                              report.truthFrames, report.psnr, report.psnrCopy));
    } else if (report.contextFrames > 0) {
        printLine("PSNR: not known, as the video ends before the predicted frames");
    }
    if (!report.notice.empty()) {
        printLine(report.notice);
    }
}

void sample(const Common& common, SampleOptions options) {
    checkOptions(options);
    options.autoencoder = autoencoderIn(options.folder);
    if (options.autoencoder) {
        refuseSolver(options.solver, options.folder);
    }
    runtime::VideoSampleRequest request = options.request;
    request.steps = options.solver.stepCount();
    request.heun = options.solver.wantsHeun();
    request.classNumber =
        static_cast<int>(std::clamp<std::int64_t>(options.classNumber, -1, 1 << 20));
    request.clips.first = static_cast<std::uint64_t>(std::max<std::int64_t>(0, options.index));
    if (seedIsGiven(common)) {
        request.seed = request.clips.seed = common.engine.seed;
    }
    trace::Ratio rate{8, 1};
    if (!options.context.empty()) {
        const FramesWanted wanted = framesWanted(options);
        media::SmallClip own = readContext(options, wanted);
        request.context = {std::filesystem::path(options.context).filename().string(), own.frames,
                           wanted.clip.rows, wanted.clip.columns, std::move(own.rgb)};
        rate = own.rate;
    }
    rate = options.rate.empty() ? rate : ratioOption("rate", options.rate);
    ClipFiles files(
        {.out = options.out,
         .count = static_cast<std::size_t>(std::max<std::int64_t>(1, request.count)),
         .rate = rate,
         .title = fmt::format(
             "clip of {}",
             std::filesystem::path(options.folder).lexically_normal().filename().string())});
    const auto report = askVideoModel<runtime::VideoSampleReport>(common, options.folder, request);
    for (std::size_t k = 0; k < report.clips.size(); ++k) {
        files.write(
            report.clips[k],
            {static_cast<std::int32_t>(report.width), static_cast<std::int32_t>(report.height)},
            recordOf(options, request, k).dump());
    }
    print(common, options, report, files.files());
}

} // namespace

Action declareVideoSample(CLI::App& app) {
    auto options = std::make_shared<SampleOptions>();
    addWord(app, "MODEL", options->folder, "Folder of a video model");
    addText(app, "out", "FILE", options->out,
            "The file (.mp4 .mov .webm .mkv .gif), or a folder or pattern for PNG images");
    addText(app, "rate", "R", options->rate,
            "Frames per second; default: those of the context video, else 8");
    addSolver(app, options->solver);
    addNumber(app, "guidance", options->request.guidance,
              "Weight of the class; 1: as it is, above: more of it");
    addInteger(app, "class", options->classNumber, "Label to draw, from 0");
    addText(app, "clips", "NAME", options->request.clips.name,
            "Procedural clips whose first frames are the context");
    addInteger(app, "index", options->index, "Number of the first clip");
    addText(app, "context", "FILE", options->context,
            "A video, or a folder or pattern of images, whose frames are the context");
    addInteger(app, "first", options->first, "Its frame to begin with, from 0");
    addInteger(app, "every", options->every, "Take each n-th of its frames");
    addInteger(app, "count", options->request.count, "Clips");
    addFlag(app, "generate", options->request.generate, "Draw all frames, without a context");
    addVideoRouting(app, options->request.routing);
    return [options](const Common& common) { sample(common, *options); };
}

} // namespace depthscope::cli
