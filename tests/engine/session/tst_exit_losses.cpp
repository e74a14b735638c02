// SPDX-License-Identifier: MIT
// Losses kept by recursion against those of passes under the threshold itself.
#include "engine/session/exit_losses.h"
#include "tests/engine/looped_answers.h"
#include "tests/engine/tolerance.h"

#include <QtTest>

using namespace depthscope;

class TestExitLosses : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void asPassesSay_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("untied") << "ouro";
        QTest::newRow("tied") << "ouro_gqa_tied";
    }

    void asPassesSay() {
        QFETCH(QString, name);
        const c10::NoGradGuard noGrad;
        const tests::Answers answers(name.toStdString());
        const models::LanguageModel& model = *answers.loaded.model;
        models::Pass pass;
        pass.ids = tests::idsTensor(answers.ids(0));
        pass.routing = spec::resolveRouting(model.config(), {}, spec::RoutingUse::Pass);
        while (pass.stage + 1 < model.stages()) {
            model.runStage(pass);
        }
        session::ExitLosses losses(pass);
        const std::int64_t tokens = pass.ids.size(1);
        for (const double threshold : {0.2, 0.6, 0.4, 1.0, 0.2}) { // some are known by then
            settings::RoutingSettings routing;
            routing.rule = settings::Rule::Exit;
            routing.exit = threshold;
            const models::Pass whole = answers.pass(0, routing);
            const at::Tensor expected =
                at::log_softmax(whole.logits[0].narrow(0, 0, tokens - 1), -1)
                    .gather(1, pass.ids[0].narrow(0, 1, tokens - 1).unsqueeze(1))
                    .neg()
                    .squeeze(1);
            const at::Tensor made = losses.of(model, whole.depth);
            QVERIFY((made - expected).abs().max().item<double>() < tests::kFloatRoutes);
        }
    }
};

QTEST_APPLESS_MAIN(TestExitLosses)
#include "tst_exit_losses.moc"
