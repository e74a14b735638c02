// SPDX-License-Identifier: MIT
// Which experts of one layer the places of a step or a run chose: 0 to E of each place. A value;
// any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace depthscope::trace {

struct ExpertChoices {
    int layer = 0;   ///< block, from 0
    int experts = 0; ///< E, at most 255
    /// [N + 1] the choices of place n are [offsets[n], offsets[n + 1]) of the arrays below.
    std::vector<std::uint32_t> offsets{0};
    std::vector<std::uint8_t> index{}; ///< the heaviest of a place first
    std::vector<float> weight{};       ///< shares of 1 within a place

    [[nodiscard]] std::size_t places() const { return offsets.size() - 1; }

    [[nodiscard]] std::span<const std::uint8_t> indexOf(std::size_t place) const {
        return std::span(index).subspan(offsets[place], offsets[place + 1] - offsets[place]);
    }

    [[nodiscard]] std::span<const float> weightOf(std::size_t place) const {
        return std::span(weight).subspan(offsets[place], offsets[place + 1] - offsets[place]);
    }

    /// Closes the next place: its choices are what was added to index and weight since the last.
    void endPlace() { offsets.push_back(static_cast<std::uint32_t>(index.size())); }

    /// The choices of `from` take those of places [at, at + from.places()), which may reach past
    /// the end; `at` is at most places().
    void put(std::size_t at, const ExpertChoices& from);

    /// The same layer of the same model, whatever was chosen there.
    [[nodiscard]] bool sameLayer(const ExpertChoices& other) const {
        return layer == other.layer && experts == other.experts;
    }
};

} // namespace depthscope::trace
