// SPDX-License-Identifier: MIT
// The frames of a user's own video that a prediction begins with (docs/video_models.md, "Own
// videos"), read beside the engine thread, which can then hear a stop and answer other requests.
// Engine thread; ending the reader stops the reading.
#pragma once

#include "engine/runtime/clip_request.h"
#include "engine/spec/video_spec.h"
#include "engine/trace/frame.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <thread>

namespace depthscope::session {

/// What was read, and of what.
struct OwnContext {
    runtime::ClipFile source;
    std::filesystem::file_time_type written; ///< of the file as it was read
    std::int64_t context = 0;                ///< frames that had to be there
    runtime::ClipFrames frames;              ///< of the model's size, at most its clip's number
    trace::Ratio rate{25, 1};                ///< frames per second of those taken

    /// It is what a model of this shape would be given of the file as it is now.
    [[nodiscard]] bool isOf(const runtime::ClipFile& file, const spec::VideoSpec& spec) const;
};

class OwnContextReader {
public:
    OwnContextReader(const runtime::ClipFile& file, const spec::VideoSpec& spec);

    /// Waits a moment. False: still reading.
    [[nodiscard]] bool isDone() const;

    /// 0 to 1, of finding the video's frames.
    [[nodiscard]] double progress() const { return m_progress; }

    /// Once it is done. Throws what media::readClipStretch throws: BadInput for a damaged frame, or
    /// too few, that names it and the file.
    [[nodiscard]] std::shared_ptr<const OwnContext> take() { return m_result.get(); }

private:
    std::atomic<double> m_progress = 0;
    std::future<std::shared_ptr<const OwnContext>> m_result;
    std::jthread m_thread; ///< the last member: it ends before the others
};

} // namespace depthscope::session
