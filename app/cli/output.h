// SPDX-License-Identifier: MIT
// What commands print: JSON on stdout with --json, else a human-readable table; everything else
// goes to stderr. Main thread.
#pragma once

#include "engine/runtime/event.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace depthscope::cli {

[[nodiscard]] nlohmann::json modelJson(const spec::ModelInfo& info);
[[nodiscard]] nlohmann::json partsJson(const std::vector<spec::ParameterPart>& parts);
/// The object of `run --json` (docs/cli.md).
[[nodiscard]] nlohmann::json passJson(const trace::StepTrace& step, bool logits, bool losses);
/// NaN and infinities become null.
[[nodiscard]] nlohmann::json finiteOrNull(double value);

void printJson(const nlohmann::json& json);
/// Text for a terminal: control characters but line ends and tabs as \xNN.
[[nodiscard]] std::string printable(const std::string& text);

void printLine(const std::string& line);
/// A line each, indented.
void printParts(const std::vector<spec::ParameterPart>& parts);
/// To be called last: throws Error{OutOfMemory} where stdout did not take everything.
void finishOutput();
void printStatus(const std::string& line); ///< to stderr
/// The same of a job's progress: "train: step 3 of 9, 0:07 left".
void showProgress(const std::string& command, const runtime::JobProgress& progress);

/// Human-readable: "1.84 M", "96 KiB".
[[nodiscard]] std::string humanCount(double count);
[[nodiscard]] std::string oneDecimal(double number);
[[nodiscard]] std::string humanBytes(double bytes);
[[nodiscard]] std::string minutesAndSeconds(double seconds); ///< "1:07"

/// The text and spaces after it, at least one, `width` characters in all.
[[nodiscard]] std::string padded(std::string text, std::size_t width);

} // namespace depthscope::cli
