// SPDX-License-Identifier: MIT
// Kinds of weights: the types that safetensors files have, what torch.save writes beside plain
// tensors (tests/oracles/torch_kinds.py), and the tensors that a folder may have too many, too few,
// or under other names.
#include "engine/io/safetensors.h"
#include "engine/io/weight_loader.h"
#include "tests/engine/io/container.h"
#include "tests/engine/io/io_test.h"
#include "tests/engine/model_fixture.h"

#include <QtTest>
#include <functional>

using namespace depthscope;
using namespace depthscope::tests;
using nlohmann::json;

namespace {

const std::string kNorm = "model.norm.weight";
const std::string kHead = "lm_head.weight";

spec::LanguageSpec tinyConfig() {
    spec::LanguageSpec config = smallConfig();
    config.layers = 1;
    config.tiedHead = false;
    return config;
}

/// The folder of a tiny model.
class ModelFolder {
public:
    ModelFolder() { io::saveModel(m_model, path(), at::kFloat); }

    [[nodiscard]] std::filesystem::path path(const std::string& name = {}) const {
        return m_folder.path(name);
    }

    void write(const std::string& name, const std::string& bytes) const {
        m_folder.write(name, bytes);
    }

    void edit(const std::function<void(Container&)>& change) const {
        Container container = takeApart(bytesOf(path("model.safetensors")));
        change(container);
        write("model.safetensors", container.bytes());
    }

    /// Every name through `rename`.
    void renameAll(const std::function<std::string(const std::string&)>& rename) const {
        edit([&](Container& container) {
            json renamed = json::object();
            for (const auto& [name, entry] : container.header.items()) {
                renamed[name.starts_with("__") ? name : rename(name)] = entry;
            }
            container.header = std::move(renamed);
        });
    }

    /// Whether the folder holds the model that was written, whatever lies beside it.
    [[nodiscard]] bool isSame(const io::LoadedModel& loaded) const {
        const at::Tensor ids = idsTensor(someIds(9, m_model.config().vocabulary));
        return at::equal(passOver(m_model, ids).logits, passOver(*loaded.model, ids).logits);
    }

    [[nodiscard]] std::string refusal() const {
        return refusalOf([&] { static_cast<void>(io::loadModel(path(), {})); });
    }

private:
    IoFolder m_folder;
    models::LanguageModel m_model = randomModel(tinyConfig());
};

std::string withoutModel(const std::string& name) {
    return name.starts_with("model.") ? name.substr(6) : name;
}

std::string lfsPointer() {
    return "version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(64, '4') +
           "\nsize 12345678\n";
}

json kinds() {
    return json::parse(bytesOf(weightFixture("kinds/kinds.json")));
}

io::WeightIndex kindIndex(const std::string& name) {
    return io::readTorchArchive(weightFixture("kinds/" + name + ".bin"));
}

/// What is wrong with a tensor of a file; empty where it is as kinds.json says.
std::string errorIn(io::WeightReader& reader, const std::string& name, const json& expected) {
    if (!reader.entries().contains(name)) {
        return name + " is not there";
    }
    if (const std::string& type = reader.entries().at(name).unreadable; !type.empty()) {
        return name + " is " + type;
    }
    const at::Tensor own = reader.read(name);
    if (json(own.sizes().vec()) != expected["shape"]) {
        return name + " has another shape";
    }
    const std::map<std::string, at::ScalarType> types{
        {"float64", at::kDouble},    {"float32", at::kFloat}, {"float16", at::kHalf},
        {"bfloat16", at::kBFloat16}, {"int16", at::kShort},   {"bool", at::kBool}};
    if (own.scalar_type() != types.at(expected["dtype"])) {
        return name + " has another type";
    }
    const at::Tensor values =
        at::tensor(expected["values"].get<std::vector<double>>(), at::kDouble);
    return at::equal(own.to(at::kDouble).reshape({-1}), values) ? "" : name + " differs";
}

} // namespace

