// SPDX-License-Identifier: MIT
#include "engine/trace/run_view.h"

#include "engine/base/utf8.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>

namespace depthscope::trace {

bool RunView::hasClasses() const {
    return std::any_of(classes.begin(), classes.end(),
                       [](std::uint8_t c) { return c != kNoClass; });
}

StepCost RunView::totalCost() const {
    StepCost sum;
    for (const StepCost& cost : costs) {
        sum.flops += cost.flops;
        sum.fullFlops += cost.fullFlops;
        sum.milliseconds += cost.milliseconds;
        sum.syncs += cost.syncs;
    }
    return sum;
}

double RunView::meanNll() const {
    double sum = 0.0;
    std::size_t known = 0;
    for (const float value : nll) {
        if (!std::isnan(value)) {
            sum += value;
            ++known;
        }
    }
    return known == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(known);
}

namespace {

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

// Layers that come or go within a run would leave places without choices: then there are none.
void putExperts(RunView& view, const std::vector<ExpertChoices>& experts, std::size_t at) {
    if (view.places() == 0) {
        view.experts = experts;
        return;
    }
    if (!std::equal(view.experts.begin(), view.experts.end(), experts.begin(), experts.end(),
                    std::mem_fn(&ExpertChoices::sameLayer))) {
        view.experts.clear();
        return;
    }
    for (std::size_t layer = 0; layer < experts.size(); ++layer) {
        view.experts[layer].put(at, experts[layer]);
    }
}

/// Bytes that the last character of a UTF-8 text still lacks.
std::size_t missingBytes(const std::string& text) {
    std::size_t tail = 0;
    while (tail < text.size() && tail < 3 && isContinuation(text[text.size() - 1 - tail])) {
        ++tail;
    }
    if (tail == text.size()) {
        return 0;
    }
    const auto lead = static_cast<unsigned char>(text[text.size() - 1 - tail]);
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
    return length > tail + 1 ? length - tail - 1 : 0;
}

/// Bytes that end the character before go there.
void appendPiece(std::vector<std::string>& pieces, std::string piece) {
    const auto open = std::find_if(pieces.rbegin(), pieces.rend(),
                                   [](const std::string& text) { return !text.empty(); });
    if (open != pieces.rend()) {
        std::size_t moved = 0;
        const std::size_t most = std::min(missingBytes(*open), piece.size());
        while (moved < most && isContinuation(piece[moved])) {
            ++moved;
        }
        open->append(piece, 0, moved);
        piece.erase(0, moved);
    }
    pieces.push_back(std::move(piece));
}

/// The values go to [at, ..), as many as there is room for.
template <class Value>
void put(std::vector<Value>& to, std::size_t at, std::span<const Value> from) {
    const std::size_t count = std::min(from.size(), to.size() - at);
    std::copy_n(from.begin(), count, to.begin() + static_cast<std::ptrdiff_t>(at));
}

void putScores(RunView& view, const RoutingStep& step, std::size_t at) {
    const std::size_t count = step.places();
    const auto recursions = static_cast<std::size_t>(step.recursions);
    view.scores.resize(recursions);
    for (std::size_t r = 0; r < recursions; ++r) {
        std::vector<float>& row = view.scores[r];
        row.resize(view.places(), kUnknown);
        if (step.scores.size() >= (r + 1) * count) {
            put(row, at, std::span(step.scores).subspan(r * count, count));
        } else {
            std::fill_n(row.begin() + static_cast<std::ptrdiff_t>(at), count, kUnknown);
        }
    }
}

// Numbers of another set than the run's mean something else: they count as unknown.
void putClasses(RunView& view, const RoutingStep& step, std::size_t at) {
    view.classes.resize(view.places(), kNoClass);
    std::fill_n(view.classes.begin() + static_cast<std::ptrdiff_t>(at), step.places(), kNoClass);
    if (!view.classSet) {
        view.classSet = step.classSet;
    }
    if (step.classSet && (view.classSet == step.classSet || *view.classSet == *step.classSet)) {
        put(view.classes, at, std::span(step.classes));
    }
}

void putText(RunView& view, const TextContent& text, std::size_t at) {
    view.ids.resize(view.places());
    put(view.ids, at, std::span(text.ids));
    put(view.nll, at, std::span(text.nll));
    const std::size_t count = std::min(text.ids.size(), view.places() - at);
    std::vector<std::string> after;
    if (at + count < view.pieces.size()) {
        after.assign(view.pieces.begin() + static_cast<std::ptrdiff_t>(at + count),
                     view.pieces.end());
    }
    view.pieces.resize(at);
    for (std::size_t n = 0; n < count; ++n) {
        appendPiece(view.pieces, text.piece(n));
    }
    view.pieces.insert(view.pieces.end(), after.begin(), after.end());
}

} // namespace

void RunView::add(const StepPtr& step) {
    const RoutingStep& routing = step->routing;
    const std::size_t before = places();
    if (before == 0) {
        promptPlaces = routing.places();
        firstPlace = routing.firstPlace;
    }
    const auto wanted = std::max<std::int64_t>(std::int64_t{routing.firstPlace} - firstPlace, 0);
    const std::size_t at = std::min(static_cast<std::size_t>(wanted), before);
    latest = step;
    layout = routing.layout;
    putExperts(*this, routing.experts, at);
    depth.resize(std::max(before, at + routing.places()));
    put(depth, at, std::span(routing.depth));
    putClasses(*this, routing, at);
    putScores(*this, routing, at);
    nll.resize(places(), kUnknown);
    std::fill_n(nll.begin() + static_cast<std::ptrdiff_t>(at), routing.places(), kUnknown);
    if (const TextContent* text = step->text()) {
        putText(*this, *text, at);
    }
    costs.push_back(routing.cost);
}

bool RunView::sameContent(const RunView& other) const {
    const auto sourceOf = [](const RunView& run) {
        const ClipContent* clip = run.latest->clip();
        return clip == nullptr ? std::string() : clip->source;
    };
    return ids == other.ids && places() == other.places() && layout == other.layout &&
           sourceOf(*this) == sourceOf(other);
}

} // namespace depthscope::trace
