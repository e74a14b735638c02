// SPDX-License-Identifier: MIT
#include "app/cli/bench_prompt.h"

#include <algorithm>

namespace depthscope::cli {

runtime::Prompt gradedTokens(Client& client, const std::string& folder, std::size_t count) {
    runtime::Prompt text;
    client.perform(runtime::GradedTextRequest{7, 8000, 0x7f}, [&](const runtime::Event& event) {
        if (const auto* made = std::get_if<runtime::GradedTextReport>(&event)) {
            text.text = made->prompt.text;
        }
    });
    runtime::Prompt ids;
    client.perform(runtime::TokenizeRequest{folder, text, ""}, [&](const runtime::Event& event) {
        if (const auto* made = std::get_if<runtime::TokenizeReport>(&event)) {
            ids.ids.assign(made->ids.begin(),
                           made->ids.begin() +
                               static_cast<std::ptrdiff_t>(std::min(count, made->ids.size())));
        }
    });
    return ids;
}

} // namespace depthscope::cli
