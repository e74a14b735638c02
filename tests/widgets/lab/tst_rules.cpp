// SPDX-License-Identifier: MIT
#include "tests/widgets/fake_runtime.h"
#include "widgets/lab/rules.h"

#include <QTest>

using namespace depthscope;
using settings::Rule;
using spec::RouterKind;

class TestRules : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void routersDoTheirRules_data() {
        QTest::addColumn<int>("router");
        QTest::addColumn<int>("rule");
        QTest::addColumn<bool>("can");
        const auto row = [](const char* name, spec::RouterKind router, Rule rule, bool can) {
            QTest::newRow(name) << static_cast<int>(router) << static_cast<int>(rule) << can;
        };
        row("expert top-k", spec::RouterKind::Expert, Rule::TopK, true);
        row("expert token", spec::RouterKind::Expert, Rule::Token, false);
        row("expert fixed", spec::RouterKind::Expert, Rule::Fixed, true);
        row("token threshold", spec::RouterKind::Token, Rule::Threshold, false);
        row("token fixed", spec::RouterKind::Token, Rule::Fixed, true);
        row("none fixed", spec::RouterKind::None, Rule::Fixed, true);
        row("token random", spec::RouterKind::Token, Rule::Random, true);
        row("none model", spec::RouterKind::None, Rule::Model, true);
    }

    void routersDoTheirRules() {
        QFETCH(int, router);
        QFETCH(int, rule);
        QFETCH(bool, can);
        const auto model = test::fakeModel("m", static_cast<spec::RouterKind>(router));
        QCOMPARE(lab::canDo(*model, static_cast<Rule>(rule)), can);
    }

    void auxiliaryRouterIsAPartOfItsOwn() {
        auto model = test::fakeModel("m");
        QVERIFY(!lab::canDo(*model, Rule::Aux));
        model->passRules.possible.push_back(Rule::Aux);
        QVERIFY(lab::canDo(*model, Rule::Aux));
    }

    void foreignPoliciesFallBack() {
        using settings::KvPolicy;
        auto model = test::fakeModel("m");
        settings::RoutingSettings wanted;
        wanted.kv = KvPolicy::Share;
        QVERIFY(lab::effectiveRouting(*model, wanted).kv == KvPolicy::Model);
        wanted.kv = KvPolicy::Hybrid;
        QVERIFY(lab::effectiveRouting(*model, wanted).kv == KvPolicy::Hybrid);
        model->trainedKv = KvPolicy::Hybrid;
        QVERIFY(lab::shownPolicy(*model, Rule::Model, KvPolicy::Model) == KvPolicy::Hybrid);
        model->kvPolicies.clear();
        QCOMPARE(lab::policiesOf(*model, Rule::Model).size(), std::size_t{1});
    }

    /// Where rules always stop, nobody keeps what did not run; under a fixed depth nobody stops.
    void changesStop() {
        using settings::KvPolicy;
        const auto model = test::fakeModel("m", spec::RouterKind::Change);
        QVERIFY(lab::policiesOf(*model, Rule::Latent) ==
                (std::vector{KvPolicy::Latest, KvPolicy::Skip}));
        QVERIFY(lab::policiesOf(*model, Rule::Fixed) == std::vector{KvPolicy::Recursion});
        QVERIFY(lab::shownPolicy(*model, Rule::Latent, KvPolicy::Model) == KvPolicy::Latest);
        QCOMPARE(lab::deepestFixed(*model), settings::kMostRecursions);
        settings::RoutingSettings wanted;
        wanted.rule = Rule::Latent;
        wanted.kv = KvPolicy::Skip;
        wanted.zeroState = true;
        QVERIFY(lab::effectiveRouting(*model, wanted) == wanted);
        wanted.rule = Rule::Fixed;
        QVERIFY(lab::effectiveRouting(*model, wanted).kv == KvPolicy::Model);
        const auto other = test::fakeModel("m");
        QVERIFY(!lab::effectiveRouting(*other, wanted).zeroState);
    }

    /// Of an exit gate: what is read of who stopped goes with stopping, keeping the last with both.
    void exitsAndWhatIsKept() {
        using settings::Exits;
        using settings::KvPolicy;
        const auto model = test::fakeModel("m", spec::RouterKind::Exit);
        settings::RoutingSettings wanted;
        wanted.exits = Exits::Stop;
        wanted.kv = KvPolicy::Last;
        QVERIFY(lab::effectiveRouting(*model, wanted) == wanted);
        wanted.exits = Exits::Model;
        QVERIFY(lab::effectiveRouting(*model, wanted) == wanted);
        wanted.kv = KvPolicy::Skip;
        QVERIFY(lab::effectiveRouting(*model, wanted).kv == KvPolicy::Model);
        wanted.exits = Exits::Stop;
        QVERIFY(lab::effectiveRouting(*model, wanted) == wanted);
        wanted.rule = Rule::Fixed; // nobody leaves
        QVERIFY(lab::effectiveRouting(*model, wanted).exits == Exits::Model);
        QVERIFY(lab::effectiveRouting(*model, wanted).kv == KvPolicy::Model);
        wanted.kv = KvPolicy::Last;
        QVERIFY(lab::effectiveRouting(*model, wanted).kv == KvPolicy::Last);
        // Who leaves by a change has always stopped; it cannot be asked for.
        const auto refined = test::fakeModel("m", spec::RouterKind::Change);
        wanted = {};
        wanted.rule = Rule::Latent;
        wanted.exits = Exits::Stop;
        QVERIFY(lab::effectiveRouting(*refined, wanted).exits == Exits::Model);
    }

    void foreignCapacitiesFallBack() {
        const auto model = test::fakeModel("m");
        settings::RoutingSettings wanted;
        wanted.capacity = {{1, 1}, {1, 2}};
        wanted.rule = Rule::Token;
        const settings::RoutingSettings effective = lab::effectiveRouting(*model, wanted);
        QVERIFY(effective.capacity.empty());
        QVERIFY(effective.rule == Rule::Model);
        QCOMPARE(settings::toString(lab::capacitiesOf(*model, wanted)), std::string("1,2/3,1/3"));
    }

    void drawnRoutersGenerateAtFullDepth() {
        const auto control = test::fakeModel("m");
        control->passRules.standard = Rule::Random;
        control->generationRules.standard = Rule::Fixed; // its scores decide nothing
        QVERIFY(lab::shownRule(*control, Rule::Model) == Rule::Random);
        QVERIFY(lab::causalRouting(*control, {}).rule == Rule::Fixed);
    }

    void sharesAreAskedForOnlyWhereTokensAreRanked() {
        const auto model = test::fakeModel("m");
        settings::RoutingSettings wanted;
        wanted.capacity = {{1, 1}, {1, 2}, {1, 4}};
        QCOMPARE(lab::effectiveRouting(*model, wanted).capacity.size(), std::size_t{3});
        wanted.rule = Rule::Threshold;
        QVERIFY(lab::effectiveRouting(*model, wanted).capacity.empty());
    }

    void generationLooksBackOnly() {
        const auto expert = test::fakeModel("m");
        const auto token = test::fakeModel("m", spec::RouterKind::Token);
        QVERIFY(lab::causalRouting(*expert, {}).rule == Rule::Threshold);
        QVERIFY(lab::causalRouting(*token, {}).rule == Rule::Token);
        settings::RoutingSettings fixed;
        fixed.rule = Rule::Fixed;
        fixed.fixedDepth = 9;
        QVERIFY(lab::causalRouting(*expert, fixed).rule == Rule::Fixed);
        QCOMPARE(lab::causalRouting(*expert, fixed).fixedDepth, 3);
        const auto control = test::fakeModel("m");
        control->generationRules.standard = Rule::Fixed;
        fixed.rule = Rule::Random; // what it generates with is full depth, not a depth of before
        QVERIFY(lab::causalRouting(*control, fixed).rule == Rule::Fixed);
        QCOMPARE(lab::causalRouting(*control, fixed).fixedDepth, 0);
    }
};

QTEST_APPLESS_MAIN(TestRules)
#include "tst_rules.moc"
