// SPDX-License-Identifier: MIT
// Fields in which Llama models vary (biases, head_dim, tied heads, scaled rotary positions in both
// spellings) against Hugging Face `transformers` (tests/oracles/llama_variants.py).
#include "engine/generate/generator.h"
#include "tests/engine/io/io_test.h"
#include "tests/engine/model_fixture.h"
#include "tests/engine/tolerance.h"

#include <QtTest>

using namespace depthscope;
using nlohmann::json;

class TestLlamaVariants : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void answers_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"llama_biased", "llama_scaled", "llama_scaled_old"}) {
            QTest::newRow(name) << name;
        }
    }

    void answers() {
        QFETCH(QString, name);
        const json expected = tests::fixtureAnswers(name.toStdString());
        const io::LoadedModel loaded = io::loadModel(tests::fixtureFolder(name.toStdString()), {});
        QCOMPARE(loaded.info->parameters, expected["parameters"].get<std::int64_t>());
        QCOMPARE(loaded.info->notes, std::vector<std::string>());
        const auto stride = expected["stride"].get<std::int64_t>();
        for (std::size_t row = 0; row < expected["ids"].size(); ++row) {
            const auto ids = expected["ids"][row].get<std::vector<std::int64_t>>();
            const at::Tensor logits =
                tests::passOver(*loaded.model, tests::idsTensor(ids)).logits[0];
            for (std::size_t t = 0; t < expected["logits"][row].size(); ++t) {
                const at::Tensor theirs =
                    at::tensor(expected["logits"][row][t].get<std::vector<double>>(), at::kFloat);
                const at::Tensor ours = logits[static_cast<std::int64_t>(t) * stride];
                QVERIFY((ours - theirs).abs().max().item<double>() < tests::kFixtureLogits);
            }
        }
    }

    void roundTrip_data() { answers_data(); }

    void roundTrip() {
        QFETCH(QString, name);
        const tests::IoFolder folder;
        const io::LoadedModel first = io::loadModel(tests::fixtureFolder(name.toStdString()), {});
        io::saveModel(*first.model, folder.path(), at::kFloat);
        const io::LoadedModel second = io::loadModel(folder.path(), {});
        const at::Tensor ids = tests::idsTensor(tests::someIds(40, 61));
        QVERIFY(at::equal(tests::passOver(*first.model, ids).logits,
                          tests::passOver(*second.model, ids).logits));
    }

    /// One token at a time takes other operators: biases and scaled positions hold there too.
    void tokenByToken_data() { answers_data(); }

    void tokenByToken() {
        QFETCH(QString, name);
        const io::LoadedModel loaded = io::loadModel(tests::fixtureFolder(name.toStdString()), {});
        const at::Tensor ids = tests::idsTensor(tests::someIds(30, 61));
        const at::Tensor whole = tests::passOver(*loaded.model, ids).logits[0];
        const c10::NoGradGuard noGrad;
        const spec::ResolvedRouting routing =
            spec::resolveRouting(loaded.model->config(), {}, spec::RoutingUse::Generation);
        generate::Generator generator(*loaded.model, routing, true);
        static_cast<void>(generator.prefill(std::vector<std::int32_t>{5}));
        for (std::int64_t t = 1; t < ids.size(1); ++t) {
            static_cast<void>(generator.feed(ids[0][t].item<std::int32_t>()));
            const std::vector<float> last = generator.lastLogits();
            const at::Tensor step = at::tensor(at::ArrayRef<float>(last), at::kFloat);
            QVERIFY((step - whole[t]).abs().max().item<double>() < tests::kFixtureLogits);
        }
    }

    void refused_data() {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("names");
        QTest::newRow("yarn") << "/rope_parameters/rope_type"
                              << "\"yarn\""
                              << "rope_parameters.rope_type is \"yarn\"";
        QTest::newRow("old spelling") << ""
                                      << R"({"rope_parameters": null,
            "rope_scaling": {"type": "dynamic", "factor": 2}})"
                                      << "rope_scaling.type is \"dynamic\"";
        QTest::newRow("no factor") << "/rope_parameters/factor"
                                   << "null"
                                   << "factor is missing";
        QTest::newRow("factor is a text") << "/rope_parameters/factor"
                                          << "\"8\""
                                          << "factor must be a number";
        QTest::newRow("factor below 1") << "/rope_parameters/factor"
                                        << "0.0"
                                        << "the factor of";
        QTest::newRow("equal bounds") << "/rope_parameters/low_freq_factor"
                                      << "4.0"
                                      << "less than high_freq_factor";
        QTest::newRow("no context") << "/rope_parameters/original_max_position_embeddings"
                                    << "0"
                                    << "original_max_position_embeddings";
        QTest::newRow("dtype") << "/dtype"
                               << "\"float8_e4m3fn\""
                               << "dtype is \"float8_e4m3fn\"";
        QTest::newRow("old dtype") << "/torch_dtype"
                                   << "\"int8\""
                                   << "torch_dtype is \"int8\"";
        QTest::newRow("biases that are not there") << "/mlp_bias"
                                                   << "true"
                                                   << "mlp.gate_proj.bias is missing";
    }

    void refused() {
        QFETCH(QString, pointer);
        QFETCH(QString, value);
        QFETCH(QString, names);
        const tests::IoFolder folder;
        json config =
            json::parse(tests::bytesOf(tests::fixtureFolder("llama_scaled") / "config.json"));
        if (pointer.isEmpty()) {
            config.merge_patch(json::parse(value.toStdString()));
        } else {
            config[json::json_pointer(pointer.toStdString())] = json::parse(value.toStdString());
        }
        folder.write("config.json", config.dump());
        folder.write("model.safetensors",
                     tests::bytesOf(tests::fixtureFolder("llama_scaled") / "model.safetensors"));
        const std::string message =
            tests::refusalOf([&] { static_cast<void>(io::loadModel(folder.path(), {})); });
        QVERIFY2(message.find(names.toStdString()) != std::string::npos, message.c_str());
        QVERIFY2(message.starts_with(folder.path().string()), message.c_str());
    }
};

QTEST_APPLESS_MAIN(TestLlamaVariants)
#include "tst_llama_variants.moc"
