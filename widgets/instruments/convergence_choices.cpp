// SPDX-License-Identifier: MIT
#include "widgets/instruments/convergence_choices.h"

#include "engine/base/text.h"
#include "widgets/instruments/choice_button.h"
#include "widgets/instruments/convergence_text.h"

#include <array>
#include <string>

namespace depthscope::instruments {

using trace::Quantity;

namespace {

// A digit follows: the number of the choice.
constexpr std::string_view kQuantityAction = "convergence.quantity.";
constexpr std::string_view kPartAction = "convergence.part.";

struct Part {
    const char* name;
    const char* tip;
};

// In the order of ConvergencePart.
constexpr std::array<Part, 3> kParts{{
    {"exits", "Where each exit rule would stop every token"},
    {"curve", "The quantity of the token pointed at, recursion by recursion"},
    {"path", "The states of the token pointed at, in their two principal components"},
}};

} // namespace

void drawConvergenceChoices(SceneWriter& writer, ChoicesPlace place, const ViewState& state) {
    scene::Rect& box = place.box;
    const float right = box.right();
    const auto add = [&](const Choice& choice) {
        box.x = drawChoice(writer, box, choice);
        box.width = right - box.x;
    };
    for (const Quantity quantity : trace::kQuantities) {
        add({writer.say(quantityName(quantity)), writer.say(quantityMeaning(quantity)),
             fmt::format("{}{}", kQuantityAction, static_cast<int>(quantity)),
             quantity == state.quantity});
    }
    box.x += writer.theme.grid;
    box.width -= writer.theme.grid;
    for (std::size_t part = 0; place.hasPart && part < kParts.size(); ++part) {
        add({writer.say(kParts[part].name), writer.say(kParts[part].tip),
             fmt::format("{}{}", kPartAction, part), part == static_cast<std::size_t>(state.part)});
    }
}

bool chooseConvergence(std::string_view action, ViewState& state) {
    if (action.starts_with(kQuantityAction)) {
        state.quantity = static_cast<Quantity>(action.back() - '0');
        return true;
    }
    if (action.starts_with(kPartAction)) {
        state.part = static_cast<ConvergencePart>(action.back() - '0');
        return true;
    }
    return false;
}

} // namespace depthscope::instruments
