// SPDX-License-Identifier: MIT
// Official checkpoints as they come: a plain Llama config.json beside Mixture-of-Recursions keys
// (docs/routing.md 3.10). What the loader infers must be what the side-car says; a side-car that
// contradicts the weights is refused with both names.
#include "engine/io/mor_layout.h"
#include "tests/engine/io/io_test.h"
#include "tests/engine/model_fixture.h"

#include <QtTest>

using namespace depthscope;
using nlohmann::json;

namespace {

/// A copy of a fixture in a folder of this name.
std::filesystem::path
copyAs(const tests::IoFolder& parent, const std::string& fixture, const std::string& name) {
    const std::filesystem::path folder = parent.path(name);
    std::filesystem::create_directories(folder);
    for (const char* file : {"config.json", "mor_config.json", "model.safetensors"}) {
        std::ofstream(folder / file, std::ios::binary)
            << tests::bytesOf(tests::fixtureFolder(fixture) / file);
    }
    return folder;
}

void edit(const std::filesystem::path& file, const std::string& pointer, const json& value) {
    json root = json::parse(tests::bytesOf(file));
    root[json::json_pointer(pointer)] = value;
    std::ofstream(file, std::ios::trunc) << root.dump();
}

bool noted(const io::LoadedModel& loaded, const std::string& text) {
    return std::ranges::any_of(loaded.info->notes, [&](const std::string& note) {
        return note.find(text) != std::string::npos;
    });
}

} // namespace

