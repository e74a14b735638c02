// SPDX-License-Identifier: MIT
// Tokenizers as models bring them against what Hugging Face `tokenizers` gives: ids, decoded text,
// and byte ranges that cover the text. tests/oracles/tokenizer_cases.py writes the cases; more of
// them are taken from the folder that DEPTHSCOPE_TOKENIZER_CASES names.
#include "engine/base/utf8.h"
#include "engine/tokenizers/bpe.h"
#include "tests/engine/folder_fixture.h"

#include <nlohmann/json.hpp>

#include <QtTest>

using namespace depthscope;
using namespace depthscope::tests;
using namespace depthscope::tokenizers;
using nlohmann::json;

namespace {

/// Each longest cut-off character, and every other byte that is no UTF-8, as one U+FFFD.
std::string lossy(const std::string& bytes) {
    std::string text;
    for (std::size_t at = 0; at < bytes.size();) {
        if (const std::size_t length = utf8Length(bytes, at)) {
            text.append(bytes, at, length);
            at += length;
            continue;
        }
        appendUtf8(text, 0xfffd);
        // A cut-off character would be whole with the right bytes after it.
        std::size_t bad = 1;
        for (std::size_t kept = 3; kept > 1; --kept) {
            std::string start = bytes.substr(at, kept);
            const bool full = start.size() == kept;
            for (const char* end : {"\x80", "\x80\x80", "\x90\x80", "\xa0\x80"}) {
                if (full && utf8Length(start + end, 0) > kept) {
                    bad = std::max(bad, kept);
                }
            }
        }
        at += bad;
    }
    return text;
}

} // namespace

class TestTokenizerReference : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sameAsReference_data();
    void sameAsReference();
    void rangesOfRewrittenText();
    void growingText();
};

void TestTokenizerReference::sameAsReference_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("name");
    QStringList folders{QString::fromStdString(fixture("reference").string())};
    if (const QString more = qEnvironmentVariable("DEPTHSCOPE_TOKENIZER_CASES"); !more.isEmpty()) {
        folders << more;
    }
    for (const QString& folder : folders) {
        for (const char* name :
             {"smollm", "gpt2", "prefixed", "llama3", "qwen", "nfkc", "nfkd", "nfd"}) {
            QTest::addRow("%s in %s", name, qPrintable(QFileInfo(folder).fileName()))
                << folder << name;
        }
    }
}

void TestTokenizerReference::sameAsReference() {
    QFETCH(QString, folder);
    QFETCH(QString, name);
    const auto file = [&](const QString& end) {
        return std::filesystem::path((folder + "/" + end).toStdString());
    };
    const auto tokenizer = loadBpe(file(name + ".json"));
    const json lines = json::parse(readAll(file("lines.json")));
    const json expected = json::parse(readAll(file(name + ".ids.json")));
    QVERIFY(lines.size() >= 240);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto text = lines[i].get<std::string>();
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
                 ("other ids: " + lines[i].dump()).c_str());
        const std::string back = expected["text"].value(std::to_string(i), text);
        // The reference writes U+FFFD for bytes that are not UTF-8; ours gives the bytes.
        QVERIFY2(lossy(tokenizer->decode(ids)) == back,
                 ("other text: " + lines[i].dump() + " gives " + json(back).dump()).c_str());
    }
}

/// A piece stands for what it was made of, however the normalizer rewrote it.
void TestTokenizerReference::rangesOfRewrittenText() {
    const auto nfkc = loadBpe(fixture("reference/nfkc.json"));
    // The ligature is one character of three bytes and becomes two; "_" stands for nothing.
    const std::string text = "\xef\xac\x81 <left>X";
    const std::vector<Piece> pieces = nfkc->encode(text);
    std::string bytes;
    for (const Piece& piece : pieces) {
        bytes +=
            nfkc->bytes(piece.id) + "[" + text.substr(piece.begin, piece.end - piece.begin) + "]";
    }
    QCOMPARE(bytes, std::string(" f[\xef\xac\x81]i[]<left>[ <left>] x[X]"));
}

/// Found by fuzzing: three Replace steps that each make 64 bytes of one.
void TestTokenizerReference::growingText() {
    const auto file =
        std::filesystem::path(DEPTHSCOPE_SOURCE_DIR) / "tests/fuzz/corpus/tokenizer/replace-grows";
    const std::string refusal = errorOf(ErrorCode::BadInput, [&] { (void)loadBpe(file); });
    QVERIFY2(refusal.starts_with(file.string() + ": added_tokens[1].content"), refusal.c_str());
    json without = json::parse(readAll(file));
    without["added_tokens"] = json::array();
    const Folder folder;
    const auto tokenizer = loadBpe(folder.write("tokenizer.json", without.dump()));
    QVERIFY(errorOf(ErrorCode::BadInput, [&] {
                (void)tokenizer->encode("some words");
            }).starts_with("a text of 10 bytes grows to "));
}

QTEST_APPLESS_MAIN(TestTokenizerReference)
#include "tst_tokenizer_reference.moc"
