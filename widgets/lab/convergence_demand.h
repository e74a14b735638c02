// SPDX-License-Identifier: MIT
// Asks the engine for what would be answered after each recursion of the main run, as long as
// something that shows it is in sight: once for each run, when nothing newer is on its way. Owned
// by the laboratory; GUI thread.
#pragma once

#include "widgets/lab/shell.h"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace depthscope::lab {

class ConvergenceDemand {
public:
    explicit ConvergenceDemand(Shell& shell)
        : m_shell(shell) {}

    /// Something that shows it has come in sight, or has gone: then what is asked for is stopped.
    void setWanted(bool wanted);

    /// The main run has changed: carries over what is there where the run differs from its own in
    /// the threshold of an exit gate alone.
    void follow();

    /// Asks for what is missing.
    void request();

private:
    [[nodiscard]] bool isThere(const trace::RunView& main) const;

    Shell& m_shell;
    bool m_wanted = false;
    std::pair<std::uint64_t, std::size_t> m_asked; ///< number and places of the run asked for
};

} // namespace depthscope::lab
