// SPDX-License-Identifier: MIT
// Which systems of an experiment are asked for. Pure; any thread.
#pragma once

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <algorithm>
#include <string>
#include <vector>

namespace depthscope::train {

/// Those of `all` that are named, in their order; all of them without a name. Throws Error{Usage}
/// that lists the names.
template <class System>
[[nodiscard]] std::vector<System> chosenSystems(std::vector<System> all,
                                                const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        if (std::ranges::find(all, name, &System::name) == all.end()) {
            throw Error(ErrorCode::Usage, fmt::format("unknown system: {}", name),
                        fmt::format("Valid systems: {}.",
                                    listOf(all, [](const System& s) { return s.name; })));
        }
    }
    std::erase_if(all, [&](const System& system) {
        return !names.empty() && std::ranges::find(names, system.name) == names.end();
    });
    return all;
}

/// Throws Error{Usage} for a number of seeds that is none; 0: the experiment's own, `usual`.
[[nodiscard]] inline int chosenSeeds(int seeds, int usual) {
    constexpr int kMostSeeds = 64;
    if (seeds < 0 || seeds > kMostSeeds) {
        throw Error(ErrorCode::Usage, fmt::format("seeds is {}", seeds),
                    fmt::format("Must be from 1 to {}.", kMostSeeds));
    }
    return seeds > 0 ? seeds : usual;
}

} // namespace depthscope::train
