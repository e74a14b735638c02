// SPDX-License-Identifier: MIT
// A chain of libavfilter's filters: frames in, frames out. Internal to engine/media.
//
// libavfilter is opened when the first chain is made and its symbols stay its own: Debian's needs
// the reference BLAS (through pocketsphinx), whose sgemm_ would otherwise take the place of
// LibTorch's and make every product of matrices ten times slower. One thread at a time.
#pragma once

#include "engine/media/ffmpeg.h"

#include <string>

struct AVFilterContext;
struct AVFilterGraph;

namespace depthscope::media {

class FilterGraph {
public:
    FilterGraph() = default;

    ~FilterGraph() { reset(); }

    FilterGraph(const FilterGraph&) = delete;
    FilterGraph& operator=(const FilterGraph&) = delete;

    /// A chain in the syntax of FFmpeg's -vf, for frames as `source` (arguments of the filter
    /// `buffer`) says. Gives an error of FFmpeg's, or 0. Throws Error{BadInput} with the remedy
    /// where libavfilter cannot be opened.
    [[nodiscard]] int make(const std::string& source, const std::string& filters);

    [[nodiscard]] bool isMade() const { return m_graph != nullptr; }

    /// Null: no more frames come. The frame's content moves into the chain. An error of FFmpeg's.
    [[nodiscard]] int push(AVFrame* frame);

    /// An error of FFmpeg's: AVERROR(EAGAIN) asks for another frame, AVERROR_EOF says that none
    /// comes.
    [[nodiscard]] int pull(AVFrame* frame);

    void reset();

private:
    AVFilterGraph* m_graph = nullptr;
    AVFilterContext* m_source = nullptr; ///< owned by the graph, like the next one
    AVFilterContext* m_sink = nullptr;
};

} // namespace depthscope::media
