// SPDX-License-Identifier: MIT
// Protocol buffers by hand: varint, 64-bit, bytes and 32-bit fields.
#include "engine/train/event_file.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <bit>

namespace depthscope::train {

namespace {

void putVarint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>(value | 0x80U));
        value >>= 7U;
    }
    out.push_back(static_cast<char>(value));
}

template <class Unsigned>
void putLittleEndian(std::string& out, Unsigned value) {
    for (std::size_t i = 0; i < sizeof value; ++i) {
        out.push_back(static_cast<char>(value >> (8 * i)));
    }
}

enum class Wire : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

void putTag(std::string& out, std::uint32_t field, Wire wire) {
    putVarint(out, (field << 3U) | static_cast<std::uint32_t>(wire));
}

void putBytes(std::string& out, std::uint32_t field, std::string_view bytes) {
    putTag(out, field, Wire::Bytes);
    putVarint(out, bytes.size());
    out.append(bytes);
}

std::string eventAt(double wallTime) {
    std::string event;
    putTag(event, 1, Wire::Fixed64);
    putLittleEndian(event, std::bit_cast<std::uint64_t>(wallTime));
    return event;
}

} // namespace

std::uint32_t maskedCrc(std::string_view bytes) {
    constexpr std::uint32_t kCastagnoli = 0x82f63b78U; // reflected
    std::uint32_t crc = ~0U;
    for (const char byte : bytes) {
        crc ^= static_cast<std::uint8_t>(byte);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kCastagnoli : 0U);
        }
    }
    crc = ~crc;
    constexpr std::uint32_t kMask = 0xa282ead8U;
    return std::rotr(crc, 15) + kMask;
}

EventFile::EventFile(const std::filesystem::path& folder, double wallTime)
    : m_path(folder / ("events.out.tfevents." +
                       std::to_string(static_cast<std::int64_t>(wallTime)) + ".depthscope"))
    , m_stream(m_path, std::ios::binary | std::ios::app) {
    if (!m_stream) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: cannot be written", m_path.string()),
                    "Choose an --out folder that you can write to.");
    }
    std::string event = eventAt(wallTime);
    putBytes(event, 3, "brain.Event:2");
    record(event);
}

void EventFile::scalar(std::string_view tag, std::int64_t step, double wallTime, double value) {
    std::string entry; // Summary.Value{tag = 1, simple_value = 2}
    putBytes(entry, 1, tag);
    putTag(entry, 2, Wire::Fixed32);
    putLittleEndian(entry, std::bit_cast<std::uint32_t>(static_cast<float>(value)));
    std::string summary;
    putBytes(summary, 1, entry);
    std::string event = eventAt(wallTime); // Event{wall_time = 1, step = 2, summary = 5}
    putTag(event, 2, Wire::Varint);
    putVarint(event, static_cast<std::uint64_t>(step));
    putBytes(event, 5, summary);
    record(event);
}

void EventFile::record(const std::string& event) {
    std::string framed;
    putLittleEndian(framed, static_cast<std::uint64_t>(event.size()));
    putLittleEndian(framed, maskedCrc(framed));
    framed += event;
    putLittleEndian(framed, maskedCrc(event));
    m_stream.write(framed.data(), static_cast<std::streamsize>(framed.size()));
}

void EventFile::flush() {
    if (!m_stream.flush()) {
        throw Error(ErrorCode::Device,
                    fmt::format("{}: could not be written completely", m_path.string()),
                    "Free some space, then continue with --resume.");
    }
}

} // namespace depthscope::train
