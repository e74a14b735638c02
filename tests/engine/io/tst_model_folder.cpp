// SPDX-License-Identifier: MIT
// Model folders: round trips with and without aliases (docs/routing.md 8: 30, 31), and hostile
// files: each gets an error that names the file, and nothing is half loaded.
#include "engine/io/safetensors.h"
#include "tests/engine/io/io_test.h"
#include "tests/engine/model_fixture.h"

#include <QTemporaryDir>
#include <QtTest>
#include <functional>

using namespace depthscope;
using nlohmann::json;

namespace {

std::filesystem::path pathOf(const QTemporaryDir& folder) {
    return folder.path().toStdString();
}

void copyFixture(const std::string& name, const std::filesystem::path& to) {
    for (const auto& entry : std::filesystem::directory_iterator(tests::fixtureFolder(name))) {
        std::filesystem::copy_file(entry.path(), to / entry.path().filename());
        std::filesystem::permissions(to / entry.path().filename(),
                                     std::filesystem::perms::owner_write,
                                     std::filesystem::perm_options::add);
    }
}

std::string readAll(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

void writeAll(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// Changes the JSON header of a safetensors file and leaves the data as it is.
void editHeader(const std::filesystem::path& file, const std::function<void(json&)>& edit) {
    const std::string bytes = readAll(file);
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof length);
    json header = json::parse(bytes.substr(8, length));
    edit(header);
    const std::string text = header.dump();
    const std::uint64_t newLength = text.size();
    std::string out(8, '\0');
    std::memcpy(out.data(), &newLength, sizeof newLength);
    writeAll(file, out + text + bytes.substr(8 + length));
}

void editConfig(const std::filesystem::path& folder,
                const char* file,
                const std::function<void(json&)>& edit) {
    json root = json::parse(readAll(folder / file));
    edit(root);
    writeAll(folder / file, root.dump());
}

} // namespace

class TestModelFolder : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void roundTrip_data() {
        QTest::addColumn<int>("type");
        QTest::addColumn<bool>("tied");
        QTest::newRow("expert") << 0 << true;
        QTest::newRow("token") << 1 << true;
        QTest::newRow("llama, untied head") << 2 << false;
    }

    void roundTrip() {
        QFETCH(int, type);
        QFETCH(bool, tied);
        spec::LanguageSpec config =
            type == 2
                ? tests::smallConfig()
                : tests::smallMor(type == 0 ? spec::RouterType::Expert : spec::RouterType::Token);
        config.tiedHead = tied;
        auto model = tests::randomModel(config);
        const QTemporaryDir folder;
        io::saveModel(model, pathOf(folder), at::kFloat);
        const io::LoadedModel loaded = io::loadModel(pathOf(folder), {});
        const at::Tensor ids = tests::idsTensor(tests::someIds(9, config.vocabulary));
        QVERIFY(at::equal(tests::passOver(model, ids).logits,
                          tests::passOver(*loaded.model, ids).logits));
        const auto& weights = loaded.model->weights();
        QCOMPARE(weights.head.const_data_ptr() == weights.embedding.const_data_ptr(), tied);
        QCOMPARE(loaded.info->notes, std::vector<std::string>());
    }

    /// A file with every alias written out loads to the same storages as ours, which holds each
    /// once.
    void aliasesPresentOrAbsent() {
        auto model = tests::randomModel(tests::smallMor(spec::RouterType::Expert));
        const QTemporaryDir folder;
        io::saveModel(model, pathOf(folder), at::kFloat);
        const io::LoadedModel lean = io::loadModel(pathOf(folder), {});
        tests::writeAliases(model, pathOf(folder), "");
        const io::LoadedModel full = io::loadModel(pathOf(folder), {});
        const at::Tensor ids = tests::idsTensor(tests::someIds(9, model.config().vocabulary));
        QVERIFY(at::equal(tests::passOver(*full.model, ids).logits,
                          tests::passOver(*lean.model, ids).logits));
        QCOMPARE(lean.info->parameters, full.info->parameters);
        const auto& block = full.model->weights().block;
        QCOMPARE(block[2][1].q.const_data_ptr(), block[0][1].q.const_data_ptr());
        QCOMPARE(full.info->notes, std::vector<std::string>());
    }

