// SPDX-License-Identifier: MIT
// What tests of readers share: files in a temporary folder, and the error that a call throws.
#pragma once

#include "engine/base/error.h"

#include <QTemporaryDir>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace depthscope::tests {

/// A folder that goes away with the test.
class Folder {
public:
    [[nodiscard]] std::filesystem::path write(const std::string& name,
                                              const std::string& bytes) const {
        std::ofstream(path(name), std::ios::binary) << bytes;
        return path(name);
    }

    [[nodiscard]] std::filesystem::path path(const std::string& name = {}) const {
        return std::filesystem::path(m_folder.path().toStdString()) / name;
    }

private:
    QTemporaryDir m_folder;
};

[[nodiscard]] inline std::string readAll(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

[[nodiscard]] inline std::filesystem::path fuzzSeed(const std::string& name) {
    return std::filesystem::path(DEPTHSCOPE_SOURCE_DIR) / "tests/fuzz/corpus/sentencepiece" / name;
}

[[nodiscard]] inline std::filesystem::path fixture(const std::string& name) {
    return std::filesystem::path(DEPTHSCOPE_SOURCE_DIR) / "tests/fixtures/tokenizer" / name;
}

/// Message of the Error that `call` throws with this code; else a text that no expectation has.
template <typename Call>
[[nodiscard]] std::string errorOf(ErrorCode code, const Call& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.code() == code ? error.message() : "wrong code: " + error.message();
    }
    return "no error";
}

} // namespace depthscope::tests
