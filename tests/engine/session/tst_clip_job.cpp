// SPDX-License-Identifier: MIT
// Procedural clips by request: the generator's own bytes, one report a clip, and refusals that name
// the field.
#include "engine/data/procedural_clips.h"
#include "engine/session/jobs.h"

#include <QtTest>
#include <vector>

using namespace depthscope;

namespace {

std::vector<runtime::ClipReport> reportsOf(const runtime::ClipRequest& request) {
    std::vector<runtime::ClipReport> reports;
    const auto job = session::makeClipJob(7, request, [&](const runtime::Event& event) {
        reports.push_back(std::get<runtime::ClipReport>(event));
    });
    while (job->step()) {
    }
    return reports;
}

QString refusalOf(const runtime::ClipRequest& request) {
    try {
        reportsOf(request);
    } catch (const Error& error) {
        return error.code() == ErrorCode::Usage ? QString::fromStdString(error.message())
                                                : QString();
    }
    return {};
}

} // namespace

class TestClipJob : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void clipsAreTheGenerators() {
        const runtime::ClipRequest request{{"occlusion", 5, 40}, 3, 6, 24, 33};
        const auto reports = reportsOf(request);
        QCOMPARE(reports.size(), std::size_t{3});
        const data::ProceduralClips clips(spec::findClipPreset("occlusion"), {6, 24, 33}, 5);
        for (std::size_t i = 0; i < reports.size(); ++i) {
            const runtime::ClipReport& report = reports[i];
            QCOMPARE(report.job, runtime::JobId{7});
            QCOMPARE(report.number, 40 + i);
            QCOMPARE(report.frames, 6);
            QCOMPARE(report.height, 24);
            QCOMPARE(report.width, 33);
            QVERIFY(report.rgb == clips.clip(40 + i).rgb);
        }
        QVERIFY(reports[0].rgb != reports[1].rgb);
    }

    void noNameIsTheFirstPreset() {
        const auto reports = reportsOf({});
        const data::ProceduralClips clips(spec::clipPresets().front(), {8, 16, 16}, 1);
        QVERIFY(reports.at(0).rgb == clips.clip(0).rgb);
    }

    void whatCannotBeIsRefused() {
        QVERIFY(refusalOf({{"nothing", 1, 0}, 1, 8, 16, 16}).contains("valid: "));
        QVERIFY(refusalOf({{}, 1, 8, 7, 16}).contains("width and height"));
        QVERIFY(refusalOf({{}, 1, 257, 16, 16}).contains("frames must be"));
        QVERIFY(refusalOf({{}, 1, std::int64_t{1} << 40, 16, 16}).contains("frames must be"));
        QVERIFY(refusalOf({{}, 0, 8, 16, 16}).contains("count must be"));
        QVERIFY(refusalOf({{}, 6, 256, 256, 256}).contains("count must be 1 to 5"));
    }
};

QTEST_GUILESS_MAIN(TestClipJob)
#include "tst_clip_job.moc"
