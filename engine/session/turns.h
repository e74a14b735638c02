// SPDX-License-Identifier: MIT
// Two kinds of work by turns, so that drift of the machine affects both: a single run's time is
// mostly noise where other programs run. Says which comes next and keeps the times. Engine thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace depthscope::session {

class Turns {
public:
    enum Which : std::uint8_t { kReference, kRouted };

    /// The first of a round is the last of the one before, so that neither always follows the
    /// other.
    [[nodiscard]] Which next() const;

    /// Milliseconds of a whole run of the one whose turn it is.
    void add(double milliseconds);

    /// Both ran equally often, and enough for steady medians and their spread: nine rounds, fewer
    /// where they take over a second, fewer than four where they take over ten.
    [[nodiscard]] bool isEnough() const;

    [[nodiscard]] int rounds() const;
    [[nodiscard]] double median(Which which) const;

    /// Half the interquartile range of the routed run's time in percent of the reference's, round
    /// by round. NaN: too few rounds.
    [[nodiscard]] float spread() const;

private:
    std::array<std::vector<double>, 2> m_times; ///< ms, by Which
    double m_spent = 0;                         ///< ms
};

} // namespace depthscope::session
