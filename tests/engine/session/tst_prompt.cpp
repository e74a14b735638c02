// SPDX-License-Identifier: MIT
// A prompt as the model reads it: the tokenizer's mark of a beginning stands in front and counts
// against the context, classes stay with their bytes.
#include "engine/session/prompt.h"
#include "engine/trace/graded_classes.h"

#include <QtTest>

using namespace depthscope;

namespace {

/// A byte is an id; 256 marks a beginning.
class MarkedBytes final : public tokenizers::Tokenizer {
public:
    [[nodiscard]] std::vector<tokenizers::Piece> encode(std::string_view text) const override {
        std::vector<tokenizers::Piece> pieces;
        for (std::uint32_t i = 0; i < text.size(); ++i) {
            pieces.push_back({static_cast<unsigned char>(text[i]), i, i + 1});
        }
        return pieces;
    }

    [[nodiscard]] std::string bytes(std::int32_t id) const override {
        return id == 256 ? "<s>" : std::string(1, static_cast<char>(id));
    }

    [[nodiscard]] std::vector<std::int32_t> promptStart() const override { return {256}; }

    [[nodiscard]] std::int32_t size() const override { return 257; }

    [[nodiscard]] std::uint64_t hash() const override { return 1; }
};

session::LanguageSlot slotOf(int context) {
    auto info = std::make_shared<spec::ModelInfo>();
    info->contextLength = context;
    info->vocabulary = 257;
    session::LanguageSlot slot;
    slot.info = std::move(info);
    slot.tokenizer = std::make_unique<MarkedBytes>();
    return slot;
}

} // namespace

class TestPrompt : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void beginsWithTheMark() {
        const session::EncodedPrompt made =
            session::encodePrompt(slotOf(8), {"hat", {}, {trace::gradedClasses(), {{1, 3, 2}}}});
        QCOMPARE(made.ids, (std::vector<std::int32_t>{256, 'h', 'a', 't'}));
        QCOMPARE(made.text, std::string("<s>hat"));
        QCOMPARE(made.pieceEnds, (std::vector<std::uint32_t>{3, 4, 5, 6}));
        QCOMPARE(made.classes, (std::vector<std::uint8_t>{trace::kNoClass, trace::kNoClass, 2, 2}));
        QCOMPARE(made.classSet, trace::gradedClasses());
        QVERIFY(made.notice.empty());
    }

    void theSameTextIsEncodedOnce() {
        session::Workspace workspace;
        const auto slot = std::make_shared<const session::LanguageSlot>(slotOf(8));
        const runtime::Prompt text{"hat", {}, {}};
        const auto first = session::encodeOnce(workspace, slot, text);
        QCOMPARE(session::encodeOnce(workspace, slot, {"", {1, 2}, {}})->ids.size(),
                 std::size_t{2});
        QVERIFY(session::encodeOnce(workspace, slot, text) == first);
        QVERIFY(session::encodeOnce(workspace, slot, {"hats", {}, {}}) != first);
        const auto other = std::make_shared<const session::LanguageSlot>(slotOf(8));
        QVERIFY(session::encodeOnce(workspace, other, text) != first);
    }

    void theMarkTakesRoom() {
        const session::EncodedPrompt made = session::encodePrompt(slotOf(3), {"hats", {}, {}});
        QCOMPARE(made.ids, (std::vector<std::int32_t>{256, 'h', 'a'}));
        QVERIFY(made.notice.find("first 2 tokens") != std::string::npos);
    }

    void utf16IsNoticed() {
        const session::EncodedPrompt made =
            session::encodePrompt(slotOf(8), {std::string("\xFF\xFEh\0", 4), {}, {}});
        QCOMPARE(made.ids.size(), std::size_t{5});
        QVERIFY(made.notice.find("UTF-16") != std::string::npos);
    }

    /// Text says what is wrong with the tokenizer; ids need none.
    void damagedTokenizer() {
        session::LanguageSlot slot = slotOf(8);
        slot.tokenizer.reset();
        slot.tokenizerError = Error(ErrorCode::BadInput, "tokenizer.json: damaged", "Mend it.");
        QCOMPARE(session::encodePrompt(slot, {"", {7, 8}, {}}).ids.size(), std::size_t{2});
        try {
            static_cast<void>(session::encodePrompt(slot, {"hat", {}, {}}));
            QFAIL("no complaint");
        } catch (const Error& error) {
            QCOMPARE(error.message(), std::string("tokenizer.json: damaged"));
        }
    }

    void idsAreTakenAsTheyAre() {
        QCOMPARE(session::encodePrompt(slotOf(8), {"", {7, 8}, {}}).ids,
                 (std::vector<std::int32_t>{7, 8}));
    }
};

QTEST_APPLESS_MAIN(TestPrompt)
#include "tst_prompt.moc"
