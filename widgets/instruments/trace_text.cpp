// SPDX-License-Identifier: MIT
#include "widgets/instruments/trace_text.h"

#include "engine/base/text.h"
#include "widgets/instruments/piece_text.h"
#include "widgets/instruments/scene_writer.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr const char* kDash = "\xE2\x80\x93";
constexpr const char* kDot = "\xC2\xB7";

// By the entries: what the bands add up to.
double heldBytes(const trace::KvMemory& kv) {
    double sum = 0;
    for (const trace::KvGroup& group : kv.groups) {
        sum += static_cast<double>(group.bytesPerToken) * static_cast<double>(group.entries);
    }
    return sum;
}

double errorShare(const trace::KvMemory& kv) {
    return kv.measuredBytes == 0 ? std::nan("")
                                 : static_cast<double>(kv.predictedBytes - kv.measuredBytes) /
                                       static_cast<double>(kv.measuredBytes);
}

std::string changePercent(double part, double whole, const scene::TextService& text) {
    return whole > 0 ? fmt::format("{} %", scene::formatSigned(text, (part / whole - 1) * 100, 0))
                     : "";
}

} // namespace

const trace::RunView* shownRun(const trace::TraceView& view) {
    const trace::RunView* run = view.main != nullptr ? view.main : view.previous;
    return run != nullptr && run->places() > 0 ? run : nullptr;
}

std::optional<int> cursorPlace(const trace::RunView& run, const Cursor& cursor) {
    const std::optional<int> token = cursor.place();
    return token && *token >= 0 && *token < static_cast<int>(run.places()) ? token : std::nullopt;
}

bool hasRouter(const trace::RunView& run) {
    const bool routed = !run.latest->model || run.latest->model->router != spec::RouterKind::None;
    return routed && run.recursions() > 1;
}

namespace {

std::string noRouterOfClip(const trace::RunView& run, const scene::TextService& text) {
    if (run.recursions() < 2) {
        return text.translate("This model has no router: every patch runs all layers.");
    }
    const int deepest =
        run.depth.empty() ? 0 : *std::max_element(run.depth.begin(), run.depth.end());
    return fill(deepest == 1
                    ? text.translate("This model has no router: every patch runs %1 recursion.")
                    : text.translate("This model has no router: every patch runs %1 recursions."),
                {text.number(deepest, 0)});
}

} // namespace

std::string noRouterReason(const trace::RunView& run, const scene::TextService& text) {
    if (hasRouter(run)) {
        return {};
    }
    if (trace::isClip(run)) {
        return noRouterOfClip(run, text);
    }
    const spec::ModelInfo* model = run.latest->model.get();
    const int deepest =
        run.depth.empty() ? 0 : *std::max_element(run.depth.begin(), run.depth.end());
    if (model != nullptr && model->experts > 0) {
        return fill(deepest == 1 ? text.translate("The depth is not adaptive: every token runs %1 "
                                                  "recursion inside its experts.")
                                 : text.translate("The depth is not adaptive: every token runs %1 "
                                                  "recursions inside its experts."),
                    {text.number(deepest, 0)});
    }
    if (run.recursions() > 1) {
        return fill(
            deepest == 1
                ? text.translate("This model has no router: every token runs %1 recursion.")
                : text.translate("This model has no router: every token runs %1 recursions."),
            {text.number(deepest, 0)});
    }
    const int layers = model != nullptr ? model->layers : 0;
    if (layers <= 1) {
        return text.translate("This model has no router: every token runs all layers.");
    }
    return fill(text.translate("This model has no router: every token runs all %1 layers."),
                {text.number(layers, 0)});
}

std::string scoreText(const trace::ScoreRange& range,
                      double score,
                      int decimals,
                      const scene::TextService& text) {
    constexpr int kMost = 8;
    if (range.isLogarithmic && score > 0) {
        decimals = std::clamp(1 - static_cast<int>(std::floor(std::log10(score))), 0, kMost);
    }
    return text.number(score, decimals);
}

std::string scoreName(const trace::RunView& run, const scene::TextService& text) {
    if (settings::watchesChange(run.latest->settings.rule)) {
        return text.translate("change");
    }
    const auto& model = run.latest->model;
    return model && model->router == spec::RouterKind::Exit ? text.translate("exit probability")
                                                            : text.translate("router score");
}

std::string undecidedReason(const trace::RunView& run, const scene::TextService& text) {
    if (trace::scoreDecides(run)) {
        return {};
    }
    if (settings::readsExitGate(run.latest->settings.rule)) {
        return text.translate("exit gate: the scores add up, and their sum decides");
    }
    if (settings::watchesChange(run.latest->settings.rule)) {
        return text.translate(
            "change: a token leaves after the recursion where it is small enough");
    }
    return run.latest->settings.rule == settings::Rule::Aux
               ? text.translate("auxiliary: another router's score decides")
               : text.translate("random: the score does not decide");
}

