// SPDX-License-Identifier: MIT
#include "engine/io/weight_index.h"

#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/text.h"

#include <set>
#include <utility>

namespace depthscope::io {

namespace {

using nlohmann::json;

constexpr std::size_t kMaximumShards = 1024;

const char* kDownloadHint = "The folder is incomplete or mixes files of several models; download "
                            "it again from the source of the weights.";

/// A shard lies beside its index: anything else could name any file of the machine.
void checkShardName(const std::filesystem::path& index, const std::string& name) {
    const std::filesystem::path path(name);
    if (name.empty() || path.filename() != path || name == "." || name == "..") {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: weight_map names \"{}\", which is not a file name",
                                index.string(), name),
                    kDownloadHint);
    }
}

WeightIndex readShard(const std::filesystem::path& file) {
    return file.extension() == ".safetensors" ? readSafetensorsIndex(file) : readTorchArchive(file);
}

/// Adds one shard; all that it holds must be what the index expects of it.
void addShard(WeightIndex& result, const json& map, const std::string& name) {
    const auto reject = [&](const std::string& what) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: {}", result.path.string(), what),
                    kDownloadHint);
    };
    const std::filesystem::path file = result.path.parent_path() / name;
    std::error_code error;
    if (!std::filesystem::exists(file, error)) {
        reject(fmt::format("shard {} is missing", name));
    }
    WeightIndex shard = readShard(file);
    const auto number = static_cast<std::uint32_t>(result.files.size());
    result.files.push_back(file);
    for (auto& [tensor, entry] : shard.entries) {
        const auto expected = map.find(tensor);
        if (expected == map.end() || *expected != name) {
            reject(fmt::format("shard {} holds tensor {}, which the index {}", name, tensor,
                               expected == map.end()
                                   ? "does not name"
                                   : fmt::format("expects in {}", expected->get<std::string>())));
        }
        entry.file = number;
        result.entries.emplace(tensor, std::move(entry));
    }
}

} // namespace

WeightIndex readShardIndex(const std::filesystem::path& file) {
    constexpr std::uintmax_t kMaximumBytes = 64U << 20U;
    const JsonFile index(file, kMaximumBytes);
    const JsonField map = index.root().object("weight_map");
    std::set<std::string> shards;
    for (const auto& [tensor, value] : map.value().items()) {
        if (!value.is_string()) {
            map.child(value, tensor).fail("must be the name of a file", kDownloadHint);
        }
        shards.insert(value.get<std::string>());
    }
    if (shards.empty() || shards.size() > kMaximumShards) {
        map.fail("names no shards, or too many", kDownloadHint);
    }
    WeightIndex result;
    result.path = file;
    for (const std::string& name : shards) {
        checkShardName(file, name);
        addShard(result, map.value(), name);
    }
    for (const auto& [tensor, value] : map.value().items()) {
        if (!result.entries.contains(tensor)) {
            map.child(value, tensor)
                .fail(fmt::format("is not in {}", value.get<std::string>()), kDownloadHint);
        }
    }
    return result;
}

WeightIndex findWeights(const std::filesystem::path& folder) {
    using Read = WeightIndex (*)(const std::filesystem::path&);
    constexpr std::pair<const char*, Read> kNames[] = {
        {"model.safetensors", &readSafetensorsIndex},
        {"model.safetensors.index.json", &readShardIndex},
        {"pytorch_model.bin", &readTorchArchive},
        {"pytorch_model.bin.index.json", &readShardIndex},
    };
    std::error_code error;
    for (const auto& [name, read] : kNames) {
        if (std::filesystem::exists(folder / name, error)) {
            return read(folder / name);
        }
    }
    std::vector<std::filesystem::path> others;
    for (const auto& item : std::filesystem::directory_iterator(folder, error)) {
        if (item.path().extension() == ".pt" || item.path().extension() == ".pth") {
            others.push_back(item.path());
        }
    }
    if (others.size() == 1) {
        return readTorchArchive(others.front());
    }
    throw Error(ErrorCode::BadInput,
                fmt::format("{}: no model.safetensors, pytorch_model.bin or shard index{}",
                            folder.string(), others.empty() ? "" : ", and more than one .pt file"),
                "Put the weights beside config.json, under one of these names.");
}

} // namespace depthscope::io
