// SPDX-License-Identifier: MIT
// Rules that a model cannot follow are refused with a remedy.
#include "engine/base/error.h"
#include "engine/spec/routing_rules.h"
#include "tests/engine/model_fixture.h"

#include <QtTest>

using namespace depthscope;
using spec::RouterType;

class TestRoutingRules : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void rulesThatCannotBe_data() {
        QTest::addColumn<int>("type");
        QTest::addColumn<QString>("rule");
        QTest::addColumn<bool>("generation");
        QTest::newRow("top-k in generation") << 0 << "topk" << true;
        QTest::newRow("random in generation") << 0 << "random" << true;
        QTest::newRow("token on expert") << 0 << "token" << false;
        QTest::newRow("aux without router") << 0 << "aux" << false;
        QTest::newRow("threshold on token") << 1 << "threshold" << false;
        QTest::newRow("too deep") << 0 << "fixed:4" << false;
    }

    void rulesThatCannotBe() {
        QFETCH(int, type);
        QFETCH(QString, rule);
        QFETCH(bool, generation);
        const spec::LanguageSpec config =
            tests::smallMor(type == 0 ? RouterType::Expert : RouterType::Token);
        settings::RoutingSettings requested;
        settings::parseRouting(rule.toStdString(), requested);
        try {
            static_cast<void>(spec::resolveRouting(config, requested,
                                                   generation ? spec::RoutingUse::Generation
                                                              : spec::RoutingUse::Pass));
            QFAIL("was accepted");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Usage);
            QVERIFY(!error.hint().empty());
        }
    }
};

QTEST_APPLESS_MAIN(TestRoutingRules)
#include "tst_routing_rules.moc"
