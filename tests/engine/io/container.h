// SPDX-License-Identifier: MIT
// A safetensors file in parts, for tests that change one. A plain value.
#pragma once

#include "tests/engine/io/io_test.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstring>
#include <string>

namespace depthscope::tests {

struct Container {
    nlohmann::json header = nlohmann::json::object();
    std::string data;

    void add(const std::string& name,
             const char* dtype,
             const nlohmann::json& shape,
             std::size_t bytes) {
        header[name] = {{"dtype", dtype},
                        {"shape", shape},
                        {"data_offsets", {data.size(), data.size() + bytes}}};
        data.append(bytes, '\1');
    }

    [[nodiscard]] std::string bytes() const { return bytesWith(header.dump()); }

    [[nodiscard]] std::string bytesWith(const std::string& text) const {
        return number(text.size(), 8) + text + data;
    }
};

[[nodiscard]] inline Container takeApart(const std::string& bytes) {
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof length);
    return {nlohmann::json::parse(bytes.substr(8, length)), bytes.substr(8 + length)};
}

} // namespace depthscope::tests
