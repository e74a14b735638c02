// SPDX-License-Identifier: MIT
// The official implementations' answers: logits, depths, selections, losses.
#include "engine/generate/generator.h"
#include "tests/engine/model_fixture.h"
#include "tests/engine/tolerance.h"

#include <QtTest>
#include <algorithm>

using namespace depthscope;
using nlohmann::json;

class TestFixtures : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void answers_data() {
        QTest::addColumn<QString>("name");
        for (const char* name :
             {"llama_gqa", "more", "more_baseline", "mor_expert_mc3", "mor_expert_cycle2_mlp",
              "mor_expert_share", "mor_token_softmax"}) {
            QTest::newRow(name) << QString(name);
        }
    }

    void answers() {
        QFETCH(QString, name);
        const std::string folder = name.toStdString();
        const json expected = tests::fixtureAnswers(folder);
        const io::LoadedModel loaded = io::loadModel(tests::fixtureFolder(folder), {});
        for (std::size_t row = 0; row < expected["ids"].size(); ++row) {
            const auto ids = expected["ids"][row].get<std::vector<std::int64_t>>();
            const models::Pass pass = tests::passOver(*loaded.model, tests::idsTensor(ids));
            compareLogits(pass, expected["logits"][row]);
            if (expected.contains("depth")) {
                const std::vector<std::int64_t> depth(pass.depth.const_data_ptr<std::int64_t>(),
                                                      pass.depth.const_data_ptr<std::int64_t>() +
                                                          pass.depth.numel());
                QCOMPARE(depth, expected["depth"][row].get<std::vector<std::int64_t>>());
            }
            compareSelected(pass, expected, row);
            compareExperts(pass, expected, row);
        }
    }

    void trainingLosses_data() { answers_data(); }

    void trainingLosses() {
        QFETCH(QString, name);
        const json expected = tests::fixtureAnswers(name.toStdString());
        if (!expected.contains("train")) {
            QSKIP("this fixture holds no training losses");
        }
        const io::LoadedModel loaded = io::loadModel(tests::fixtureFolder(name.toStdString()), {});
        double lm = 0, aux = 0, balance = 0, z = 0;
        const auto rows = static_cast<double>(expected["ids"].size());
        double length = 0;
        for (const json& row : expected["ids"]) {
            const auto ids = row.get<std::vector<std::int64_t>>();
            length = static_cast<double>(ids.size());
            const models::Pass pass = tests::passOver(*loaded.model, tests::idsTensor(ids));
            const std::int64_t n = pass.ids.size(1) - 1;
            lm +=
                at::cross_entropy_loss(pass.logits[0].narrow(0, 0, n), pass.ids[0].narrow(0, 1, n))
                    .item<double>() /
                rows;
            const auto value = [](const at::Tensor& t) {
                return t.defined() ? t.item<double>() : 0.0;
            };
            aux += value(pass.routerLosses.aux) / rows;
            balance += value(pass.routerLosses.balance) / rows;
            z += value(pass.routerLosses.z) / rows;
        }
        const json& train = expected["train"];
        near(lm * (length - 1) / length, train["loss"]);
        near(aux, train["sampling_loss"]);
        near(balance, train["balancing_loss"]);
        near(z, train["router_z_loss"]);
    }

    /// MORE's own loss: the mean over all positions against the targets of the fixture.
    void moreLoss_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("more") << "more";
        QTest::newRow("more_baseline") << "more_baseline";
    }

    void moreLoss() {
        QFETCH(QString, name);
        const json expected = tests::fixtureAnswers(name.toStdString());
        const io::LoadedModel loaded = io::loadModel(tests::fixtureFolder(name.toStdString()), {});
        double loss = 0;
        for (std::size_t row = 0; row < expected["ids"].size(); ++row) {
            const auto ids = expected["ids"][row].get<std::vector<std::int64_t>>();
            const auto targets = expected["targets"][row].get<std::vector<std::int64_t>>();
            const models::Pass pass = tests::passOver(*loaded.model, tests::idsTensor(ids));
            loss += at::cross_entropy_loss(pass.logits[0], at::tensor(targets, at::kLong))
                        .item<double>() /
                    static_cast<double>(expected["ids"].size());
        }
        near(loss, expected["loss"]);
    }

    void greedyContinuation_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("cached");
        for (const char* name : {"llama_gqa", "more", "more_baseline"}) {
            QTest::addRow("%s, cached", name) << QString(name) << true;
            QTest::addRow("%s, recomputed", name) << QString(name) << false;
        }
    }

    void greedyContinuation() {
        QFETCH(QString, name);
        QFETCH(bool, cached);
        const json expected = tests::fixtureAnswers(name.toStdString());
        const io::LoadedModel loaded = io::loadModel(tests::fixtureFolder(name.toStdString()), {});
        const c10::NoGradGuard noGrad;
        generate::Generator generator(
            *loaded.model,
            spec::resolveRouting(loaded.model->config(), {}, spec::RoutingUse::Generation), cached);
        static_cast<void>(
            generator.prefill(expected["greedy"]["prompt"].get<std::vector<std::int32_t>>()));
        std::vector<std::int32_t> made;
        for (std::size_t i = 0; i < expected["greedy"]["tokens"].size(); ++i) {
            const std::vector<float> logits = generator.lastLogits();
            made.push_back(static_cast<std::int32_t>(
                std::max_element(logits.begin(), logits.end()) - logits.begin()));
            static_cast<void>(generator.feed(made.back()));
        }
        QCOMPARE(made, expected["greedy"]["tokens"].get<std::vector<std::int32_t>>());
    }

    void parameterCounts_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"llama_gqa", "more", "more_baseline"}) {
            QTest::newRow(name) << QString(name);
        }
    }

    void parameterCounts() {
        QFETCH(QString, name);
        const io::LoadedModel loaded = io::loadModel(tests::fixtureFolder(name.toStdString()), {});
        QCOMPARE(loaded.info->parameters,
                 tests::fixtureAnswers(name.toStdString())["parameters"].get<std::int64_t>());
        const bool saysUnused = !loaded.info->notes.empty() &&
                                loaded.info->notes.front().find("unused") != std::string::npos;
        QCOMPARE(saysUnused, name == "more");
        QVERIFY(loaded.info->notes.empty() || saysUnused || name == "llama_gqa");
    }

    /// The official code that made the fixture unties attention over recursions (docs/routing.md,
    /// trap 7): what is equal shares one storage, what is not runs as it is, and the loader says
    /// so.
    void untiedAttentionOfTheFixture() {
        const io::LoadedModel mor = io::loadModel(tests::fixtureFolder("mor_expert_mc3"), {});
        const auto& block = mor.model->weights().block;
        QCOMPARE(block.size(), std::size_t{3});
        QCOMPARE(block[0][1].up.const_data_ptr(), block[2][1].up.const_data_ptr());
        QVERIFY(block[0][1].q.const_data_ptr() != block[2][1].q.const_data_ptr());
        QVERIFY(block[0][0].up.const_data_ptr() != block[0][1].up.const_data_ptr());
        const auto& notes = mor.info->notes;
        QVERIFY(std::any_of(notes.begin(), notes.end(), [](const std::string& note) {
            return note.find("untied") != std::string::npos;
        }));
    }

