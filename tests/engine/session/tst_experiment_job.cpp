// SPDX-License-Identifier: MIT
// The experiments more-dit and looped as jobs, with two systems and a few steps: stopped in the
// middle and resumed they measure what they measure in one go.
#include "engine/base/error.h"
#include "engine/nn/memory.h"
#include "engine/session/jobs.h"
#include "engine/train/looped_experiment.h"
#include "engine/train/video_experiment.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <numeric>
#include <optional>

using namespace depthscope;

namespace {

runtime::ExperimentRequest requestOf(const QString& folder) {
    runtime::ExperimentRequest request;
    request.name = "more-dit";
    request.outFolder = folder.toStdString();
    request.systems = {"more", "dit-shallow"};
    request.seeds = 1;
    request.steps = 4;
    return request;
}

/// Reports of an experiment, at most `most` steps of the job.
std::vector<runtime::ExperimentReport> run(const runtime::ExperimentRequest& request,
                                           std::optional<int> most = {}) {
    std::vector<runtime::ExperimentReport> reports;
    const std::unique_ptr<runtime::Job> job =
        session::makeExperimentJob(1, request, [&](const runtime::Event& event) {
            if (const auto* report = std::get_if<runtime::ExperimentReport>(&event)) {
                reports.push_back(*report);
            }
        });
    for (int i = 0; (!most || i < *most) && job->step(); ++i) {
    }
    return reports;
}

/// All that does not depend on the clock or on what else is in memory.
void compareResults(const QString& one, const QString& other) {
    train::VideoChoices choices;
    choices.systems = {"more", "dit-shallow"};
    choices.seeds = 1;
    choices.steps = 4;
    const train::VideoExperiment experiment = train::moreDit(choices);
    for (const train::VideoCell& cell : experiment.cells) {
        const auto a = train::readVideoResult(one.toStdString(), experiment, cell);
        const auto b = train::readVideoResult(other.toStdString(), experiment, cell);
        QVERIFY(a && b);
        QCOMPARE(a->features, b->features);
        QCOMPARE(a->curve.size(), b->curve.size());
        for (std::size_t i = 0; i < a->curve.size(); ++i) {
            QCOMPARE(a->curve[i].step, b->curve[i].step);
            QCOMPARE(a->curve[i].metric("val_loss"), b->curve[i].metric("val_loss"));
        }
        QCOMPARE(a->figures.size(), b->figures.size());
        for (const auto& [name, value] : a->figures) {
            if (!name.starts_with("seconds") && !name.starts_with("bytes")) {
                QVERIFY2(b->figure(name) == value || std::isnan(value), name.c_str());
            }
        }
    }
}

} // namespace

