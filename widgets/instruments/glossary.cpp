// SPDX-License-Identifier: MIT
#include "widgets/instruments/glossary.h"

#include "engine/base/text.h"
#include "widgets/scene/text_service.h"

#include <algorithm>
#include <array>

namespace depthscope::instruments {

namespace {

constexpr std::size_t kColumn = 64;

// Word for word docs/glossary.md, of which a test makes sure.
constexpr auto kTerms = std::to_array<Term>({
    {"active tokens", "the tokens that run this recursion"},
    {"capacity", "share of all tokens that a recursion may keep, an exact fraction; never "
                 "grows from one recursion to the next"},
    {"change", "what a rule of a looped model without a gate watches: how far a recursion moved a "
               "token's state or its prediction"},
    {"class", "what is known in advance of a token: its difficulty in graded text, what a "
              "patch of a procedural clip shows"},
    {"clip", "frames in a row: a video that is played, or the short stretch that a video "
             "model sees. A procedural clip is generated with its ground truth"},
    {"context", "the number of tokens that a model was trained to see at most"},
    {"denoising step", "one step of a sampler from noise level t to a lower one; may evaluate the "
                       "network more than once"},
    {"depth", "the number of recursions that a token ran, 1 to R (0: a first capacity "
              "below 1 dropped it). Mean depth is over tokens. Full depth is R for all"},
    {"depth cap", "no token runs more recursions than this, under any rule"},
    {"entropy", "-sum f ln f of shares, in nats; at most ln of their number"},
    {"exit share", "share of the tokens whose depth is r. The exit shares are the differences "
                   "of the active shares"},
    {"expert", "one of the networks of a MORE layer"},
    {"keys and values",
     "what attention reads of earlier tokens; KV memory and KV cache where it is "
     "short of room"},
    {"KV policy",
     "which keys and values recursions make, keep and read: recursion-wise, recursive sharing, "
     "hybrid; of looped models what later tokens read of one that stopped (latest, skip), and last "
     "and compress, which keep a token's last recursions alone"},
    {"loss, NLL", "negative log-likelihood in nats per token"},
    {"MaxVio", "(largest share - mean share) / mean share"},
    {"nats", "unit of natural logarithms; 1 nat = 1.443 bits"},
    {"position", "the number of a token in its text, from 0: for rotary angles and for the "
                 "cache"},
    {"recipe", "all values that make a training: shape, recursion, router, losses, "
               "schedule. Changed by --set and the recipe dialog"},
    {"recursion", "one run of the shared block by a token; recursion r. From 1 on screen, from "
                  "0 in code"},
    {"reference run", "a run that the main run is compared with: full depth, vanilla"},
    {"router", "the small network that scores tokens"},
    {"rule", "how decisions follow from scores: top-k, threshold, aux, token, fixed, "
             "random; of looped models exit, weighted, or the changes latent, cosine, entropy, kl, "
             "minp-kl, argmax"},
    {"saved", "FLOPs, time and KV bytes less than at full depth"},
    {"score", "what the router's function makes of its logit, before alpha"},
    {"seed", "the number that random draws start from: the same seed gives the same draws"},
    {"step (training step)", "one update of the weights"},
    {"tau, threshold", "a token continues while sigmoid(logit) is above it"},
    {"temperature", "the logits are divided by it before a token is drawn: above 1 more varied, "
                    "below 1 more certain, 0 always the likeliest token"},
    {"token",
     "an occurrence of a piece in a text; " // words: ok
     "what a router decides about. On a grid: a patch"},
    {"top-k selection", "a recursion keeps the tokens with the k largest scores of the whole "
                        "sequence; not causal"},
    {"top-k sampling", "generation draws among the k likeliest tokens only"},
    {"top-p sampling", "generation draws among the likeliest tokens that together reach the "
                       "probability p"},
    {"vanilla", "the plain model of the same size and data"},
});

} // namespace

std::span<const Term> glossary() {
    return kTerms;
}

const Term* findTerm(std::string_view word) {
    const auto at = std::ranges::find(kTerms, word, &Term::word);
    return at == kTerms.end() ? nullptr : &*at;
}

std::string explained(std::string_view word, const scene::TextService& text) {
    const Term* term = findTerm(word);
    if (term == nullptr) {
        return {};
    }
    std::string words = fmt::format("{}: {}", text.translate(term->word.data()),
                                    text.translate(term->meaning.data()));
    // A tip is no wider than its words: lines of about a column of a book.
    std::size_t begin = 0;
    while (words.size() - begin > kColumn) {
        const std::size_t space = words.rfind(' ', begin + kColumn);
        if (space == std::string::npos || space <= begin) {
            break;
        }
        words[space] = '\n';
        begin = space + 1;
    }
    return words;
}

} // namespace depthscope::instruments
