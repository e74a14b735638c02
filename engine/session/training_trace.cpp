// SPDX-License-Identifier: MIT
#include "engine/session/training_trace.h"

#include "engine/data/tokens.h"
#include "engine/session/prompt.h"
#include "engine/session/tracing.h"
#include "engine/trace/graded_classes.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>

namespace depthscope::session {

std::shared_ptr<trace::StepTrace>
traceValidation(const models::LanguageModel& model,
                const std::shared_ptr<const spec::ModelInfo>& info,
                const TrainingData& data,
                std::int64_t window) {
    const c10::NoGradGuard noGrad;
    const data::Tokens& text = data.corpus.validation;
    const auto tokens = std::min<std::size_t>(text.ids.size(), static_cast<std::size_t>(window));
    std::vector<std::int32_t> ids(text.ids.begin(),
                                  text.ids.begin() + static_cast<std::ptrdiff_t>(tokens));
    models::Pass pass;
    pass.ids = models::idsRow(ids, model.device());
    pass.routing = spec::resolveRouting(model.config(), {}, spec::RoutingUse::Pass);
    nn::KvCache cache = model.makeCache(pass.routing.settings.kv);
    pass.cache = &cache;
    const auto start = std::chrono::steady_clock::now();
    model.run(pass);
    const std::chrono::duration<double, std::milli> spent =
        std::chrono::steady_clock::now() - start;
    auto step = traceOf({&model.config(), info, &pass, 0, static_cast<std::int64_t>(tokens)});
    step->routing.cost.milliseconds = spent.count();
    if (!text.classes.empty()) {
        step->routing.classSet = trace::gradedClasses();
        step->routing.classes.assign(text.classes.begin(),
                                     text.classes.begin() + static_cast<std::ptrdiff_t>(tokens));
    }
    trace::TextContent& content = step->makeText();
    for (const std::int32_t id : ids) {
        data::appendPiece(*data.tokenizer, id, content.text, content.pieceEnds);
    }
    content.ids = std::move(ids);
    return step;
}

} // namespace depthscope::session
