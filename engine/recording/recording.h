// SPDX-License-Identifier: MIT
// The contents of a recording, as values: how a run was requested, the state of the window, notes,
// and every step. Any thread. The limits below bound what a file may ask of the program; writers
// and readers check them alike.
#pragma once

#include "engine/settings/lab.h"
#include "engine/trace/lanes.h"
#include "engine/trace/step_trace.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace depthscope::recording {

inline constexpr std::int32_t kApplicationId = 0x44535031; ///< "DSP1"
inline constexpr std::int32_t kFormatVersion = 3;          ///< that is written; 1 and 2 are read

inline constexpr std::uint64_t kMaxFileBytes = 8ull << 30;
inline constexpr std::size_t kMaxPlacesPerStep = 4'194'304;
inline constexpr std::int64_t kMaxPlaces = 1ll << 30; ///< of a run
inline constexpr std::int32_t kMaxRecursions = 64;
inline constexpr std::size_t kMaxScoresPerStep = 1ull << 27; ///< places times recursions
inline constexpr std::size_t kMaxExpertLayers = 4'096;       ///< of one step
inline constexpr std::int32_t kMaxExperts = 255;             ///< of one layer
inline constexpr std::size_t kMaxTextBytes = 1ull << 28;     ///< pieces of one step, or a prompt

inline constexpr std::size_t kMaxFramesPerStep = 16'384;    ///< of a clip
inline constexpr std::size_t kMaxClipBytes = 1ull << 29;    ///< packets of one step
inline constexpr std::size_t kMaxExtradataBytes = 1u << 16; ///< of a clip's codec
inline constexpr std::size_t kMaxCodecNameBytes = 32;       ///< "ffv1"
inline constexpr std::int32_t kMaxPictureSide = 32'768;     ///< of a clip's pictures
inline constexpr std::int64_t kMaxClipPixels = 1ll << 30;   ///< of all pictures of one step

/// What is needed to make the run again.
struct RunSetup {
    std::string prompt;                  ///< any bytes
    std::vector<std::int32_t> promptIds; ///< used instead of the text when not empty
    trace::TextClasses classes;          ///< of byte ranges of the prompt
    settings::LabSettings settings;
    std::string software; ///< program and version that recorded; may be empty
    std::string created;  ///< date and time, ISO 8601; may be empty
    [[nodiscard]] bool operator==(const RunSetup&) const = default;
};

/// The state of the window, by name; values are any bytes.
using WindowState = std::map<std::string, std::string>;

/// A user's note at a place.
struct Annotation {
    std::uint64_t run = 0;
    std::int64_t place = 0; ///< in the run
    std::string text;
    [[nodiscard]] bool operator==(const Annotation&) const = default;
};

struct Recording {
    RunSetup recipe;
    WindowState window;
    std::vector<Annotation> annotations;
    std::vector<trace::StepPtr> steps; ///< in the order in which they were published
    trace::LanesPtr lanes;             ///< of texts generated together; null: none
};

} // namespace depthscope::recording
