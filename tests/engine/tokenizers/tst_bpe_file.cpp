// SPDX-License-Identifier: MIT
// Hostile tokenizer.json files: each is refused with the file and the field in the message.
#include "engine/tokenizers/bpe.h"
#include "tests/engine/folder_fixture.h"

#include <nlohmann/json.hpp>

#include <QtTest>

using namespace depthscope;
using namespace depthscope::tests;
using namespace depthscope::tokenizers;

class TestBpeFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void refused_data();
    void refused();
    void notJson_data();
    void notJson();
    void tooLarge();
    void missing();
    void hashTellsApart();
    void mergesAsPairs();
    void promptStart_data();
    void promptStart();
};

namespace {

constexpr const char* kSmall = R"({
    "added_tokens": [{"id": 3, "content": "<e>", "special": true}],
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
    "decoder": {"type": "ByteLevel"},
    "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}})";

} // namespace

void TestBpeFile::refused_data() {
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* pointer, const char* value,
                        const char* expected) {
        QTest::newRow(name) << pointer << value << expected;
    };
    row("two pieces, one id", "/model/vocab/ab", "1", "gives the id 1 to two tokens");
    row("far id", "/model/vocab/ab", "1048576", "model.vocab.\"ab\" must be between");
    row("negative id", "/model/vocab/ab", "-1", "model.vocab.\"ab\"");
    row("huge id", "/model/vocab/ab", "18446744073709551615", "model.vocab.\"ab\"");
    row("id is a text", "/model/vocab/ab", "\"2\"", "must be an integer");
    row("id is a fraction", "/model/vocab/ab", "1.5", "must be an integer");
    row("no vocabulary", "/model/vocab", "[]", "model.vocab");
    row("empty vocabulary", "/model/vocab", "{}", "model.vocab");
    row("merge of unknown pieces", "/model/merges/0", "\"a c\"", "model.merges[0] names \"c\"");
    row("merge to unknown piece", "/model/merges/0", "\"b a\"", "model.merges[0] names \"ba\"");
    row("merge of one piece", "/model/merges/0", "\"ab\"", "model.merges[0]");
    row("merge of three pieces", "/model/merges/0", "\"a b a\"", "model.merges[0]");
    row("merge pair of three", "/model/merges/0", "[\"a\", \"b\", \"a\"]", "model.merges[0]");
    row("merge pair of numbers", "/model/merges/0", "[1, 2]", "model.merges[0] must be two tokens");
    row("merges is an object", "/model/merges", "{}", "model.merges must be a list");
    row("no model", "/model", "null", "model is missing");
    row("model is a list", "/model", "[]", "model must be an object");
    row("other model", "/model/type", "\"Unigram\"", "Unigram");
    row("byte fallback", "/model/byte_fallback", "3", "model.byte_fallback");
    row("dropout", "/model/dropout", "0.1", "model.dropout");
    row("word suffix", "/model/end_of_word_suffix", "\"</w>\"", "model.end_of_word_suffix");
    row("unknown unknown", "/model/unk_token", "\"?\"", "model.unk_token names \"?\"");
    row("template of an unknown mark", "/post_processor",
        R"({"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>"}}],
            "special_tokens": {}})",
        "post_processor.special_tokens");
    row("template of a far id", "/post_processor",
        R"({"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>"}}],
            "special_tokens": {"<s>": {"ids": [4]}}})",
        "ids[0]");
    row("template without parts", "/post_processor", R"({"type": "TemplateProcessing"})",
        "single is missing");
    row("processors is no list", "/post_processor", R"({"type": "Sequence", "processors": 3})",
        "processors must be a list");
    row("other normalizer", "/normalizer", "{\"type\": \"Precompiled\"}",
        "normalizer has the type");
    row("deep normalizer", "/normalizer",
        R"({"type":"Sequence","normalizers":[{"type":"Sequence","normalizers":[
            {"type":"Sequence","normalizers":[{"type":"Sequence","normalizers":[
            {"type":"Sequence","normalizers":[{"type":"NFC"}]}]}]}]}]})",
        "has too many steps");
    row("many normalizers", "/normalizer/normalizers",
        "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]", "normalizer");
    row("Replace without pattern", "/normalizer", "{\"type\": \"Replace\", \"content\": \"\"}",
        "normalizer.pattern is missing");
    row("Replace with a bad expression", "/normalizer",
        R"({"type": "Replace", "content": "", "pattern": {"Regex": "("}})", "does not compile");
    row("Prepend of a number", "/normalizer", "{\"type\": \"Prepend\", \"prepend\": 3}",
        "normalizer.prepend must be a string");
    row("decoder of other steps", "/decoder",
        R"({"type": "Sequence", "decoders": [{"type": "Replace"}]})",
        "decoder.decoders[0].pattern is missing");
    row("decoder", "/decoder", "{\"type\": \"WordPiece\"}", "decoder");
    row("other pre-tokenizer", "/pre_tokenizer/type", "\"FixedLength\"", "FixedLength");
    row("Metaspace of two minds", "/pre_tokenizer",
        R"({"type": "Metaspace", "add_prefix_space": false, "prepend_scheme": "first"})",
        "contradicts add_prefix_space");
    row("long mark", "/pre_tokenizer", R"({"type": "Metaspace", "replacement": "ab"})",
        "pre_tokenizer.replacement must be one character");
    row("bad expression", "/pre_tokenizer",
        "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"(\"}, \"behavior\": "
        "\"Isolated\"}",
        "does not compile");
    row("bad behavior", "/pre_tokenizer",
        "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"a\"}, \"behavior\": "
        "\"Other\"}",
        "pre_tokenizer.behavior");
    row("sequence of itself", "/pre_tokenizer",
        "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Sequence\","
        "\"pretokenizers\": [3]}]}",
        "must be an object");
    row("added token without id", "/added_tokens/0", "{\"content\": \"x\"}",
        "added_tokens[0].id is missing");
    row("added token is a number", "/added_tokens/0", "7", "added_tokens[0] must be an object");
    row("flag is a number", "/added_tokens/0/lstrip", "1", "added_tokens[0].lstrip");
}

void TestBpeFile::refused() {
    QFETCH(QString, pointer);
    QFETCH(QString, value);
    QFETCH(QString, expected);
    auto file = nlohmann::json::parse(kSmall);
    file[nlohmann::json::json_pointer(pointer.toStdString())] =
        nlohmann::json::parse(value.toStdString());
    const Folder folder;
    const auto path = folder.write("tokenizer.json", file.dump());
    const std::string message = errorOf(ErrorCode::BadInput, [&] { (void)loadBpe(path); });
    QVERIFY2(message.starts_with(path.string() + ": "), message.c_str());
    QVERIFY2(message.find(expected.toStdString()) != std::string::npos, message.c_str());
}

void TestBpeFile::notJson_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("cut off") << QByteArray("{\"model\": {");
    QTest::newRow("invalid UTF-8") << QByteArray("{\"model\": \"\xff\"}");
    QTest::newRow("a list") << QByteArray("[]");
    QTest::newRow("a number") << QByteArray("1e999");
    QTest::newRow("deep") << QByteArray(2'000'000, '[');
    QTest::newRow("deep objects") << QByteArray("{\"a\":").repeated(500'000);
}

void TestBpeFile::notJson() {
    QFETCH(QByteArray, content);
    const Folder folder;
    const auto path = folder.write("tokenizer.json", content.toStdString());
    const std::string message = errorOf(ErrorCode::BadInput, [&] { (void)loadBpe(path); });
    QVERIFY2(message.starts_with(path.string() + ": "), message.c_str());
}

void TestBpeFile::tooLarge() {
    const Folder folder;
    const auto path = folder.write("tokenizer.json", "{");
    std::filesystem::resize_file(path, 100U << 20U);
    QVERIFY(errorOf(ErrorCode::BadInput, [&] { (void)loadBpe(path); }).find("104857600 bytes") !=
            std::string::npos);
}

void TestBpeFile::missing() {
    const Folder folder;
    QVERIFY(errorOf(ErrorCode::BadInput, [&] {
                (void)loadBpe(folder.path("none.json"));
            }).find("none.json") != std::string::npos);
    QVERIFY(errorOf(ErrorCode::BadInput, [&] {
                (void)loadBpe(folder.path());
            }).find("not a regular file") != std::string::npos);
}

void TestBpeFile::hashTellsApart() {
    const Folder folder;
    const auto hashOf = [&](const nlohmann::json& file) {
        return loadBpe(folder.write("tokenizer.json", file.dump()))->hash();
    };
    const auto small = nlohmann::json::parse(kSmall);
    const std::uint64_t hash = hashOf(small);
    QCOMPARE(hashOf(small), hash);
    auto other = small;
    other["model"]["merges"] = nlohmann::json::array();
    QVERIFY(hashOf(other) != hash);
    other = small;
    other["pre_tokenizer"]["use_regex"] = false;
    QVERIFY(hashOf(other) != hash);
    other = small;
    other["added_tokens"][0]["content"] = "<f>";
    QVERIFY(hashOf(other) != hash);
}

void TestBpeFile::mergesAsPairs() {
    const Folder folder;
    auto file = nlohmann::json::parse(kSmall);
    file["model"]["merges"][0] = {"a", "b"};
    const auto bpe = loadBpe(folder.write("tokenizer.json", file.dump()));
    QCOMPARE(bpe->encode("ab").size(), std::size_t{1});
    QCOMPARE(bpe->size(), 4);
}

void TestBpeFile::promptStart_data() {
    QTest::addColumn<QByteArray>("processor");
    QTest::addColumn<QByteArray>("expected");
    const QByteArray marked = R"({"type": "TemplateProcessing", "single": [
        {"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": "<s>", "type_id": 0}}],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [3, 1], "tokens": ["<e>", "b"]}}})";
    QTest::newRow("none") << QByteArray("null") << QByteArray("[]");
    QTest::newRow("bytes") << QByteArray(R"({"type": "ByteLevel"})") << QByteArray("[]");
    QTest::newRow("before the text, not after") << marked << QByteArray("[3,1]");
    QTest::newRow("in a sequence")
        << "{\"type\": \"Sequence\", \"processors\": [{\"type\": \"ByteLevel\"}, " + marked + "]}"
        << QByteArray("[3,1]");
}

void TestBpeFile::promptStart() {
    QFETCH(QByteArray, processor);
    QFETCH(QByteArray, expected);
    nlohmann::json content = nlohmann::json::parse(kSmall);
    content["post_processor"] = nlohmann::json::parse(processor.toStdString());
    const Folder folder;
    const auto tokenizer = loadBpe(folder.write("tokenizer.json", content.dump()));
    QCOMPARE(nlohmann::json(tokenizer->promptStart()).dump(), expected.toStdString());
    QCOMPARE(tokenizer->encode("ab").size(), std::size_t{1}); // the mark is the caller's
}

QTEST_APPLESS_MAIN(TestBpeFile)
#include "tst_bpe_file.moc"
