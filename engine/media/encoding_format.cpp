// SPDX-License-Identifier: MIT
#include "engine/media/encoding_format.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/media/ffmpeg.h"

#include <algorithm>

namespace depthscope::media {

namespace {

constexpr std::string_view kFourTwoZero = "yuv420p,yuv444p";

std::vector<EncodingFormat> makeFormats() {
    // The quality scales are the encoders' own, of constant quality: smaller is better.
    return {
        {"h264",
         "H.264",
         {".mp4", ".mov", ".mkv"},
         {{"libx264", 1, "crf", 1, kFourTwoZero, {{"preset", "medium"}}}},
         1,
         51,
         18,
         false,
         true},
        {"vp9",
         "VP9",
         {".webm", ".mkv", ".mp4"},
         {{"libvpx-vp9",
           1,
           "crf",
           1,
           kFourTwoZero,
           {{"b", "0"}, {"row-mt", "1"}, {"deadline", "good"}, {"cpu-used", "4"}}}},
         1,
         63,
         31,
         false,
         true},
        {"av1",
         "AV1",
         {".mp4", ".webm", ".mkv"},
         {{"libsvtav1", 64, "crf", 1, "yuv420p", {{"preset", "8"}}},
          {"libaom-av1",
           1,
           "crf",
           1,
           kFourTwoZero,
           {{"b", "0"}, {"row-mt", "1"}, {"cpu-used", "6"}}},
          {"librav1e", 16, "qp", 255.0 / 63, kFourTwoZero, {{"speed", "8"}}}},
         1,
         63,
         35,
         false,
         true},
        {"ffv1", "FFV1", {".mkv"}, {{"ffv1", 1, "", 1, "", {}}}, 0, 0, 0, true, false},
        {"gif", "GIF", {".gif"}, {{"gif", 1, "", 1, "pal8", {}}}, 0, 0, 0, false, true},
        {"png",
         "PNG images",
         {".png"},
         {{"png", 1, "", 1, "rgb24", {}, "rgba"}},
         0,
         0,
         0,
         false,
         false},
    };
}

const std::vector<EncodingFormat>& formats() {
    static const std::vector<EncodingFormat> all = makeFormats();
    return all;
}

bool isHere(const EncoderRecipe& encoder) {
    return avcodec_find_encoder_by_name(std::string(encoder.name).c_str()) != nullptr;
}

} // namespace

std::span<const EncodingFormat> encodingFormats() {
    return formats();
}

const EncodingFormat* findEncodingFormat(std::string_view name) {
    const auto found =
        std::find_if(formats().begin(), formats().end(),
                     [name](const EncodingFormat& format) { return format.name == name; });
    return found == formats().end() ? nullptr : &*found;
}

const EncodingFormat& encodingFormatOf(const std::filesystem::path& file) {
    const std::string ending = file.extension().string();
    std::error_code error;
    if (ending.empty() || std::filesystem::is_directory(file, error)) {
        return *findEncodingFormat("png");
    }
    // Of the formats that share an ending, the one that it is usual for comes first.
    if (ending == ".mkv") {
        return *findEncodingFormat("ffv1");
    }
    for (const EncodingFormat& format : formats()) {
        if (std::find(format.endings.begin(), format.endings.end(), ending) !=
            format.endings.end()) {
            return format;
        }
    }
    throw Error(ErrorCode::Usage,
                fmt::format("{}: unknown kind of file '{}'", file.string(), ending),
                "Valid: .mp4, .mov, .webm, .mkv, .gif, a pattern such as frame-%04d.png, or the "
                "name of a folder.");
}

EncoderChoice chooseEncoder(const EncodingFormat& format, std::int32_t width, std::int32_t height) {
    std::string reason;
    for (const EncoderRecipe& encoder : format.encoders) {
        if (!isHere(encoder)) {
            reason += fmt::format("{}{} is not part of this FFmpeg", reason.empty() ? "" : "; ",
                                  encoder.name);
        } else if (std::min(width, height) < encoder.leastSide) {
            reason += fmt::format("{}{} needs sides of at least {} pixels",
                                  reason.empty() ? "" : "; ", encoder.name, encoder.leastSide);
        } else {
            return {&encoder, {}};
        }
    }
    return {nullptr, reason};
}

} // namespace depthscope::media
