// SPDX-License-Identifier: MIT
// A table of actions: where each stands, and its keys. GUI thread.
#pragma once

#include "widgets/panels/window_actions.h"

#include <QList>

class QTableWidget;
class QWidget;

namespace depthscope::panels {

[[nodiscard]] QTableWidget* makeActionTable(QWidget* parent);

enum class ActionColumn {
    Keys,
    KeysNow ///< what is not possible now is faint, with the reason where there is one
};

void fillActionTable(QTableWidget& table, const QList<WindowAction>& actions, ActionColumn second);

[[nodiscard]] int rowHeight(const QTableWidget& table);

} // namespace depthscope::panels
