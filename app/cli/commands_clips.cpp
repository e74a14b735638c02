// SPDX-License-Identifier: MIT
// `video clips`: the named kinds of procedural clips. Needs neither LibTorch nor FFmpeg.
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "engine/spec/clip_preset.h"

#include <CLI/App.hpp>

#include <memory>
#include <span>
#include <string>

namespace depthscope::cli {

using nlohmann::json;

namespace {

json rangeJson(const spec::ClipRange& range) {
    constexpr double kThousandths = 1000;
    return {range.low / kThousandths, range.high / kThousandths};
}

json presetJson(const spec::ClipPreset& preset) {
    constexpr double kThousandths = 1000;
    return {{"name", preset.name},
            {"help", preset.help},
            {"object", preset.object == spec::ClipObject::Glyph ? "glyph" : "shape"},
            {"objects", preset.objects},
            {"radius", rangeJson(preset.radius)},
            {"speed", rangeJson(preset.speed)},
            {"ground", preset.ground == spec::ClipGround::Textured ? "textured" : "plain"},
            {"drift", preset.drift / kThousandths},
            {"follows_ground", preset.followsGround},
            {"crosses", preset.crosses},
            {"bar", preset.bar / kThousandths},
            {"gravity", preset.gravity / kThousandths},
            {"noise", preset.noise}};
}

} // namespace

void describeClips(const Common& common, const std::string& name) {
    refuseEngineOptions(common, "video clips");
    const std::span<const spec::ClipPreset> found =
        name.empty() ? spec::clipPresets() : std::span(&spec::findClipPreset(name), 1);
    if (!common.json) {
        for (const spec::ClipPreset& preset : found) {
            printLine(padded(std::string(preset.name), 17) + preset.help);
        }
        return;
    }
    json out{{"clips", json::array()}};
    for (const spec::ClipPreset& preset : found) {
        out["clips"].push_back(presetJson(preset));
    }
    printJson(name.empty() ? out : out["clips"].front());
}

Action declareClips(CLI::App& app) {
    auto name = std::make_shared<std::string>();
    addWord(app, "NAME", *name, "Kind to describe", false);
    return [name](const Common& common) { describeClips(common, *name); };
}

} // namespace depthscope::cli
