// SPDX-License-Identifier: MIT
#include "engine/recording/save.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/recording/files.h"
#include "engine/recording/tables.h"

#include <random>
#include <system_error>

namespace depthscope::recording {

namespace {

/// A name beside the target that nobody uses; on the same disk, so that it can be renamed.
std::filesystem::path partName(const std::filesystem::path& target) {
    std::random_device random;
    std::filesystem::path name;
    std::error_code ignored;
    do {
        name = target;
        name += ".part" + std::to_string(random());
    } while (std::filesystem::exists(name, ignored));
    return name;
}

/// Removes the unfinished file unless it was renamed.
struct PartFile {
    std::filesystem::path path;

    ~PartFile() {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
        removeCompanions(path);
    }
};

} // namespace

void saveRecording(const std::filesystem::path& path,
                   const std::vector<trace::StepPtr>& steps,
                   const RunSetup& recipe,
                   const WindowState& window,
                   const Beside& beside) {
    const std::filesystem::path target = replaceableTarget(path);
    const PartFile part{partName(target)};
    {
        Database database(part.path, Database::Open::Create, path.string());
        database.run(
            "PRAGMA journal_mode = MEMORY"); // an unfinished file is thrown away, not mended
        Tables tables(database);
        database.run("BEGIN");
        tables.put(recipe);
        tables.put(window);
        for (const trace::StepPtr& step : steps) {
            tables.add(*step);
        }
        for (const Annotation& annotation : beside.annotations) {
            tables.add(annotation);
        }
        if (beside.lanes) {
            tables.put(*beside.lanes);
        }
        database.run("COMMIT");
    }
    // A log left by a recording that was cut short would be read into the new file.
    removeCompanions(target);
    std::error_code error;
    std::filesystem::rename(part.path, target, error);
    if (error) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: cannot be written: {}", path.string(), error.message()),
                    "Choose a folder that you can write to.");
    }
    syncFolder(target.parent_path());
}

} // namespace depthscope::recording
