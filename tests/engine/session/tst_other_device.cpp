// SPDX-License-Identifier: MIT
// The engine's jobs on a device that is not the CPU and refuses the CPU's tensors, as a GPU does:
// every job runs there, its results are the CPU's, and the synchronisations that a step declares
// are those that happen.
#include "engine/data/corpus.h"
#include "engine/nn/memory.h"
#include "engine/session/family.h"
#include "engine/session/jobs.h"
#include "tests/engine/model_fixture.h"
#include "tests/engine/standin_device.h"
#include "tests/engine/tolerance.h"

#include <QTemporaryDir>
#include <QtTest>
#include <map>
#include <numeric>

using namespace depthscope;
using namespace depthscope::tests;
using session::Workspace;

namespace {

/// What a job published, to its end.
struct Collected {
    std::vector<trace::StepPtr> steps;
    std::map<std::size_t, runtime::BatchAnswer> answers;
    std::vector<runtime::TrainReport> trained;
    std::optional<runtime::ScoreReport> score;
    std::optional<runtime::SelftestReport> selftest;
    std::optional<runtime::BenchReport> bench;
};

class Lab {
public:
    explicit Lab(at::Device device) { m_workspace.device = device; }

    template <class Make>
    Collected run(Make make) {
        Collected collected;
        const auto publish = [&](runtime::Event event) {
            if (auto* step = std::get_if<runtime::StepPublished>(&event)) {
                collected.steps.push_back(step->step);
            } else if (auto* answer = std::get_if<runtime::BatchAnswer>(&event)) {
                collected.answers[answer->number] = *answer;
            } else if (auto* trained = std::get_if<runtime::TrainReport>(&event)) {
                collected.trained.push_back(*trained);
            } else if (auto* score = std::get_if<runtime::ScoreReport>(&event)) {
                collected.score = *score;
            } else if (auto* selftest = std::get_if<runtime::SelftestReport>(&event)) {
                collected.selftest = *selftest;
            } else if (auto* bench = std::get_if<runtime::BenchReport>(&event)) {
                collected.bench = *bench;
            }
        };
        const std::unique_ptr<runtime::Job> job = make(m_workspace, publish);
        while (job->step()) {
        }
        return collected;
    }

    void load(const std::filesystem::path& folder) {
        m_workspace.families = session::builtInFamilies();
        runtime::LoadRequest request;
        request.folder = folder.string();
        static_cast<void>(run([&](Workspace& workspace, const runtime::Publish& publish) {
            return session::makeLoadJob(workspace, 1, request, publish);
        }));
    }

    trace::StepPtr pass(const runtime::PassRequest& request) {
        return run([&](Workspace& workspace, const runtime::Publish& publish) {
                   return session::makePassJob(workspace, 1, request, publish);
               })
            .steps.at(0);
    }

    Workspace& workspace() { return m_workspace; }

private:
    Workspace m_workspace;
};

std::vector<std::int32_t> prompt(int vocabulary, int count = 24) {
    std::vector<std::int32_t> ids;
    for (const std::int64_t id : someIds(count, vocabulary)) {
        ids.push_back(static_cast<std::int32_t>(id));
    }
    return ids;
}

void compareFloats(const std::vector<float>& here, const std::vector<float>& cpu) {
    QCOMPARE(here.size(), cpu.size());
    for (std::size_t i = 0; i < cpu.size(); ++i) {
        QVERIFY2(std::isnan(here[i]) == std::isnan(cpu[i]) &&
                     (std::isnan(cpu[i]) || std::abs(here[i] - cpu[i]) <= kFixtureLogits),
                 qPrintable(QString("element %1: %2, on the CPU %3")
                                .arg(i)
                                .arg(static_cast<double>(here[i]))
                                .arg(static_cast<double>(cpu[i]))));
    }
}

void compareSteps(const trace::StepTrace& here, const trace::StepTrace& cpu) {
    QCOMPARE(here.routing.depth, cpu.routing.depth);
    QCOMPARE(here.text()->ids, cpu.text()->ids);
    compareFloats(here.text()->logits, cpu.text()->logits);
    compareFloats(here.text()->nll, cpu.text()->nll);
    compareFloats(here.routing.scores, cpu.routing.scores);
    QCOMPARE(here.routing.experts.size(), cpu.routing.experts.size());
    for (std::size_t layer = 0; layer < cpu.routing.experts.size(); ++layer) {
        QCOMPARE(here.routing.experts[layer].index, cpu.routing.experts[layer].index);
    }
    QCOMPARE(here.routing.kv.measuredBytes, cpu.routing.kv.measuredBytes);
    QCOMPARE(here.routing.cost.flops, cpu.routing.cost.flops);
}

QString list(const std::vector<std::string>& waits) {
    QStringList names;
    for (const std::string& name : waits) {
        names << QString::fromStdString(name);
    }
    return names.join(", ");
}

const char* const kFixtures[] = {"llama_gqa", "mor_expert_mc3", "mor_expert_cycle2_mlp",
                                 "mor_token_softmax", "more"};

} // namespace