class TestWeightKinds : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void types_data();
    void types();
    void torchKinds_data();
    void torchKinds();
    void needed_data();
    void needed();
    void extraTensors_data();
    void extraTensors();
    void otherNames_data();
    void otherNames();
    void tiedWithoutHead();
    void incomplete_data();
    void incomplete();
    void pointers_data();
    void pointers();
    void pointerBeside();
};

void TestWeightKinds::types_data() {
    QTest::addColumn<QString>("dtype");
    QTest::addColumn<int>("bits");
    QTest::addColumn<bool>("readable");
    for (const auto& [dtype, bits] : std::vector<std::pair<const char*, int>>{{"F64", 64},
                                                                              {"F32", 32},
                                                                              {"F16", 16},
                                                                              {"BF16", 16},
                                                                              {"I64", 64},
                                                                              {"I32", 32},
                                                                              {"I16", 16},
                                                                              {"I8", 8},
                                                                              {"U8", 8},
                                                                              {"BOOL", 8}}) {
        QTest::newRow(dtype) << dtype << bits << true;
    }
    for (const auto& [dtype, bits] : std::vector<std::pair<const char*, int>>{{"U16", 16},
                                                                              {"U32", 32},
                                                                              {"U64", 64},
                                                                              {"C64", 64},
                                                                              {"F8_E4M3", 8},
                                                                              {"F8_E5M2", 8},
                                                                              {"F8_E8M0", 8},
                                                                              {"F8_E4M3FNUZ", 8},
                                                                              {"F8_E5M2FNUZ", 8},
                                                                              {"F6_E2M3", 6},
                                                                              {"F6_E3M2", 6},
                                                                              {"F4", 4}}) {
        QTest::newRow(dtype) << dtype << bits << false;
    }
}

/// Every type of the format is no fault beside the weights, and one where a weight has it: only
/// floating ones are computed with.
void TestWeightKinds::types() {
    QFETCH(QString, dtype);
    QFETCH(int, bits);
    QFETCH(bool, readable);
    const std::string type = dtype.toStdString();
    const ModelFolder folder;
    folder.edit(
        [&](Container& c) { c.add("extra", type.c_str(), {8}, static_cast<std::size_t>(bits)); });
    const io::LoadedModel loaded = io::loadModel(folder.path(), {});
    QVERIFY(folder.isSame(loaded));
    QCOMPARE(loaded.info->notes.size(), std::size_t{1});
    QVERIFY2(loaded.info->notes[0].find("extra") != std::string::npos,
             loaded.info->notes[0].c_str());
    QCOMPARE(io::readSafetensorsIndex(folder.path("model.safetensors"))
                 .entries.at("extra")
                 .unreadable.empty(),
             readable);
    // The last tensor of the file takes the name of a weight.
    folder.edit([&](Container& c) {
        c.header["old"] = c.header[kNorm];
        c.add(kNorm, type.c_str(), {24}, 24 * static_cast<std::size_t>(bits) / 8);
    });
    if (type == "F64" || type == "F32" || type == "F16" || type == "BF16") {
        QVERIFY(io::loadModel(folder.path(), {}).model != nullptr);
        return;
    }
    const std::string message = folder.refusal();
    QVERIFY2(message.find("tensor " + kNorm) != std::string::npos, message.c_str());
    QVERIFY2(message.find("which is not supported") != std::string::npos, message.c_str());
    QVERIFY2(readable || message.find(type) != std::string::npos, message.c_str());
}

