// SPDX-License-Identifier: MIT
#include "app/cli/clip_files.h"
#include "app/cli/commands_video.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/media/encode_clip.h"

#include <CLI/App.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace depthscope::cli {

using nlohmann::json;

namespace {

struct EncodeOptions {
    std::string frames;
    std::string out;
    std::string codec;
    std::string rate;
    std::string scale;
    std::string chroma;
    std::int64_t quality = -1;
    std::int64_t first = 0;
    std::int64_t last = -1;
    std::string title;
    std::string comment;
    std::string cache;
};

media::ClipEncoding jobOf(const EncodeOptions& options) {
    media::ClipEncoding job;
    job.source = options.frames;
    job.target = options.out;
    job.index.cacheFolder = options.cache;
    job.settings.format = options.codec;
    job.settings.title = options.title;
    job.settings.comment = options.comment;
    if (!options.rate.empty()) {
        job.rate = ratioOption("rate", options.rate);
    }
    if (!options.scale.empty() && options.scale != "auto") {
        job.settings.scale = ratioOption("scale", options.scale);
    }
    if (!options.chroma.empty() && options.chroma != "420" && options.chroma != "444") {
        throw Error(ErrorCode::Usage, fmt::format("--chroma: unknown value '{}'", options.chroma),
                    "Valid: 420, 444.");
    }
    job.settings.fullChroma = options.chroma == "444";
    if (options.quality >= 0) {
        job.settings.quality =
            static_cast<std::int32_t>(std::min<std::int64_t>(options.quality, INT32_MAX));
    }
    job.first = options.first;
    if (options.last >= 0) {
        job.last = options.last;
    }
    return job;
}

/// At most a line a second, and only for what takes longer.
class ProgressLines {
public:
    void show(std::int64_t done, std::int64_t total) {
        const auto now = std::chrono::steady_clock::now();
        if (now - m_last < std::chrono::seconds(1)) {
            return;
        }
        m_last = now;
        const double passed = std::chrono::duration<double>(now - m_begin).count();
        const double left = passed / static_cast<double>(done) * static_cast<double>(total - done);
        printStatus(fmt::format("video encode: {} of {} frames, {} left", done, total,
                                minutesAndSeconds(left)));
    }

private:
    std::chrono::steady_clock::time_point m_begin = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point m_last = m_begin;
};

json clipJson(const std::string& file, const media::EncodedClip& clip) {
    return {{"file", file},
            {"codec", clip.format},
            {"encoder", clip.encoder},
            {"width", clip.width},
            {"height", clip.height},
            {"pixel_format", clip.pixelFormat},
            {"scale", fmt::format("{}:{}", clip.scale.over, clip.scale.under)},
            {"padded", clip.padded},
            {"frame_count", clip.frames},
            {"bytes", clip.bytes}};
}

void encode(const Common& common, const EncodeOptions& options) {
    refuseEngineOptions(common, "video encode");
    if (options.out.empty()) {
        throw Error(ErrorCode::Usage, "--out is missing",
                    "Give the file to write: --out clip.mp4, or a folder for PNG images.");
    }
    const media::ClipEncoding job = jobOf(options);
    const InterruptWatch interrupt;
    ProgressLines lines;
    const media::EncodedClip clip = media::encodeClip(
        job, [&](std::int64_t done, std::int64_t total) { lines.show(done, total); },
        interrupt.token());
    if (common.json) {
        printJson(clipJson(options.out, clip));
        return;
    }
    printLine(fmt::format(
        "{}: {} frames, {} x {} {}, {}, by {}{}", options.out, clip.frames, clip.width, clip.height,
        clip.pixelFormat, humanBytes(static_cast<double>(clip.bytes)), clip.encoder,
        clip.scale.over > 1 ? fmt::format(", enlarged {}x", clip.scale.over) : std::string()));
}

} // namespace

Action declareEncoding(CLI::App& app) {
    auto options = std::make_shared<EncodeOptions>();
    addWord(app, "FRAMES", options->frames, "A folder or a pattern of images, or a video");
    addText(
        app, "out", "FILE", options->out,
        "The file (.mp4 .mov .webm .mkv .gif), a folder or pattern for PNG images, or one .png");
    addText(app, "rate", "R", options->rate,
            "Frames per second, such as 25 or 30000/1001; else those of FRAMES");
    addText(app, "codec", "C", options->codec,
            "h264, vp9, av1, ffv1 (lossless), gif or png; else by the ending of FILE");
    addInteger(app, "quality", options->quality,
               "Smaller is better: h264 1 to 51 (18), vp9 1 to 63 (31), av1 1 to 63 (35)");
    addText(app, "scale", "K", options->scale,
            "Of both sides: 4, 1/2, or auto: shared formats are enlarged to 256 pixels");
    addText(app, "chroma", "C", options->chroma, "420, or 444: full colour, read by fewer players");
    addInteger(app, "first", options->first, "The first frame to encode, from 0");
    addInteger(app, "last", options->last, "The last frame to encode");
    addText(app, "title", "S", options->title, "Title in the file");
    addText(app, "comment", "S", options->comment, "How the clip was made, for example as JSON");
    addText(app, "cache", "DIR", options->cache,
            "Keep the index of a video here for the next time");
    return [options](const Common& common) { encode(common, *options); };
}

} // namespace depthscope::cli
