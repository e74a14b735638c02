// SPDX-License-Identifier: MIT
// `video clips NAME --out`: procedural clips as files.
#include "app/cli/client.h"
#include "app/cli/clip_files.h"
#include "app/cli/commands_video.h"
#include "app/cli/output.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/spec/clip_preset.h"

#include <CLI/App.hpp>

#include <algorithm>
#include <memory>

namespace depthscope::cli {

using nlohmann::json;

namespace {

struct ClipOptions {
    std::string name;
    std::string out;
    std::string size = "16x16";
    std::string rate;
    std::int64_t frames = 8;
    std::int64_t index = 0;
    std::int64_t count = 1;
};

/// "64x48" or "64".
depthscope::PictureSize sizeOf(const std::string& text) {
    const std::size_t cross = std::min(text.find('x'), text.size());
    const auto width = parseNumber<std::int32_t>(std::string_view(text).substr(0, cross));
    const auto height = cross == text.size()
                            ? width
                            : parseNumber<std::int32_t>(std::string_view(text).substr(cross + 1));
    if (!width || !height) {
        throw Error(ErrorCode::Usage, fmt::format("--size: \"{}\" must be a size in pixels", text),
                    "For example --size 64x48 or --size 64.");
    }
    return {*width, *height};
}

/// One at a time, so that an interrupt is heard and memory is bounded.
void writeClips(const Common& common, const ClipOptions& options, ClipFiles& files) {
    const depthscope::PictureSize size = sizeOf(options.size);
    runtime::ClipRequest request;
    request.clips = {options.name, common.engine.seed, static_cast<std::uint64_t>(options.index)};
    request.frames = options.frames;
    request.width = size.width;
    request.height = size.height;
    Client client(common.engine);
    for (std::int64_t k = 0; k < options.count; ++k, ++request.clips.first) {
        client.perform(request, [&](const runtime::Event& event) {
            if (const auto* clip = std::get_if<runtime::ClipReport>(&event)) {
                files.write(clip->rgb, size,
                            json{{"program", "depthscope"},
                                 {"clips",
                                  {{"name", options.name},
                                   {"seed", request.clips.seed},
                                   {"index", clip->number}}}}
                                .dump());
            }
        });
    }
}

void draw(const Common& common, const ClipOptions& options) {
    constexpr std::int64_t kMost = 100'000;
    if (options.name.empty()) {
        throw Error(ErrorCode::Usage, "--out needs the name of a kind of clips",
                    "For example: video clips moving-shapes --out clip.mp4.");
    }
    static_cast<void>(spec::findClipPreset(options.name)); // before anything is written
    if (options.count < 1 || options.count > kMost || options.index < 0) {
        throw Error(ErrorCode::Usage,
                    fmt::format("--count {} from --index {}", options.count, options.index),
                    fmt::format("Give 1 to {} clips; they are numbered from 0.", kMost));
    }
    ClipFiles files(
        {.out = options.out,
         .count = static_cast<std::size_t>(options.count),
         .rate = options.rate.empty() ? trace::Ratio{8, 1} : ratioOption("rate", options.rate),
         .title = options.name});
    writeClips(common, options, files);
    if (common.json) {
        printJson({{"out", options.out},
                   {"files", files.files()},
                   {"name", options.name},
                   {"seed", common.engine.seed},
                   {"index", options.index},
                   {"frames", options.frames}});
        return;
    }
    printLine(fmt::format("{} clips of {} frames, seed {}, in {}", files.files().size(),
                          options.frames, common.engine.seed, options.out));
}

} // namespace

Action declareClipFiles(CLI::App& app) {
    auto options = std::make_shared<ClipOptions>();
    addWord(app, "NAME", options->name, "Kind to describe, or to draw", false);
    addText(app, "out", "FILE", options->out,
            "Draw clips: a file (.mp4 .mov .webm .mkv .gif), or a folder or pattern for PNG "
            "images");
    addInteger(app, "count", options->count, "Clips to draw; default: 1");
    addInteger(app, "index", options->index, "Number of the first one");
    addInteger(app, "frames", options->frames, "Frames of a clip; default: 8");
    addText(app, "size", "WxH", options->size, "Pixels; default: 16x16");
    addText(app, "rate", "R", options->rate, "Frames per second; default: 8");
    return [options](const Common& common) {
        if (options->out.empty()) {
            describeClips(common, options->name);
        } else {
            draw(common, *options);
        }
    };
}

} // namespace depthscope::cli
