// SPDX-License-Identifier: MIT
// What stands beside a tokenizer.model: words, the marks in front of a prompt, the space in front
// of a text, against transformers (tests/oracles/special_words.py); and hostile files.
#include "engine/tokenizers/sentencepiece.h"
#include "tests/engine/folder_fixture.h"

#include <nlohmann/json.hpp>

#include <QtTest>

using namespace depthscope;
using namespace depthscope::tests;
using namespace depthscope::tokenizers;
using nlohmann::json;

namespace {

const char* kConfig = "tokenizer_config.json";
const char* kMap = "special_tokens_map.json";
const char* kAdded = "added_tokens.json";
constexpr std::int32_t kModelSize = 700;

std::string modelBytes() {
    return readAll(fixture("words/tokenizer.model"));
}

std::vector<std::int32_t> idsOf(const Tokenizer& tokenizer, std::string_view text) {
    std::vector<std::int32_t> ids;
    for (const Piece& piece : tokenizer.encode(text)) {
        ids.push_back(piece.id);
    }
    return ids;
}

std::string textOf(const std::vector<std::int32_t>& ids) {
    return json(ids).dump();
}

/// Fails where the pieces do not follow one another from the start of the text to its end.
bool coversText(const Tokenizer& tokenizer, std::string_view text) {
    std::uint32_t at = 0;
    for (const Piece& piece : tokenizer.encode(text)) {
        if (piece.begin != at || piece.end < piece.begin) {
            return false;
        }
        at = piece.end;
    }
    return at == text.size();
}

/// A model and one file beside it.
std::unique_ptr<Tokenizer>
loadWith(const Folder& folder, const char* name, const std::string& content) {
    (void)folder.write("tokenizer.model", modelBytes());
    (void)folder.write(name, content);
    return loadTokenizer(folder.path());
}

} // namespace

class TestSpecialWords : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sameAsReference_data();
    void sameAsReference();
    void sizeAndHash();
    void idsThatNoFileNames();
    void markThatIsNoWord();
    void prefixSpace_data();
    void prefixSpace();
    void quietFiles_data();
    void quietFiles();
    void refused_data();
    void refused();
    void manyWords();
};

void TestSpecialWords::sameAsReference_data() {
    QTest::addColumn<QByteArray>("content");
    for (const json& entry : json::parse(readAll(fixture("words/cases.json")))) {
        QTest::addRow("%s", entry["name"].get<std::string>().c_str())
            << QByteArray::fromStdString(entry.dump());
    }
}

void TestSpecialWords::sameAsReference() {
    QFETCH(QByteArray, content);
    const json entry = json::parse(content.toStdString());
    const Folder folder;
    (void)folder.write("tokenizer.model", modelBytes());
    for (const auto& [name, file] : entry["files"].items()) {
        (void)folder.write(name, file.dump());
    }
    const auto tokenizer = loadTokenizer(folder.path());
    QCOMPARE(textOf(tokenizer->promptStart()), entry["start"].dump());
    for (const json& encode : entry["encode"]) {
        const auto text = encode["text"].get<std::string>();
        QVERIFY2(coversText(*tokenizer, text), text.c_str());
        const std::string ids = textOf(idsOf(*tokenizer, text));
        QVERIFY2(ids == encode["ids"].dump(), (text + ": " + ids).c_str());
    }
    for (const json& decode : entry["decode"]) {
        const std::string text = tokenizer->decode(decode["ids"].get<std::vector<std::int32_t>>());
        QVERIFY2(text == decode["text"].get<std::string>(), (decode.dump() + ": " + text).c_str());
    }
}

/// Token streams and checkpoints name the hash: files that change nothing must leave it alone, and
/// all that changes ids must change it.
void TestSpecialWords::sizeAndHash() {
    const Folder alone;
    (void)alone.write("tokenizer.model", modelBytes());
    const std::uint64_t hash = loadTokenizer(alone.path())->hash();
    QCOMPARE(loadSentencePiece(fixture("words/tokenizer.model"))->hash(), hash);
    const Folder quiet;
    QCOMPARE(loadWith(quiet, kConfig, R"({"clean_up_tokenization_spaces": false})")->hash(), hash);
    const Folder beyond;
    const auto words = loadWith(beyond, kAdded, R"({"<|a|>": 710})");
    QCOMPARE(words->size(), 711);
    QVERIFY(words->hash() != hash);
    QCOMPARE(words->bytes(705), std::string());
    QCOMPARE(words->bytes(710), std::string("<|a|>"));
    QCOMPARE(words->bytes(711), std::string());
    QCOMPARE(words->decode({705, 710, 711, -1}), std::string("<|a|>"));
    const Folder other;
    QVERIFY(loadWith(other, kAdded, R"({"<|a|>": 711})")->hash() != words->hash());
    const Folder wider;
    QVERIFY(loadWith(wider, kConfig, R"({"added_tokens_decoder":
        {"710": {"content": "<|a|>", "lstrip": true}}})")
                ->hash() != words->hash());
    const Folder bare;
    QVERIFY(loadWith(bare, kConfig, R"({"add_prefix_space": false})")->hash() != hash);
    const Folder inside;
    QCOMPARE(loadWith(inside, kAdded, R"({"<|a|>": 5})")->size(), kModelSize);
}

