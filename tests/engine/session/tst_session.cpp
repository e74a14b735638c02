// SPDX-License-Identifier: MIT
// The real engine behind the runtime, opened as programs open it: what a pass publishes, what a
// dragged capacity reuses, and that out-of-range requests leave it alive.
#include "engine/runtime/engine_runtime.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

using namespace depthscope;
using namespace depthscope::runtime;

namespace {

std::string fixture(const char* name) {
    return std::string(DEPTHSCOPE_SOURCE_DIR "/tests/fixtures/").append(name);
}

/// Thresholds that fall and rise, all recursions, some of them, more than were learned.
std::vector<settings::RoutingSettings> exits() {
    std::vector<settings::RoutingSettings> all(7);
    for (std::size_t i = 0; i < 3; ++i) {
        all[i].rule = settings::Rule::Exit;
        all[i].exit = i == 1 ? 0.3 : 0.6;
    }
    all[2].maxDepth = 2;
    all[3].rule = settings::Rule::Weighted;
    all[4].rule = all[5].rule = settings::Rule::Fixed;
    all[4].fixedDepth = 2;
    all[5].fixedDepth = 6;
    return all;
}

class Lab {
public:
    Lab() {
        EngineOptions options;
        options.device = "cpu";
        options.threads = 1;
        m_runtime = makeEngineRuntime(options, [] {});
    }

    /// Runs a request to its end and returns its error, if any.
    std::optional<Error> perform(Request request) {
        const JobId job = m_runtime->submit(std::move(request));
        std::optional<JobEnded> ended;
        const bool inTime = QTest::qWaitFor(
            [&] {
                for (Event& event : m_runtime->drain()) {
                    if (auto* step = std::get_if<StepPublished>(&event)) {
                        steps.push_back(step->step);
                    } else if (auto* end = std::get_if<JobEnded>(&event);
                               end != nullptr && end->job == job) {
                        ended = *end;
                    }
                }
                return ended.has_value();
            },
            60'000);
        return inTime ? ended->error : Error(ErrorCode::Internal, "timed out");
    }

    trace::StepPtr pass(const std::vector<std::int32_t>& ids,
                        const settings::RoutingSettings& routing) {
        steps.clear();
        PassRequest request;
        request.prompt.ids = ids;
        request.routing = routing;
        request.logits = true;
        return perform(std::move(request)) || steps.empty() ? nullptr : steps.back();
    }

    std::vector<trace::StepPtr> steps;

private:
    std::unique_ptr<Runtime> m_runtime;
};

std::vector<std::int32_t> ids() {
    return {5, 68, 55, 36, 41, 87, 11, 82, 9, 33, 70, 2};
}

settings::RoutingSettings capacity(const char* text) {
    settings::RoutingSettings routing;
    routing.capacity = settings::parseCapacity(text);
    return routing;
}

} // namespace

class TestSession : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// In turns with a routing: the reference's own answer, both times, one step.
    void pairsTellBothTimes() {
        Lab lab;
        LoadRequest load;
        load.folder = fixture("mor_expert_mc3");
        QVERIFY(!lab.perform(load));
        PassRequest request;
        request.prompt.ids = ids();
        request.run = trace::kFullDepthRun;
        request.routing.rule = settings::Rule::Fixed;
        request.logits = true;
        QVERIFY(!lab.perform(request));
        request.timedWith = capacity("1,1/3,1/3");
        QVERIFY(!lab.perform(request));
        QCOMPARE(lab.steps.size(), std::size_t{2});
        const trace::StepTrace& alone = *lab.steps[0];
        const trace::StepTrace& paired = *lab.steps[1];
        QCOMPARE(paired.text()->logits, alone.text()->logits);
        QCOMPARE(paired.routing.depth, alone.routing.depth);
        QCOMPARE(paired.key, trace::RunKey(trace::kFullDepthRun));
        QCOMPARE(alone.routing.cost.rounds, 0);
        QVERIFY(paired.routing.cost.rounds >= 1);
        QVERIFY(std::isnan(alone.routing.cost.roundsSpread));
        QCOMPARE(std::isnan(paired.routing.cost.roundsSpread), paired.routing.cost.rounds < 4);
        QVERIFY(!(paired.routing.cost.roundsSpread < 0));
        QVERIFY(paired.routing.cost.milliseconds > 0 && paired.routing.cost.routedMilliseconds > 0);
    }

