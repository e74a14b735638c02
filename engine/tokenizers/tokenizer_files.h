// SPDX-License-Identifier: MIT
// The files of a tokenizer as a whole: a model folder holds one, with what stands beside it. Plain
// values; any thread. Throws Error{BadInput} naming the file.
#pragma once

#include "engine/tokenizers/tokenizer.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace depthscope::tokenizers {

/// Contents by the names that they have in a model folder.
using TokenizerFiles = std::map<std::string, std::string>;

[[nodiscard]] bool hasTokenizer(const std::filesystem::path& folder);

/// The tokenizer of a folder, or of one file of any name: a tokenizer.json, a tokenizer.model (with
/// the words beside it), a vocabulary.json. Never null.
[[nodiscard]] std::unique_ptr<Tokenizer> openTokenizer(const std::filesystem::path& place);

/// What openTokenizer reads.
[[nodiscard]] TokenizerFiles tokenizerFiles(const std::filesystem::path& place);

/// Makes these the tokenizer of the folder and removes files of other tokenizers. Does nothing
/// without files.
void writeTokenizer(const TokenizerFiles& files, const std::filesystem::path& folder);

} // namespace depthscope::tokenizers