/// Words without an id get that of their own piece, or the next one above all others.
void TestSpecialWords::idsThatNoFileNames() {
    const Folder folder;
    (void)folder.write(kAdded, R"({"<|a|>": 800})");
    const auto tokenizer = loadWith(
        folder, kConfig,
        R"({"eos_token": "</s>", "pad_token": "<pad>", "additional_special_tokens": ["<|a|>",
            "<|b|>", "<pad>"]})");
    QCOMPARE(idsOf(*tokenizer, "</s><pad><|a|><|b|>"),
             (std::vector<std::int32_t>{2, 801, 800, 802}));
    QCOMPARE(tokenizer->size(), 803);
}

/// A mark that no piece and no word is cannot stand in front of a prompt: every id must be one of
/// the tokenizer's.
void TestSpecialWords::markThatIsNoWord() {
    for (const char* content : {R"({"bos_token": ""})", R"({"bos_token": "<|new|>"})",
                                R"({"bos_token": {"content": "<|new|>"}})"}) {
        const Folder folder;
        const auto tokenizer = loadWith(folder, kConfig, content);
        for (const std::int32_t id : tokenizer->promptStart()) {
            QVERIFY2(id >= 0 && id < tokenizer->size(), content);
        }
    }
}

/// The space in front of a stretch, as a tokenizer.json has it.
void TestSpecialWords::prefixSpace_data() {
    QTest::addColumn<QString>("part");
    QTest::addColumn<QString>("ids");
    const auto row = [](const char* name, const char* part, const char* ids) {
        QTest::newRow(name) << part << ids;
    };
    const char* every = "[513,520,522,700,513,534]";
    const char* first = "[513,520,522,700,534]";
    const char* never = "[520,522,700,534]";
    row("neither", R"("normalizer": null)", every);
    row("always", R"("pre_tokenizer": {"type": "Metaspace", "prepend_scheme": "always"})", every);
    row("first", R"("pre_tokenizer": {"type": "Metaspace", "prepend_scheme": "first"})", first);
    row("never", R"("pre_tokenizer": {"type": "Metaspace", "prepend_scheme": "never"})", never);
    row("older, always", R"("pre_tokenizer": {"type": "Metaspace", "add_prefix_space": true})",
        every);
    row("older, never", R"("pre_tokenizer": {"type": "Metaspace", "add_prefix_space": false})",
        never);
    row("prepended", R"("normalizer": {"type": "Prepend", "prepend": "\u2581"})", every);
    row("only replaced",
        R"("normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"})",
        never);
}

void TestSpecialWords::prefixSpace() {
    QFETCH(QString, part);
    QFETCH(QString, ids);
    const Folder folder;
    const auto tokenizer = loadWith(folder, "tokenizer.json",
                                    R"({"added_tokens": [{"id": 700, "content": "<|a|>"}],
            "model": {"type": "BPE", "vocab": {}, "merges": []}, )" +
                                        part.toStdString() + "}");
    QCOMPARE(textOf(idsOf(*tokenizer, "hi<|a|>y")), ids.toStdString());
}

/// What real folders hold beside words, or in place of them.
void TestSpecialWords::quietFiles_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("content");
    const auto row = [](const char* name, const char* file, const char* content) {
        QTest::newRow(name) << file << content;
    };
    row("nothing", kConfig, "{}");
    row("nulls", kConfig, R"({"pad_token": null, "additional_special_tokens": null,
                              "added_tokens_decoder": null})");
    row("empty lists", kMap, R"({"additional_special_tokens": []})");
    row("no words", kAdded, "{}");
    row("an empty word", kAdded, R"({"": 700})");
    row("extra tokens by name", kConfig, R"({"extra_special_tokens": {"image_token": "<|a|>"}})");
    row("a chat template", kConfig, R"({"chat_template": "{% for m in messages %}",
        "model_max_length": 1000000000000000019884624838656})");
    row("tokenizer.json without words", "tokenizer.json", R"({"model": {"type": "BPE"}})");
}

void TestSpecialWords::quietFiles() {
    QFETCH(QString, name);
    QFETCH(QString, content);
    const Folder folder;
    const auto tokenizer = loadWith(folder, name.toStdString().c_str(), content.toStdString());
    QCOMPARE(tokenizer->size(), kModelSize);
    QCOMPARE(textOf(idsOf(*tokenizer, "hi")), std::string("[513,520,522]"));
}