private:
    static void near(double actual, const json& wanted) {
        const double value = wanted.get<double>();
        QVERIFY2(std::abs(actual - value) <= tests::kFixtureLoss * std::max(1.0, std::abs(value)),
                 qPrintable(QString("%1 against %2").arg(actual, 0, 'g', 9).arg(value, 0, 'g', 9)));
    }

    static void compareLogits(const models::Pass& pass, const json& rows) {
        double worst = 0;
        for (std::size_t t = 0; t < rows.size(); ++t) {
            const auto wanted = rows[t].get<std::vector<double>>();
            const float* actual =
                pass.logits[0][static_cast<std::int64_t>(t)].const_data_ptr<float>();
            for (std::size_t v = 0; v < wanted.size(); ++v) {
                worst = std::max(worst, std::abs(wanted[v] - static_cast<double>(actual[v])));
            }
        }
        QVERIFY2(worst <= tests::kFixtureLogits,
                 qPrintable(QString("worst difference %1").arg(worst)));
    }

    static void compareExperts(const models::Pass& pass, const json& expected, std::size_t row) {
        if (!expected.contains("routes")) {
            return;
        }
        QCOMPARE(pass.experts.size(), expected["routes"].size());
        for (std::size_t layer = 0; layer < pass.experts.size(); ++layer) {
            const json& experts = expected["routes"][layer]["experts"][row];
            const json& weights = expected["routes"][layer]["weights"][row];
            for (std::size_t t = 0; t < experts.size(); ++t) {
                for (std::size_t i = 0; i < experts[t].size(); ++i) {
                    const auto at = [&](const at::Tensor& all) {
                        return all[0][static_cast<std::int64_t>(t)][static_cast<std::int64_t>(i)];
                    };
                    QCOMPARE(at(pass.experts[layer].index).item<std::int64_t>(),
                             experts[t][i].get<std::int64_t>());
                    near(at(pass.experts[layer].weight).item<double>(), weights[t][i]);
                }
            }
        }
    }

    static void compareSelected(const models::Pass& pass, const json& expected, std::size_t row) {
        if (!expected.contains("selected")) {
            return;
        }
        for (std::size_t r = 0; r < expected["selected"].size(); ++r) {
            const at::Tensor& positions = pass.selected.at(r);
            const std::vector<std::int64_t> actual(positions.const_data_ptr<std::int64_t>(),
                                                   positions.const_data_ptr<std::int64_t>() +
                                                       positions.numel());
            QCOMPARE(actual, expected["selected"][r][row].get<std::vector<std::int64_t>>());
        }
    }
};

QTEST_APPLESS_MAIN(TestFixtures)
#include "tst_fixtures.moc"
