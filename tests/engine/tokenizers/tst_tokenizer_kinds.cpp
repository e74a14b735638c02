// SPDX-License-Identifier: MIT
// Every kind of tokenizer.json against what Hugging Face `tokenizers` gives: patterns,
// pre-tokenizers, normalizers, vocabularies, decoders, added tokens, and files that are refused.
// tests/oracles/tokenizer_kinds.py writes the cases; more of them are taken from the folder that
// DEPTHSCOPE_TOKENIZER_KINDS names.
#include "engine/base/utf8.h"
#include "engine/tokenizers/bpe.h"
#include "tests/engine/folder_fixture.h"

#include <nlohmann/json.hpp>

#include <QtTest>
#include <cstdlib>
#include <vector>

using namespace depthscope;
using namespace depthscope::tests;
using namespace depthscope::tokenizers;
using nlohmann::json;

namespace {

/// A merge patch deletes where it says null; "$null" is a null that stays.
void putNulls(json& value) {
    if (value == "$null") {
        value = nullptr;
    } else if (value.is_structured()) {
        for (json& item : value) {
            putNulls(item);
        }
    }
}

/// What people see: any bytes that are not UTF-8 as one U+FFFD, however many the libraries write.
QString shown(const std::string& bytes) {
    static const QRegularExpression runs("\uFFFD+");
    return QString::fromStdString(bytes).replace(runs, "\uFFFD");
}

bool sameText(const std::string& ours, const std::string& theirs) {
    const bool isText = utf8RunEnd(ours, 0) == ours.size();
    return isText ? ours == theirs : shown(ours) == shown(theirs);
}

std::vector<std::int32_t> idsOf(const std::vector<Piece>& pieces) {
    std::vector<std::int32_t> ids;
    for (const Piece& piece : pieces) {
        ids.push_back(piece.id);
    }
    return ids;
}

bool covers(const std::vector<Piece>& pieces, const std::string& text) {
    std::uint32_t at = 0;
    for (const Piece& piece : pieces) {
        if (piece.begin != at || piece.end < at) {
            return false;
        }
        at = piece.end;
    }
    return pieces.empty() || at == text.size();
}

} // namespace

class TestTokenizerKinds : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void sameAsReference_data();
    void sameAsReference();
    void refused_data();
    void refused();
    void rangesAroundDroppedText();

private:
    /// What one folder holds.
    struct Kinds {
        json bases;
        json texts;
        json cases;
    };

    void addRows(bool refusedOnes) const;
    [[nodiscard]] static std::filesystem::path
    write(const Folder& folder, const Kinds& kinds, const json& row);

    std::vector<Kinds> m_kinds;
};

void TestTokenizerKinds::initTestCase() {
    std::vector<std::filesystem::path> folders{fixture("kinds")};
    if (const char* more = std::getenv("DEPTHSCOPE_TOKENIZER_KINDS")) {
        folders.emplace_back(more);
    }
    for (const std::filesystem::path& folder : folders) {
        json content = json::parse(readAll(folder / "cases.json"));
        m_kinds.push_back({json::parse(readAll(folder / "bases.json")), std::move(content["texts"]),
                           std::move(content["cases"])});
    }
    QVERIFY(m_kinds.front().cases.size() > 400);
}

void TestTokenizerKinds::addRows(bool refusedOnes) const {
    QTest::addColumn<std::size_t>("folder");
    QTest::addColumn<std::size_t>("index");
    for (std::size_t folder = 0; folder < m_kinds.size(); ++folder) {
        const json& cases = m_kinds[folder].cases;
        for (std::size_t i = 0; i < cases.size(); ++i) {
            if (cases[i].contains("refused") == refusedOnes) {
                const auto name = cases[i]["name"].get<std::string>();
                QTest::addRow("%s%s", name.c_str(), folder == 0 ? "" : " (more)") << folder << i;
            }
        }
    }
}

/// The tokenizer.json of a case.
std::filesystem::path
TestTokenizerKinds::write(const Folder& folder, const Kinds& kinds, const json& row) {
    json content = kinds.bases[row["base"].get<std::string>()];
    content.merge_patch(row["patch"]);
    putNulls(content);
    return folder.write("tokenizer.json", content.dump());
}

void TestTokenizerKinds::sameAsReference_data() {
    addRows(false);
}

void TestTokenizerKinds::sameAsReference() {
    QFETCH(std::size_t, folder);
    QFETCH(std::size_t, index);
    const Kinds& kinds = m_kinds[folder];
    const json& row = kinds.cases[index];
    const Folder files;
    const auto tokenizer = loadBpe(write(files, kinds, row));
    const json& list = row["texts"];
    const auto texts = (list.is_string() ? kinds.texts[list.get<std::string>()] : list)
                           .get<std::vector<std::string>>();
    QCOMPARE(row["ids"].size(), texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const json text = texts[i];
        const std::vector<Piece> pieces = tokenizer->encode(texts[i]);
        const std::vector<std::int32_t> ids = idsOf(pieces);
        QVERIFY2(
            ids == row["ids"][i].get<std::vector<std::int32_t>>(),
            (text.dump() + " gives " + json(ids).dump() + ", not " + row["ids"][i].dump()).c_str());
        QVERIFY2(covers(pieces, texts[i]), ("ranges do not cover " + text.dump()).c_str());
        if (row.contains("decoded")) {
            const std::string back = row["decoded"].value(std::to_string(i), texts[i]);
            const std::string ours = tokenizer->decode(ids);
            QVERIFY2(sameText(ours, back), ("the ids of " + text.dump() + " give \"" + ours +
                                            "\", not " + json(back).dump())
                                               .c_str());
        }
    }
    for (const json& pair : row.value("decode", json::array())) {
        const std::string ours = tokenizer->decode(pair[0].get<std::vector<std::int32_t>>());
        QVERIFY2(sameText(ours, pair[1].get<std::string>()),
                 (pair[0].dump() + " gives \"" + ours + "\", not " + pair[1].dump()).c_str());
    }
    for (const json& text : row.value("gives_up", json::array())) {
        const auto encode = [&] { (void)tokenizer->encode(text.get<std::string>()); };
        QVERIFY(errorOf(ErrorCode::BadInput, encode).starts_with("the regular expression "));
    }
}

void TestTokenizerKinds::refused_data() {
    addRows(true);
}

void TestTokenizerKinds::refused() {
    QFETCH(std::size_t, folder);
    QFETCH(std::size_t, index);
    const Folder files;
    const std::filesystem::path file = write(files, m_kinds[folder], m_kinds[folder].cases[index]);
    const std::string refusal = errorOf(ErrorCode::BadInput, [&] { (void)loadBpe(file); });
    QVERIFY2(refusal.starts_with(file.string() + ": "), refusal.c_str());
}

/// Text that is no piece's, because nothing stands for it, does not move the ranges behind it.
void TestTokenizerKinds::rangesAroundDroppedText() {
    const json content = {{"model", {{"vocab", {{"a", 0}, {"b", 1}}}, {"merges", json::array()}}}};
    const Folder folder;
    const auto tokenizer = loadBpe(folder.write("tokenizer.json", content.dump()));
    const std::vector<Piece> pieces = tokenizer->encode("a\xe6\xbc\xa2"
                                                        "ab");
    QCOMPARE(idsOf(pieces), (std::vector<std::int32_t>{0, 0, 1}));
    QCOMPARE(pieces.back().begin, 5U);
}

QTEST_APPLESS_MAIN(TestTokenizerKinds)
#include "tst_tokenizer_kinds.moc"
