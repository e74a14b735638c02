// SPDX-License-Identifier: MIT
#include "widgets/lab/text_bench.h"

#include "widgets/lab/rules.h"
#include "widgets/lab/sample_prompts.h"

#include <algorithm>
#include <utility>

namespace depthscope::lab {

void TextBench::setPrompt(runtime::Prompt prompt, Author author) {
    m_prompt = std::move(prompt);
    m_text.reset();
    m_proposal = author == Author::Program ? std::optional(m_prompt) : std::nullopt;
}

bool TextBench::followModel(const spec::ModelInfo& model) {
    const auto isOutside = [&](std::int32_t id) { return id >= model.vocabulary; };
    runtime::Prompt next = m_prompt;
    if (model.hasTokenizer) {
        next = m_proposal ? *m_proposal : m_text.value_or(m_prompt);
        m_text.reset();
    } else if (model.vocabulary > 0 && !m_prompt.empty() &&
               (m_prompt.ids.empty() || std::ranges::any_of(m_prompt.ids, isOutside))) {
        m_text = m_prompt.ids.empty() ? m_prompt : m_text;
        next = sampleIds(model);
    }
    return std::exchange(m_prompt, next) != next;
}

bool TextBench::choosesOther() {
    if (!m_proposal || m_prompt != *m_proposal || m_prompt == plainText()) {
        return false; // the user's, or the last that there is
    }
    m_prompt = plainText();
    return true;
}

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
