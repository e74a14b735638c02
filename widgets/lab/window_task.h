// SPDX-License-Identifier: MIT
// Work of the window's own threads, such as an export: LabController::hasTasks() counts its
// children of this kind that are running. GUI thread; destroyed before its parent.
#pragma once

#include <QObject>
#include <QString>

namespace depthscope::lab {

class WindowTask : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    [[nodiscard]] virtual bool isRunning() const = 0;

    /// What it does while it is running: "Exporting a.mp4".
    [[nodiscard]] virtual QString title() const = 0;
};

} // namespace depthscope::lab
