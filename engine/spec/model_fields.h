// SPDX-License-Identifier: MIT
// Every quantity of a language model's configuration, declared once: its name and help for recipes,
// its place in config.json or mor_config.json, its type and range. Reader, writer, --set and the
// recipe dialog visit this list. Any thread.
#pragma once

#include "engine/spec/field.h"
#include "engine/spec/language_spec.h"
#include "engine/spec/training_fields.h"

#include <string>
#include <vector>

namespace depthscope::spec {

/// Where a quantity stands. Behind a slash it is a path in mor_config.json, in which * is the type
/// of the router; else a key of config.json. Null: nowhere, or the reader knows.
struct FilePlace {
    const char* llama = nullptr;
    const char* more = nullptr; ///< in the config.json of MORE and its baseline
    bool isRequired = false;
    const char* huginn = nullptr; ///< in Huginn's, whose reader also takes Llama's key
};

struct ModelField : Field<LanguageSpec> {
    FilePlace place;
    /// Whether it stands in the files of such a model. A recipe may leave it out (`matters`) where
    /// it has no effect.
    std::function<bool(const LanguageSpec&)> stands;

    [[nodiscard]] const char* placeIn(const LanguageSpec& spec) const {
        return spec.isMoreFamily() ? place.more : spec.refinesState() ? place.huginn : place.llama;
    }
};

/// Those that decide what others mean first.
[[nodiscard]] const std::vector<ModelField>& modelFields();

} // namespace depthscope::spec
