// SPDX-License-Identifier: MIT
#include "engine/evaluate/ngram.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace depthscope::evaluate {

namespace {

/// Three ids share one 64-bit key.
constexpr unsigned kIdBits = 21;
constexpr std::uint64_t kIdMask = (1U << kIdBits) - 1;

std::uint64_t joined(std::uint64_t key, std::int32_t id) {
    return (key << kIdBits) | static_cast<std::uint32_t>(id);
}

} // namespace

NgramModel::Order NgramModel::orderOf(std::vector<std::uint64_t> occurrences) {
    std::ranges::sort(occurrences);
    Order order;
    std::uint64_t once = 0;
    std::uint64_t twice = 0;
    for (std::size_t i = 0; i < occurrences.size();) {
        const std::uint64_t gram = occurrences[i];
        std::uint32_t count = 0;
        for (; i < occurrences.size() && occurrences[i] == gram; ++i) {
            ++count;
        }
        once += count == 1 ? 1 : 0;
        twice += count == 2 ? 1 : 0;
        order.grams.push_back(gram);
        order.counts.push_back(count);
        const std::uint64_t context = gram >> kIdBits;
        if (order.contexts.empty() || order.contexts.back() != context) {
            order.contexts.push_back(context);
            order.totals.push_back(0);
            order.kinds.push_back(0);
        }
        order.totals.back() += count;
        ++order.kinds.back();
    }
    // Tiny texts may have no gram that occurs once or twice; half a count is the usual stand-in.
    const auto n1 = static_cast<double>(once);
    const auto n2 = static_cast<double>(twice);
    order.discount = once > 0 && twice > 0 ? n1 / (n1 + 2 * n2) : 0.5;
    return order;
}

NgramModel NgramModel::fit(std::span<const std::int32_t> ids, std::int32_t vocabulary) {
    if (vocabulary < 1 || vocabulary > static_cast<std::int32_t>(kIdMask) + 1) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("n-gram model: a vocabulary of {} is invalid", vocabulary));
    }
    if (ids.size() < 3) {
        throw Error(ErrorCode::BadInput,
                    "n-gram model: needs at least three tokens of training data");
    }
    NgramModel model;
    model.m_vocabulary = vocabulary;
    model.check(ids);
    std::vector<std::uint64_t> grams;
    grams.reserve(ids.size() - 2);
    for (std::size_t i = 2; i < ids.size(); ++i) {
        grams.push_back(joined(joined(joined(0, ids[i - 2]), ids[i - 1]), ids[i]));
    }
    model.m_trigram = orderOf(std::move(grams));
    // A lower order counts the kinds of contexts its grams continue, not their occurrences.
    const auto lower = [](const Order& higher, std::uint64_t mask) {
        std::vector<std::uint64_t> shortened;
        shortened.reserve(higher.grams.size());
        for (const std::uint64_t gram : higher.grams) {
            shortened.push_back(gram & mask);
        }
        return orderOf(std::move(shortened));
    };
    model.m_bigram = lower(model.m_trigram, (1ULL << (2 * kIdBits)) - 1);
    model.m_unigram = lower(model.m_bigram, kIdMask);
    return model;
}

double NgramModel::interpolate(const Order& order,
                               std::uint64_t context,
                               std::uint64_t gram,
                               double lower) {
    const auto found = std::ranges::lower_bound(order.contexts, context);
    if (found == order.contexts.end() || *found != context) {
        return lower;
    }
    const auto at = static_cast<std::size_t>(found - order.contexts.begin());
    const auto total = static_cast<double>(order.totals[at]);
    const auto entry = std::ranges::lower_bound(order.grams, gram);
    double count = 0;
    if (entry != order.grams.end() && *entry == gram) {
        count = order.counts[static_cast<std::size_t>(entry - order.grams.begin())];
    }
    return std::max(count - order.discount, 0.0) / total +
           order.discount * static_cast<double>(order.kinds[at]) / total * lower;
}

double NgramModel::probability(std::span<const std::int32_t> before, std::int32_t id) const {
    double p = interpolate(m_unigram, 0, joined(0, id), 1.0 / m_vocabulary);
    if (before.empty()) {
        return p;
    }
    const std::uint64_t last = joined(0, before.back());
    p = interpolate(m_bigram, last, joined(last, id), p);
    if (before.size() < 2) {
        return p;
    }
    const std::uint64_t both = joined(joined(0, before[before.size() - 2]), before.back());
    return interpolate(m_trigram, both, joined(both, id), p);
}

double NgramModel::meanNll(std::span<const std::int32_t> ids) const {
    if (ids.size() < 2) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    check(ids);
    double sum = 0;
    for (std::size_t i = 1; i < ids.size(); ++i) {
        sum -= std::log(probability(ids.first(i), ids[i]));
    }
    return sum / static_cast<double>(ids.size() - 1);
}

void NgramModel::check(std::span<const std::int32_t> ids) const {
    for (const std::int32_t id : ids) {
        if (id < 0 || id >= m_vocabulary) {
            throw Error(ErrorCode::BadInput,
                        fmt::format("n-gram model: the id {} is outside the vocabulary of {}", id,
                                    m_vocabulary));
        }
    }
}

} // namespace depthscope::evaluate
