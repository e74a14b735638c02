// SPDX-License-Identifier: MIT
// The results of more-dit for programs: JSON and CSV. A value that was not measured is null, or an
// empty cell.
#include "engine/base/text.h"
#include "engine/train/json_values.h"
#include "engine/train/video_experiment.h"
#include "engine/train/video_targets.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace depthscope::train {

using nlohmann::json;

std::string videoResultsJson(const VideoFindings& findings) {
    json root{{"experiment", kMoreDit},   {"budget", findings.experiment.budget()},
              {"systems", json::array()}, {"cells", json::array()},
              {"claims", json::array()},  {"targets", json::array()}};
    for (const VideoSystem& system : findings.experiment.systems) {
        root["systems"].push_back(
            {{"name", system.name}, {"what", system.what}, {"control_of", system.against}});
    }
    for (std::size_t i = 0; i < findings.results.size(); ++i) {
        const auto& result = findings.results[i];
        const VideoCell& cell = findings.experiment.cells[i];
        json entry{{"system", cell.system}, {"seed", cell.seed}, {"run", result.has_value()}};
        if (result) {
            entry["figures"] = json::object();
            for (const auto& [name, value] : result->figures) {
                entry["figures"][name] = finiteOrNull(value);
            }
            if (const double auc = result->figure("auc[motion]"); std::isfinite(auc)) {
                entry["state"] = routerState(auc);
            }
            entry["curve"] = json::parse(curveText(result->curve));
        }
        root["cells"].push_back(std::move(entry));
    }
    for (const VideoClaim& claim : videoClaims(findings)) {
        root["claims"].push_back(
            {{"claim", claim.statement},
             {"difference_db", finiteOrNull(claim.difference.mean)},
             {"standard_error", finiteOrNull(claim.difference.standardError())},
             {"seeds", claim.difference.count},
             {"verdict", verdictText(claim)}});
    }
    for (const VideoTarget& target : videoTargets(findings)) {
        root["targets"].push_back({{"target", target.target},
                                   {"measure", target.measure},
                                   {"control", target.control},
                                   {"pass_line", target.passLine},
                                   {"value", target.value},
                                   {"verdict", target.verdict}});
    }
    if (findings.features) {
        const evaluate::FeatureSelfTest& test = findings.features->test;
        root["features"] = {{"network", findings.features->hash},
                            {"accuracy", findings.features->accuracy},
                            {"floor", finiteOrNull(test.floor)},
                            {"blurred", finiteOrNull(test.blurred)},
                            {"shuffled", finiteOrNull(test.shuffled)},
                            {"noise", finiteOrNull(test.noise)},
                            {"passed", test.passes()}};
    }
    return root.dump(1) + "\n";
}

std::string videoCurvesCsv(const VideoFindings& findings) {
    std::string text = "system,seed,step,clips,macs,seconds,val_loss,flow_loss,psnr_prediction,"
                       "depth_auc\n";
    const auto cell = [](double value) {
        return std::isfinite(value) ? fmt::format("{}", value) : std::string();
    };
    for (const auto& result : findings.results) {
        if (!result) {
            continue;
        }
        const auto tokens = static_cast<double>(
            findings.experiment.system(result->cell.system).preset.model.grid().count());
        for (const Evaluation& point : result->curve) {
            text += fmt::format(
                "{},{},{},{},{},{},{},{},{},{}\n", result->cell.system, result->cell.seed,
                point.step, cell(samplesOf(point) / tokens), cell(point.flops / 2),
                cell(point.seconds), cell(point.metric("val_loss")), cell(flowLossOf(point)),
                cell(point.metric("psnr_prediction")), cell(point.metric("depth_auc")));
        }
    }
    return text;
}

} // namespace depthscope::train
