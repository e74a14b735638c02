// SPDX-License-Identifier: MIT
// Which of the texts that are generated together run which part of the model next. Two queues:
// those whose token has a recursion ahead, and those between two tokens (the last layers, the head,
// the choice of a token, the first layers). A turn takes a batch from the front of one of them.
// Pure: knows neither model nor text. One thread at a time.
#pragma once

#include "engine/settings/batch.h"

#include <cstddef>
#include <deque>
#include <vector>

namespace depthscope::generate {

class BatchScheduler {
public:
    /// A text in flight; any number that the caller knows it by.
    using Text = std::size_t;

    /// A batch has at most `rows` texts, one or more.
    BatchScheduler(settings::Batching batching, std::size_t rows);

    /// Texts in flight at most. Depth: 2 rows - 1, so that one of the queues always fills a batch.
    [[nodiscard]] std::size_t places() const;

    [[nodiscard]] bool hasRoom() const { return m_inFlight < places(); }

    [[nodiscard]] std::size_t inFlight() const { return m_inFlight; }

    /// A new text; it begins with a token's first layers.
    void admit(Text text);

    struct Turn {
        bool recurs = false;     ///< a recursion; else the part between two tokens
        std::vector<Text> texts; ///< none: nobody is in flight
    };

    /// Takes the next batch from its queue; each of its texts comes back by one of the three below.
    [[nodiscard]] Turn next();

    void recurs(Text text) { m_recursion.push_back(text); }

    void leaves(Text text) { m_between.push_back(text); }

    void ends() { --m_inFlight; }

private:
    settings::Batching m_batching;
    std::size_t m_rows;
    std::size_t m_inFlight = 0;
    std::deque<Text> m_recursion, m_between;
};

} // namespace depthscope::generate
