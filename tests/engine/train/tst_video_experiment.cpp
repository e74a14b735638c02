// SPDX-License-Identifier: MIT
// The table of more-dit: sizes, matched controls, choices, files, claims, targets and the page.
#include "engine/base/error.h"
#include "engine/spec/video_macs.h"
#include "engine/spec/video_weights.h"
#include "engine/train/video_experiment.h"
#include "engine/train/video_targets.h"

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

using namespace depthscope;
using train::Evaluation;
using train::VideoResult;

namespace {

std::int64_t parametersOf(const train::VideoSystem& system) {
    return spec::parameterCount(spec::plannedParameters(system.preset.model));
}

/// Two evaluations; the flow loss falls by 1 from the first to the second.
VideoResult resultOf(const train::VideoExperiment& experiment,
                     const train::VideoCell& cell,
                     double psnr,
                     double flow,
                     double cost) {
    VideoResult result;
    result.cell = cell;
    result.budget = experiment.budget();
    result.machine = "test";
    const double drift = 0.01 * static_cast<double>(cell.seed);
    for (int i = 1; i <= 2; ++i) {
        Evaluation point;
        point.step = 100 * i;
        point.metrics = {{"val_loss", flow, ""},
                         {"flow_loss[1]", flow + 2 - i, ""},
                         {"psnr_prediction", psnr + i - 2 + drift, "dB"},
                         {"depth_auc", 0.4 * i, ""}};
        point.tokens = 64'000 * i;
        point.flops = cost * 1e12 * i;
        point.seconds = 120 * i;
        result.curve.push_back(point);
    }
    result.figures = {{"parameters", 5},
                      {"psnr", psnr + drift},
                      {"psnr[inverted]", psnr - 2},
                      {"psnr[depth:1]", psnr + drift},
                      {"rf_loss", flow},
                      {"f_distance", flow / 10},
                      {"auc[motion]", 0.93},
                      {"bytes[weights]", cost * 1e6},
                      {"bytes[training]", cost * 1e8},
                      {"bytes[inference]", cost * 1e7},
                      {"seconds_sample[1]", cost * 0.01},
                      {"seconds_sample[8]", cost * 0.05}};
    return result;
}

struct Table {
    train::VideoExperiment experiment;
    std::vector<std::optional<VideoResult>> results;
    std::optional<train::FeatureReport> features;

    /// MoRE, its shallow control and drawn depths; the others have not run.
    explicit Table(const train::VideoChoices& choices = {})
        : experiment(train::moreDit(choices)) {
        for (const train::VideoCell& cell : experiment.cells) {
            results.emplace_back();
            if (cell.system == "more") {
                results.back() = resultOf(experiment, cell, 25, 0.5, 1);
            } else if (cell.system == "dit-shallow") {
                results.back() = resultOf(experiment, cell, 24, 1.0, 2.5);
            } else if (cell.system == "random-depth") {
                results.back() = resultOf(experiment, cell, 25, 0.5, 1);
            }
        }
        features.emplace();
        features->test = {0.01, 0.1, 0.2, 0.9};
    }

    [[nodiscard]] train::VideoFindings findings() const { return {experiment, results, features}; }

    [[nodiscard]] train::VideoTarget
    target(const std::string& name, const std::string& control, int which = 0) const {
        for (const train::VideoTarget& target : train::videoTargets(findings())) {
            if (target.target.starts_with(name) && target.control == control && which-- == 0) {
                return target;
            }
        }
        return {};
    }
};

} // namespace