    /// The reused beginning changes nothing: a warm engine and a fresh one publish the same.
    void reuseIsExact_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("expert-choice") << QByteArray("mor_expert_mc3");
        QTest::newRow("looped") << QByteArray("ouro");
    }

    void reuseIsExact() {
        QFETCH(QByteArray, name);
        Lab warm;
        QVERIFY(!warm.perform(LoadRequest{fixture(name), ModelRole::Main}));
        std::vector<settings::RoutingSettings> requested{capacity("1,2/3,1/3"),
                                                         capacity("1,1/2,1/4"),
                                                         capacity("1,1,1"),
                                                         capacity("1/2,1/4,0"),
                                                         {}};
        requested.back().rule = settings::Rule::Threshold;
        if (name == "ouro") {
            requested = exits();
        }
        for (const settings::RoutingSettings& routing : requested) {
            Lab fresh;
            QVERIFY(!fresh.perform(LoadRequest{fixture(name), ModelRole::Main}));
            const trace::StepPtr a = warm.pass(ids(), routing);
            const trace::StepPtr b = fresh.pass(ids(), routing);
            QVERIFY(a && b);
            QCOMPARE(a->routing.depth, b->routing.depth);
            QCOMPARE(a->text()->logits, b->text()->logits);
            QCOMPARE(a->routing.kv.measuredBytes, b->routing.kv.measuredBytes);
            QCOMPARE(a->routing.cost.flops, b->routing.cost.flops);
        }
        // Another text of the same length must not meet the remembered one.
        std::vector<std::int32_t> other = ids();
        other[3] = 1;
        QVERIFY(warm.pass(other, requested[0])->text()->logits !=
                warm.pass(ids(), requested[0])->text()->logits);
    }

    /// A first capacity below 1: who is dropped has depth 0 and no keys in any recursion.
    void depthZero() {
        Lab lab;
        QVERIFY(!lab.perform(LoadRequest{fixture("mor_expert_mc3"), ModelRole::Main}));
        const trace::StepPtr step = lab.pass(ids(), capacity("1/2,1/4,0"));
        QVERIFY(step);
        QCOMPARE(std::count(step->routing.depth.begin(), step->routing.depth.end(), 0), 6);
        QCOMPARE(step->routing.kv.groups.at(1).entries, std::int64_t{6});
        QCOMPARE(step->routing.kv.groups.at(2).entries, std::int64_t{3});
        QCOMPARE(step->routing.kv.groups.at(3).entries, std::int64_t{1});
        QVERIFY(step->offDistribution);
        QCOMPARE(step->routing.kv.measuredBytes, step->routing.kv.predictedBytes);
    }

    void generationSteps() {
        Lab lab;
        QVERIFY(!lab.perform(LoadRequest{fixture("mor_token_softmax"), ModelRole::Main}));
        GenerateRequest request;
        request.prompt.ids = ids();
        request.generation.count = 7;
        lab.steps.clear();
        QVERIFY(!lab.perform(request));
        QCOMPARE(lab.steps.size(), std::size_t{8});
        QCOMPARE(lab.steps[0]->kind, trace::StepKind::Prefill);
        QCOMPARE(lab.steps[7]->routing.firstPlace, 12 + 6);
        std::int64_t bytes = 0;
        for (const trace::KvGroup& group : lab.steps[7]->routing.kv.groups) {
            bytes += group.entries * group.bytesPerToken;
        }
        QCOMPARE(lab.steps[7]->routing.kv.measuredBytes, bytes);
        QVERIFY(lab.steps[7]->routing.kv.reservedBytes >= bytes);
        QVERIFY(lab.steps[7]->causal);
    }

    void faultsLeaveItAlive() {
        Lab lab;
        PassRequest nothingLoaded;
        nothingLoaded.prompt.ids = {1};
        QCOMPARE(lab.perform(nothingLoaded)->code(), ErrorCode::Usage);
        QCOMPARE(lab.perform(LoadRequest{"/nowhere", ModelRole::Main})->code(),
                 ErrorCode::BadInput);
        QVERIFY(!lab.perform(LoadRequest{fixture("mor_expert_mc3"), ModelRole::Main}));
        QCOMPARE(lab.perform(LoadRequest{"/nowhere", ModelRole::Main})->code(),
                 ErrorCode::BadInput);
        PassRequest empty;
        QCOMPARE(lab.perform(empty)->code(), ErrorCode::BadInput);
        GenerateRequest absurd;
        absurd.prompt.ids = {1};
        absurd.generation.temperature = std::nan("");
        QCOMPARE(lab.perform(absurd)->code(), ErrorCode::BadInput);
        QVERIFY(lab.pass(ids(), {})); // the model loaded before the faults is still there
    }

    void gradedText() {
        Lab lab;
        QVERIFY(!lab.perform(GradedTextRequest{3, 500, 0x7f}));
        QCOMPARE(lab.perform(GradedTextRequest{3, 0, 0x7f})->code(), ErrorCode::BadInput);
    }
};

QTEST_GUILESS_MAIN(TestSession)
#include "tst_session.moc"
