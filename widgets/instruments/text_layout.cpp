// SPDX-License-Identifier: MIT
#include "widgets/instruments/text_layout.h"

#include "widgets/instruments/piece_text.h"

#include <algorithm>

namespace depthscope::instruments {

namespace {

bool isAscii(const std::string& piece) {
    return std::all_of(piece.begin(), piece.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7F;
    });
}

bool endsLine(const std::string& piece) {
    return piece.find('\n') != std::string::npos;
}

bool startsWord(const std::string& piece) {
    return !piece.empty() && (piece.front() == ' ' || piece.front() == '\t');
}

// Measuring thousands of pieces one by one is slow; in a monospaced font plain ones follow from one
// advance.
std::vector<float> pieceWidths(const trace::RunView& run,
                               const scene::TextService& text,
                               const scene::TextStyle& style) {
    const bool mono = style.family == scene::FontFamily::Mono;
    const float advance = text.width("0", style);
    std::vector<float> widths;
    widths.reserve(run.places());
    for (std::size_t t = 0; t < run.pieces.size(); ++t) {
        const std::string& piece = run.pieces[t];
        if (mono && !piece.empty() && isAscii(piece)) {
            widths.push_back(advance * static_cast<float>(piece.size()));
            continue;
        }
        const std::string shown = inlineText(run, t, text);
        // No bytes at all: it goes on with the one before.
        widths.push_back(shown.empty() ? advance / 2 : text.width(shown, style));
    }
    return widths;
}

} // namespace

int TextLayout::lineOf(int token) const {
    const auto after = std::upper_bound(lines.begin(), lines.end(), token,
                                        [](int t, const TextLine& line) { return t < line.begin; });
    return std::max(0, static_cast<int>(after - lines.begin()) - 1);
}

TextLayout layOutText(const trace::RunView& run,
                      const scene::TextService& text,
                      const scene::TextStyle& style,
                      float width) {
    const std::vector<float> widths = pieceWidths(run, text, style);
    const int tokens = static_cast<int>(run.places());
    TextLayout layout;
    layout.pieces.resize(run.places());
    float x = 0;
    int lineBegin = 0;
    const auto breakBefore = [&](int token) {
        if (token > lineBegin) {
            layout.lines.push_back({lineBegin, token});
        }
        lineBegin = token;
        x = 0;
    };
    for (int word = 0; word < tokens;) {
        int end = word;
        float wordWidth = 0;
        do {
            wordWidth += widths[static_cast<std::size_t>(end)];
            ++end;
        } while (end < tokens && !startsWord(run.pieces[static_cast<std::size_t>(end)]) &&
                 !endsLine(run.pieces[static_cast<std::size_t>(end - 1)]));
        if (x + wordWidth > width && wordWidth <= width) {
            breakBefore(word);
        }
        for (int t = word; t < end; ++t) {
            const float own = std::min(widths[static_cast<std::size_t>(t)], width);
            if (x + own > width) {
                breakBefore(t);
            }
            layout.pieces[static_cast<std::size_t>(t)] = {x, own};
            x += own;
        }
        if (endsLine(run.pieces[static_cast<std::size_t>(end - 1)])) {
            breakBefore(end);
        }
        word = end;
    }
    breakBefore(tokens);
    return layout;
}

} // namespace depthscope::instruments
