// SPDX-License-Identifier: MIT
// Everything a user can set in the laboratory, as one value. Views edit a copy and submit it; the
// engine answers with the revision in force. Any thread.
#pragma once

#include "engine/base/error.h"
#include "engine/settings/routing.h"
#include "engine/settings/video.h"

#include <cstdint>

namespace depthscope::settings {

struct GenerationSettings {
    int count = 64;           ///< tokens to generate
    double temperature = 0.8; ///< 0 is greedy
    int topK = 0;             ///< 0: all
    double topP = 1.0;        ///< 1: all
    std::uint64_t seed = 1;
    bool useCache = true;
    bool stopAtEos = false;

    [[nodiscard]] bool operator==(const GenerationSettings&) const = default;

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor&& visitor) {
        visitor(FieldInfo{"tokens", "Tokens to generate", "tokens", 1, 1'000'000}, self.count);
        visitor(FieldInfo{"temperature", "Sampling temperature; 0 is greedy", "", 0.0, 100.0},
                self.temperature);
        visitor(
            FieldInfo{"top-k", "Sample from the k most likely tokens; 0 is all", "", 0, 1'000'000},
            self.topK);
        visitor(FieldInfo{"top-p",
                          "Sample from the most likely tokens that together reach this probability",
                          "", 0.0, 1.0},
                self.topP);
        visitor(FieldInfo{"seed", "The same seed gives the same text", "", 0, 9.007e15}, self.seed);
        visitor(FieldInfo{"use-cache", "Cache keys and values between tokens"}, self.useCache);
        visitor(FieldInfo{"stop-at-eos", "Stop at the end-of-text token"}, self.stopAtEos);
    }
};

struct LabSettings {
    RoutingSettings routing;
    GenerationSettings generation;
    VideoSettings video;

    [[nodiscard]] bool operator==(const LabSettings&) const = default;

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor&& visitor) {
        RoutingSettings::visit(self.routing, visitor);
        GenerationSettings::visit(self.generation, visitor);
        VideoSettings::visit(self.video, visitor);
    }
};

/// Throws Error{code} with the field's name and range where the number is outside or not finite.
void checkRange(const FieldInfo& field, double number, ErrorCode code);

/// The same of every field, BadInput.
void checkRanges(const LabSettings& settings);

} // namespace depthscope::settings