class TestOtherDevice : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// The stand-in must refuse what a GPU refuses, or the other tests show nothing.
    void refusesTwoDevices() {
        const at::Tensor here = at::ones({3}).to(standInDevice());
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(here + at::ones({3})), c10::Error);
        static_cast<void>(takeWaits());
        QCOMPARE((here * 2).sum().item<float>(), 6.0F);
        QCOMPARE(takeWaits().size(), std::size_t{1});
    }

    void passes_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<settings::Rule>("rule");
        QTest::addColumn<settings::KvPolicy>("kv");
        using settings::KvPolicy;
        using settings::Rule;
        for (const char* model : kFixtures) {
            QTest::addRow("%s", model) << QString(model) << Rule::Model << KvPolicy::Model;
        }
        const char* expert = "mor_expert_mc3";
        QTest::newRow("threshold") << expert << Rule::Threshold << KvPolicy::Model;
        QTest::newRow("fixed") << expert << Rule::Fixed << KvPolicy::Model;
        QTest::newRow("random") << expert << Rule::Random << KvPolicy::Model;
        QTest::newRow("share") << expert << Rule::TopK << KvPolicy::Share;
        QTest::newRow("hybrid") << expert << Rule::Threshold << KvPolicy::Hybrid;
    }

    void passes() {
        QFETCH(QString, model);
        QFETCH(settings::Rule, rule);
        QFETCH(settings::KvPolicy, kv);
        runtime::PassRequest request;
        request.routing.rule = rule;
        request.routing.kv = kv;
        request.logits = true;
        request.losses = true;
        std::vector<trace::StepPtr> steps;
        std::vector<std::string> waits;
        for (const at::Device device : {at::Device(at::kCPU), standInDevice()}) {
            Lab lab(device);
            lab.load(fixtureFolder(model.toStdString()));
            request.prompt.ids =
                prompt(lab.workspace().require(runtime::ModelRole::Main)->info->vocabulary);
            static_cast<void>(takeWaits());
            steps.push_back(lab.pass(request));
            waits = takeWaits();
        }
        compareSteps(*steps[1], *steps[0]);
        QVERIFY(std::abs(steps[1]->routing.losses.aux - steps[0]->routing.losses.aux) <=
                kFloatRoutes);
        QVERIFY(std::abs(steps[1]->routing.losses.balance - steps[0]->routing.losses.balance) <=
                kFloatRoutes);
        QVERIFY2(static_cast<int>(waits.size()) == steps[1]->routing.cost.syncs,
                 qPrintable(QString("declared %1, happened: %2")
                                .arg(steps[1]->routing.cost.syncs)
                                .arg(list(waits))));
    }

    void generatesTogether_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<settings::KvPolicy>("kv");
        using settings::KvPolicy;
        for (const char* model : {"llama_gqa", "mor_expert_mc3", "mor_token_softmax"}) {
            QTest::newRow(model) << QString(model) << KvPolicy::Model;
        }
        QTest::newRow("share") << QString("mor_expert_share") << KvPolicy::Share;
        QTest::newRow("hybrid") << QString("mor_expert_mc3") << KvPolicy::Hybrid;
    }

    void generatesTogether() {
        QFETCH(QString, model);
        QFETCH(settings::KvPolicy, kv);
        std::vector<std::map<std::size_t, runtime::BatchAnswer>> made;
        for (const at::Device device : {at::Device(at::kCPU), standInDevice()}) {
            Lab lab(device);
            lab.load(fixtureFolder(model.toStdString()));
            runtime::BatchPrompts prompts(7);
            for (std::size_t i = 0; i < prompts.size(); ++i) {
                prompts[i].number = i;
                prompts[i].tokens = 3 + static_cast<int>(i);
                prompts[i].prompt.ids =
                    prompt(lab.workspace().require(runtime::ModelRole::Main)->info->vocabulary,
                           2 + static_cast<int>(i * 3));
            }
            runtime::BatchRequest request;
            request.prompts = std::make_shared<const runtime::BatchPrompts>(prompts);
            request.routing.kv = kv;
            request.generation.temperature = 0;
            request.batch.rows = 3;
            made.push_back(lab.run([&](Workspace& workspace, const runtime::Publish& publish) {
                                  return session::makeBatchJob(workspace, 1, request, publish);
                              })
                               .answers);
        }
        QCOMPARE(made[0].size(), std::size_t{7});
        QCOMPARE(made[1].size(), std::size_t{7});
        for (const auto& [number, answer] : made[0]) {
            QVERIFY(!answer.error && !made[1][number].error);
            QCOMPARE(made[1][number].tokens, answer.tokens);
            QCOMPARE(made[1][number].depth, answer.depth);
        }
    }

    void generates_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<bool>("useCache");
        for (const char* model : kFixtures) {
            QTest::addRow("%s", model) << QString(model) << true;
        }
        QTest::newRow("without a cache") << "mor_expert_mc3" << false;
    }

    void generates() {
        QFETCH(QString, model);
        QFETCH(bool, useCache);
        runtime::GenerateRequest request;
        request.generation.count = 6;
        request.generation.useCache = useCache;
        request.generation.temperature = 0;
        std::vector<std::vector<trace::StepPtr>> runs;
        std::vector<std::string> waits;
        for (const at::Device device : {at::Device(at::kCPU), standInDevice()}) {
            Lab lab(device);
            lab.load(fixtureFolder(model.toStdString()));
            request.prompt.ids =
                prompt(lab.workspace().require(runtime::ModelRole::Main)->info->vocabulary, 9);
            static_cast<void>(takeWaits());
            runs.push_back(lab.run([&](Workspace& workspace, const runtime::Publish& publish) {
                                  return session::makeGenerateJob(workspace, 1, request, publish);
                              })
                               .steps);
            waits = takeWaits();
        }
        QCOMPARE(runs[1].size(), runs[0].size());
        int declared = 0;
        for (std::size_t i = 0; i < runs[0].size(); ++i) {
            compareSteps(*runs[1][i], *runs[0][i]);
            declared += runs[1][i]->routing.cost.syncs;
        }
        QVERIFY2(static_cast<int>(waits.size()) == declared,
                 qPrintable(QString("declared %1, happened: %2").arg(declared).arg(list(waits))));
    }

    void selftests() {
        Lab lab(standInDevice());
        const Collected collected =
            lab.run([](Workspace& workspace, const runtime::Publish& publish) {
                return session::makeSelftestJob(workspace, 1, publish);
            });
        QVERIFY(collected.selftest);
        for (const auto& check : collected.selftest->checks) {
            QVERIFY2(check.passed, check.detail.c_str());
        }
    }

    void scores() {
        std::vector<runtime::ScoreReport> reports;
        for (const at::Device device : {at::Device(at::kCPU), standInDevice()}) {
            Lab lab(device);
            lab.load(std::filesystem::path(DEPTHSCOPE_SOURCE_DIR) /
                     "resources/models/demo-mor-expert");
            runtime::ScoreRequest request;
            request.prompt.text = "the cat is in the garden; 12+34=46; ((a)b) to be or not to be";
            request.regretTokens = 20;
            const Collected collected =
                lab.run([&](Workspace& workspace, const runtime::Publish& publish) {
                    return session::makeScoreJob(workspace, 1, request, publish);
                });
            QVERIFY(collected.score);
            reports.push_back(*collected.score);
            const std::vector<float>& losses = reports.back().losses;
            QCOMPARE(std::ssize(losses), reports.back().tokens);
            const double sum = std::accumulate(losses.begin(), losses.end(), 0.0);
            QVERIFY(std::abs(sum / static_cast<double>(losses.size()) - reports.back().nll) < 1e-9);
            const std::vector<std::int64_t>& active = reports.back().activeTokens;
            QCOMPARE(active.size(), std::size_t{4});
            QCOMPARE(static_cast<double>(active[1] + active[2] + active[3]) /
                         static_cast<double>(active[0]),
                     reports.back().meanDepth);
        }
        QVERIFY(std::abs(reports[1].nll - reports[0].nll) <= kFloatRoutes);
        QCOMPARE(reports[1].meanDepth, reports[0].meanDepth);
    }

    void trains_data() {
        QTest::addColumn<QString>("preset");
        for (const char* preset :
             {"tiny-vanilla", "tiny-mor-expert", "tiny-mor-token", "tiny-more"}) {
            QTest::newRow(preset) << QString(preset);
        }
    }

    /// Trained there, stopped, and gone on with from the checkpoint.
    void trains() {
        QFETCH(QString, preset);
        std::vector<std::vector<runtime::TrainReport>> reports;
        for (const at::Device device : {at::Device(at::kCPU), standInDevice()}) {
            const QTemporaryDir folder;
            runtime::TrainRequest request;
            request.preset = preset.toStdString();
            request.outFolder = folder.filePath("out").toStdString();
            request.corpus = "graded";
            request.steps = 3;
            Lab lab(device);
            const auto train = [&](Workspace& workspace, const runtime::Publish& publish) {
                return session::makeTrainJob(workspace, 1, request, publish);
            };
            const std::int64_t memoryBefore = nn::memoryUse(device).used;
            reports.push_back(lab.run(train).trained);
            QVERIFY(nn::memoryUse(device).used <= memoryBefore);
            Lab reader(device);
            reader.load(request.outFolder);
            QCOMPARE(reader.workspace().require(runtime::ModelRole::Main)->info->device,
                     device.str());
        }
        QVERIFY(!reports[0].empty());
        QCOMPARE(reports[1].size(), reports[0].size());
        constexpr double kAfterSteps = 1e-3; // three steps of Adam magnify rounding
        QVERIFY2(std::abs(reports[1].back().valLoss - reports[0].back().valLoss) <= kAfterSteps,
                 qPrintable(QString("%1, on the CPU %2")
                                .arg(reports[1].back().valLoss)
                                .arg(reports[0].back().valLoss)));
        QCOMPARE(reports[1].back().sample.empty(), reports[0].back().sample.empty());
    }
};

QTEST_APPLESS_MAIN(TestOtherDevice)
#include "tst_other_device.moc"
