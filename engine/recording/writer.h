// SPDX-License-Identifier: MIT
// Records a run while it happens. One thread at a time; no locks. Each step is a transaction of its
// own: a killed program loses nothing that was added, a power cut at most about a second of it.
// Every method throws Error that names file and remedy. What was added before a fault stays
// readable; after one nothing more is taken, and every call but close() throws it again.
#pragma once

#include "engine/recording/recording.h"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace depthscope::recording {

class Writer {
public:
    enum class IfExists { Refuse, Replace };

    /// Makes the file. An empty file under that name is used; any other is refused, or replaced.
    Writer(const std::filesystem::path& path,
           const Recipe& recipe,
           IfExists ifExists = IfExists::Refuse);

    /// Closes, and keeps silent about faults: call close() to hear of them.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void add(const trace::StepTrace& step);
    void add(const Annotation& annotation);
    void put(const Recipe& recipe);
    void put(const WindowState& window);

    /// Steps stored so far.
    [[nodiscard]] std::uint64_t steps() const;

    /// Folds the write-ahead log into the file, which then stands alone. Nothing can be added
    /// afterwards.
    void close();

private:
    struct State;

    /// Runs `change` as one transaction.
    template <class Change>
    void commit(Change&& change);

    std::unique_ptr<State> m_state;
};

} // namespace depthscope::recording
