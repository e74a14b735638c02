// SPDX-License-Identifier: MIT
#include "engine/trace/run_view.h"

#include <algorithm>
#include <cmath>
#include <functional>

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

// Layers that come or go within a run would leave tokens without choices: then there are none.
void appendExperts(RunView& view, const StepTrace& step) {
    if (view.tokens() == 0) {
        view.experts = step.experts;
        return;
    }
    if (!std::equal(view.experts.begin(), view.experts.end(), step.experts.begin(),
                    step.experts.end(), std::mem_fn(&ExpertChoices::sameLayer))) {
        view.experts.clear();
        return;
    }
    for (std::size_t layer = 0; layer < step.experts.size(); ++layer) {
        const ExpertChoices& from = step.experts[layer];
        ExpertChoices& to = view.experts[layer];
        to.index.insert(to.index.end(), from.index.begin(), from.index.end());
        to.weight.insert(to.weight.end(), from.weight.begin(), from.weight.end());
    }
}

bool goesOn(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80;
}

/// Bytes that the last character of a UTF-8 text still lacks.
std::size_t missingBytes(const std::string& text) {
    std::size_t tail = 0;
    while (tail < text.size() && tail < 3 && goesOn(text[text.size() - 1 - tail])) {
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
        while (moved < most && goesOn(piece[moved])) {
            ++moved;
        }
        open->append(piece, 0, moved);
        piece.erase(0, moved);
    }
    pieces.push_back(std::move(piece));
}

void append(RunView& view, const StepPtr& step) {
    const std::size_t before = view.tokens();
    const std::size_t count = step->tokens();
    view.latest = step;
    if (before == 0) {
        view.promptTokens = count;
    }
    appendExperts(view, *step);
    view.ids.insert(view.ids.end(), step->ids.begin(), step->ids.end());
    view.depth.insert(view.depth.end(), step->depth.begin(), step->depth.end());
    if (step->classes.empty()) {
        view.classes.resize(before + count, kNoClass);
    } else {
        view.classes.insert(view.classes.end(), step->classes.begin(), step->classes.end());
    }
    view.nll.insert(view.nll.end(), step->nll.begin(), step->nll.end());
    view.nll.resize(before + count, std::numeric_limits<float>::quiet_NaN());
    const auto recursions = static_cast<std::size_t>(step->recursions);
    view.scores.resize(recursions);
    for (std::size_t r = 0; r < recursions; ++r) {
        std::vector<float>& row = view.scores[r];
        if (step->scores.size() >= (r + 1) * count) {
            const auto begin = step->scores.begin() + static_cast<std::ptrdiff_t>(r * count);
            row.insert(row.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
        }
        row.resize(before + count, std::numeric_limits<float>::quiet_NaN());
    }
    for (std::size_t t = 0; t < count; ++t) {
        appendPiece(view.pieces, step->piece(t));
    }
    view.costs.push_back(step->cost);
}

} // namespace

void TraceStore::add(const StepPtr& step) {
    Held& held = of(step->role);
    // A first step begins a run even where its number is taken: recordings and engines both count
    // from 1.
    if (!held.view || held.view->latest->run != step->run || step->step == 0) {
        held = Held{std::make_shared<RunView>(), {}};
    } else if (held.view.use_count() > 1) {
        held.view = std::make_shared<RunView>(*held.view); // the ghost stays as it was
    }
    append(*held.view, step);
    held.steps.push_back(step);
    if (step->role == RunRole::Main) {
        endComputing();
    }
}

void TraceStore::clear() {
    for (Held& held : m_runs) {
        held = Held{};
    }
    endComputing();
}

void TraceStore::beginComputing() {
    if (of(RunRole::Main).view) {
        m_previous = of(RunRole::Main).view;
    }
    m_computing = true;
}

void TraceStore::endComputing() {
    m_computing = false;
    m_previous.reset();
}

TraceView TraceStore::view() const {
    TraceView view;
    view.source = m_source;
    view.absence = m_absence;
    view.computing = m_computing;
    view.awaitsFullDepth = m_awaitsFullDepth;
    view.awaitsVanilla = m_awaitsVanilla;
    view.training = m_training.preset.empty() ? nullptr : &m_training;
    view.previous = m_previous.get();
    const Held& main = of(RunRole::Main);
    if (!main.view) {
        return view;
    }
    view.main = main.view.get();
    for (const RunRole role : {RunRole::FullDepth, RunRole::Vanilla}) {
        const Held& held = of(role);
        if (held.view && held.view->ids == main.view->ids) {
            (role == RunRole::FullDepth ? view.fullDepth : view.vanilla) = held.view.get();
        }
    }
    return view;
}

std::vector<StepPtr> TraceStore::steps() const {
    std::vector<StepPtr> all;
    for (const Held& held : m_runs) {
        all.insert(all.end(), held.steps.begin(), held.steps.end());
    }
    return all;
}

} // namespace depthscope::trace
