// SPDX-License-Identifier: MIT
// --record F.depthscope of run, generate, train and video sample: keeps every step that the engine
// publishes. Main thread. Throws what recording::Writer throws: Error{Usage} for a file that
// already exists.
#pragma once

#include "engine/runtime/event.h"
#include "engine/settings/lab.h"

#include <memory>
#include <string>

namespace depthscope::recording {
class Writer;
}

namespace depthscope::cli {

class Recorder {
public:
    /// Empty: nothing is recorded.
    explicit Recorder(std::string file);
    /// A recording without a step, of a run that failed, is removed.
    ~Recorder();

    [[nodiscard]] bool wanted() const { return !m_file.empty(); }

    /// Makes the file; nothing where none is wanted.
    void begin(const runtime::Prompt& prompt, const settings::LabSettings& settings);
    /// Keeps the event's step, if it has one.
    void see(const runtime::Event& event);
    void close();

private:
    std::string m_file;
    std::unique_ptr<recording::Writer> m_writer;
};

} // namespace depthscope::cli
