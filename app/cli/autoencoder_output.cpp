// SPDX-License-Identifier: MIT
#include "app/cli/autoencoder_output.h"

#include "app/cli/output.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/spec/model_type.h"

#include <algorithm>
#include <cmath>

namespace depthscope::cli {

using nlohmann::json;

namespace {

double figure(const runtime::VideoScoreReport& report, const std::string& name) {
    const auto found = std::ranges::find(report.figures, name, &runtime::NamedValue::name);
    return found == report.figures.end() ? std::nan("") : found->value;
}

/// How much smaller: numbers of a frame's pixels by numbers of its latents.
double shrinking(const spec::AutoencoderSpec& spec) {
    return static_cast<double>(spec::kColours * spec.clip.rows * spec.clip.columns) /
           static_cast<double>(spec.latentValues());
}

} // namespace

std::optional<spec::AutoencoderSpec> autoencoderIn(const std::string& folder) {
    if (spec::modelTypeOf(std::filesystem::path(folder)) != spec::kAutoencoderFamily) {
        return std::nullopt;
    }
    return spec::readAutoencoderConfig(folder);
}

void refuseSolver(const SolverOptions& solver, const std::string& folder) {
    const SolverOptions standard;
    if (solver.steps != standard.steps || solver.solver != standard.solver) {
        throw Error(
            ErrorCode::Usage,
            fmt::format("--steps and --solver have no effect on {}, an autoencoder", folder),
            "It reconstructs a clip in one pass: omit them.");
    }
}

void printReconstructionScore(const Common& common,
                              const spec::AutoencoderSpec& spec,
                              const runtime::VideoScoreReport& report) {
    const spec::Extent3 control = spec::controlSize(spec);
    if (common.json) {
        json out{{"clips", report.clips},
                 {"count", report.count},
                 {"values_per_frame", spec.latentValues()},
                 {"bicubic_size", {control.rows, control.columns}}};
        out.update(namedJson(report.figures));
        printJson(out);
        return;
    }
    printLine(
        fmt::format("{} clips of {}, reconstructed from {} numbers a frame ({:.1f} times fewer)",
                    report.count, report.clips, spec.latentValues(), shrinking(spec)));
    printLine(fmt::format("PSNR {:.2f} dB; bicubic through {} x {} pixels {:.2f} dB; better than "
                          "that on {:.1f} % of the clips",
                          figure(report, "psnr_reconstruction"), control.columns, control.rows,
                          figure(report, "psnr_bicubic"),
                          100 * figure(report, "share_above_bicubic")));
    printLine(fmt::format("SSIM {:.4f}; bicubic {:.4f}", figure(report, "ssim_reconstruction"),
                          figure(report, "ssim_bicubic")));
}

void printReconstructions(const Common& common,
                          const runtime::VideoSampleReport& report,
                          const std::string& out,
                          const std::vector<std::string>& files) {
    if (common.json) {
        printJson({{"out", out},
                   {"files", files},
                   {"clips", report.clips.size()},
                   {"frames", report.frames},
                   {"width", report.width},
                   {"height", report.height},
                   {"left", "truth"},
                   {"right", "reconstruction"},
                   {"milliseconds", report.milliseconds},
                   {"psnr_reconstruction", finiteOrNull(report.psnr)},
                   {"notice", report.notice.empty() ? json(nullptr) : json(report.notice)}});
        return;
    }
    printLine(fmt::format("{} of {} frames in {}: truth on the left, reconstruction on the right, "
                          "{:.0f} ms",
                          report.clips.size(), report.frames, out, report.milliseconds));
    printLine(fmt::format("PSNR {:.2f} dB; `video score` says how that compares", report.psnr));
    if (!report.notice.empty()) {
        printLine(report.notice);
    }
}

void printAutoencoderProbe(const Common& common,
                           const spec::AutoencoderSpec& spec,
                           const runtime::VideoProbeReport& report) {
    const spec::Extent3 grid = spec.latentGrid();
    if (common.json) {
        printJson({{"parameters", report.parameters},
                   {"macs", namedJson(report.macs)},
                   {"latent", {spec.latents, grid.frames, grid.rows, grid.columns}},
                   {"values_per_frame", spec.latentValues()}});
        return;
    }
    printLine(fmt::format("{} parameters", report.parameters));
    std::string line = "multiply-accumulates of a clip:";
    for (const runtime::NamedValue& value : report.macs) {
        line += fmt::format(" {} {}", value.name, humanCount(value.value));
    }
    printLine(line);
    printLine(fmt::format("{} latent frames of {} x {} positions of {} numbers: {} a frame, {:.1f} "
                          "times fewer than its pixels have",
                          grid.frames, grid.rows, grid.columns, spec.latents, spec.latentValues(),
                          shrinking(spec)));
}

} // namespace depthscope::cli
