// SPDX-License-Identifier: MIT
// A program built without video (DEPTHSCOPE_MEDIA=OFF) says so where it is asked for.
#include "app/cli/codecs.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "engine/base/error.h"

#include <CLI/App.hpp>

namespace depthscope::cli {

nlohmann::json codecsJson() {
    return {{"ffmpeg", nullptr},   {"decoders", nullptr},        {"encoders", nullptr},
            {"hardware", nullptr}, {"hardware_in_use", nullptr}, {"video_formats", nullptr}};
}

void printCodecs(const nlohmann::json& /*codecs*/) {
    printLine("video    none: built without it (DEPTHSCOPE_MEDIA)");
}

Action declareVideo(CLI::App& app) {
    app.allow_extras();
    CLI::App* clips = app.add_subcommand("clips", "Kinds of procedural clips");
    const Action listClips = declareClips(*clips);
    return [clips, listClips](const Common& common) {
        if (clips->parsed()) {
            listClips(common);
            return;
        }
        throw Error(ErrorCode::Usage, "video: this program was built without video",
                    "Build it with DEPTHSCOPE_MEDIA=ON; it needs FFmpeg's development packages.");
    };
}

} // namespace depthscope::cli
