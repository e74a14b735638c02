// SPDX-License-Identifier: MIT
#include "engine/media/file_output.h"

#include "engine/base/error.h"

#include <algorithm>
#include <memory>

namespace depthscope::media {

namespace {

constexpr int kBufferBytes = 1 << 16;

std::int64_t placeOf(std::int64_t now, std::int64_t end, std::int64_t offset, int whence) {
    const std::int64_t base = whence == SEEK_CUR ? now : whence == SEEK_END ? end : 0;
    std::int64_t target = 0;
    return __builtin_add_overflow(base, offset, &target) || target < 0 ? AVERROR(EINVAL) : target;
}

std::uint8_t* makeBuffer() {
    auto* buffer = static_cast<std::uint8_t*>(av_malloc(kBufferBytes));
    if (buffer == nullptr) {
        throw Error(ErrorCode::OutOfMemory, "no memory to write a video", "Close other programs.");
    }
    return buffer;
}

} // namespace

FileOutput::FileOutput(const std::filesystem::path& target)
    : m_file(target)
    , m_context(
          owned(avio_alloc_context(makeBuffer(), kBufferBytes, 1, this, nullptr, &write, &seek))) {}

int FileOutput::write(void* self, WrittenBytes bytes, int count) {
    auto& output = *static_cast<FileOutput*>(self);
    if (output.m_error) {
        return AVERROR(EIO);
    }
    try {
        const auto at = static_cast<std::uint64_t>(output.m_position);
        output.m_file.writeAt(at, bytes, static_cast<std::size_t>(count));
    } catch (...) {
        output.m_error = std::current_exception(); // no exception through FFmpeg's own code
        return AVERROR(EIO);
    }
    output.m_position += count;
    output.m_end = std::max(output.m_end, output.m_position);
    return count;
}

std::int64_t FileOutput::seek(void* self, std::int64_t offset, int whence) {
    auto& output = *static_cast<FileOutput*>(self);
    if ((whence & AVSEEK_SIZE) != 0) {
        return output.m_end;
    }
    const std::int64_t place =
        placeOf(output.m_position, output.m_end, offset, whence & ~AVSEEK_FORCE);
    output.m_position = place < 0 ? output.m_position : place;
    return place;
}

AVIOContext* FileOutput::openForReading() {
    auto look = std::make_unique<Look>(Look{this, 0});
    Owned<AVIOContext> context = owned(
        avio_alloc_context(makeBuffer(), kBufferBytes, 0, look.get(), &read, nullptr, &seekLook));
    static_cast<void>(look.release());
    return context.release();
}

void FileOutput::close(AVIOContext* context) {
    const Owned<AVIOContext> freed(context);
    const std::unique_ptr<Look> look(static_cast<Look*>(context->opaque));
}

int FileOutput::read(void* look, std::uint8_t* bytes, int count) {
    auto& place = *static_cast<Look*>(look);
    try {
        const std::size_t got = place.file->m_file.readAt(
            static_cast<std::uint64_t>(place.position), bytes, static_cast<std::size_t>(count));
        place.position += static_cast<std::int64_t>(got);
        return got == 0 ? AVERROR_EOF : static_cast<int>(got);
    } catch (...) {
        place.file->m_error = std::current_exception();
        return AVERROR(EIO);
    }
}

std::int64_t FileOutput::seekLook(void* look, std::int64_t offset, int whence) {
    auto& place = *static_cast<Look*>(look);
    if ((whence & AVSEEK_SIZE) != 0) {
        return place.file->m_end;
    }
    const std::int64_t target =
        placeOf(place.position, place.file->m_end, offset, whence & ~AVSEEK_FORCE);
    place.position = target < 0 ? place.position : target;
    return target;
}

void FileOutput::check() const {
    if (m_error) {
        std::rethrow_exception(m_error);
    }
}

void FileOutput::commit() {
    avio_flush(m_context.get());
    check();
    m_file.commit();
}

} // namespace depthscope::media
