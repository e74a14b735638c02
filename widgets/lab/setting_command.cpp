// SPDX-License-Identifier: MIT
#include "widgets/lab/setting_command.h"

#include "widgets/lab/lab_controller.h"

#include <utility>

namespace depthscope::lab {

SettingCommand::SettingCommand(LabController& controller,
                               const QString& label,
                               int gesture,
                               settings::LabSettings before,
                               settings::LabSettings after)
    : QUndoCommand(label)
    , m_controller(controller)
    , m_gesture(gesture)
    , m_before(std::move(before))
    , m_after(std::move(after)) {}

void SettingCommand::undo() {
    m_controller.apply(m_before, true);
}

void SettingCommand::redo() {
    m_controller.apply(m_after, std::exchange(m_done, true));
}

bool SettingCommand::mergeWith(const QUndoCommand* other) {
    const auto* newer = static_cast<const SettingCommand*>(other);
    if (m_gesture < 0 || newer->m_gesture != m_gesture) {
        return false;
    }
    m_after = newer->m_after;
    setObsolete(m_after == m_before);
    return true;
}

} // namespace depthscope::lab
