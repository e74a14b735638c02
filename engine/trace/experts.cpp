// SPDX-License-Identifier: MIT
#include "engine/trace/experts.h"

#include <algorithm>

namespace depthscope::trace {

namespace {

/// Replaces [begin, end) of `to` by `from`.
template <class Value>
void splice(std::vector<Value>& to,
            std::size_t begin,
            std::size_t end,
            const std::vector<Value>& from) {
    const auto first = to.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto at = to.erase(first, to.begin() + static_cast<std::ptrdiff_t>(end));
    to.insert(at, from.begin(), from.end());
}

} // namespace

void ExpertChoices::put(std::size_t at, const ExpertChoices& from) {
    const std::size_t end = std::min(at + from.places(), places());
    const std::uint32_t begin = offsets[at];
    const std::uint32_t gone = offsets[end] - begin;
    splice(index, begin, offsets[end], from.index);
    splice(weight, begin, begin + gone, from.weight);
    const auto added = static_cast<std::uint32_t>(from.index.size());
    for (std::size_t n = end + 1; n < offsets.size(); ++n) {
        offsets[n] += added - gone; // modulo 2^32, as unsigned numbers are
    }
    std::vector<std::uint32_t> ends(from.offsets.begin() + 1, from.offsets.end());
    for (std::uint32_t& offset : ends) {
        offset += begin;
    }
    splice(offsets, at + 1, end + 1, ends);
}

} // namespace depthscope::trace
