// SPDX-License-Identifier: MIT
#include "engine/recording/clip_rows.h"

#include "engine/base/text.h"
#include "engine/recording/json_fields.h"
#include "engine/recording/step_json.h"

#include <limits>

namespace depthscope::recording {

namespace {

constexpr const char* kClipSql =
    "SELECT step, codec, width, height, firstFrame, rateOver, "
    "rateUnder, extradata, contextFrames, figures FROM clip ORDER BY step";
constexpr const char* kFrameSql =
    "SELECT step, number, pts, packet FROM frame ORDER BY step, number";

std::vector<std::uint8_t>
bytesOf(const Statement& row, int column, std::size_t most, const std::string& subject) {
    const std::span<const std::byte> bytes = row.blob(column);
    if (bytes.size() > most) {
        rejectJson(subject, fmt::format("{} bytes are more than {}", bytes.size(), most));
    }
    const auto* begin = reinterpret_cast<const std::uint8_t*>(bytes.data());
    return bytes.empty() ? std::vector<std::uint8_t>()
                         : std::vector<std::uint8_t>(begin, begin + bytes.size());
}

} // namespace

ClipRows::ClipRows(Database& database)
    : m_clips(database, kClipSql)
    , m_frames(database, kFrameSql) {
    advanceClip();
    advanceFrame();
}

void ClipRows::advanceClip() {
    m_clipStep = m_clips.next() ? std::optional(m_clips.integer(0)) : std::nullopt;
}

void ClipRows::advanceFrame() {
    m_frameStep = m_frames.next() ? std::optional(m_frames.integer(0)) : std::nullopt;
}

std::optional<trace::ClipContent> ClipRows::of(std::int64_t step) {
    while (m_clipStep && *m_clipStep < step) {
        advanceClip();
    }
    if (!m_clipStep || *m_clipStep != step) {
        return std::nullopt;
    }
    const std::string subject = fmt::format("clip of step row {}", step);
    const auto number = [&](int column) {
        return static_cast<std::int32_t>(
            bounded(m_clips.integer(column), std::numeric_limits<std::int32_t>::max(), subject));
    };
    trace::ClipContent clip;
    clip.codec.name = boundedText(m_clips, 1, kMaxCodecNameBytes, subject);
    clip.codec.width = number(2);
    clip.codec.height = number(3);
    clip.firstFrame = number(4);
    clip.rate = {number(5), number(6)};
    clip.codec.extradata = bytesOf(m_clips, 7, kMaxExtradataBytes, subject);
    clip.contextFrames = number(8);
    const nlohmann::json figures =
        parseJson(boundedText(m_clips, 9, kMaxMetaBytes, subject), subject);
    readClipFigures(figures, subject + ": figures", clip);
    readFrames(step, subject, clip);
    advanceClip();
    return clip;
}

void ClipRows::readFrames(std::int64_t step, const std::string& subject, trace::ClipContent& clip) {
    while (m_frameStep && *m_frameStep < step) {
        advanceFrame();
    }
    std::size_t total = 0;
    for (; m_frameStep && *m_frameStep == step; advanceFrame()) {
        const std::int64_t expected = clip.firstFrame + std::ssize(clip.packets);
        if (m_frames.integer(1) != expected) {
            rejectJson(subject, fmt::format("frame {} is missing", expected));
        }
        if (clip.packets.size() == kMaxFramesPerStep) {
            rejectJson(subject, fmt::format("more than {} frames", kMaxFramesPerStep));
        }
        std::vector<std::uint8_t> bytes = bytesOf(m_frames, 3, kMaxClipBytes - total, subject);
        total += bytes.size();
        clip.packets.push_back({m_frames.integer(2), std::move(bytes)});
    }
}

} // namespace depthscope::recording
