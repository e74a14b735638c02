// SPDX-License-Identifier: MIT
// SentencePiece models against the ids and texts that its Python package gives
// (tests/oracles/sentencepiece_cases.py; more from the folder that DEPTHSCOPE_SENTENCEPIECE_CASES
// names).
#include "engine/tokenizers/sentencepiece.h"
#include "tests/engine/folder_fixture.h"

#include <nlohmann/json.hpp>

#include <QtTest>

using namespace depthscope;
using namespace depthscope::tests;
using namespace depthscope::tokenizers;
using nlohmann::json;

class TestSentencePiece : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sameAsReference_data();
    void sameAsReference();
    void piecesAndBytes();
    void invalidBytes();
    void folderWithBothFiles();
    void normalisationRules();
    void refused_data();
    void refused();
};

void TestSentencePiece::sameAsReference_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("lines");
    QTest::addColumn<QString>("name");
    const QString more = qEnvironmentVariable("DEPTHSCOPE_SENTENCEPIECE_CASES");
    const QString own = QString::fromStdString(fixture("sentencepiece").string());
    const QString lines = QString::fromStdString(fixture("reference/lines.json").string());
    for (const char* name : {"unigram", "bpe", "plain"}) {
        QTest::addRow("%s", name) << own << lines << name;
        if (!more.isEmpty()) {
            QTest::addRow("%s, more", name) << more << more + "/lines.json" << name;
        }
    }
}

void TestSentencePiece::sameAsReference() {
    QFETCH(QString, folder);
    QFETCH(QString, lines);
    QFETCH(QString, name);
    const std::string base = (folder + "/" + name).toStdString();
    const auto tokenizer = loadSentencePiece(base + ".model");
    const json texts = json::parse(readAll(lines.toStdString()));
    const json expected = json::parse(readAll(base + ".ids.json"));
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto text = texts[i].get<std::string>();
        const std::vector<Piece> pieces = tokenizer->encode(text);
        std::vector<std::int32_t> ids;
        std::uint32_t at = 0;
        for (const Piece& piece : pieces) {
            ids.push_back(piece.id);
            QCOMPARE(piece.begin, at);
            QVERIFY(piece.end >= piece.begin);
            at = piece.end;
        }
        QVERIFY(pieces.empty() || at == text.size());
        QVERIFY2(ids == expected["ids"][i].get<std::vector<std::int32_t>>(),
                 ("other ids: " + texts[i].dump()).c_str());
        const std::string back = expected["text"].value(std::to_string(i), text);
        QVERIFY2(tokenizer->decode(ids) == back, ("other text: " + texts[i].dump()).c_str());
    }
}

void TestSentencePiece::piecesAndBytes() {
    const auto tokenizer = loadSentencePiece(fixture("sentencepiece/bpe.model"));
    QCOMPARE(tokenizer->size(), 520);
    const std::string text = "a \xc3\xbf<mask>";
    std::string bytes;
    for (const Piece& piece : tokenizer->encode(text)) {
        bytes += tokenizer->bytes(piece.id) + "[" +
                 text.substr(piece.begin, piece.end - piece.begin) + "]";
    }
    QCOMPARE(bytes, std::string(" a[a] [ ]\xc3[]\xbf[\xc3\xbf]<mask>[<mask>]"));
    QCOMPARE(tokenizer->bytes(1), std::string()); // <s> controls
    QCOMPARE(tokenizer->bytes(-1), std::string());
    QCOMPARE(tokenizer->bytes(520), std::string());
    QCOMPARE(tokenizer->decode({-1, 520, 1}), std::string());
}

void TestSentencePiece::invalidBytes() {
    const auto tokenizer = loadSentencePiece(fixture("sentencepiece/bpe.model"));
    const std::vector<Piece> pieces = tokenizer->encode("a\xff");
    QCOMPARE(pieces.back().end, 2U);
    std::vector<std::int32_t> ids;
    for (const Piece& piece : pieces) {
        ids.push_back(piece.id);
    }
    QCOMPARE(tokenizer->decode(ids), std::string("a\xef\xbf\xbd"));
}

void TestSentencePiece::folderWithBothFiles() {
    const Folder folder;
    (void)folder.write("tokenizer.model", readAll(fixture("sentencepiece/bpe.model")));
    QCOMPARE(loadTokenizer(folder.path())->size(), 520);
    (void)folder.write("tokenizer.json", R"({"pre_tokenizer": null, "model": {"type": "BPE"}})");
    QCOMPARE(loadTokenizer(folder.path())->size(), 520);
    (void)folder.write("tokenizer.json", readAll(fixture("tokenizer.json")));
    QCOMPARE(loadTokenizer(folder.path())->size(), 900);
}

/// The model's own rules make e of an e with acute, and the two letters of the ligature fi.
void TestSentencePiece::normalisationRules() {
    const auto tokenizer = loadSentencePiece(fuzzSeed("rules"));
    const auto idsOf = [&](const char* text) {
        std::vector<std::int32_t> ids;
        for (const Piece& piece : tokenizer->encode(text)) {
            ids.push_back(piece.id);
        }
        return ids;
    };
    QVERIFY(!idsOf("defi").empty());
    QCOMPARE(idsOf("d\xc3\xa9\xef\xac\x81"), idsOf("defi"));
}

void TestSentencePiece::refused_data() {
    QTest::addColumn<QByteArray>("content");
    const QByteArray model =
        QByteArray::fromStdString(readAll(fixture("sentencepiece/unigram.model")));
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("text") << QByteArray("not a model");
    QTest::newRow("cut off") << model.left(model.size() / 2);
    QTest::newRow("zeros") << QByteArray(1000, '\0');
    // The library reads past the end of the first and ends the program over the second.
    QTest::newRow("rules that point outside")
        << QByteArray::fromStdString(readAll(fuzzSeed("rules-outside")));
    QTest::newRow("an empty piece") << QByteArray::fromStdString(readAll(fuzzSeed("empty-piece")));
}

void TestSentencePiece::refused() {
    QFETCH(QByteArray, content);
    const Folder folder;
    const auto path = folder.write("tokenizer.model", content.toStdString());
    const std::string message =
        errorOf(ErrorCode::BadInput, [&] { (void)loadTokenizer(folder.path()); });
    QVERIFY2(message.starts_with(path.string() + ": "), message.c_str());
}

QTEST_APPLESS_MAIN(TestSentencePiece)
#include "tst_sentencepiece.moc"
