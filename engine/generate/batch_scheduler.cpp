// SPDX-License-Identifier: MIT
#include "engine/generate/batch_scheduler.h"

#include <algorithm>

namespace depthscope::generate {

using settings::Batching;

BatchScheduler::BatchScheduler(Batching batching, std::size_t rows)
    : m_batching(batching)
    , m_rows(std::max<std::size_t>(1, rows)) {}

std::size_t BatchScheduler::places() const {
    return m_batching == Batching::Depth ? 2 * m_rows - 1 : m_rows;
}

void BatchScheduler::admit(Text text) {
    ++m_inFlight;
    m_between.push_back(text);
}

BatchScheduler::Turn BatchScheduler::next() {
    Turn turn;
    // Texts of one recursion stay together: nobody begins a token before all have ended theirs.
    turn.recurs = m_batching == Batching::Sequence
                      ? !m_recursion.empty()
                      : m_recursion.size() >= std::min(m_rows, m_between.size());
    std::deque<Text>& queue = turn.recurs ? m_recursion : m_between;
    const auto count = static_cast<std::ptrdiff_t>(std::min(m_rows, queue.size()));
    turn.texts.assign(queue.begin(), queue.begin() + count);
    queue.erase(queue.begin(), queue.begin() + count);
    return turn;
}

} // namespace depthscope::generate
