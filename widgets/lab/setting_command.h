// SPDX-License-Identifier: MIT
// One undoable change of the settings; the changes of one slider drag merge. Owned by the undo
// stack, GUI thread.
#pragma once

#include "engine/settings/lab.h"

#include <QUndoCommand>
#include <utility>

namespace depthscope::lab {

class LabController;

class SettingCommand : public QUndoCommand {
public:
    /// `gesture` < 0: never merges.
    SettingCommand(LabController& controller,
                   const QString& label,
                   int gesture,
                   settings::LabSettings before,
                   settings::LabSettings after);

    void undo() override;
    void redo() override;

    [[nodiscard]] int id() const override { return 1; }

    [[nodiscard]] bool mergeWith(const QUndoCommand* other) override;

private:
    LabController& m_controller;
    int m_gesture;
    settings::LabSettings m_before;
    settings::LabSettings m_after;
    bool m_done = false; ///< a redo after the first is history
};

} // namespace depthscope::lab