    /// torch.save keeps what is one storage: a head that is the embedding stays it, whatever
    /// config.json says.
    void torchFolder() {
        const QTemporaryDir temporary;
        const std::filesystem::path folder = pathOf(temporary);
        copyFixture("llama_gqa", folder);
        const io::LoadedModel expected = io::loadModel(folder, {});
        std::filesystem::remove(folder / "model.safetensors");
        std::filesystem::copy_file(tests::fixtureFolder("weights") / "llama_gqa.bin",
                                   folder / "pytorch_model.bin");
        const io::LoadedModel loaded = io::loadModel(folder, {});
        const at::Tensor ids =
            tests::idsTensor(tests::someIds(9, expected.model->config().vocabulary));
        QVERIFY(at::equal(tests::passOver(*loaded.model, ids).logits,
                          tests::passOver(*expected.model, ids).logits));
        editConfig(folder, "config.json", [](json& root) { root["tie_word_embeddings"] = false; });
        const io::LoadedModel untied = io::loadModel(folder, {});
        const auto& weights = untied.model->weights();
        QCOMPARE(weights.head.const_data_ptr(), weights.embedding.const_data_ptr());
    }

    /// The public code's fault: attention untied over recursions. It is said, and each recursion
    /// runs its own.
    void untiedAttention() {
        auto model = tests::randomModel(tests::smallMor(spec::RouterType::Expert));
        const QTemporaryDir folder;
        io::saveModel(model, pathOf(folder), at::kFloat);
        tests::writeAliases(model, pathOf(folder),
                            "model.layers.2.block.1.self_attn.q_proj.weight");
        const io::LoadedModel untied = io::loadModel(pathOf(folder), {});
        QCOMPARE(untied.info->notes.size(), std::size_t{1});
        QVERIFY(untied.info->notes[0].starts_with("untied weights"));
        const auto& block = untied.model->weights().block;
        QVERIFY(block[1][1].q.const_data_ptr() != block[0][1].q.const_data_ptr());
        QCOMPARE(block[2][1].q.const_data_ptr(), block[0][1].q.const_data_ptr());
        // A per-recursion reference: the same weights given by hand.
        model.weights().block[1][1].q = model.weights().block[0][1].q * 1.5;
        const at::Tensor ids = tests::idsTensor(tests::someIds(9, model.config().vocabulary));
        QVERIFY(at::equal(tests::passOver(*untied.model, ids).logits,
                          tests::passOver(model, ids).logits));
    }

    void hostile_data() {
        QTest::addColumn<QString>("fault");
        QTest::addColumn<QString>("names");
        QTest::newRow("truncated") << "truncated"
                                   << "model.safetensors";
        QTest::newRow("short header") << "header"
                                      << "model.safetensors";
        QTest::newRow("huge header length") << "length"
                                            << "model.safetensors";
        QTest::newRow("not JSON") << "json"
                                  << "model.safetensors";
        QTest::newRow("overlap") << "overlap"
                                 << "overlap";
        QTest::newRow("offset past end") << "past"
                                         << "model.norm.weight";
        QTest::newRow("huge shape") << "huge"
                                    << "model.norm.weight";
        QTest::newRow("dtype") << "dtype"
                               << "model.norm.weight";
        QTest::newRow("missing tensor") << "missing"
                                        << "model.norm.weight";
        QTest::newRow("wrong shape") << "shape"
                                     << "model.norm.weight";
        QTest::newRow("no weights") << "noweights"
                                    << "model.safetensors";
        QTest::newRow("no config") << "noconfig"
                                   << "config.json";
        QTest::newRow("zero heads") << "heads"
                                    << "num_attention_heads";
        QTest::newRow("absurd width") << "width"
                                      << "hidden_size";
        QTest::newRow("width is text") << "text"
                                       << "hidden_size";
        QTest::newRow("layers that the file does not have") << "recursions"
                                                            << "num_hidden_layers";
        QTest::newRow("capacity grows") << "grows"
                                        << "capacity";
        QTest::newRow("capacity above one") << "above"
                                            << "capacity";
        QTest::newRow("capacity count") << "count"
                                        << "capacity";
        QTest::newRow("unknown router function") << "function"
                                                 << "router_func";
        QTest::newRow("config is a list") << "list"
                                          << "config.json";
    }

