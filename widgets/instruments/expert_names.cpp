// SPDX-License-Identifier: MIT
#include "widgets/instruments/expert_names.h"

#include "engine/base/text.h"

namespace depthscope::instruments {

namespace {

constexpr int kLetters = 26;

} // namespace

std::string expertLetter(int expert, int experts, const scene::TextService& text) {
    return experts <= kLetters ? std::string(1, static_cast<char>('A' + expert))
                               : text.number(expert + 1, 0);
}

std::string
expertName(const trace::RunView& run, int expert, int experts, const scene::TextService& text) {
    const std::string letter = expertLetter(expert, experts, text);
    const spec::ModelInfo* model = run.latest->model.get();
    const auto at = static_cast<std::size_t>(expert);
    if (model == nullptr || expert < 0 || at >= model->expertNames.size()) {
        return letter;
    }
    std::string name = model->expertNames[at];
    if (!name.empty() && name.front() >= 'a' && name.front() <= 'z') {
        name.front() = static_cast<char>(name.front() - 'a' + 'A'); // a proper name here
    }
    return fmt::format("{} {}", letter, text.translate(name.c_str()));
}

} // namespace depthscope::instruments