bool isCacheOff(const trace::KvMemory& kv) {
    return kv.measuredBytes == 0 && heldBytes(kv) > 0;
}

std::string kvMemoryText(const trace::KvMemory& kv, const scene::TextService& text) {
    if (isCacheOff(kv)) {
        return text.translate("no KV cache in use");
    }
    const auto used = static_cast<double>(kv.measuredBytes);
    const auto full = static_cast<double>(kv.fullBytes);
    return fill(text.translate("%1 of %2 (%3)"),
                {scene::formatBytes(text, used), scene::formatBytes(text, full),
                 changePercent(used, full, text)});
}

std::string kvFiguresText(const trace::KvMemory& kv, const scene::TextService& text) {
    if (isCacheOff(kv)) {
        return fill(text.translate("a cache would hold %1 of %2"),
                    {scene::formatBytes(text, heldBytes(kv)),
                     scene::formatBytes(text, static_cast<double>(kv.fullBytes))});
    }
    return fill(text.translate("measured %1   reserved %2   predicted %3   error %4"),
                {scene::formatBytes(text, static_cast<double>(kv.measuredBytes)),
                 scene::formatBytes(text, static_cast<double>(kv.reservedBytes)),
                 scene::formatBytes(text, static_cast<double>(kv.predictedBytes)),
                 fmt::format("{} %", scene::formatSigned(text, errorShare(kv) * 100, 1))});
}

std::string readable(const std::string& piece) {
    if (piece.empty()) {
        return {};
    }
    std::string shown = scene::showPiece(piece);
    if (piece.front() == ' ') {
        shown.replace(0, std::string(kDot).size(), " ");
    }
    return shown;
}

std::string unbroken(std::string words) {
    for (std::size_t at = words.find(' '); at != std::string::npos; at = words.find(' ', at)) {
        words.replace(at, 1, "\xC2\xA0");
    }
    return words;
}

std::string quoted(const std::string& piece) {
    if (piece.empty()) {
        return scene::showPiece(piece);
    }
    return fmt::format("\xE2\x80\x9C{}\xE2\x80\x9D", readable(piece));
}

std::string frameNumbers(trace::FrameSpan frames, const scene::TextService& text) {
    const std::string first = text.number(frames.first, 0);
    return frames.first == frames.last
               ? first
               : fmt::format("{}{}{}", first, kDash, text.number(frames.last, 0));
}

std::string sideText(const trace::RunView& run, std::size_t place, const scene::TextService& text) {
    return place < trace::givenPlaces(run) ? text.translate("given") : text.translate("predicted");
}

std::string
shownPlace(const trace::RunView& run, std::size_t place, const scene::TextService& text) {
    if (const auto part = partOfCharacter(run, place)) {
        return partText(*part, text);
    }
    if (run.isText()) {
        return scene::showPiece(run.pieces[place]);
    }
    const auto at =
        trace::positionOf(run.layout, static_cast<std::int64_t>(place) + run.firstPlace);
    const std::string inFrame = fill(text.translate("row %1, column %2"),
                                     {text.number(at.row + 1, 0), text.number(at.column + 1, 0)});
    if (trace::isClip(run)) {
        const trace::FrameSpan frames = trace::framesOf(run, at.frame);
        return fill(frames.first == frames.last ? text.translate("frame %1, %2")
                                                : text.translate("frames %1, %2"),
                    {frameNumbers(frames, text), inFrame});
    }
    return run.layout.frames == 1
               ? inFrame
               : fill(text.translate("frame %1, %2"), {text.number(at.frame + 1, 0), inFrame});
}

std::string
quotedPlace(const trace::RunView& run, std::size_t place, const scene::TextService& text) {
    return run.isText() && !partOfCharacter(run, place) ? quoted(run.pieces[place])
                                                        : shownPlace(run, place, text);
}

std::string placeText(const trace::RunView& run, int place, const scene::TextService& text) {
    return fill(run.isText()         ? text.translate("token %1 of %2")
                : trace::isClip(run) ? text.translate("patch %1 of %2")
                                     : text.translate("place %1 of %2"),
                {text.number(place + 1, 0), text.number(static_cast<double>(run.places()), 0)});
}

std::vector<Table::Column> placeColumns(const trace::RunView* run, const scene::TextService& text) {
    if (run != nullptr && !run->isText()) {
        return {{trace::isClip(*run) ? text.translate("patch") : text.translate("place"), ""},
                {text.translate("position"), ""}};
    }
    return {{text.translate("token"), ""}, {text.translate("piece"), ""}}; // words: ok // words: ok
}

std::vector<Table::Cell>
placeCells(const trace::RunView& run, std::size_t place, const scene::TextService& text) {
    return {static_cast<double>(place + 1), shownPlace(run, place, text)};
}