class TestMorLayout : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void withoutSideCar_data() {
        QTest::addColumn<QString>("fixture");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QStringList>("notes");
        const QString base = "no mor_config.json; inferred from the weights: ";
        QTest::newRow("expert, names say all")
            << "mor_expert_mc3"
            << "smollm_rec3_middle_cycle_mor_expert_linear_alpha_0.1_sigmoid_aux_loss_0.001"
            << QStringList{base + "expert-choice, linear router, 3 recursions of 2 layers, "
                                  "middle_cycle",
                           "router function sigmoid: from the folder name",
                           "alpha 0.1: from the folder name", "recursion-wise KV caching: assumed"};
        QTest::newRow("expert, a checkpoint of the run")
            << "mor_expert_share"
            << "rec3_expert_alpha_0.1_sigmoid_kv-share/checkpoint-100"
            << QStringList{"alpha 0.1: from", "recursive KV sharing: from the folder name"};
        QTest::newRow("expert, names say nothing")
            << "mor_expert_cycle2_mlp"
            << "model"
            << QStringList{base + "expert-choice, mlp router, 2 recursions of 4 layers, cycle",
                           "router function sigmoid: assumed", "alpha 0.1: assumed",
                           "capacity 2/2,1/2: assumed"};
        QTest::newRow("token")
            << "mor_token_softmax"
            << "rec3_mor_token_softmax"
            << QStringList{base + "token-choice, linear router, 3 recursions of 2 layers, "
                                  "middle_cycle",
                           "router function softmax: from the folder name", "alpha 1: assumed"};
        QTest::newRow("the name is wrong")
            << "mor_token_softmax"
            << "rec2_token"
            << QStringList{"different number of recursions", "router function softmax: assumed"};
    }

    void withoutSideCar() {
        QFETCH(QString, fixture);
        QFETCH(QString, name);
        QFETCH(QStringList, notes);
        const tests::IoFolder parent;
        const auto folder = copyAs(parent, fixture.toStdString(), name.toStdString());
        const io::LoadedModel expected = io::loadModel(folder, {});
        std::filesystem::remove(folder / "mor_config.json");
        const io::LoadedModel loaded = io::loadModel(folder, {});
        for (const QString& note : notes) {
            QVERIFY2(noted(loaded, note.toStdString()),
                     qPrintable(note + " is not in: " +
                                QString::fromStdString(json(loaded.info->notes).dump())));
        }
        const spec::LanguageSpec& a = loaded.model->config();
        const spec::LanguageSpec& b = expected.model->config();
        QVERIFY(a.family == b.family);
        QCOMPARE(a.recursion.count, b.recursion.count);
        QVERIFY(a.recursion.sharing == b.recursion.sharing);
        QCOMPARE(a.layers, b.layers);
        QVERIFY(a.kv == b.kv);
        QCOMPARE(a.mor.alpha, b.mor.alpha);
        QVERIFY(a.mor.function == b.mor.function);
        const at::Tensor ids = tests::idsTensor(tests::someIds(30, a.vocabulary));
        QVERIFY(at::equal(tests::passOver(*loaded.model, ids).logits,
                          tests::passOver(*expected.model, ids).logits));
    }

    /// Writers of safetensors may drop duplicates: the first recursion stands for all.
    void aliasesMissing() {
        const tests::IoFolder folder;
        for (const spec::RouterType type : {spec::RouterType::Expert, spec::RouterType::Token}) {
            auto model = tests::randomModel(tests::smallMor(type));
            io::saveModel(model, folder.path(), at::kFloat);
            std::filesystem::remove(folder.path("mor_config.json"));
            edit(folder.path("config.json"), "/model_type", "llama");
            edit(folder.path("config.json"), "/num_hidden_layers", 20);
            const io::LoadedModel loaded = io::loadModel(folder.path(), {});
            QCOMPARE(loaded.model->config().recursion.count, 3);
            QVERIFY(noted(loaded, "config.json says num_hidden_layers 20, the weights hold 8"));
            const at::Tensor ids = tests::idsTensor(tests::someIds(9, 37));
            QVERIFY(at::equal(tests::passOver(*loaded.model, ids).logits,
                              tests::passOver(model, ids).logits));
        }
    }

    /// The recursive baseline without its side-car is a plain llama whose layers repeat themselves.
    void repeatedLayers_data() {
        QTest::addColumn<int>("sharing");
        QTest::addColumn<int>("recursions");
        for (const spec::Sharing sharing :
             {spec::Sharing::Cycle, spec::Sharing::MiddleCycle, spec::Sharing::Sequence,
              spec::Sharing::MiddleSequence}) {
            for (const int recursions : {2, 3, 4}) {
                QTest::addRow("%s %d", spec::toString(sharing), recursions)
                    << static_cast<int>(sharing) << recursions;
            }
        }
    }

    void repeatedLayers() {
        QFETCH(int, sharing);
        QFETCH(int, recursions);
        const tests::IoFolder parent;
        const std::filesystem::path folder = parent.path("rec3_kv-share");
        auto model = tests::randomModel(
            tests::smallRecursive(static_cast<spec::Sharing>(sharing), recursions));
        io::saveModel(model, folder, at::kFloat);
        tests::writeAliases(model, folder);
        std::filesystem::remove(folder / "mor_config.json");
        edit(folder / "config.json", "/model_type", "llama");
        const io::LoadedModel loaded = io::loadModel(folder, {});
        const spec::LanguageSpec& config = loaded.model->config();
        QVERIFY(config.family == spec::Family::RecursiveLlama);
        QCOMPARE(static_cast<int>(config.recursion.sharing), sharing);
        QCOMPARE(config.recursion.count, recursions);
        QVERIFY(config.kv == settings::KvPolicy::Share);
        QCOMPARE(models::distinctWeights(config, loaded.model->weights()).size(),
                 models::distinctWeights(model.config(), model.weights()).size());
        QVERIFY(noted(loaded, "inferred from repeated layers"));
        QCOMPARE(noted(loaded, "different number of recursions"), recursions != 3);
    }

    /// A layer that differs, or is missing, makes it a plain llama again, for better or worse.
    void notRepeated() {
        const tests::IoFolder folder;
        auto model = tests::randomModel(tests::smallRecursive(spec::Sharing::Cycle, 2));
        io::saveModel(model, folder.path(), at::kFloat);
        std::filesystem::remove(folder.path("mor_config.json"));
        edit(folder.path("config.json"), "/model_type", "llama");
        const std::string missing =
            tests::refusalOf([&] { static_cast<void>(io::loadModel(folder.path(), {})); });
        QVERIFY2(missing.find("model.layers.2") != std::string::npos, missing.c_str());
        tests::writeAliases(model, folder.path(), "model.layers.3.self_attn.q_proj.weight");
        const io::LoadedModel loaded = io::loadModel(folder.path(), {});
        QVERIFY(loaded.model->config().family == spec::Family::Llama);
    }

    void contradictions_data() {
        QTest::addColumn<QString>("fixture");
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("names");
        QTest::newRow("recursions") << "mor_expert_mc3"
                                    << "/recursive/num_recursion"
                                    << "2"
                                    << "has 3 recursions";
        QTest::newRow("sharing") << "mor_expert_mc3"
                                 << "/recursive/sharing"
                                 << "\"cycle\""
                                 << "has the layers of middle_cycle";
        QTest::newRow("type") << "mor_expert_mc3"
                              << "/mor/type"
                              << "\"token\""
                              << "has expert-choice keys";
        QTest::newRow("router") << "mor_expert_cycle2_mlp"
                                << "/mor/router_type"
                                << "\"linear\""
                                << "has a mlp router";
        QTest::newRow("no router") << "mor_token_softmax"
                                   << "/mor/enable"
                                   << "false"
                                   << "has recursions with a router";
    }

    void contradictions() {
        QFETCH(QString, fixture);
        QFETCH(QString, pointer);
        QFETCH(QString, value);
        QFETCH(QString, names);
        const tests::IoFolder parent;
        const auto folder = copyAs(parent, fixture.toStdString(), "m");
        edit(folder / "mor_config.json", "/mor/capacity", nullptr);
        if (value == "\"token\"") {
            edit(folder / "mor_config.json", "/mor/token/router_func", "softmax");
        }
        edit(folder / "mor_config.json", pointer.toStdString(), json::parse(value.toStdString()));
        const std::string message =
            tests::refusalOf([&] { static_cast<void>(io::loadModel(folder, {})); });
        for (const std::string& part :
             {(folder / "mor_config.json").string(), (folder / "model.safetensors").string(),
              names.toStdString()}) {
            QVERIFY2(message.find(part) != std::string::npos, message.c_str());
        }
    }

    void sideCarWithoutRecursions() {
        const tests::IoFolder parent;
        const auto folder = copyAs(parent, "mor_expert_mc3", "m");
        std::filesystem::copy_file(tests::fixtureFolder("llama_gqa") / "model.safetensors",
                                   folder / "model.safetensors",
                                   std::filesystem::copy_options::overwrite_existing);
        const std::string message =
            tests::refusalOf([&] { static_cast<void>(io::loadModel(folder, {})); });
        QVERIFY2(message.find("no recursive block") != std::string::npos, message.c_str());
    }
};

QTEST_APPLESS_MAIN(TestMorLayout)
#include "tst_mor_layout.moc"