void TestWeightKinds::torchKinds_data() {
    QTest::addColumn<QString>("name");
    const json all = kinds();
    for (const auto& [name, expected] : all["files"].items()) {
        QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
}

void TestWeightKinds::torchKinds() {
    QFETCH(QString, name);
    const json all = kinds();
    const json& odd = all["files"][name.toStdString()];
    io::WeightReader reader(kindIndex(name.toStdString()));
    for (const char* needed : {"weight", "bias"}) {
        const std::string error = errorIn(reader, needed, all[needed]);
        QVERIFY2(error.empty(), error.c_str());
    }
    if (odd.is_object()) {
        const std::string error = errorIn(reader, "odd", odd);
        QVERIFY2(error.empty(), error.c_str());
        return;
    }
    const auto found = reader.entries().find("odd");
    QVERIFY(odd == "other" || found != reader.entries().end());
    QVERIFY(found == reader.entries().end() || !found->second.unreadable.empty());
}

void TestWeightKinds::needed_data() {
    QTest::addColumn<QString>("name");
    const json all = kinds();
    for (const auto& [name, expected] : all["files"].items()) {
        if (!expected.is_object() && kindIndex(name).entries.contains("odd")) {
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
        }
    }
}

/// What cannot be read is said with the name of the weight that it was to be.
void TestWeightKinds::needed() {
    QFETCH(QString, name);
    const ModelFolder folder;
    io::WeightIndex index = io::findWeights(folder.path());
    index.entries[kNorm] = kindIndex(name.toStdString()).entries.at("odd");
    io::WeightReader reader(std::move(index));
    std::vector<std::string> notes;
    const std::string message =
        refusalOf([&] { static_cast<void>(io::loadWeights(reader, tinyConfig(), {}, notes)); });
    QVERIFY2(message.find("tensor " + kNorm) != std::string::npos, message.c_str());
    QVERIFY2(message.find("which is not supported") != std::string::npos, message.c_str());
}

/// `note`: a word of the one note; empty for none.
void TestWeightKinds::extraTensors_data() {
    QTest::addColumn<QString>("tensor");
    QTest::addColumn<QString>("note");
    const auto row = [](const char* name, const std::string& tensor, bool noted = true) {
        QTest::newRow(name) << QString::fromStdString(tensor)
                            << QString::fromStdString(noted ? tensor : "");
    };
    row("rotary table", "model.layers.0.self_attn.rotary_emb.inv_freq", false);
    row("a bias that config.json does not ask for", "model.layers.0.self_attn.q_proj.bias");
    row("LoRA", "model.layers.0.self_attn.q_proj.lora_A.weight");
    row("a whole layer more", "model.layers.1.mlp.down_proj.weight");
    row("a wrapped weight beside", "module.model.norm.weight");
    row("no part of a model", "optimizer.step");
    row("empty name", "", false);
}

void TestWeightKinds::extraTensors() {
    QFETCH(QString, tensor);
    QFETCH(QString, note);
    const ModelFolder folder;
    folder.edit([&](Container& c) { c.add(tensor.toStdString(), "F32", {24, 40}, 3840); });
    const io::LoadedModel loaded = io::loadModel(folder.path(), {});
    QVERIFY(folder.isSame(loaded));
    if (!tensor.isEmpty()) {
        QCOMPARE(loaded.info->notes.size(), std::size_t{note.isEmpty() ? 0U : 1U});
    }
    QVERIFY(note.isEmpty() || QString::fromStdString(loaded.info->notes[0]).contains(note));
}

/// `says`: words of the refusal; empty where the model loads.
void TestWeightKinds::otherNames_data() {
    QTest::addColumn<QString>("prefix");
    QTest::addColumn<QString>("says");
    QTest::newRow("without \"model.\"") << ""
                                        << "";
    for (const char* prefix : {"_orig_mod.", "module.", "base_model.model.", "transformer.",
                               "language_model.", "model."}) {
        QTest::newRow(prefix) << prefix << QString("\"%1\"").arg(prefix);
    }
}

void TestWeightKinds::otherNames() {
    QFETCH(QString, prefix);
    QFETCH(QString, says);
    const ModelFolder folder;
    folder.renameAll([&](const std::string& name) {
        return prefix.isEmpty() ? withoutModel(name) : prefix.toStdString() + name;
    });
    if (says.isEmpty()) {
        const io::LoadedModel loaded = io::loadModel(folder.path(), {});
        QVERIFY(folder.isSame(loaded));
        QCOMPARE(loaded.info->notes.size(), std::size_t{1});
        QVERIFY(loaded.info->notes[0].find("\"model.\"") != std::string::npos);
        return;
    }
    const std::string message = folder.refusal();
    QVERIFY2(message.find("is missing") != std::string::npos, message.c_str());
    QVERIFY2(QString::fromStdString(message).contains(says), message.c_str());
}

void TestWeightKinds::tiedWithoutHead() {
    spec::LanguageSpec config = tinyConfig();
    config.tiedHead = true;
    const models::LanguageModel model = randomModel(config);
    for (const bool bare : {false, true}) {
        const ModelFolder folder;
        models::LanguageModel copy = randomModel(config);
        io::saveModel(copy, folder.path(), at::kFloat);
        if (bare) {
            folder.renameAll(withoutModel);
        }
        const io::LoadedModel loaded = io::loadModel(folder.path(), {});
        const at::Tensor ids = idsTensor(someIds(9, config.vocabulary));
        QVERIFY(at::equal(passOver(model, ids).logits, passOver(*loaded.model, ids).logits));
    }
}

void TestWeightKinds::incomplete_data() {
    QTest::addColumn<QString>("tensor");
    QTest::addColumn<bool>("bare");
    QTest::addColumn<QString>("says");
    QTest::newRow("head") << QString::fromStdString(kHead) << false << "tie_word_embeddings";
    QTest::newRow("head, without \"model.\"")
        << QString::fromStdString(kHead) << true << "tie_word_embeddings";
    QTest::newRow("norm") << QString::fromStdString(kNorm) << false << "is missing";
    QTest::newRow("query") << "model.layers.0.self_attn.q_proj.weight" << false << "is missing";
    QTest::newRow("embedding") << "model.embed_tokens.weight" << false << "is missing";
    QTest::newRow("embedding, without \"model.\"")
        << "model.embed_tokens.weight" << true << "is missing";
}

void TestWeightKinds::incomplete() {
    QFETCH(QString, tensor);
    QFETCH(bool, bare);
    QFETCH(QString, says);
    const ModelFolder folder;
    folder.edit([&](Container& c) { // its bytes stay somebody's
        c.header["somebody"] = c.header[tensor.toStdString()];
        c.header.erase(tensor.toStdString());
    });
    if (bare) {
        folder.renameAll(withoutModel);
    }
    const std::string message = folder.refusal();
    const std::string name = tensor.toStdString();
    QVERIFY2(message.find(name) != std::string::npos, message.c_str());
    QVERIFY2(message.find(says.toStdString()) != std::string::npos, message.c_str());
}

void TestWeightKinds::pointers_data() {
    QTest::addColumn<QString>("name");
    for (const char* name :
         {"config.json", "mor_config.json", "model.safetensors", "model.safetensors.index.json",
          "pytorch_model.bin", "pytorch_model.bin.index.json", "run.pt"}) {
        QTest::newRow(name) << name;
    }
}

/// What git leaves in the place of a large file is named as that, with the remedy.
void TestWeightKinds::pointers() {
    QFETCH(QString, name);
    const ModelFolder folder;
    if (!name.endsWith("config.json")) {
        std::filesystem::remove(folder.path("model.safetensors"));
    }
    folder.write(name.toStdString(), lfsPointer());
    const std::string message = folder.refusal();
    QVERIFY2(message.starts_with(folder.path(name.toStdString()).string() + ": "), message.c_str());
    QVERIFY2(message.find("Git LFS pointer of " + std::to_string(lfsPointer().size()) + " bytes") !=
                 std::string::npos,
             message.c_str());
    QVERIFY2(message.find("git lfs pull") != std::string::npos, message.c_str());
}

/// A file that nobody reads may be one.
void TestWeightKinds::pointerBeside() {
    const ModelFolder folder;
    folder.write("pytorch_model.bin", lfsPointer());
    folder.write("consolidated.00.pth", lfsPointer());
    QVERIFY(folder.isSame(io::loadModel(folder.path(), {})));
}

QTEST_APPLESS_MAIN(TestWeightKinds)
#include "tst_weight_kinds.moc"
