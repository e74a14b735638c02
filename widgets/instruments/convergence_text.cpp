// SPDX-License-Identifier: MIT
#include "widgets/instruments/convergence_text.h"

#include "engine/base/text.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/trace_text.h"

#include <array>
#include <cmath>

namespace depthscope::instruments {

using trace::Convergence;
using trace::Quantity;

namespace {

struct Words {
    const char* name;
    const char* meaning;
};

// In the order of trace::Quantity.
constexpr std::array<Words, trace::kQuantities.size()> kWords{{
    {"relative change", "How far the state moved in this recursion, against its length"},
    {"cosine", "Between the states before and after this recursion: 1 is the same direction"},
    {"entropy", "Of the prediction made after this recursion, in nats: 0 is certain"},
    {"KL to the last", "What answering after this recursion would cost, in nats, where the last "
                       "recursion's prediction is right"},
    {"rank of the answer", "Place of the last recursion's answer in the prediction made after this "
                           "one: 1 is the likeliest"},
}};

std::size_t
indexOf(const Convergence& convergence, int recursion, std::size_t token, std::size_t place) {
    return convergence.at(recursion, token) * convergence.predictions + place;
}

} // namespace

const char* quantityName(Quantity quantity) {
    return kWords[static_cast<std::size_t>(quantity)].name;
}

const char* quantityMeaning(Quantity quantity) {
    return kWords[static_cast<std::size_t>(quantity)].meaning;
}

std::string quantityText(Quantity quantity, double value, const scene::TextService& text) {
    if (std::isnan(value)) {
        return "\xE2\x80\x93";
    }
    if (quantity == Quantity::Rank) {
        return text.number(value, 0);
    }
    const bool isNats = quantity == Quantity::Entropy || quantity == Quantity::Divergence;
    return isNats ? fmt::format("{} nats", text.number(value, 4)) : text.number(value, 4);
}

std::string predictionText(const Convergence& convergence,
                           int recursion,
                           std::size_t token,
                           std::size_t place,
                           const scene::TextService& text) {
    const std::int32_t id = convergence.best[indexOf(convergence, recursion, token, place)];
    const auto piece = convergence.pieces.find(id);
    return piece == convergence.pieces.end() || piece->second.empty()
               ? fill(text.translate("id %1"), {text.number(id, 0)})
               : quoted(piece->second);
}

double predictionShare(const Convergence& convergence,
                       int recursion,
                       std::size_t token,
                       std::size_t place) {
    return double{convergence.probability[indexOf(convergence, recursion, token, place)]};
}

std::string
fixedText(const Convergence& convergence, std::size_t token, const scene::TextService& text) {
    return fill(
        text.translate("answer fixed at recursion %1 of %2"),
        {text.number(convergence.fixedAt[token], 0), text.number(convergence.recursions, 0)});
}

std::string exitsHere(const Convergence& convergence, int recursion, std::size_t token) {
    std::string rules;
    for (const trace::ExitPoints& points : convergence.exits) {
        if (points.recursion[token] == recursion + 1) {
            rules += (rules.empty() ? "" : ", ") + points.rule;
        }
    }
    return rules;
}

bool canHaveConvergence(const trace::TraceView& view) {
    if (view.main == nullptr) {
        return false;
    }
    const spec::ModelInfo* model = view.main->latest->model.get();
    return model != nullptr && view.main->isText() && trace::hasConvergence(*model);
}

std::string noConvergenceReason(const trace::TraceView& view, const scene::TextService& text) {
    if (view.main == nullptr || view.convergence != nullptr) {
        return {};
    }
    if (!canHaveConvergence(view)) {
        return text.translate("This model does not run one block of layers several times: choose a "
                              "MoR, recursive or looped model of text.");
    }
    if (view.source == trace::Source::Recorded) {
        return text.translate("A recording does not hold what was predicted after each recursion: "
                              "Run > Go live works it out.");
    }
    if (view.convergenceComes || view.computing) {
        return text.translate("Reading predictions after each recursion…");
    }
    return text.translate("Run the text to see what is predicted after each recursion.");
}

std::string limitText(const Convergence& convergence, const scene::TextService& text) {
    if (convergence.beyond == 0) {
        return {};
    }
    return fill(text.translate("Only the first %1 of %2 tokens are looked at: the states of more "
                               "would take over %3."),
                {text.number(static_cast<double>(convergence.tokens()), 0),
                 text.number(static_cast<double>(convergence.tokens() + convergence.beyond), 0),
                 scene::formatBytes(text, static_cast<double>(trace::kMostStateBytes))});
}

bool isOld(const trace::TraceView& view) {
    return view.convergence != nullptr &&
           (view.computing || view.main == nullptr ||
            view.convergence->settings != view.main->latest->settings);
}

std::string convergenceTip(const trace::TraceView& view,
                           int recursion,
                           std::size_t token,
                           const scene::TextService& text) {
    const Convergence& made = *view.convergence;
    std::string tip = fmt::format("{}  {}\n", quotedPlace(*view.main, token, text),
                                  placeText(*view.main, static_cast<int>(token), text));
    tip += fill(text.translate("after recursion %1"), {text.number(recursion + 1, 0)});
    if (recursion >= made.trained) {
        tip += text.translate(", outside training");
    }
    tip += '\n';
    if (!made.ran(recursion, token)) {
        tip += text.translate("stopped: its state stays as it was") + '\n';
    } else {
        for (const Quantity quantity : trace::kQuantities) {
            const double value = double{made.value(quantity, recursion, token)};
            tip += fmt::format("{}: {}\n", text.translate(quantityName(quantity)),
                               quantityText(quantity, value, text));
        }
    }
    for (std::size_t i = 0; i < made.predictions; ++i) {
        tip += fmt::format("{}  {}\n", predictionText(made, recursion, token, i, text),
                           scene::formatPercent(text, predictionShare(made, recursion, token, i)));
    }
    const std::string rules = exitsHere(made, recursion, token);
    if (!rules.empty()) {
        tip += fill(text.translate("would stop here: %1"), {rules}) + '\n';
    }
    return fmt::format("{}{}\n{}, {}", tip, fixedText(made, token, text), sourceText(view, text),
                       text.translate("measured"));
}

Table convergenceTable(const trace::TraceView& view, const scene::TextService& text) {
    const Convergence* convergence = view.convergence;
    Table table;
    table.columns = placeColumns(convergence == nullptr ? nullptr : view.main, text);
    table.columns.push_back({text.translate("recursion"), ""});
    for (const Quantity quantity : trace::kQuantities) {
        const bool isNats = quantity == Quantity::Entropy || quantity == Quantity::Divergence;
        table.columns.push_back({text.translate(quantityName(quantity)), isNats ? "nats" : ""});
    }
    table.columns.insert(table.columns.end(), {{text.translate("prediction"), ""},
                                               {text.translate("probability"), ""},
                                               {text.translate("would stop here"), ""},
                                               {text.translate("component 1"), ""},
                                               {text.translate("component 2"), ""}});
    for (std::size_t t = 0; convergence != nullptr && t < convergence->tokens(); ++t) {
        for (int r = 0; r < convergence->recursions; ++r) {
            std::vector<Table::Cell> row = placeCells(*view.main, t, text);
            row.emplace_back(static_cast<double>(r + 1));
            for (const Quantity quantity : trace::kQuantities) {
                row.push_back(numberCell(double{convergence->value(quantity, r, t)}));
            }
            row.emplace_back(predictionText(*convergence, r, t, 0, text));
            row.emplace_back(predictionShare(*convergence, r, t, 0));
            row.emplace_back(exitsHere(*convergence, r, t));
            const std::size_t point = (t * (static_cast<std::size_t>(convergence->recursions) + 1) +
                                       static_cast<std::size_t>(r) + 1) *
                                      2;
            row.push_back(numberCell(double{convergence->path[point]}));
            row.push_back(numberCell(double{convergence->path[point + 1]}));
            table.rows.push_back(std::move(row));
        }
    }
    return table;
}

} // namespace depthscope::instruments
