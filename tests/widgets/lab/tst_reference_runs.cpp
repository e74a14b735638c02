// SPDX-License-Identifier: MIT
#include "widgets/lab/reference_runs.h"
#include "widgets/lab/text_bench.h"

#include <QTest>
#include <utility>
#include <variant>
#include <vector>

using namespace depthscope;
using lab::JobKind;
using lab::ReferenceRuns;

namespace {

/// A laboratory of fields: what is asked of it is kept.
struct FieldShell : lab::Shell {
    [[nodiscard]] const settings::LabSettings& settings() const override { return requested; }

    [[nodiscard]] std::uint64_t revision() const override { return 3; }

    [[nodiscard]] bool live() const override { return true; }

    [[nodiscard]] const std::shared_ptr<const spec::ModelInfo>& loadedModel() const override {
        return model;
    }

    [[nodiscard]] trace::TraceStore& traces() override { return store; }

    [[nodiscard]] const lab::JobBook& jobs() const override { return book; }

    [[nodiscard]] const lab::Bench& bench() const override { return text; }

    void submit(JobKind kind, runtime::Request request) override {
        requests.emplace_back(kind, std::move(request));
    }

    void stopJobsOf(std::initializer_list<JobKind>) override {}

    [[nodiscard]] bool modelFollowsSettings() override { return true; }

    void traceHasChanged() override {}

    /// A step of a text: its tokens [first, end).
    void add(const char* key, std::uint32_t number, int first, int end, trace::StepKind kind) {
        auto step = std::make_shared<trace::StepTrace>();
        step->key = key;
        step->run = 1;
        step->step = number;
        step->kind = kind;
        step->revision = 3;
        step->model = model;
        step->routing.layout.columns = end;
        step->routing.firstPlace = first;
        step->routing.recursions = model->recursions;
        for (int t = first; t < end; ++t) {
            step->routing.depth.push_back(1);
            step->makeText().ids.push_back(t);
        }
        store.add(step);
    }

    [[nodiscard]] std::vector<runtime::PassRequest> passes() const {
        std::vector<runtime::PassRequest> found;
        for (const auto& [kind, request] : requests) {
            if (const auto* pass = std::get_if<runtime::PassRequest>(&request)) {
                found.push_back(*pass);
            }
        }
        return found;
    }

    FieldShell() {
        auto info = std::make_shared<spec::ModelInfo>();
        info->recursions = 3;
        info->passRules = {{settings::Rule::TopK, settings::Rule::Fixed}, settings::Rule::TopK};
        model = info;
    }

    settings::LabSettings requested;
    std::shared_ptr<const spec::ModelInfo> model;
    trace::TraceStore store;
    lab::JobBook book;
    lab::TextBench text{*this};
    std::vector<std::pair<JobKind, runtime::Request>> requests;
};

} // namespace

class TestReferenceRuns : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void bothReferencesAreOfTheSameTokens() {
        FieldShell shell;
        ReferenceRuns references(shell);
        references.setVanillaEntry(lab::ModelEntry{QStringLiteral("v"), QStringLiteral("/v"), {}});
        references.request();
        QCOMPARE(shell.requests.size(), std::size_t{1}); // the vanilla model, and no run yet
        QVERIFY(std::holds_alternative<runtime::LoadRequest>(shell.requests[0].second));
        references.setVanilla(shell.model);
        shell.add(trace::kMainRun, 0, 0, 5, trace::StepKind::Pass);
        references.request();
        const auto passes = shell.passes();
        QCOMPARE(passes.size(), std::size_t{2});
        QCOMPARE(passes[0].run, trace::RunKey(trace::kFullDepthRun));
        QVERIFY(passes[0].routing.rule == settings::Rule::Fixed);
        QCOMPARE(passes[1].run, trace::RunKey(trace::kVanillaRun));
        QVERIFY(passes[1].role == runtime::ModelRole::Vanilla);
        for (const runtime::PassRequest& pass : passes) {
            QCOMPARE(pass.prompt.ids, (std::vector<std::int32_t>{0, 1, 2, 3, 4}));
            QCOMPARE(pass.revision, std::uint64_t{3});
        }
        references.request(); // once is enough
        QCOMPARE(shell.passes().size(), std::size_t{2});
    }

    void timesAreAskedForOnceAllIsShown() {
        FieldShell shell;
        ReferenceRuns references(shell);
        shell.add(trace::kMainRun, 0, 0, 4, trace::StepKind::Pass);
        shell.add(trace::kFullDepthRun, 0, 0, 4, trace::StepKind::Pass);
        references.request();
        references.request();
        const auto passes = shell.passes();
        QCOMPARE(passes.size(), std::size_t{1});
        QVERIFY(passes[0].timedWith.has_value());
    }

    void earlierStepsAreNotWhatIsComparedWith() {
        FieldShell shell;
        ReferenceRuns references(shell);
        shell.add(trace::kMainRun, 0, 0, 3, trace::StepKind::Prefill);
        for (int t = 3; t < 7; ++t) {
            shell.add(trace::kMainRun, static_cast<std::uint32_t>(t - 2), t, t + 1,
                      trace::StepKind::Decode);
        }
        shell.store.lookAt(1);
        QCOMPARE(shell.store.view().main->places(), std::size_t{4});
        references.request();
        QCOMPARE(shell.passes().size(), std::size_t{1});
        QCOMPARE(shell.passes()[0].prompt.ids.size(), std::size_t{7});
    }

    void whatIsAwaitedIsSaid() {
        FieldShell shell;
        ReferenceRuns references(shell);
        QVERIFY(references.awaited(false).empty());
        QCOMPARE(references.awaited(true), (std::set<trace::RunKey>{trace::kFullDepthRun}));
        references.setVanillaEntry(lab::ModelEntry{QStringLiteral("v"), QStringLiteral("/v"), {}});
        QCOMPARE(references.awaited(true),
                 (std::set<trace::RunKey>{trace::kFullDepthRun, trace::kVanillaRun}));
        shell.book.add(1, JobKind::Vanilla);
        QCOMPARE(references.awaited(false), (std::set<trace::RunKey>{trace::kVanillaRun}));
    }

    void dropKeepsTheMainRun() {
        FieldShell shell;
        ReferenceRuns references(shell);
        shell.add(trace::kMainRun, 0, 0, 4, trace::StepKind::Pass);
        shell.add(trace::kFullDepthRun, 0, 0, 4, trace::StepKind::Pass);
        references.drop();
        QVERIFY(shell.store.view().main != nullptr);
        QVERIFY(shell.store.view().others.empty());
        references.request();
        QCOMPARE(shell.passes().size(), std::size_t{1});
    }
};

QTEST_APPLESS_MAIN(TestReferenceRuns)
#include "tst_reference_runs.moc"
