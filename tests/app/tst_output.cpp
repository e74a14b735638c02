// SPDX-License-Identifier: MIT
// What `run --json` says about a step, without an engine.
#include "app/cli/output.h"

#include <QTest>
#include <memory>

using namespace depthscope;
using nlohmann::json;

class TestOutput : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void expertsAreRowsOfTokens() {
        trace::StepTrace step;
        step.model = std::make_shared<const spec::ModelInfo>();
        step.routing.layout.columns = 2;
        step.makeText().ids = {5, 6};
        step.routing.depth = {3, 3};
        step.routing.recursions = 3;
        step.routing.experts = {{0, 4, {0, 2, 4}, {3, 1, 0, 2}, {0.75F, 0.25F, 0.5F, 0.5F}},
                                {2, 4, {0, 1, 2}, {1, 1}, {1.0F, 1.0F}},
                                {5, 4, {0, 0, 1}, {2}, {1.0F}}};
        const json experts = cli::passJson(step, false, false).at("experts");
        const json expected = json::parse(R"([
            {"layer": 0, "index": [[3, 1], [0, 2]], "weight": [[0.75, 0.25], [0.5, 0.5]]},
            {"layer": 2, "index": [[1], [1]], "weight": [[1.0], [1.0]]},
            {"layer": 5, "index": [[], [2]], "weight": [[], [1.0]]}])");
        QCOMPARE(experts.dump(), expected.dump());
    }

    void withoutExpertsTheListIsEmpty() {
        trace::StepTrace step;
        step.model = std::make_shared<const spec::ModelInfo>();
        QCOMPARE(cli::passJson(step, false, false).at("experts").dump(), std::string("[]"));
    }
};

QTEST_APPLESS_MAIN(TestOutput)
#include "tst_output.moc"
