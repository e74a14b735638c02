// SPDX-License-Identifier: MIT
#include "widgets/lab/text_bench.h"

#include "widgets/lab/rules.h"

#include <utility>

namespace depthscope::lab {

runtime::Request TextBench::newPass() {
    m_askedPrompt = m_prompt;
    runtime::PassRequest request;
    request.prompt = m_prompt;
    request.routing = effectiveRouting(*shell().loadedModel(), shell().settings().routing);
    request.revision = shell().revision();
    return request;
}

void TextBench::generate() {
    shell().traces().beginComputing();
    runtime::GenerateRequest request;
    request.prompt = m_prompt;
    request.routing = causalRouting(*shell().loadedModel(), shell().settings().routing);
    request.generation = shell().settings().generation;
    request.revision = shell().revision();
    shell().submit(JobKind::Generate, std::move(request));
    shell().traceHasChanged();
}

runtime::Request TextBench::reference(const trace::RunKey& key, const trace::RunView& main) const {
    runtime::PassRequest request;
    request.prompt.ids = main.ids;
    request.revision = main.latest->revision;
    request.run = key;
    if (key == trace::kVanillaRun) {
        request.role = runtime::ModelRole::Vanilla;
    } else {
        request.routing.rule = settings::Rule::Fixed;
    }
    return request;
}

std::optional<runtime::Request> TextBench::timedReference(const trace::RunView& main) const {
    if (main.latest->kind != trace::StepKind::Pass) {
        return std::nullopt; // generated
    }
    auto request = std::get<runtime::PassRequest>(reference(trace::kFullDepthRun, main));
    request.timedWith = effectiveRouting(*shell().loadedModel(), shell().settings().routing);
    return request;
}

} // namespace depthscope::lab