class TestVideoExperiment : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void systems() {
        const train::VideoExperiment experiment = train::moreDit({});
        QCOMPARE(experiment.systems.size(), std::size_t{9});
        QCOMPARE(experiment.cells.size(), std::size_t{27});
        QCOMPARE(experiment.clips, std::string("one-shape"));
        const auto more = static_cast<double>(parametersOf(experiment.system("more")));
        const auto same = static_cast<double>(parametersOf(experiment.system("dit-parameters")));
        QVERIFY2(std::abs(same / more - 1) < 0.02, qPrintable(QString::number(same / more)));
        for (const char* drawn : {"random-depth", "random-expert", "more-unaligned"}) {
            QCOMPARE(parametersOf(experiment.system(drawn)),
                     parametersOf(experiment.system("more")));
        }
        // Drawn depths do as much work as learned ones.
        const auto macs = [&](const char* name) {
            const spec::VideoSpec& model = experiment.system(name).preset.model;
            return spec::videoMacs(model, spec::targetSide(model)).total();
        };
        QCOMPARE(macs("random-depth"), macs("more"));
        for (const train::VideoCell& cell : experiment.cells) {
            const spec::VideoPreset preset = experiment.presetOf(cell);
            spec::checkVideoSpec(preset.model, cell.name());
            QVERIFY(preset.schedule.shape == spec::RateShape::Constant);
            QCOMPARE(preset.seed, cell.seed);
        }
    }

    void choices() {
        train::VideoChoices asked;
        asked.systems = {"dit-deep", "more"};
        asked.seeds = 2;
        asked.steps = 10;
        asked.clips = "moving-shapes";
        const train::VideoExperiment experiment = train::moreDit(asked);
        QCOMPARE(experiment.cells.size(), std::size_t{4});
        QCOMPARE(experiment.cells.front().name(), std::string("more-1"));
        QCOMPARE(experiment.presetOf(experiment.cells.front()).steps, std::int64_t{10});
        QCOMPARE(experiment.presetOf(experiment.cells.front()).evaluateEvery, std::int64_t{2});
        QCOMPARE(experiment.budget(), std::string("10 steps on moving-shapes"));
        asked.systems = {"nothing"};
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(train::moreDit(asked)), Error);
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(train::moreDit({.clips = "nothing"})), Error);
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(train::moreDit({.seeds = 65})), Error);
    }

    void filesRoundTrip() {
        const QTemporaryDir temporary;
        const std::filesystem::path folder = temporary.path().toStdString();
        const Table table;
        const train::VideoCell& cell = table.experiment.cells.front();
        QVERIFY(!train::readVideoResult(folder, table.experiment, cell).has_value());
        VideoResult written = *table.results.front();
        written.figures.emplace_back("regret", std::nan(""));
        train::writeVideoResult(folder, written);
        const auto read = train::readVideoResult(folder, table.experiment, cell);
        QVERIFY(read.has_value());
        QCOMPARE(read->figure("psnr"), written.figure("psnr"));
        QVERIFY(std::isnan(read->figure("regret")));
        QVERIFY(std::isnan(read->figure("nothing")));
        QCOMPARE(read->curve.back().metric("depth_auc"), 0.8);
        QCOMPARE(read->curve.back().series("flow_loss"), std::vector<double>{0.5});
        // Results of another budget are not mixed in.
        QVERIFY_EXCEPTION_THROWN(
            static_cast<void>(train::readVideoResult(folder, train::moreDit({.minutes = 1}), cell)),
            Error);
    }

    void targets() {
        const Table table;
        // MoRE's flow loss falls from 1.5 at 1 TFLOP to 0.5 at 2; the control ends at 1.0 with 5.
        const train::VideoTarget macs = table.target("training", "dit-shallow", 0);
        QCOMPARE(macs.value, std::string("0.30 ± 0.00 (3)"));
        QCOMPARE(macs.verdict, std::string("**not met**"));
        QCOMPARE(table.target("training", "dit-shallow", 1).value, std::string("0.75 ± 0.00 (3)"));
        QCOMPARE(table.target("training", "dit-deep").verdict,
                 std::string("not measured: 0 of 3 seeds"));
        QCOMPARE(table.target("inference", "dit-shallow").verdict, std::string("met"));
        QCOMPARE(table.target("memory", "dit-shallow").verdict, std::string("met"));
        QCOMPARE(table.target("quality", "dit-shallow").value, std::string("0.50 ± 0.00 (3)"));
        QCOMPARE(table.target("quality", "dit-shallow").verdict, std::string("met"));
    }

    void whatIsNotMeasuredIsNotMet() {
        Table spoilt;
        spoilt.features->test.blurred = 0.3; // further than shuffled frames
        QCOMPARE(spoilt.target("quality", "dit-shallow").verdict,
                 std::string("not measured: F-dist fails its self-test"));
        const Table steps(train::VideoChoices{.steps = 100});
        QVERIFY(steps.target("quality", "dit-shallow").verdict.starts_with("not measured"));
        const Table few(train::VideoChoices{.seeds = 2});
        for (const train::VideoTarget& target : train::videoTargets(few.findings())) {
            QVERIFY2(target.verdict.starts_with("not measured") ||
                         target.target.starts_with("qual"),
                     target.verdict.c_str());
        }
        Table never;
        for (auto& result : never.results) {
            if (result && result->cell.system == "dit-shallow") {
                result = resultOf(never.experiment, result->cell, 24, 0.1, 2.5);
            }
        }
        QCOMPARE(never.target("training", "dit-shallow").value,
                 std::string("not reached by 3 of 3 seeds"));
        QCOMPARE(never.target("training", "dit-shallow").verdict, std::string("**not met**"));
        QCOMPARE(never.target("inference", "dit-shallow").verdict, std::string("**not met**"));
    }

    void pageSaysItPlainly() {
        const Table table;
        const QString page = QString::fromStdString(train::videoResultsPage(table.findings()));
        QVERIFY(page.contains("9 of 27 cells run"));
        QVERIFY(page.contains("240 s of processor time on one-shape"));
        QVERIFY(page.contains("not run"));
        QVERIFY(page.contains("| more, 2 | ▄▇ | 0.93 | motion deep | +0.00 | 25.02 |"));
        QVERIFY(page.contains("Learned depth is not shown to be better than random depth"));
        QVERIFY(page.contains("a second recursion is not shown to be worth anything"));
        QVERIFY(page.contains("| inverted | 23.00 ± 0.00 (3) | -2.02 ± 0.01 (3) |"));
        QVERIFY(page.contains("MoRE predicts better than the shallow DiT after equal clips | "
                              "+1.00 (3) | confirmed"));
        const Table nothing(train::VideoChoices{.systems = {"stage-1-only"}});
        const QString empty = QString::fromStdString(train::videoResultsPage(nothing.findings()));
        QVERIFY(empty.contains("0 of 3 cells run (not run)"));
        QVERIFY(train::videoResultsJson(table.findings()).find("\"state\": \"motion deep\"") !=
                std::string::npos);
        QVERIFY(train::videoCurvesCsv(table.findings())
                    .find("more,1,100,1000,500000000000,120,0.5,1.5,24.01,0.4\n") !=
                std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestVideoExperiment)
#include "tst_video_experiment.moc"
