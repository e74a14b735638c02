// SPDX-License-Identifier: MIT
#include "engine/models/pattern_layout.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace depthscope::models {

namespace {

using List = std::vector<std::int32_t>;

struct Place {
    std::int64_t frame, row, column; // of the clip
};

bool sees(spec::Pattern pattern, const Place& token, const Place& key) {
    switch (pattern) {
    case spec::Pattern::Temporal:
        return token.row == key.row && token.column == key.column;
    case spec::Pattern::Spatial:
        return token.frame == key.frame;
    case spec::Pattern::Motion:
        return std::abs(token.frame - key.frame) <= 1 && std::abs(token.row - key.row) <= 1 &&
               std::abs(token.column - key.column) <= 1;
    case spec::Pattern::Context:
        break;
    }
    return token.frame == key.frame && token.row == key.row && token.column == key.column;
}

/// The first frame that a pattern may reach from `frame`, and the one after the last.
std::pair<std::int64_t, std::int64_t> framesOf(spec::Pattern pattern, std::int64_t frame) {
    switch (pattern) {
    case spec::Pattern::Temporal:
        return {0, std::numeric_limits<std::int64_t>::max()};
    case spec::Pattern::Motion:
        return {frame - 1, frame + 2};
    default:
        return {frame, frame + 1};
    }
}

/// `first` is the number of the key of the frame's first place.
void addFrame(List& list,
              spec::Pattern pattern,
              const PatternShape& shape,
              const Place& token,
              const std::pair<std::int64_t, std::int64_t>& frame) {
    const auto [number, first] = frame;
    for (std::int64_t row = 0; row < shape.rows; ++row) {
        for (std::int64_t column = 0; column < shape.columns; ++column) {
            if (sees(pattern, token, {number, row, column})) {
                list.push_back(static_cast<std::int32_t>(first + row * shape.columns + column));
            }
        }
    }
}

List listOf(spec::Pattern pattern, const PatternShape& shape, const Place& token) {
    List list;
    const auto [least, end] = framesOf(pattern, token.frame);
    for (std::int64_t f = 0; f < shape.givenFrames + shape.frames; ++f) {
        const std::int64_t number =
            f < shape.givenFrames ? f : shape.firstFrame + f - shape.givenFrames;
        if (number >= least && number < end) {
            addFrame(list, pattern, shape, token, {number, f * shape.places()});
        }
    }
    if (pattern == spec::Pattern::Context) {
        for (std::int64_t g = shape.keys() - shape.registers; g < shape.keys(); ++g) {
            list.push_back(static_cast<std::int32_t>(g));
        }
    }
    return list;
}

} // namespace

ops::KeyLists patternLists(const PatternShape& shape) {
    std::vector<List> lists;
    for (int e = 0; e < spec::kPatterns; ++e) {
        for (std::int64_t i = 0; i < shape.tokens(); ++i) {
            const Place token{shape.firstFrame + i / shape.places(),
                              i % shape.places() / shape.columns, i % shape.columns};
            lists.push_back(listOf(static_cast<spec::Pattern>(e), shape, token));
        }
    }
    const auto longest = std::ranges::max(lists, {}, &List::size).size();
    const auto count = static_cast<std::int64_t>(lists.size());
    ops::KeyLists made{at::zeros({count, static_cast<std::int64_t>(longest)}, at::kInt),
                       at::empty({count}, at::kInt)};
    auto* entries = made.entries.mutable_data_ptr<std::int32_t>();
    auto* lengths = made.lengths.mutable_data_ptr<std::int32_t>();
    for (std::size_t i = 0; i < lists.size(); ++i) {
        std::ranges::copy(lists[i], entries + i * longest);
        lengths[i] = static_cast<std::int32_t>(lists[i].size());
    }
    return made;
}

const ops::KeyLists& PatternLists::of(const PatternShape& shape, at::Device device) {
    const auto found = m_lists.find(shape);
    if (found != m_lists.end()) {
        return found->second;
    }
    const ops::KeyLists made = patternLists(shape);
    return m_lists.emplace(shape, ops::KeyLists{made.entries.to(device), made.lengths.to(device)})
        .first->second;
}

} // namespace depthscope::models
