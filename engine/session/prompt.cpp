// SPDX-License-Identifier: MIT
#include "engine/session/prompt.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/data/tokens.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <span>
#include <string_view>

namespace depthscope::session {

using runtime::Prompt;
using tokenizers::Piece;

namespace {

/// Encodes only as much of a long text as can matter; tokens of more than 32 bytes on average are
/// unknown of.
std::vector<Piece>
encodeStart(const tokenizers::Tokenizer& tokenizer, std::string_view text, std::size_t context) {
    std::size_t bytes = std::min(text.size(), (context + 1) * 32);
    std::vector<Piece> pieces = tokenizer.encode(text.substr(0, bytes));
    while (pieces.size() <= context && bytes < text.size()) {
        bytes = std::min(text.size(), bytes * 2);
        pieces = tokenizer.encode(text.substr(0, bytes));
    }
    return pieces;
}

/// The tokenizer's mark that a text begins, where it has one and the context has room.
void putStart(const LanguageSlot& slot, std::size_t context, EncodedPrompt& encoded) {
    const std::vector<std::int32_t> start = slot.tokenizer->promptStart();
    if (start.size() >= context) {
        return;
    }
    for (const std::int32_t id : start) {
        encoded.ids.push_back(id);
        data::appendPiece(*slot.tokenizer, id, encoded.text, encoded.pieceEnds);
    }
}

EncodedPrompt encodeText(const LanguageSlot& slot, const Prompt& prompt) {
    const tokenizers::Tokenizer& tokenizer = slot.requireTokenizer();
    const auto context = static_cast<std::size_t>(slot.info->contextLength);
    EncodedPrompt encoded;
    putStart(slot, context, encoded);
    const std::size_t start = encoded.ids.size(), room = context - start;
    const std::vector<Piece> pieces = encodeStart(tokenizer, prompt.text, room);
    if (pieces.size() > room) {
        encoded.isCut = true;
        const std::size_t bytes = room == 0 ? 0 : pieces[room - 1].end;
        encoded.notice = fmt::format(
            "the first {} tokens are used ({} of {} bytes): the model's context ends there", room,
            bytes, prompt.text.size());
    }
    if (prompt.text.starts_with("\xFF\xFE") || prompt.text.starts_with("\xFE\xFF")) {
        encoded.addNotice("the text looks like UTF-16 and is read byte by byte: save it as UTF-8");
    }
    for (std::size_t t = 0; t < std::min(pieces.size(), room); ++t) {
        const Piece& piece = pieces[t];
        encoded.ids.push_back(piece.id);
        encoded.text.append(prompt.text, piece.begin, piece.end - piece.begin);
        encoded.pieceEnds.push_back(static_cast<std::uint32_t>(encoded.text.size()));
    }
    if (prompt.classes.set) {
        encoded.classSet = prompt.classes.set;
        encoded.classes = data::classesOf(std::span(pieces).first(encoded.ids.size() - start),
                                          prompt.classes.ranges);
        encoded.classes.insert(encoded.classes.begin(), start, trace::kNoClass);
    }
    return encoded;
}

EncodedPrompt encodeIds(const LanguageSlot& slot, const Prompt& prompt) {
    const auto context = static_cast<std::size_t>(slot.info->contextLength);
    EncodedPrompt encoded;
    if (prompt.ids.size() > context) {
        encoded.isCut = true;
        encoded.notice =
            fmt::format("the first {} of {} tokens are used: the model's context ends there",
                        context, prompt.ids.size());
    }
    const std::size_t used = std::min(prompt.ids.size(), context);
    checkIds(slot, std::span(prompt.ids).first(used));
    for (std::size_t t = 0; t < used; ++t) {
        const std::int32_t id = prompt.ids[t];
        encoded.ids.push_back(id);
        if (slot.tokenizer != nullptr) {
            data::appendPiece(*slot.tokenizer, id, encoded.text, encoded.pieceEnds);
        }
    }
    return encoded;
}

} // namespace

void attachPrompt(trace::StepTrace& step, EncodedPrompt prompt) {
    step.notice = std::move(prompt.notice);
    step.routing.classes = std::move(prompt.classes);
    step.routing.classSet = std::move(prompt.classSet);
    trace::TextContent& text = step.makeText();
    text.ids = std::move(prompt.ids);
    text.text = std::move(prompt.text);
    text.pieceEnds = std::move(prompt.pieceEnds);
}

void describePass(Workspace& workspace,
                  const runtime::PassRequest& request,
                  const EncodedPrompt& prompt,
                  trace::StepTrace& step) {
    step.run = workspace.nextRun++;
    step.kind = trace::StepKind::Pass;
    step.key = request.run;
    step.revision = request.revision;
    attachPrompt(step, prompt);
}

void checkIds(const LanguageSlot& slot, std::span<const std::int32_t> ids) {
    for (std::size_t t = 0; t < ids.size(); ++t) {
        if (ids[t] < 0 || ids[t] >= slot.info->vocabulary) {
            throw Error(ErrorCode::BadInput,
                        fmt::format("token id {} (at {}) is outside the vocabulary of {}", ids[t],
                                    t, slot.info->vocabulary),
                        fmt::format("Ids of this model are 0 to {}.", slot.info->vocabulary - 1));
        }
    }
}

EncodedPrompt encodePrompt(const LanguageSlot& slot, const Prompt& prompt) {
    if (!prompt.ids.empty()) {
        return encodeIds(slot, prompt);
    }
    if (prompt.text.empty()) {
        throw Error(ErrorCode::BadInput, "the text is empty",
                    "Type or paste a text, or give token ids.");
    }
    EncodedPrompt encoded = encodeText(slot, prompt);
    if (encoded.ids.empty()) {
        throw Error(ErrorCode::BadInput, "the tokenizer has no token for any part of this text",
                    "Type another text, or give token ids.");
    }
    const auto vocabulary = slot.info->vocabulary;
    if (std::any_of(encoded.ids.begin(), encoded.ids.end(),
                    [&](std::int32_t id) { return id < 0 || id >= vocabulary; })) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: the tokenizer has more tokens than the model's vocab_size {}",
                                slot.info->folder, vocabulary),
                    "The tokenizer belongs to another model; put the right one into the folder.");
    }
    return encoded;
}

std::shared_ptr<const EncodedPrompt> encodeOnce(Workspace& workspace,
                                                const std::shared_ptr<const LanguageSlot>& slot,
                                                const Prompt& prompt) {
    const std::shared_ptr<const KnownPrompt>& known = workspace.prompt;
    if (known && known->slot == slot && known->prompt == prompt) {
        return known->encoded;
    }
    auto encoded = std::make_shared<const EncodedPrompt>(encodePrompt(*slot, prompt));
    if (prompt.ids.empty()) { // ids need no encoding, and must not push out the text
        workspace.prompt = std::make_shared<const KnownPrompt>(KnownPrompt{slot, prompt, encoded});
    }
    return encoded;
}

} // namespace depthscope::session
