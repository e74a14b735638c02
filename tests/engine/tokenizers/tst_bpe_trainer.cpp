// SPDX-License-Identifier: MIT
// Training against a naive trainer that recounts all pairs for every merge.
#include "engine/base/random.h"
#include "engine/data/graded.h"
#include "engine/tokenizers/bpe.h"
#include "tests/engine/folder_fixture.h"

#include <nlohmann/json.hpp>

#include <QtTest>
#include <map>

using namespace depthscope;
using namespace depthscope::tests;
using namespace depthscope::data;
using namespace depthscope::tokenizers;

namespace {

/// Merges of the words of `text`, by recounting: the reference of the trainer. Ids are byte + 1,
/// then in order.
std::vector<std::pair<int, int>> naiveMerges(const std::string& text, int count) {
    std::vector<std::vector<int>> words;
    for (std::size_t at = 0; at < text.size();) {
        // Only letters and single spaces: a word is a space and the letters after it.
        std::size_t end = text.find(' ', at + 1);
        end = end == std::string::npos ? text.size() : end;
        std::vector<int> word;
        for (; at < end; ++at) {
            word.push_back(static_cast<unsigned char>(text[at]) + 1);
        }
        words.push_back(word);
    }
    std::vector<std::pair<int, int>> merges;
    std::map<std::vector<int>, int> made;
    for (int next = 257; next < 257 + count; ++next) {
        std::map<std::pair<int, int>, int> pairs;
        for (const auto& word : words) {
            for (std::size_t i = 0; i + 1 < word.size(); ++i) {
                ++pairs[{word[i], word[i + 1]}];
            }
        }
        const auto best =
            std::max_element(pairs.begin(), pairs.end(),
                             [](const auto& a, const auto& b) { return a.second < b.second; });
        if (best == pairs.end()) {
            break;
        }
        const std::pair<int, int> pair = best->first;
        merges.push_back(pair);
        for (auto& word : words) {
            for (std::size_t i = 0; i + 1 < word.size(); ++i) {
                if (word[i] == pair.first && word[i + 1] == pair.second) {
                    word[i] = next;
                    word.erase(word.begin() + static_cast<std::ptrdiff_t>(i) + 1);
                }
            }
        }
    }
    return merges;
}

} // namespace

class TestBpeTrainer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sameMergesAsNaive();
    void layout();
    void deterministicAndComplete();
    void digitsStayAlone();
    void endOfTextPartsTexts();
    void stopsWhenNothingIsLeft();
    void anyBytes();
    void sizesOutOfRange_data();
    void sizesOutOfRange();
};

void TestBpeTrainer::sameMergesAsNaive() {
    std::string text;
    SplitMix random(11);
    for (int word = 0; word < 300; ++word) {
        text += word == 0 ? "" : " ";
        const std::uint32_t length = 1 + random.below(6);
        for (std::uint32_t i = 0; i < length; ++i) {
            text += static_cast<char>('a' + random.below(3));
        }
    }
    const auto file = nlohmann::json::parse(trainBpe(std::vector{text}, 257 + 30));
    std::vector<std::string> pieces(file["model"]["vocab"].size());
    for (const auto& [piece, id] : file["model"]["vocab"].items()) {
        pieces[id.get<std::size_t>()] = piece;
    }
    const auto expected = naiveMerges(text, 30);
    QCOMPARE(file["model"]["merges"].size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const std::string merge = pieces[static_cast<std::size_t>(expected[i].first)] + " " +
                                  pieces[static_cast<std::size_t>(expected[i].second)];
        QCOMPARE(file["model"]["merges"][i].get<std::string>(), merge);
    }
}

void TestBpeTrainer::layout() {
    const Folder folder;
    const auto bpe =
        loadBpe(folder.write("t.json", trainBpe(std::vector<std::string>{"aa aa aa"}, 258)));
    QCOMPARE(bpe->size(), 258);
    QCOMPARE(bpe->bytes(0), std::string("<|endoftext|>"));
    for (int byte = 0; byte < 256; ++byte) {
        QCOMPARE(bpe->bytes(byte + 1), std::string(1, static_cast<char>(byte)));
    }
    QCOMPARE(bpe->bytes(257), std::string("aa"));
}

void TestBpeTrainer::deterministicAndComplete() {
    ClassedText text;
    GradedGenerator(3, kAllClasses).appendTo(text, 100'000);
    const std::string file = trainBpe(std::vector{text.text}, 1024);
    QVERIFY(file == trainBpe(std::vector{text.text}, 1024));
    const Folder folder;
    const auto bpe = loadBpe(folder.write("t.json", file));
    QCOMPARE(bpe->size(), 1024);
    const std::vector<Piece> pieces = bpe->encode(text.text);
    QVERIFY(pieces.size() * 2 < text.text.size());
}

void TestBpeTrainer::digitsStayAlone() {
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text += "sum: 47+385=432\n";
    }
    const Folder folder;
    const auto bpe = loadBpe(folder.write("t.json", trainBpe(std::vector{text}, 300)));
    for (const Piece& piece : bpe->encode(text)) {
        const std::string bytes = bpe->bytes(piece.id);
        QVERIFY(bytes.size() == 1 || bytes.find_first_of("0123456789") == std::string::npos);
    }
}

void TestBpeTrainer::endOfTextPartsTexts() {
    const std::string file =
        trainBpe(std::vector<std::string>{"<|endoftext|><|endoftext|><|endoftext|>"}, 300);
    QVERIFY(nlohmann::json::parse(file)["model"]["merges"].empty());
}

void TestBpeTrainer::stopsWhenNothingIsLeft() {
    const Folder folder;
    const auto bpe =
        loadBpe(folder.write("t.json", trainBpe(std::vector<std::string>{"abcd"}, 1024)));
    QCOMPARE(bpe->size(), 260);
    QCOMPARE(bpe->encode("abcd").size(), std::size_t{1});
    const auto bytesOnly = loadBpe(folder.write("t.json", trainBpe({}, 1024)));
    QCOMPARE(bytesOnly->size(), 257);
}

void TestBpeTrainer::anyBytes() {
    std::string text(200'000, '\0');
    SplitMix random(5);
    for (char& byte : text) {
        byte = static_cast<char>(random.below(256));
    }
    text += std::string(100'000, 'x');
    const Folder folder;
    const auto bpe = loadBpe(folder.write("t.json", trainBpe(std::vector{text}, 300)));
    QCOMPARE(bpe->size(), 300);
    std::string back;
    for (const Piece& piece : bpe->encode(text)) {
        back += bpe->bytes(piece.id);
    }
    QVERIFY(back == text);
}

void TestBpeTrainer::sizesOutOfRange_data() {
    QTest::addColumn<int>("size");
    QTest::newRow("negative") << -1;
    QTest::newRow("fewer than the bytes") << 256;
    QTest::newRow("too many") << 65537;
}

void TestBpeTrainer::sizesOutOfRange() {
    QFETCH(int, size);
    QVERIFY(
        errorOf(ErrorCode::Usage, [&] { (void)trainBpe({}, size); }).starts_with("vocabulary: "));
}

QTEST_APPLESS_MAIN(TestBpeTrainer)
#include "tst_bpe_trainer.moc"
