// SPDX-License-Identifier: MIT
#include "app/cli/client.h"
#include "app/cli/codecs.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/spec/families.h"

#include <CLI/App.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace depthscope::cli {

using nlohmann::json;

namespace {

void info(const Common& common) {
    json out{{"depthscope", DEPTHSCOPE_VERSION}, {"engine", nullptr}, {"remedy", nullptr}};
    json versions = json::object();
    runtime::InfoReport report;
    try {
        Client client(common.engine);
        client.perform(runtime::InfoRequest{}, [&](const runtime::Event& event) {
            if (const auto* info = std::get_if<runtime::InfoReport>(&event)) {
                report = *info;
            }
        });
        for (const auto& [name, version] : report.versions) {
            versions[name] = version;
        }
        out["engine"] = "loaded";
    } catch (const Error& error) {
        // info is the command that people run when the engine does not load: it must answer.
        out["engine"] = error.message();
        out["remedy"] = error.hint();
    }
    const json codecs = codecsJson();
    if (codecs["ffmpeg"].is_string()) {
        versions["ffmpeg"] = codecs["ffmpeg"];
    }
    out["versions"] = versions;
    out["devices"] = report.devices;
    out["kernels"] = report.kernels;
    for (const char* kind :
         {"decoders", "encoders", "hardware", "hardware_in_use", "video_formats"}) {
        out[kind] = codecs[kind];
    }
    if (common.json) {
        printJson(out);
        return;
    }
    printLine("depthscope " DEPTHSCOPE_VERSION);
    printLine(fmt::format("engine   {}", out["engine"].get<std::string>()));
    if (out["remedy"].is_string()) {
        printLine(fmt::format("remedy   {}", out["remedy"].get<std::string>()));
    }
    for (const auto& [name, version] : report.versions) {
        printLine(padded(name, 9) + version);
    }
    for (const std::string& device : report.devices) {
        printLine(fmt::format("device   {}", device));
    }
    for (const std::string& kernel : report.kernels) {
        printLine(fmt::format("kernels  {}", kernel));
    }
    printCodecs(codecs);
}

/// As many as the unrolled model would have.
std::int64_t effectiveParameters(const spec::ModelInfo& info) {
    std::int64_t sum = 0;
    for (const spec::ParameterPart& part : info.parts) {
        sum += part.count * (part.sharedBy.empty() ? 1 : info.recursions);
    }
    return sum;
}

/// Bytes that so many layers keep of a token.
std::int64_t kvBytes(const spec::ModelInfo& info, int layers) {
    const std::int64_t element = info.dtype == "bfloat16" ? 2 : 4;
    return std::int64_t{layers} * info.kvWidth * element;
}

bool keepsLast(const spec::ModelInfo& info) {
    return std::ranges::find(info.kvPolicies, settings::KvPolicy::Last) != info.kvPolicies.end();
}

/// What a token keeps where its last recursion alone is kept.
std::int64_t lastKvBytes(const spec::ModelInfo& info) {
    return kvBytes(info, info.unsharedLayers + info.blockLayers);
}

/// Of a looped model.
void addLoop(json& out, const spec::ModelInfo& info) {
    const auto recursions = static_cast<std::size_t>(info.recursions);
    const std::int64_t bytes = kvBytes(info, info.blockLayers);
    out["effective_parameters"] = effectiveParameters(info);
    out["kv_bytes_per_token"] = {{"by_recursion", std::vector<std::int64_t>(recursions, bytes)},
                                 {"total", kvBytes(info, info.layers)}};
    if (keepsLast(info)) {
        out["kv_bytes_per_token"]["last"] = lastKvBytes(info);
    }
}

json inspectJson(const spec::ModelInfo& info) {
    json out = modelJson(info);
    out["folder"] = info.folder;
    out["dtype"] = info.dtype;
    out["layers"] = info.layers;
    out["recursions"] = info.recursions;
    out["block_layers"] = info.blockLayers;
    out["unshared_layers"] = info.unsharedLayers;
    out["context"] = info.contextLength;
    out["vocabulary"] = info.vocabulary;
    out["tokenizer"] = info.hasTokenizer;
    out["router"] = info.router == spec::RouterKind::None     ? json(nullptr)
                    : info.router == spec::RouterKind::Expert ? json("expert")
                    : info.router == spec::RouterKind::Token  ? json("token")
                    : info.router == spec::RouterKind::Exit   ? json("exit")
                                                              : json("change");
    if (info.isLooped()) {
        addLoop(out, info);
    }
    out["router_function"] = info.routerFunction;
    out["capacity"] = settings::toString(info.trainedCapacity);
    out["parts"] = partsJson(info.parts);
    out["shared_slots"] = info.sharedSlots;
    out["flops_by_position"] = json::array();
    for (const auto& [position, flops] : info.flopsByPosition) {
        out["flops_by_position"].push_back({{"position", position}, {"flops", flops}});
    }
    if (info.experts > 0) {
        out["experts"] = info.experts;
        out["experts_per_token"] = info.expertsPerToken;
    }
    out["notes"] = info.notes;
    const json recipe = json::parse(info.recipe, nullptr, false);
    out["recipe"] = recipe.is_discarded() ? json(nullptr) : recipe;
    return out;
}

std::string layersText(const spec::ModelInfo& info) {
    std::string text = fmt::format("layers: {}", info.layers);
    if (info.experts > 0) {
        return fmt::format("{}, each with {} of {} experts of {} loops", text, info.expertsPerToken,
                           info.experts, info.recursions);
    }
    if (info.blockLayers == 0) {
        return fmt::format("{}, each with its own weights", text);
    }
    text += fmt::format(" unrolled = {} + {} x {}; weights of layer:", info.unsharedLayers,
                        info.recursions, info.blockLayers);
    for (const int slot : info.sharedSlots) {
        text += fmt::format(" {}", slot);
    }
    return text;
}

std::shared_ptr<const spec::ModelInfo> fromConfig(const std::filesystem::path& folder,
                                                  const std::string& why) {
    auto info = std::make_shared<spec::ModelInfo>(spec::describeFolder(folder));
    info->notes.insert(info->notes.begin(), fmt::format("from the configuration alone: {}", why));
    return info;
}

/// The configuration has to do where config.json itself is named, or there is no engine.
std::shared_ptr<const spec::ModelInfo> describe(const Common& common,
                                                const std::filesystem::path& model) {
    if (model.filename() == "config.json") {
        return fromConfig(model.parent_path(), "config.json was given instead of its folder");
    }
    std::shared_ptr<const spec::ModelInfo> info;
    try {
        Client client(common.engine);
        client.perform(runtime::LoadRequest{model.string(), runtime::ModelRole::Main},
                       [&](const runtime::Event& event) {
                           if (const auto* loaded = std::get_if<runtime::ModelLoaded>(&event)) {
                               info = loaded->model;
                           }
                       });
    } catch (const Error& error) {
        if (error.code() != ErrorCode::NoEngine) {
            throw;
        }
        info = fromConfig(model, error.message());
    }
    return info;
}

void inspect(const Common& common, const std::string& model) {
    const std::shared_ptr<const spec::ModelInfo> info = describe(common, model);
    if (common.json) {
        printJson(inspectJson(*info));
        return;
    }
    printLine(fmt::format("{}: {}, {} parameters", info->name, info->family,
                          humanCount(static_cast<double>(info->parameters))));
    printParts(info->parts);
    printLine(layersText(*info));
    if (info->isLooped()) {
        printLine(fmt::format(
            "{} parameters unrolled; keys and values of a token: {} per recursion, {} in all",
            humanCount(static_cast<double>(effectiveParameters(*info))),
            humanBytes(static_cast<double>(kvBytes(*info, info->blockLayers))),
            humanBytes(static_cast<double>(kvBytes(*info, info->layers)))));
        if (keepsLast(*info)) {
            printLine(
                fmt::format("{} of a token where its last recursion alone is kept (--kv last)",
                            humanBytes(static_cast<double>(lastKvBytes(*info)))));
        }
    }
    for (const auto& [position, flops] : info->flopsByPosition) {
        printLine(fmt::format("token at position {}: {} FLOP at full depth", position,
                              humanCount(flops)));
    }
    for (const std::string& note : info->notes) {
        printLine(fmt::format("note: {}", note));
    }
    const json training = json::parse(info->recipe, nullptr, false);
    if (training.is_object() && training.contains("recipe") && training["recipe"].is_object()) {
        std::string recipe;
        for (const auto& [name, value] : training["recipe"].items()) {
            recipe += fmt::format("{}{} {}", recipe.empty() ? "" : ", ", name,
                                  value.is_string() ? value.get<std::string>() : value.dump());
        }
        printLine(fmt::format("recipe: {}", printable(recipe)));
    }
}

} // namespace

Action declareInfo(CLI::App&) {
    return [](const Common& common) { info(common); };
}

Action declareInspect(CLI::App& app) {
    auto folder = std::make_shared<std::string>();
    addWord(app, "MODEL", *folder, "Folder with config.json and model.safetensors");
    return [folder](const Common& common) { inspect(common, *folder); };
}

} // namespace depthscope::cli
