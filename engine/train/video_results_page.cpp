// SPDX-License-Identifier: MIT
// The results of more-dit as Markdown. Every figure comes from the cells; a missing one is "not
// run".
#include "engine/base/text.h"
#include "engine/evaluate/clip_score.h"
#include "engine/spec/video_macs.h"
#include "engine/trace/patch_classes.h"
#include "engine/train/video_experiment.h"
#include "engine/train/video_targets.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <utility>

namespace depthscope::train {

namespace {

constexpr double kMega = 1e6, kTera = 1e12, kMebi = 1048576.0;

std::string spread(const VideoFindings& findings,
                   const std::string& system,
                   const VideoQuestion& question,
                   const char* format = "%.2f") {
    std::vector<double> values;
    for (const auto& [seed, value] : videoAnswers(findings, system, question)) {
        values.push_back(value);
    }
    return spreadText(spreadOf(values), format);
}

bool isRouted(const VideoSystem& system) {
    return system.preset.model.recursion && system.preset.model.recursion->hasRouter();
}

/// A table whose rows are systems; a column is a title with its cells.
struct Column {
    std::string title;
    std::function<std::string(const VideoSystem&)> cell;
};

std::string tableOf(const VideoFindings& findings,
                    const std::vector<Column>& columns,
                    const std::function<bool(const VideoSystem&)>& takes = {}) {
    std::string page = "| system |", rule = "|---|";
    for (const Column& column : columns) {
        page += fmt::format(" {} |", column.title);
        rule += "---|";
    }
    page += fmt::format("\n{}\n", rule);
    for (const VideoSystem& system : findings.experiment.systems) {
        if (takes && !takes(system)) {
            continue;
        }
        page += fmt::format("| {} |", system.name);
        for (const Column& column : columns) {
            page += fmt::format(" {} |", column.cell(system));
        }
        page += "\n";
    }
    return page;
}

Column figureColumn(const VideoFindings& findings,
                    std::string title,
                    std::string figure,
                    const char* format = "%.2f",
                    double unit = 1) {
    return {std::move(title),
            [&findings, figure = std::move(figure), format, unit](const VideoSystem& system) {
                const bool ran = !videoAnswers(findings, system.name, figureOf("psnr")).empty();
                const VideoQuestion question = [&](const VideoResult& result) {
                    return result.figure(figure) / unit;
                };
                const bool isKnown = !videoAnswers(findings, system.name, question).empty();
                return ran && !isKnown ? std::string("none")
                                       : spread(findings, system.name, question, format);
            }};
}

std::string systemsTable(const VideoFindings& findings) {
    return tableOf(
        findings,
        {{"what", [](const VideoSystem& s) { return s.what; }},
         {"is a control of", [](const VideoSystem& s) { return s.against; }},
         {"parameters",
          [](const VideoSystem& s) {
              return fmt::format("{}",
                                 spec::parameterCount(spec::plannedParameters(s.preset.model)));
          }},
         {"MMAC of a denoising step", [](const VideoSystem& s) {
              const spec::VideoSpec& model = s.preset.model;
              return numberText("%.2f",
                                spec::videoMacs(model, spec::targetSide(model)).total() / kMega);
          }}});
}

/// One measure at equal clips, MACs and time.
std::string equalTable(const VideoFindings& findings, const char* metric, const char* format) {
    const double clips = commonEnd(findings, &samplesOf), macs = commonEnd(findings, &flopsOf),
                 seconds = commonEnd(findings, &secondsOf);
    if (!std::isfinite(clips)) {
        return "Not run.\n";
    }
    const auto column = [&](std::string title, Axis axis, double at) -> Column {
        return {std::move(title), [&findings, metric, format, axis, at](const VideoSystem& system) {
                    return spread(
                        findings, system.name,
                        [&](const VideoResult& result) {
                            return valueAt(result.curve, metric, axis, at);
                        },
                        format);
                }};
    };
    const VideoSystem& first = findings.experiment.systems.front();
    const auto tokens = static_cast<double>(first.preset.model.grid().count());
    return tableOf(findings,
                   {column(fmt::format("at {:.0f} clips", clips / tokens), &samplesOf, clips),
                    column(fmt::format("at {:.2f} TMAC", macs / 2 / kTera), &flopsOf, macs),
                    column(fmt::format("at {:.0f} s", seconds), &secondsOf, seconds),
                    {"clips seen", [&](const VideoSystem& system) {
                         return spread(
                             findings, system.name,
                             [&](const VideoResult& result) {
                                 return samplesOf(result.curve.back()) / tokens;
                             },
                             "%.0f");
                     }}});
}

std::string claimsTable(const VideoFindings& findings) {
    std::string page = "| claim | difference, dB (seeds) | verdict |\n|---|---|---|\n", plainly;
    for (const VideoClaim& claim : videoClaims(findings)) {
        const bool ran = claim.difference.count > 0;
        page += fmt::format("| {} | {} | {} |\n", claim.statement,
                            ran ? fmt::format("{} ({})", numberText("%+.2f", claim.difference.mean),
                                              claim.difference.count)
                                : std::string("not run"),
                            verdictText(claim));
        if (claim.difference.count > 1 && !claim.isConfirmed() && !claim.plainly.empty()) {
            plainly += fmt::format("- **{}**{}\n", claim.plainly,
                                   claim.isContradicted() ? " It is worse." : "");
        }
    }
    return plainly.empty() ? page : fmt::format("{}\n{}", page, plainly);
}

/// 0 to 1 as blocks of rising height, one an evaluation.
std::string stripOf(const std::vector<Evaluation>& curve) {
    constexpr std::array<const char*, 8> kBlocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    std::string strip;
    for (const Evaluation& point : curve) {
        const double auc = point.metric("depth_auc");
        strip += std::isfinite(auc)
                     ? kBlocks.at(std::min<std::size_t>(7, static_cast<std::size_t>(auc * 8)))
                     : "·";
    }
    return strip;
}

std::string statesTable(const VideoFindings& findings) {
    std::string page =
        "| system, seed | AUC by training steps | AUC at the end | state | forced to "
        "one recursion, dB | PSNR, dB |\n|---|---|---|---|---|---|\n";
    for (const auto& result : findings.results) {
        if (!result || !isRouted(findings.experiment.system(result->cell.system))) {
            continue;
        }
        const double auc = result->figure("auc[motion]");
        page += fmt::format(
            "| {}, {} | {} | {} | {} | {} | {} |\n", result->cell.system, result->cell.seed,
            stripOf(result->curve), numberText("%.2f", auc), routerState(auc),
            numberText("%+.2f", result->figure("psnr[depth:1]") - result->figure("psnr")),
            numberText("%.2f", result->figure("psnr")));
    }
    return page;
}

/// PSNR of the trained model, and what each intervention changes.
std::string interventionsTable(const VideoFindings& findings) {
    std::vector<std::string> names;
    for (const auto& result : findings.results) {
        if (result && result->cell.system == kMoreSystem && names.empty()) {
            for (const auto& [name, value] : result->figures) {
                if (name.starts_with("psnr[")) {
                    names.push_back(name);
                }
            }
        }
    }
    if (names.empty()) {
        return "Not run.\n";
    }
    std::ranges::sort(names); // as they come back from a file
    std::string page = "| intervention | PSNR, dB | change, dB |\n|---|---|---|\n";
    page += fmt::format("| none | {} | |\n", spread(findings, kMoreSystem, figureOf("psnr")));
    for (const std::string& name : names) {
        const VideoQuestion change = [&name](const VideoResult& result) {
            return result.figure(name) - result.figure("psnr");
        };
        page += fmt::format("| {} | {} | {} |\n", name.substr(5, name.size() - 6),
                            spread(findings, kMoreSystem, figureOf(name)),
                            spread(findings, kMoreSystem, change, "%+.2f"));
    }
    return page;
}

std::string depthTable(const VideoFindings& findings) {
    std::vector<Column> columns;
    for (const std::string& name : trace::patchClasses()->names) {
        columns.push_back(figureColumn(findings, name, fmt::format("depth[{}]", name)));
    }
    columns.push_back(figureColumn(findings, "AUC of motion", "auc[motion]"));
    columns.push_back(figureColumn(findings, "regret, %", "regret", "%.1f", 0.01));
    columns.push_back(
        figureColumn(findings, "regret at equal recursions, %", "regret_equal", "%.1f", 0.01));
    return tableOf(findings, columns, &isRouted);
}

std::string expertTable(const VideoFindings& findings) {
    std::vector<Column> columns;
    for (int e = 0; e < spec::kPatterns; ++e) {
        const std::string name(spec::toString(static_cast<spec::Pattern>(e)));
        columns.push_back(figureColumn(findings, name, fmt::format("share[{}]", name)));
    }
    return tableOf(findings, columns, [](const VideoSystem& system) {
        return system.preset.model.patterns.has_value();
    });
}

std::string flowTable(const VideoFindings& findings) {
    std::vector<Column> columns;
    for (std::size_t i = 0; i < evaluate::kFlowLevels.size(); ++i) {
        columns.push_back(figureColumn(findings,
                                       numberText("t = %.2f", evaluate::kFlowLevels.at(i)),
                                       fmt::format("flow_loss[{}]", i + 1), "%.3f"));
    }
    return tableOf(findings, columns);
}

std::string qualityTable(const VideoFindings& findings) {
    return tableOf(findings,
                   {figureColumn(findings, "PSNR, dB", "psnr"),
                    figureColumn(findings, "copy-last, dB", "psnr_copy_last"),
                    figureColumn(findings, "above copy-last, %", "share_above_copy", "%.0f", 0.01),
                    figureColumn(findings, "flow loss", "rf_loss", "%.3f"),
                    figureColumn(findings, "F-dist", "f_distance", "%.3f")});
}

std::string featuresText(const VideoFindings& findings) {
    if (!findings.features) {
        return "F-dist: its network is not trained yet.\n";
    }
    const FeatureReport& report = *findings.features;
    const auto percent = [](double share) { return numberText("%.0f", share * 100); };
    return fmt::format(
        "F-dist is the Fréchet distance over {} features of network {}, which tells shape, speed, "
        "direction and order of {} %, {} %, {} % and {} % of held-out clips. Its self-test: real "
        "frames "
        "against other real ones {} (the floor), blurred {}, in another order {}, noise {}: {}.\n",
        evaluate::kMotionFeatures, report.hash, percent(report.accuracy[0]),
        percent(report.accuracy[1]), percent(report.accuracy[2]), percent(report.accuracy[3]),
        numberText("%.3f", report.test.floor), numberText("%.3f", report.test.blurred),
        numberText("%.3f", report.test.shuffled), numberText("%.3f", report.test.noise),
        report.test.passes() ? "**passed**" : "**failed, so the distances say nothing**");
}

std::string costTable(const VideoFindings& findings) {
    return tableOf(
        findings,
        {figureColumn(findings, "weights, MiB", "bytes[weights]", "%.2f", kMebi),
         figureColumn(findings, "a training step, MiB", "bytes[training]", "%.1f", kMebi),
         figureColumn(findings, "a prediction of 8 clips, MiB", "bytes[inference]", "%.2f", kMebi),
         figureColumn(findings, "of it context keys and values, MiB", "bytes[keys]", "%.2f", kMebi),
         figureColumn(findings, "activations, MiB", "bytes[activations]", "%.2f", kMebi),
         figureColumn(findings, "8 steps, 1 clip, ms", "seconds_sample[1]", "%.1f", 1e-3),
         figureColumn(findings, "8 clips, ms", "seconds_sample[8]", "%.1f", 1e-3)});
}

std::string targetsTable(const VideoFindings& findings) {
    std::string page = "| target | measured as | control | pass line | value (seeds) | verdict "
                       "|\n|---|---|---|---|---|---|\n";
    for (const VideoTarget& target : videoTargets(findings)) {
        page += fmt::format("| {} | {} | {} | {} | {} | {} |\n", target.target, target.measure,
                            target.control, target.passLine, target.value, target.verdict);
    }
    return page;
}

std::string headOf(const VideoFindings& findings) {
    const auto finished = std::ranges::count_if(
        findings.results, [](const auto& result) { return result.has_value(); });
    std::string machine = "not run";
    for (const auto& result : findings.results) {
        machine = result ? result->machine : machine;
    }
    return fmt::format(
        "## Experiment {}\n\n{} of {} cells run ({}). Each: {}, one thread, constant learning rate "
        "2e-3 after 100 steps of warm-up, 32 clips a step; the average of the weights is what is "
        "measured. Validation clips, their noise and noise levels are the same for all. Figures "
        "are mean ± standard deviation (seeds). One training serves all columns: its curve is read "
        "where the shortest one ends.\n",
        kMoreDit, finished, findings.results.size(), machine, findings.experiment.budget());
}

} // namespace

std::string videoResultsPage(const VideoFindings& findings) {
    std::string page = headOf(findings);
    const auto section = [&page](const char* title, const std::string& text) {
        page += fmt::format("\n### {}\n\n{}", title, text);
    };
    section("Systems", systemsTable(findings));
    section("PSNR of predicted frames, dB", equalTable(findings, "psnr_prediction", "%.2f"));
    section("Validation loss", equalTable(findings, "val_loss", "%.4f"));
    section("Claims", "Decided where the mean difference over seeds exceeds two standard "
                      "errors.\n\n" +
                          claimsTable(findings));
    section("Which state each seed ended in",
            "AUC: how often a patch in motion is deeper than another one; 0.5 is chance. A strip "
            "has one block an evaluation, from ▁ (0) to █ (1). Motion deep: 0.7 or more; "
            "background deep: 0.3 or less.\n\n" +
                statesTable(findings));
    section("Interventions on the finished MoRE",
            "The weights stay; who is routed where changes. Oracle: depth by the true motion of "
            "the target's patches. Depth and expert: forced on every token.\n\n" +
                interventionsTable(findings));
    section("Depth by patch class, and routing regret",
            "At noise level 0.5. Regret: the share of the squared error that the best depths, "
            "found by trying each depth for each token, would have saved.\n\n" +
                depthTable(findings));
    section("Experts by share", expertTable(findings));
    section("Finished models", qualityTable(findings) + "\n" + featuresText(findings));
    section("Flow loss by noise level", flowTable(findings));
    section("Memory and time", costTable(findings));
    section("Published targets", targetsTable(findings));
    return page;
}

} // namespace depthscope::train
