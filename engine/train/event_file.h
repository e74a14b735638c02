// SPDX-License-Identifier: MIT
// TensorBoard event files: TFRecord framing, scalar summaries. Engine thread. Throws Error naming
// the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace depthscope::train {

/// Writes events.out.tfevents files that TensorBoard reads. One record per scalar.
class EventFile {
public:
    /// Opens a new file in `folder`, named after `wallTime` (seconds since 1970).
    EventFile(const std::filesystem::path& folder, double wallTime);

    void scalar(std::string_view tag, std::int64_t step, double wallTime, double value);

    /// Throws Error{Device} where not all could be written.
    void flush();

private:
    void record(const std::string& event);

    std::filesystem::path m_path;
    std::ofstream m_stream;
};

/// Masked CRC-32C of a TFRecord: ((crc >> 15 | crc << 17) + 0xa282ead8) mod 2^32.
[[nodiscard]] std::uint32_t maskedCrc(std::string_view bytes);

} // namespace depthscope::train
