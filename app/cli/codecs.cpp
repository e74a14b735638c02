// SPDX-License-Identifier: MIT
#include "app/cli/codecs.h"

#include "app/cli/output.h"
#include "engine/base/text.h"
#include "engine/media/capabilities.h"
#include "engine/media/encoding_format.h"
#include "engine/media/hardware.h"

namespace depthscope::cli {

using nlohmann::json;

namespace {

/// What `video encode` writes, and by which encoder; without one, why not.
json formatsJson() {
    json formats = json::array();
    constexpr std::int32_t kUsual = 320;
    for (const media::EncodingFormat& format : media::encodingFormats()) {
        const media::EncoderChoice choice = media::chooseEncoder(format, kUsual, kUsual);
        formats.push_back({{"codec", format.name},
                           {"label", format.label},
                           {"endings", format.endings},
                           {"encoder", choice.encoder ? json(choice.encoder->name) : json(nullptr)},
                           {"reason", choice.encoder ? json(nullptr) : json(choice.reason)}});
    }
    return formats;
}

} // namespace

json codecsJson() {
    const media::Capabilities found = media::capabilities();
    const std::shared_ptr<media::HardwarePath> path = media::openHardware();
    return {{"ffmpeg", found.version},
            {"decoders", found.decoders},
            {"encoders", found.encoders},
            {"hardware", found.hardware},
            {"hardware_in_use", path ? json(path->name()) : json(nullptr)},
            {"video_formats", formatsJson()}};
}

void printCodecs(const json& codecs) {
    printLine("ffmpeg   " + codecs["ffmpeg"].get<std::string>());
    for (const char* kind : {"decoders", "encoders", "hardware"}) {
        std::string line = padded(kind, 9);
        for (const json& name : codecs[kind]) {
            line += name.get<std::string>() + " ";
        }
        printLine(line.substr(0, line.size() - 1));
    }
    const json& device = codecs["hardware_in_use"];
    printLine(fmt::format("plays    by {}", device.is_null() ? "software: no hardware device opens"
                                                             : device.get<std::string>()));
    std::string line = "writes  ";
    for (const json& format : codecs["video_formats"]) {
        line += format["encoder"].is_null()
                    ? fmt::format(" {} (no: {})", format["codec"].get<std::string>(),
                                  format["reason"].get<std::string>())
                    : fmt::format(" {} ({})", format["codec"].get<std::string>(),
                                  format["encoder"].get<std::string>());
    }
    printLine(line);
}

} // namespace depthscope::cli