class TestExperimentJob : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() {
        nn::installCountingAllocator();
        const std::vector<runtime::ExperimentReport> reports = run(requestOf(m_whole.path()));
        QCOMPARE(reports.size(), std::size_t{3});
        QCOMPARE(reports.front().cell, std::string("more-1"));
        QCOMPARE(reports.front().done, 1);
        QCOMPARE(reports.front().cells, 2);
        m_page = QString::fromStdString(reports.back().page);
    }

    void writesWhatItMeasured() {
        QVERIFY(m_page.contains("2 of 2 cells run"));
        QVERIFY(m_page.contains("4 steps on one-shape"));
        for (const char* name :
             {"results.md", "results.json", "curves.csv", "features.safetensors", "more-1.json"}) {
            QVERIFY2(QFile::exists(m_whole.filePath(name)), name);
        }
        QVERIFY(!QFile::exists(m_whole.filePath("more-1.checkpoint.safetensors")));
        const train::VideoExperiment experiment =
            train::moreDit({.systems = {"more", "dit-shallow"}, .seeds = 1, .steps = 4});
        const auto more = train::readVideoResult(m_whole.path().toStdString(), experiment,
                                                 experiment.cells.front());
        QVERIFY(more.has_value());
        for (const char* name :
             {"psnr", "psnr[inverted]", "psnr[oracle]", "psnr[random]", "psnr[depth:3]",
              "psnr[expert:motion]", "psnr[expert:random]", "f_distance", "auc[motion]",
              "depth[background]", "regret", "regret_equal", "share[context]"}) {
            QVERIFY2(std::isfinite(more->figure(name)), name);
        }
        QCOMPARE(more->figure("bytes[weights]"), 4.0 * more->figure("parameters"));
        QVERIFY(more->figure("bytes[keys]") > 0);
        QVERIFY(more->figure("bytes[activations]") > 0);
        QVERIFY(more->figure("bytes[training]") > 4 * more->figure("bytes[weights]"));
        QVERIFY(more->figure("regret") >= more->figure("regret_equal"));
        QCOMPARE(more->curve.size(), std::size_t{4});
    }

    /// The job's destructor keeps what was learned; 30 steps end in the middle of a cell or of the
    /// network of F-dist.
    void stoppedAndResumedIsTheSame_data() {
        QTest::addColumn<int>("steps");
        QTest::newRow("in the network of F-dist") << 9;
        QTest::newRow("in a training") << 26;
        QTest::newRow("while it is measured") << 34;
    }

    void stoppedAndResumedIsTheSame() {
        QFETCH(int, steps);
        const QTemporaryDir folder;
        runtime::ExperimentRequest request = requestOf(folder.path());
        static_cast<void>(run(request, steps));
        QVERIFY(!QFile::exists(folder.filePath("results.md")));
        request.resume = true;
        QVERIFY(run(request).back().page.find("2 of 2 cells run") != std::string::npos);
        compareResults(m_whole.path(), folder.path());
    }

    void refuses() {
        runtime::ExperimentRequest request = requestOf(m_whole.path());
        QVERIFY_EXCEPTION_THROWN(run(request), Error); // holds results
        request.resume = true;
        request.steps = 5;
        QVERIFY_EXCEPTION_THROWN(run(request), Error); // of another budget
        request.textFile = "a.txt";
        QVERIFY_EXCEPTION_THROWN(run(request), Error);
        runtime::ExperimentRequest text;
        text.name = "mor-small";
        text.steps = 3;
        QVERIFY_EXCEPTION_THROWN(run(text), Error);
        text.name = "nothing";
        QVERIFY_EXCEPTION_THROWN(run(text), Error);
    }

    /// Two stages of the gate, every rule of the table, a page; resumed in the middle the same.
    void looped() {
        const QTemporaryDir whole, parts;
        const auto request = [](const QTemporaryDir& folder) {
            runtime::ExperimentRequest asked;
            asked.name = train::kLooped;
            asked.outFolder = folder.path().toStdString();
            asked.systems = {"looped-gate", "mor-learned"};
            asked.seeds = 1;
            asked.steps = 5;
            return asked;
        };
        const std::vector<runtime::ExperimentReport> reports = run(request(whole));
        QCOMPARE(reports.size(), std::size_t{3});
        const QString page = QString::fromStdString(reports.back().page);
        QVERIFY(page.contains("2 of 2 cells run"));
        QVERIFY(page.contains("Each: 5 steps on one thread"));
        static_cast<void>(run(request(parts), 9));
        runtime::ExperimentRequest again = request(parts);
        again.resume = true;
        static_cast<void>(run(again));
        const train::Experiment experiment =
            train::looped({.systems = again.systems, .seeds = 1, .steps = 5});
        for (const train::Cell& cell : experiment.cells) {
            const auto a = train::readResult(whole.path().toStdString(), cell);
            const auto b = train::readResult(parts.path().toStdString(), cell);
            QVERIFY(a && b);
            QCOMPARE(a->scores.size(), experiment.system(cell.system).rules.size());
            for (std::size_t i = 0; i < a->scores.size(); ++i) {
                QCOMPARE(a->scores[i].rule, b->scores[i].rule);
                QCOMPARE(a->scores[i].nats, b->scores[i].nats);
                QVERIFY(std::isfinite(a->scores[i].nats));
                QVERIFY(!a->scores[i].classAuc.empty());
                const std::vector<double>& shares = a->scores[i].depthShares;
                QVERIFY(std::abs(std::accumulate(shares.begin(), shares.end(), 0.0) - 1) < 1e-9);
            }
        }
        again.steps = 6;
        QVERIFY_EXCEPTION_THROWN(run(again), Error); // of another budget
        again.steps = 5;
        again.clips = "one-shape";
        QVERIFY_EXCEPTION_THROWN(run(again), Error);
    }

private:
    QTemporaryDir m_whole;
    QString m_page;
};

QTEST_APPLESS_MAIN(TestExperimentJob)
#include "tst_experiment_job.moc"