    void hostile() {
        QFETCH(QString, fault);
        QFETCH(QString, names);
        const QTemporaryDir temporary;
        const std::filesystem::path folder = pathOf(temporary);
        copyFixture("mor_expert_mc3", folder);
        damage(folder, fault.toStdString());
        try {
            static_cast<void>(io::loadModel(folder, {}));
            QFAIL("was accepted");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::BadInput);
            QVERIFY2(QString::fromStdString(error.message()).contains(names), error.what());
            QVERIFY(!error.hint().empty());
        }
    }

    void unwritableFolder() {
        auto model = tests::randomModel(tests::smallConfig());
        QVERIFY_EXCEPTION_THROWN(io::saveModel(model, "/proc/depthscope", at::kFloat), Error);
    }

private:
    static void damage(const std::filesystem::path& folder, const std::string& fault) {
        const std::filesystem::path weights = folder / "model.safetensors";
        const std::string norm = "model.norm.weight";
        if (fault == "truncated") {
            std::filesystem::resize_file(weights, std::filesystem::file_size(weights) / 2);
        } else if (fault == "header") {
            std::filesystem::resize_file(weights, 5);
        } else if (fault == "length" || fault == "json") {
            std::string bytes = readAll(weights);
            bytes[fault == "length" ? 6 : 8] = 'x';
            writeAll(weights, bytes);
        } else if (fault == "noweights") {
            std::filesystem::remove(weights);
        } else if (fault == "noconfig") {
            std::filesystem::remove(folder / "config.json");
        } else if (fault == "list") {
            writeAll(folder / "config.json", "[1, 2]");
        } else if (damageConfig(folder, fault)) {
            return;
        } else {
            editHeader(weights, [&](json& header) { damageHeader(header, norm, fault); });
        }
    }

    static bool damageConfig(const std::filesystem::path& folder, const std::string& fault) {
        const std::map<std::string, std::pair<const char*, json>> config{
            {"heads", {"num_attention_heads", 0}},
            {"width", {"hidden_size", 1'000'000'000'000LL}},
            {"text", {"hidden_size", "wide"}},
            {"recursions", {"num_hidden_layers", 7}}};
        if (const auto found = config.find(fault); found != config.end()) {
            editConfig(folder, "config.json",
                       [&](json& root) { root[found->second.first] = found->second.second; });
            return true;
        }
        const std::map<std::string, std::string> capacity{
            {"grows", "1.0,0.2,0.5"}, {"above", "1.5,0.5,0.2"}, {"count", "1.0,0.5"}};
        if (const auto found = capacity.find(fault); found != capacity.end()) {
            editConfig(folder, "mor_config.json",
                       [&](json& root) { root["mor"]["capacity"] = found->second; });
            return true;
        }
        if (fault == "function") {
            editConfig(folder, "mor_config.json",
                       [](json& root) { root["mor"]["expert"]["router_func"] = "magic"; });
            return true;
        }
        return false;
    }

    static void damageHeader(json& header, const std::string& norm, const std::string& fault) {
        json& entry = header[norm];
        if (fault == "overlap") {
            const auto bytes = entry["data_offsets"][1].get<std::uint64_t>() -
                               entry["data_offsets"][0].get<std::uint64_t>();
            const auto begin =
                header["model.embed_tokens.weight"]["data_offsets"][0].get<std::uint64_t>();
            entry["data_offsets"] = {begin, begin + bytes};
        } else if (fault == "past") {
            entry["data_offsets"] = {1'000'000'000ULL, 1'000'000'000ULL + 192};
        } else if (fault == "huge") {
            entry["shape"] = {1ULL << 39U, 1ULL << 39U};
        } else if (fault == "dtype") {
            entry["dtype"] = "F8_E4M3";
        } else if (fault == "missing") {
            header["renamed"] = entry;
            header.erase(norm);
        } else if (fault == "shape") {
            entry["shape"] = {24, 2};
        }
    }
};

QTEST_APPLESS_MAIN(TestModelFolder)
#include "tst_model_folder.moc"