void TestSpecialWords::refused_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* title, const char* file, const std::string& content,
                        const char* says) {
        QTest::newRow(title) << file << QByteArray::fromStdString(content) << says;
    };
    const std::string pointer =
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(64, '4') +
        "\nsize 499723\n";
    for (const char* file : {"tokenizer.model", "tokenizer.json", kConfig, kMap, kAdded}) {
        QTest::addRow("LFS pointer, %s", file)
            << file << QByteArray::fromStdString(pointer) << "Git LFS pointer";
        if (std::string_view(file) != "tokenizer.model") {
            QTest::addRow("broken, %s", file) << file << QByteArray("{\"a\": ") << "";
            QTest::addRow("empty, %s", file) << file << QByteArray() << "";
            QTest::addRow("a list, %s", file) << file << QByteArray("[]") << "";
            QTest::addRow("nested, %s", file)
                << file << QByteArray("{\"a\": " + QByteArray(100'000, '[')) << "";
        }
    }
    row("id as text", kAdded, R"({"<|a|>": "7"})", "<|a|>");
    row("negative id", kAdded, R"({"<|a|>": -1})", "<|a|>");
    row("huge id", kAdded, R"({"<|a|>": 99999999999})", "<|a|>");
    row("id that asks for much memory", kAdded, R"({"<|a|>": 2147483647})", "<|a|>");
    row("broken id", kAdded, R"({"<|a|>": 7.5})", "<|a|>");
    row("id of 65 bits", kAdded, R"({"<|a|>": 18446744073709551617})", "<|a|>");
    row("long word", kAdded, "{\"" + std::string(100'000, 'a') + "\": 700}", "longer");
    row("decoder: no id", kConfig, R"({"added_tokens_decoder": {"x": {"content": "a"}}})", "x");
    row("decoder: id and more", kConfig, R"({"added_tokens_decoder": {"7x": {"content": "a"}}})",
        "7x");
    row("decoder: negative id", kConfig, R"({"added_tokens_decoder": {"-7": {"content": "a"}}})",
        "-7");
    row("decoder: huge id", kConfig,
        R"({"added_tokens_decoder": {"4294967297": {"content": "a"}}})", "4294967297");
    row("decoder: no content", kConfig, R"({"added_tokens_decoder": {"700": {}}})", "content");
    row("decoder: a number", kConfig, R"({"added_tokens_decoder": {"700": 3}})", "700");
    row("decoder: flag", kConfig,
        R"({"added_tokens_decoder": {"700": {"content": "a", "lstrip": "no"}}})", "lstrip");
    row("decoder: a list", kConfig, R"({"added_tokens_decoder": [1]})", "added_tokens_decoder");
    row("mark", kConfig, R"({"eos_token": 2})", "eos_token");
    row("mark in the map", kMap, R"({"pad_token": ["<pad>"]})", "pad_token");
    row("extra", kMap, R"({"additional_special_tokens": [1]})", "additional_special_tokens[0]");
    row("legacy", kConfig, R"({"legacy": "no"})", "legacy");
    row("words of tokenizer.json", "tokenizer.json", R"({"added_tokens": {"<|a|>": 700}})",
        "added_tokens");
    row("id in tokenizer.json", "tokenizer.json",
        R"({"added_tokens": [{"id": -3, "content": "<|a|>"}]})", "added_tokens[0].id");
}

void TestSpecialWords::refused() {
    QFETCH(QString, name);
    QFETCH(QByteArray, content);
    QFETCH(QString, says);
    const Folder folder;
    (void)folder.write("tokenizer.model", modelBytes());
    const auto path = folder.write(name.toStdString(), content.toStdString());
    const std::string message =
        errorOf(ErrorCode::BadInput, [&] { (void)loadTokenizer(folder.path()); });
    QVERIFY2(message.starts_with(path.string() + ": "), message.c_str());
    QVERIFY2(QString::fromStdString(message).contains(says), message.c_str());
    QVERIFY2(message.size() < 1000, "the message repeats the file");
}

/// As many as a folder may have, and a text that begins every one of them: time must not grow with
/// their product.
void TestSpecialWords::manyWords() {
    json words = json::object();
    for (int i = 0; i < 20'000; ++i) {
        words["<|" + std::string(40, 'a') + std::to_string(i) + "|>"] = 700 + i;
    }
    const Folder folder;
    const auto tokenizer = loadWith(folder, kAdded, words.dump());
    QCOMPARE(tokenizer->size(), 20'700);
    std::string text;
    for (int i = 0; i < 2000; ++i) {
        text += "<|" + std::string(40, 'a');
    }
    QVERIFY(!tokenizer->encode(text).empty());
    QCOMPARE(idsOf(*tokenizer, "<|" + std::string(40, 'a') + "123|>"),
             std::vector<std::int32_t>{823});
}

QTEST_APPLESS_MAIN(TestSpecialWords)
#include "tst_special_words.moc"
