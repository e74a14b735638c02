// SPDX-License-Identifier: MIT
// What the tests of engine/io share: files in a temporary folder, a small zip writer, and the error
// that a call throws.
#pragma once

#include "engine/base/error.h"
#include "engine/io/safetensors.h"
#include "engine/models/language_model.h"

#include <QTemporaryDir>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace depthscope::tests {

[[nodiscard]] inline std::filesystem::path weightFixture(const std::string& name) {
    return std::filesystem::path(DEPTHSCOPE_SOURCE_DIR) / "tests/fixtures/weights" / name;
}

[[nodiscard]] inline std::string bytesOf(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// A folder that goes away with the test.
class IoFolder {
public:
    std::filesystem::path write(const std::string& name, const std::string& bytes) const {
        std::ofstream(path(name), std::ios::binary | std::ios::trunc) << bytes;
        return path(name);
    }

    [[nodiscard]] std::filesystem::path path(const std::string& name = {}) const {
        return std::filesystem::path(m_folder.path().toStdString()) / name;
    }

private:
    QTemporaryDir m_folder;
};

/// Writes every key of a model, shared ones too; `changed` is written times 1.5.
inline void writeAliases(models::LanguageModel& model,
                         const std::filesystem::path& folder,
                         const std::string& changed = {}) {
    std::vector<io::NamedTensor> tensors;
    models::visitWeights(
        model.config(), model.weights(), [&](const spec::WeightSlot& slot, at::Tensor& tensor) {
            if (tensor.defined()) {
                tensors.push_back({slot.key, slot.key == changed ? tensor * 1.5 : tensor});
            }
        });
    io::writeSafetensors(folder / "model.safetensors", tensors);
}

/// Message of the Error{BadInput} that `call` throws, which must have a hint; else a text that no
/// expectation has.
template <typename Call>
[[nodiscard]] std::string refusalOf(const Call& call) {
    try {
        call();
    } catch (const Error& error) {
        const bool good = error.code() == ErrorCode::BadInput && !error.hint().empty();
        return good ? error.message() + " | " + error.hint() : "wrong kind: " + error.message();
    }
    return "no error";
}

[[nodiscard]] inline std::string number(std::uint64_t value, int width) {
    std::string bytes;
    for (int i = 0; i < width; ++i) {
        bytes.push_back(static_cast<char>(i < 8 ? value >> (8 * i) : 0));
    }
    return bytes;
}

/// A zip archive of stored members; `method` is written as their way of compression.
[[nodiscard]] inline std::string
zipOf(const std::vector<std::pair<std::string, std::string>>& members, int method = 0) {
    std::string bytes;
    std::string directory;
    for (const auto& [name, data] : members) {
        const std::string common = number(20, 2) + number(0, 2) + number(method, 2) + number(0, 8) +
                                   number(data.size(), 4) + number(data.size(), 4) +
                                   number(name.size(), 2) + number(0, 2);
        directory +=
            "PK\x01\x02" + number(20, 2) + common + number(0, 10) + number(bytes.size(), 4) + name;
        bytes += "PK\x03\x04" + common + name + data;
    }
    return bytes + directory + "PK\x05\x06" + number(0, 4) + number(members.size(), 2) +
           number(members.size(), 2) + number(directory.size(), 4) + number(bytes.size(), 4) +
           number(0, 2);
}

} // namespace depthscope::tests