std::string
routingText(const trace::RunView& run, int recursion, int token, const scene::TextService& text) {
    const auto t = static_cast<std::size_t>(token);
    const bool kept = trace::isKept(run, recursion, t);
    if (!trace::isConsidered(run, recursion, t)) {
        return kept ? text.translate("kept, without a score") : text.translate("not considered");
    }
    const double score = double{run.scores[static_cast<std::size_t>(recursion)][t]};
    const std::string figure = scoreText(trace::scoreRange(run), score, 4, text);
    const std::string name = scoreName(run, text);
    if (kept) {
        return fill(text.translate("%1 %2, kept"), {name, figure});
    }
    if (trace::leavesAt(run, recursion, t)) {
        return fill(text.translate("%1 %2, exited here"), {name, figure});
    }
    return fill(text.translate("%1 %2, exited earlier"), {name, figure});
}

trace::RouterMargin marginOf(const trace::RunView& run, int recursion, std::size_t place) {
    if (!trace::isClip(run)) {
        return trace::routerMargin(run, recursion, place);
    }
    const std::size_t given = trace::givenPlaces(run);
    const std::size_t begin = place < given ? 0 : given;
    const trace::RunView side = trace::partOf(run, begin, place < given ? given : run.places());
    return trace::routerMargin(side, recursion, place - begin);
}

std::string
marginText(const trace::RunView& run, int recursion, int token, const scene::TextService& text) {
    const auto margin = marginOf(run, recursion, static_cast<std::size_t>(token));
    if (margin.staysFrom && trace::isClip(run)) {
        // Of patches k is rounded up: more than this share of them keeps it.
        const Fraction above{margin.staysFrom->numerator - 1, margin.staysFrom->denominator};
        return fill(text.translate("stays at capacity > %1/%2 (%3)"),
                    {text.number(static_cast<double>(above.numerator), 0),
                     text.number(static_cast<double>(above.denominator), 0),
                     unbroken(scene::formatPercent(text, above.value()))});
    }
    if (margin.staysFrom) {
        const Fraction& x = *margin.staysFrom;
        return fill(text.translate("stays at capacity \xE2\x89\xA5 %1/%2 (%3)"),
                    {text.number(static_cast<double>(x.numerator), 0),
                     text.number(static_cast<double>(x.denominator), 0),
                     unbroken(scene::formatPercent(text, x.value()))});
    }
    if (margin.overThreshold) {
        return fill(text.translate("%1 from the threshold %2"),
                    {scene::formatSigned(text, *margin.overThreshold, 4),
                     text.number(run.latest->settings.tau, 2)});
    }
    return margin.score ? undecidedReason(run, text) : std::string();
}

std::string lossText(const trace::RunView& run, int token, const scene::TextService& text) {
    const double nll = double{run.nll[static_cast<std::size_t>(token)]};
    if (std::isnan(nll)) {
        return text.translate("not predicted");
    }
    return fill(text.translate("%1 nats, probability %2"),
                {text.number(nll, 4), scene::formatPercent(text, std::exp(-nll))});
}

std::string
whyEmpty(const trace::TraceView& view, const std::string& own, const scene::TextService& text) {
    switch (view.emptyReason) {
    case trace::EmptyReason::Loading:
        return text.translate("The model is being loaded.");
    case trace::EmptyReason::NoModel:
        return text.translate("Choose a model at the top left to route the text.");
    case trace::EmptyReason::Refused:
        return text.translate("Nothing was routed: the message at the top says why.");
    case trace::EmptyReason::NoClip:
        return text.translate("Predict a clip: what its run does appears here.");
    case trace::EmptyReason::NoText:
        break;
    }
    return own;
}

std::string sourceText(const trace::TraceView& view, const scene::TextService& text) {
    return view.source == trace::Source::Live ? text.translate("LIVE") : text.translate("RECORDED");
}

std::string runSummary(const trace::RunView& run, const scene::TextService& text) {
    std::string left;
    for (const std::size_t count : trace::tokensLeft(run)) {
        left += left.empty() ? "" : ", ";
        left += text.number(static_cast<double>(count), 0);
    }
    return fill(
        trace::isClip(run)
            ? text.translate(
                  "patches: %1, recursions: %2, mean depth %3. Patches left at each recursion: %4.")
            : text.translate(
                  "tokens: %1, recursions: %2, mean depth %3. Tokens left at each recursion: %4."),
        {text.number(static_cast<double>(run.places()), 0), text.number(run.recursions(), 0),
         text.number(trace::meanDepth(run), 2), left});
}

std::string
className(const trace::RunView& run, std::uint8_t number, const scene::TextService& text) {
    const bool known = run.classSet && number < run.classSet->names.size();
    return known ? text.translate(run.classSet->names[number].c_str()) : kDash;
}

Table::Cell numberCell(double value) {
    return std::isfinite(value) ? Table::Cell{value} : Table::Cell{};
}

} // namespace depthscope::instruments
