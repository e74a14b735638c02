// SPDX-License-Identifier: MIT
#include "widgets/instruments/expert_names.h"

namespace depthscope::instruments {

std::string expertLetter(int expert) {
    constexpr int kLetters = 26;
    return expert < kLetters ? std::string(1, static_cast<char>('A' + expert))
                             : std::to_string(expert + 1);
}

std::string expertTitle(const trace::RunView& run, int expert, const scene::TextService& text) {
    const spec::ModelInfo* model = run.latest->model.get();
    const auto at = static_cast<std::size_t>(expert);
    if (model == nullptr || expert < 0 || at >= model->expertNames.size()) {
        return expertLetter(expert);
    }
    std::string name = model->expertNames[at];
    if (!name.empty() && name.front() >= 'a' && name.front() <= 'z') {
        name.front() = static_cast<char>(name.front() - 'a' + 'A'); // a proper name here
    }
    return expertLetter(expert) + ' ' + text.translate(name.c_str());
}

} // namespace depthscope::instruments
