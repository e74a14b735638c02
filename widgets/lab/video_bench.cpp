// SPDX-License-Identifier: MIT
#include "widgets/lab/video_bench.h"

#include "widgets/lab/rules.h"

namespace depthscope::lab {

namespace {

runtime::VideoSampleRequest requestOf(const settings::VideoSettings& video) {
    runtime::VideoSampleRequest request;
    request.clips = {video.clips, video.clipSeed, video.clip};
    request.own = {video.ownVideo, static_cast<std::int64_t>(video.ownFirst), video.ownEvery};
    request.steps = video.steps;
    request.heun = video.heun;
    request.guidance = video.guidance;
    request.classNumber = video.label;
    request.seed = video.noiseSeed;
    request.keepContext = video.keepsContext;
    request.pictures = true;
    return request;
}

} // namespace

runtime::Request VideoBench::newPass() {
    const spec::ModelInfo& model = *shell().loadedModel();
    m_asked = shell().settings().video;
    runtime::VideoSampleRequest request = requestOf(m_asked);
    if (model.experts > 0) {
        request.experts = m_asked.experts;
    }
    if (model.router != spec::RouterKind::None) {
        request.routing = effectiveRouting(model, shell().settings().routing);
    }
    request.revision = shell().revision();
    return request;
}

std::optional<runtime::Request> VideoBench::timedReference(const trace::RunView& main) const {
    const spec::ModelInfo& model = *shell().loadedModel();
    auto request = std::get<runtime::VideoSampleRequest>(reference(trace::kFullDepthRun, main));
    request.timedWith = effectiveRouting(model, shell().settings().routing);
    if (model.experts > 0) {
        request.timedExperts = m_asked.experts;
    }
    return request;
}

runtime::Request VideoBench::reference(const trace::RunKey& key, const trace::RunView& main) const {
    runtime::VideoSampleRequest request = requestOf(m_asked);
    request.run = key;
    request.revision = main.latest->revision;
    if (key == trace::kVanillaRun) {
        request.role = runtime::ModelRole::Vanilla;
        // Its training may have been on other clips: those of the main model are meant.
        if (request.clips.name.empty() && main.latest->model->clip) {
            request.clips.name = main.latest->model->clip->clips;
        }
    } else {
        request.routing.rule = settings::Rule::Fixed;
    }
    return request;
}

} // namespace depthscope::lab
