// SPDX-License-Identifier: MIT
// What the declarations of a video model's fields are made of: when a field matters, and how a text
// is bound to its place. For video_fields.cpp and video_stage_fields.cpp. Any thread.
#pragma once

#include "engine/spec/video_fields.h"

#include <string>
#include <vector>

namespace depthscope::spec::fields {

using VideoMatters = bool (*)(const VideoSpec&);

inline bool always(const VideoSpec&) {
    return true;
}

inline bool isMore(const VideoSpec& spec) {
    return spec.isMore();
}

inline bool hasPatterns(const VideoSpec& spec) {
    return spec.patterns.has_value();
}

inline bool recurs(const VideoSpec& spec) {
    return spec.recursion.has_value();
}

inline bool routes(const VideoSpec& spec) {
    return recurs(spec) && spec.recursion->hasRouter();
}

inline bool ranks(const VideoSpec& spec) {
    return recurs(spec) && settings::ranksTokens(spec.recursion->rule);
}

inline bool choosesDepth(const VideoSpec& spec) {
    return recurs(spec) && spec.recursion->rule == settings::Rule::Token;
}

inline VideoField
field(const char* name, const char* group, const char* help, VideoMatters matters = always) {
    return {name, group, help, matters};
}

inline VideoField as(VideoField made,
                     std::string (*text)(const VideoSpec&),
                     void (*assign)(VideoSpec&, const std::string&)) {
    made.read = text;
    made.write = [assign, name = made.name](VideoSpec& spec, const std::string& value) {
        try {
            assign(spec, value);
        } catch (const Error& error) {
            throw valueError(name, value, error.message() + ". " + error.hint());
        }
    };
    made.toJson = [text](const VideoSpec& spec) { return nlohmann::json(text(spec)); };
    made.fromJson = [assign](VideoSpec& spec, const JsonField& value) {
        try {
            assign(spec, value.string());
        } catch (const Error& error) {
            throw Error(ErrorCode::BadInput, value.where() + ": " + error.message(), error.hint());
        }
    };
    return made;
}

/// The fields of both stages of a MoRE.
[[nodiscard]] std::vector<VideoField> videoStageFields();

} // namespace depthscope::spec::fields
