// SPDX-License-Identifier: MIT
#include "engine/media/reader.h"

#include "engine/media/reader_run.h"

#include <utility>

namespace depthscope::media {

Reader::Reader(std::filesystem::path path, ReaderOptions options, const std::stop_token& stop)
    : Reader(path, buildIndex(path, options.index, stop), options, stop) {}

Reader::Reader(std::filesystem::path path,
               std::shared_ptr<const MediaIndex> index,
               ReaderOptions options,
               const std::stop_token& stop)
    : m_run(std::make_unique<Run>(std::move(path), std::move(index), std::move(options), stop)) {}

Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

std::shared_ptr<const MediaIndex> Reader::index() const {
    return m_run->index();
}

std::string_view Reader::device() const {
    return m_run->device();
}

trace::Frame Reader::frame(std::int64_t number, const std::stop_token& stop) {
    trace::Frame frame = m_run->frame(number, stop);
    m_position = number;
    return frame;
}

std::optional<trace::Frame> Reader::next(const std::stop_token& stop) {
    if (m_position + 1 >= index()->frameCount()) {
        return std::nullopt;
    }
    return frame(m_position + 1, stop);
}

std::optional<trace::Frame> Reader::previous(const std::stop_token& stop) {
    if (m_position < 0) {
        return frame(0, stop);
    }
    if (m_position == 0) {
        return std::nullopt;
    }
    return frame(m_position - 1, stop);
}

} // namespace depthscope::media
