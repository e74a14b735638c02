// SPDX-License-Identifier: MIT
// An autoencoder from its training to what is asked of it, as the programs ask: train, go on, load,
// make clips again, measure, probe; and what it refuses.
#include "engine/base/error.h"
#include "engine/evaluate/image_metrics.h"
#include "engine/session/autoencoder_family.h"
#include "engine/session/family.h"
#include "engine/session/jobs.h"
#include "engine/session/video_family.h"

#include <nlohmann/json.hpp>

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <variant>
#include <vector>

using namespace depthscope;

namespace {

void finish(runtime::Job& job) {
    while (job.step()) {
    }
}

/// The events of one kind.
template <class Event, class Make>
std::vector<Event> eventsOf(const Make& make) {
    std::vector<Event> found;
    finish(*make([&](const runtime::Event& event) {
        if (const auto* one = std::get_if<Event>(&event)) {
            found.push_back(*one);
        }
    }));
    return found;
}

std::string refusal(const std::function<void()>& act) {
    try {
        act();
    } catch (const Error& error) {
        return error.code() == ErrorCode::Usage && !error.hint().empty() ? error.message()
                                                                         : "another kind";
    }
    return {};
}

} // namespace

class TestAutoencoderJobs : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// Four steps, the last two of them resumed.
    void initTestCase() {
        runtime::TrainRequest request;
        request.preset = "video-ae-nano";
        request.outFolder = model();
        request.recipe = {{"clip_frames", "3"},   {"clip_height", "16"},     {"clip_width", "16"},
                          {"hidden_size", "8"},   {"validation_clips", "2"}, {"warmup", "1"},
                          {"evaluate_every", "2"}};
        request.steps = 4;
        request.pictures = true; // as the window asks
        std::vector<runtime::TrainReport> reports;
        const runtime::Publish publish = [&](const runtime::Event& event) {
            if (const auto* report = std::get_if<runtime::TrainReport>(&event)) {
                reports.push_back(*report);
            }
        };
        {
            const auto job = session::makeTrainJob(m_workspace, 1, request, publish);
            while (reports.empty() && job->step()) {
            }
        } // stopped
        QCOMPARE(reports.back().step, std::int64_t{2});
        const auto& metrics = reports.back().metrics;
        QVERIFY(std::ranges::find(metrics, "psnr_reconstruction", &runtime::NamedValue::name) !=
                metrics.end());
        const trace::TrainingClipPtr seen = reports.back().clip; // what the Train dock shows
        QVERIFY(seen != nullptr && seen->contextFrames == 0);
        QCOMPARE(seen->made.size(), std::size_t{3});
        QVERIFY(seen->psnrControl > seen->psnr); // after two steps
        request.recipe.clear();
        request.resume = true;
        finish(*session::makeTrainJob(m_workspace, 2, request, publish));
        QCOMPARE(reports.back().step, std::int64_t{4});
        m_workspace.families = session::builtInFamilies();
        finish(*session::makeLoadJob(m_workspace, 3, {model(), runtime::ModelRole::Main}, drop()));
    }

    void recordOfTheTraining() {
        const nlohmann::json record =
            nlohmann::json::parse(std::ifstream(std::filesystem::path(model()) / "training.json"));
        QCOMPARE(record["recipe"]["clips"].get<std::string>(), std::string("moving-shapes"));
        QCOMPARE(record["recipe"]["hidden_size"].get<int>(), 8);
        QCOMPARE(record["validation"]["clips"].get<int>(), 384);
        QVERIFY(record["validation"]["psnr_bicubic"].get<double>() > 0);
        QVERIFY(record["validation"]["ssim_reconstruction"].is_number());
        QCOMPARE(record["curve"].size(), std::size_t{2});
        QVERIFY(session::autoencoderIn(m_workspace, runtime::ModelRole::Main)->info->clip->clips ==
                "moving-shapes");
    }

    /// The truth on the left of the file, what was made of it on the right.
    void makesClipsAgain() {
        runtime::VideoSampleRequest request;
        request.count = 2;
        request.clips = {"one-shape", 9, 4};
        const auto reports = sample<runtime::VideoSampleReport>(request);
        QCOMPARE(reports.size(), std::size_t{1});
        const runtime::VideoSampleReport& report = reports.front();
        QCOMPARE(report.clips.size(), std::size_t{2});
        QCOMPARE(report.width, std::int64_t{32});
        QCOMPARE(report.height, std::int64_t{16});
        QVERIFY(report.notice.find("outside training") == 0);
        const auto clips = session::proceduralClips(
            "one-shape",
            session::autoencoderIn(m_workspace, runtime::ModelRole::Main)->model->spec(), 9);
        for (std::size_t k = 0; k < 2; ++k) {
            const data::Clip truth = clips->clip(4 + k);
            constexpr std::ptrdiff_t kRow = 3 * 16;
            for (std::ptrdiff_t row = 0; row < 3 * 16; ++row) { // of three frames
                QVERIFY(std::equal(truth.rgb.begin() + row * kRow,
                                   truth.rgb.begin() + (row + 1) * kRow,
                                   report.clips[k].begin() + 2 * row * kRow));
            }
        }
        QVERIFY(std::isfinite(report.psnr) && std::isnan(report.psnrCopy));
    }

    /// What the window shows: the frames, and the clip itself as a run of its own.
    void stepsHaveThePictures() {
        runtime::VideoSampleRequest request;
        request.pictures = true;
        request.revision = 12;
        const auto steps = sample<runtime::StepPublished>(request);
        QCOMPARE(steps.size(), std::size_t{2});
        QVERIFY(steps[0].step->key == trace::kTruthRun && steps[1].step->key == trace::kMainRun);
        for (const runtime::StepPublished& published : steps) {
            const trace::StepTrace& step = *published.step;
            QCOMPARE(step.revision, std::uint64_t{12});
            QVERIFY(step.clip() != nullptr);
            QCOMPARE(step.clip()->pictures.size(), std::size_t{3});
            QCOMPARE(step.clip()->pictures.front()->width, 16);
            QCOMPARE(step.routing.places(), std::size_t{3 * 2 * 2});
            QCOMPARE(step.model->family, std::string("video_autoencoder"));
        }
        QVERIFY(std::isfinite(steps[1].step->clip()->psnr));
        QVERIFY(steps[1].step->routing.cost.flops > 0);
    }

    /// Own frames, as few as one.
    void ownFrames() {
        runtime::VideoSampleRequest request;
        request.context = {"own.mkv", 2, 16, 16, std::vector<std::uint8_t>(2 * 16 * 16 * 3, 77)};
        const auto reports = sample<runtime::VideoSampleReport>(request);
        QCOMPARE(reports.front().frames, std::int64_t{2});
        QVERIFY(reports.front().notice.find("own.mkv") == 0);
    }

    void measures() {
        runtime::VideoScoreRequest request;
        request.count = 3;
        const auto reports =
            eventsOf<runtime::VideoScoreReport>([&](const runtime::Publish& publish) {
                return session::makeVideoScoreJob(m_workspace, 4, request, publish);
            });
        const runtime::VideoScoreReport& report = reports.front();
        QCOMPARE(report.count, std::int64_t{3});
        QCOMPARE(report.clips, std::string("moving-shapes"));
        QCOMPARE(report.figures.size(), std::size_t{5});
        QVERIFY(std::isnan(report.psnrPrediction));
        QVERIFY(std::ranges::all_of(report.figures,
                                    [](const auto& one) { return std::isfinite(one.value); }));
    }

    void probes() {
        const auto reports =
            eventsOf<runtime::VideoProbeReport>([&](const runtime::Publish& publish) {
                return session::makeVideoProbeJob(m_workspace, 5, publish);
            });
        QCOMPARE(reports.front().macs.size(), std::size_t{3});
        QCOMPARE(reports.front().macs[0].value,
                 reports.front().macs[1].value + reports.front().macs[2].value);
        QVERIFY(reports.front().parameters > 0);
    }

    void refusesWhatItCannotDo() {
        runtime::VideoSampleRequest request;
        request.generate = true;
        QVERIFY(refusal([&] {
                    static_cast<void>(sample<runtime::VideoSampleReport>(request));
                }).find("does not draw clips") != std::string::npos);
        request = {};
        request.routing.maxDepth = 1;
        QVERIFY(refusal([&] {
                    static_cast<void>(sample<runtime::VideoSampleReport>(request));
                }).find("routing settings have no effect") != std::string::npos);
        QVERIFY(refusal([&] {
                    static_cast<void>(session::passAutoencoder(m_workspace, 6, {}, drop()));
                }).find("does not process text") != std::string::npos);
        QVERIFY(refusal([&] {
                    static_cast<void>(session::requireVideo(m_workspace, runtime::ModelRole::Main));
                }).find("does not make clips") != std::string::npos);
    }

private:
    [[nodiscard]] std::string model() const { return m_folder.filePath("model").toStdString(); }

    static runtime::Publish drop() {
        return [](const runtime::Event&) {};
    }

    template <class Event>
    std::vector<Event> sample(const runtime::VideoSampleRequest& request) {
        return eventsOf<Event>([&](const runtime::Publish& publish) {
            return session::makeVideoSampleJob(m_workspace, 7, request, publish);
        });
    }

    QTemporaryDir m_folder;
    session::Workspace m_workspace;
};

QTEST_APPLESS_MAIN(TestAutoencoderJobs)
#include "tst_autoencoder_jobs.moc"
