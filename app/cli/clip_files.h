// SPDX-License-Identifier: MIT
// Clips as files, one or several of one name. Main thread. Throws what media::Encoder throws.
#pragma once

#include "engine/media/encoder.h"
#include "engine/trace/frame.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace depthscope::cli {

class ClipFiles {
public:
    struct How {
        std::filesystem::path out; ///< a file, a folder or a pattern for PNG images
        std::size_t count = 1;     ///< clips that will be written
        trace::Ratio rate{8, 1};   ///< frames per second
        std::string title;
    };

    /// Checks the place of the first one. Several clips are `sample-000.mp4`, .., or folders
    /// `clip-000`, ...
    explicit ClipFiles(How how);

    /// The next clip, rgb [frames, height, width, 3]. `comment`: how it was made, as JSON.
    void
    write(std::span<const std::uint8_t> rgb, depthscope::PictureSize size, std::string comment);

    /// Written so far.
    [[nodiscard]] const std::vector<std::string>& files() const { return m_files; }

private:
    [[nodiscard]] std::filesystem::path place(std::size_t number) const;

    How m_how;
    std::vector<std::string> m_files;
};

/// "25", "30000/1001", "23.976" given to the option `name`. Throws Error{Usage}.
[[nodiscard]] trace::Ratio ratioOption(const std::string& name, const std::string& text);

} // namespace depthscope::cli
