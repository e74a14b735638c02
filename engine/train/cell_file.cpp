// SPDX-License-Identifier: MIT
#include "engine/train/cell_file.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/text.h"

#include <fstream>

namespace depthscope::train {

using nlohmann::json;

std::optional<json> readCellFile(const std::filesystem::path& path, const char* figures) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        return std::nullopt;
    }
    json root = json::parse(stream, nullptr, false);
    if (!root.is_object() || !root.contains("curve") || !root.contains(figures) ||
        !root[figures].is_structured()) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: not the result of a cell", path.string()),
                    "Delete the file to run the cell again.");
    }
    return root;
}

void writeCellFile(const std::filesystem::path& path, const json& root) {
    AtomicFile file(path);
    file.write(root.dump(1) + "\n");
    file.commit();
}

} // namespace depthscope::train
