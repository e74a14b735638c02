// SPDX-License-Identifier: MIT
// Why a step of a script cannot be done: what is missing, and which step brings it. GUI thread.
#pragma once

#include <QJsonValue>
#include <QString>

class QAction;
class QComboBox;

namespace depthscope::panels {
class MainWindow;
}

namespace depthscope::desktop {

/// A setting that no control in the window has.
[[nodiscard]] QString whyNoSetting(panels::MainWindow& window, const QString& name);

/// A choice that a control does not offer, or not now; `index` is negative where it has none.
[[nodiscard]] QString whyNoChoice(const QComboBox& choice, int index, const QString& value);

/// An action that is not there.
[[nodiscard]] QString whyNoAction(const QString& name);

/// It is there and disabled; null: it is a button.
[[nodiscard]] QString whyNotNow(const QString& name, const QAction* action);

[[nodiscard]] QString whyNoPanel(const panels::MainWindow& window, const QString& id);

} // namespace depthscope::desktop
