// SPDX-License-Identifier: MIT
// What the declarations of model fields are made of: when a field matters, and how a number, a flag
// or a choice is bound to its place. For model_fields.cpp and router_fields.cpp. Any thread.
#pragma once

#include "engine/spec/model_fields.h"

#include <vector>

namespace depthscope::spec::fields {

using Matters = bool (*)(const LanguageSpec&);

inline constexpr double kMany = 1e9;

// ---- when a field matters ----------------------------------------------------------------------

inline bool always(const LanguageSpec&) {
    return true;
}

inline bool isLlama(const LanguageSpec& spec) {
    return !spec.isMoreFamily();
}

inline bool isMore(const LanguageSpec& spec) {
    return spec.family == Family::More;
}

/// As mor_config.json says it.
inline bool shares(const LanguageSpec& spec) {
    return spec.sharesLayers() && !spec.isLooped();
}

inline bool hasGate(const LanguageSpec& spec) {
    return spec.hasExitGate();
}

inline bool refines(const LanguageSpec& spec) {
    return spec.refinesState();
}

inline bool countsUnrolled(const LanguageSpec& spec) {
    return !refines(spec);
}

inline bool hasLlamaLayers(const LanguageSpec& spec) {
    return isLlama(spec) && !refines(spec);
}

inline bool routes(const LanguageSpec& spec) {
    return spec.hasRouter();
}

inline bool choosesTokens(const LanguageSpec& spec) {
    return routes(spec) && spec.mor.type == RouterType::Expert;
}

inline bool choosesDepth(const LanguageSpec& spec) {
    return routes(spec) && spec.mor.type == RouterType::Token;
}

inline bool scalesScores(const LanguageSpec& spec) {
    return routes(spec) && spec.mor.weightedGating && spec.mor.function != RouterFunction::Identity;
}

// ---- kinds of fields ---------------------------------------------------------------------------

/// A field without its type.
inline ModelField field(const char* name, const char* group, const char* help, Matters matters) {
    ModelField made;
    made.name = name;
    made.group = group;
    made.help = help;
    made.matters = matters;
    made.stands = matters;
    return made;
}

inline ModelField at(FilePlace place, ModelField made) {
    made.place = place;
    return made;
}

/// Stands in files also where a recipe leaves it out.
inline ModelField at(FilePlace place, Matters stands, ModelField made) {
    made.place = place;
    made.stands = stands;
    return made;
}

/// The fields of a router and of its training, in the order of a recipe.
[[nodiscard]] std::vector<ModelField> routerFields();

} // namespace depthscope::spec::fields
