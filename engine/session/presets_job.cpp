// SPDX-License-Identifier: MIT
// The named recipes that this engine can train.
#include "engine/session/jobs.h"
#include "engine/train/preset.h"

namespace depthscope::session {

namespace {

class PresetsJob final : public Job {
public:
    PresetsJob(JobId id, Publish publish)
        : m_id(id)
        , m_publish(std::move(publish)) {}

    bool step() override {
        runtime::PresetsReport report;
        report.job = m_id;
        for (const train::Preset& preset : train::presets()) {
            report.presets.push_back(
                {preset.name, preset.help, models::toString(preset.model.family), 0, preset.steps});
        }
        m_publish(std::move(report));
        return false;
    }

private:
    JobId m_id;
    Publish m_publish;
};

} // namespace

std::unique_ptr<Job> makePresetsJob(JobId id, Publish publish) {
    return std::make_unique<PresetsJob>(id, std::move(publish));
}

} // namespace depthscope::session
