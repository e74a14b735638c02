// SPDX-License-Identifier: MIT
// FNV-1a, 64 bits: the stable hash of vocabularies and generated text. Not for hostile keys. Any
// thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace depthscope {

class Fnv {
public:
    void add(std::string_view bytes) {
        for (const char byte : bytes) {
            m_value = (m_value ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
        }
    }

    /// Little-endian bytes of the number, so that the hash is the same on every machine.
    void add(std::uint64_t number) {
        for (int shift = 0; shift < 64; shift += 8) {
            m_value = (m_value ^ ((number >> shift) & 0xffU)) * 0x100000001b3U;
        }
    }

    [[nodiscard]] std::uint64_t value() const { return m_value; }

private:
    std::uint64_t m_value = 0xcbf29ce484222325U;
};

} // namespace depthscope
