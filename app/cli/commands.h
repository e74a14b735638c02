// SPDX-License-Identifier: MIT
// One function for each command: it declares the command's options and returns what the command
// does once they are read. Actions throw Error; main turns it into a message and an exit code.
#pragma once

#include "app/cli/options.h"

#include <functional>

namespace depthscope::cli {

using Action = std::function<void(const Common&)>;

[[nodiscard]] Action declareInfo(CLI::App& app);
[[nodiscard]] Action declareInspect(CLI::App& app);
[[nodiscard]] Action declareRun(CLI::App& app);
[[nodiscard]] Action declareGenerate(CLI::App& app);
[[nodiscard]] Action declareScore(CLI::App& app);
[[nodiscard]] Action declarePresets(CLI::App& app);
[[nodiscard]] Action declareTrain(CLI::App& app);
[[nodiscard]] Action declareExperiment(CLI::App& app);
[[nodiscard]] Action declareBench(CLI::App& app);
[[nodiscard]] Action declareSelftest(CLI::App& app);
[[nodiscard]] Action declareTokenizer(CLI::App& app);
[[nodiscard]] Action declareVideo(CLI::App& app);
[[nodiscard]] Action declareClips(CLI::App& app); ///< of `video`
/// The kinds of procedural clips, or one of them; no name: all.
void describeClips(const Common& common, const std::string& name);

} // namespace depthscope::cli
