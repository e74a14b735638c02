// SPDX-License-Identifier: MIT
// Which tokens end a text: eos_token_id of config.json and generation_config.json, as transformers'
// generate takes them.
#include "engine/spec/config_file.h"
#include "tests/engine/io/io_test.h"
#include "tests/engine/model_fixture.h"

#include <QtTest>

using namespace depthscope;
using namespace depthscope::tests;
using nlohmann::json;

namespace {

using Tokens = std::vector<std::int64_t>;

/// config.json of a small model; `eos` is the text of its eos_token_id, empty for none.
std::string configWith(const QString& eos) {
    json root = json::parse(spec::configJson(smallConfig(), "float32"));
    root.erase("eos_token_id");
    if (!eos.isEmpty()) {
        root["eos_token_id"] = json::parse(eos.toStdString());
    }
    return root.dump();
}

} // namespace

class TestEndsOfText : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void whichTokens_data() {
        QTest::addColumn<QString>("config");
        QTest::addColumn<QString>("generation");
        QTest::addColumn<QString>("tokens");
        QTest::addColumn<int>("notes");
        const auto row = [](const char* name, const char* config, const char* generation,
                            const char* tokens, int notes = 0) {
            QTest::newRow(name) << config << generation << tokens << notes;
        };
        row("absent", "", "", "[]");
        row("null", "null", "", "[]");
        row("one", "370", "", "[370]");
        row("zero", "0", "", "[0]");
        row("list", "[5, 370]", "", "[5,370]");
        row("list of one", "[483]", "", "[483]");
        row("empty list", "[]", "", "[]");
        row("negative", "-1", "", "[-1]");
        row("beyond the vocabulary", "100000", "", "[100000]");
        row("generation: another", "370", R"({"eos_token_id": 5})", "[5]");
        row("generation: a list", "5", R"({"eos_token_id": [5, 370]})", "[5,370]");
        row("generation: an empty list", "5", R"({"eos_token_id": []})", "[]");
        row("generation: silent", "370", R"({"bos_token_id": 1})", "[]");
        row("generation: null", "370", R"({"eos_token_id": null})", "[]");
        row("generation: empty object", "370", "{}", "[]");
        row("generation: alone", "", R"({"eos_token_id": 370})", "[370]");
        row("generation: over null", "null", R"({"eos_token_id": [1, 483]})", "[1,483]");
        row("generation: samples", "370", R"({"eos_token_id": 483, "do_sample": true})", "[483]");
        row("generation: cut off", "370", R"({"eos_token_id": )", "[370]", 1);
        row("generation: empty file", "370", " ", "[370]", 1);
        row("generation: a list as a whole", "370", "[5]", "[370]", 1);
        row("generation: LFS pointer", "370",
            "version https://git-lfs.github.com/spec/v1\noid sha256:4\nsize 9\n", "[370]", 1);
        row("generation: a text", "370", R"({"eos_token_id": "5"})", "[370]", 1);
        row("generation: cut off, none in config.json", "", "{", "[]", 1);
    }

    void whichTokens() {
        QFETCH(QString, config);
        QFETCH(QString, generation);
        QFETCH(QString, tokens);
        QFETCH(int, notes);
        const IoFolder folder;
        folder.write("config.json", configWith(config));
        if (!generation.isEmpty()) {
            folder.write("generation_config.json", generation.toStdString());
        }
        std::vector<std::string> said;
        const spec::LanguageSpec read = spec::readConfig(folder.path(), said);
        // What no token is may be left out.
        const std::string ends = json(read.eosTokens).dump();
        QVERIFY2(ends == tokens.toStdString() || (read.eosTokens.empty() && tokens == "[-1]"),
                 ends.c_str());
        QCOMPARE(said.size(), static_cast<std::size_t>(notes));
        if (notes > 0) {
            QVERIFY2(said[0].find("generation_config.json") != std::string::npos, said[0].c_str());
        }
    }

    void refused_data() {
        QTest::addColumn<QString>("value");
        for (const char* value : {"\"370\"", "370.0", "[370.0]", "[\"370\"]", "true", "[null, 370]",
                                  "[[370]]", "{}", "[370, -0.5]", "1e30"}) {
            QTest::newRow(value) << value;
        }
    }

    void refused() {
        QFETCH(QString, value);
        const IoFolder folder;
        const auto file = folder.write("config.json", configWith(value));
        std::vector<std::string> notes;
        const std::string message =
            refusalOf([&] { static_cast<void>(spec::readConfig(folder.path(), notes)); });
        QVERIFY2(message.starts_with(file.string() + ": eos_token_id "), message.c_str());
    }

    void written_data() {
        QTest::addColumn<QString>("tokens");
        QTest::addColumn<QString>("value");
        QTest::newRow("none") << "[]"
                              << "null";
        QTest::newRow("one") << "[5]"
                             << "5";
        QTest::newRow("several") << "[5,370]"
                                 << "[5,370]";
    }

    void written() {
        QFETCH(QString, tokens);
        QFETCH(QString, value);
        spec::LanguageSpec config = smallConfig();
        config.eosTokens = json::parse(tokens.toStdString()).get<Tokens>();
        const std::string text = spec::configJson(config, "float32");
        QCOMPARE(json::parse(text)["eos_token_id"].dump(), value.toStdString());
        const IoFolder folder;
        folder.write("config.json", text);
        std::vector<std::string> notes;
        QCOMPARE(spec::readConfig(folder.path(), notes).eosTokens, config.eosTokens);
    }
};

QTEST_APPLESS_MAIN(TestEndsOfText)
#include "tst_ends_of_text.moc"
