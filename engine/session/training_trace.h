// SPDX-License-Identifier: MIT
// What a model in training does to a text that it is not trained on, as the laboratory would show
// it: for `train --record`. Engine thread.
#pragma once

#include "engine/models/language_model.h"
#include "engine/session/training_corpus.h"
#include "engine/trace/step_trace.h"

#include <cstdint>
#include <memory>

namespace depthscope::session {

/// A pass as trained over the first `window` tokens of the validation part. Run and revision are
/// the caller's.
[[nodiscard]] std::shared_ptr<trace::StepTrace>
traceValidation(const models::LanguageModel& model,
                const std::shared_ptr<const spec::ModelInfo>& info,
                const TrainingData& data,
                std::int64_t window);

} // namespace depthscope::session
