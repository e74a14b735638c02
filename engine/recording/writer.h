// SPDX-License-Identifier: MIT
// Records a run as it happens. One thread at a time; no locks. Each step is a separate transaction:
// killing the program loses nothing, a power failure at most about a second. Every method throws
// Error that names file and remedy. What was added before an error stays readable; after an error
// nothing more is accepted, and every call except close() throws it again.
#pragma once

#include "engine/recording/recording.h"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace depthscope::recording {

class Writer {
public:
    enum class IfExists { Refuse, Replace };

    /// Creates the file. An empty file of that name is used; any other is refused, or replaced.
    Writer(const std::filesystem::path& path,
           const RunSetup& recipe,
           IfExists ifExists = IfExists::Refuse);

    /// Closes and ignores errors: call close() to get them.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void add(const trace::StepTrace& step);
    void add(const Annotation& annotation);
    void put(const RunSetup& recipe);
    void put(const WindowState& window);

    /// Steps stored so far.
    [[nodiscard]] std::uint64_t steps() const;

    /// Merges the write-ahead log into the file, which is then complete. Nothing can be added
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
