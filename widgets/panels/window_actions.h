// SPDX-License-Identifier: MIT
// What can be done in a window, as its menus and keys have it: for the action finder, the page of
// keys, and whoever says why something is not possible now. GUI thread.
#pragma once

#include <QList>
#include <QString>
#include <QStringList>

class QAction;
class QMainWindow;

namespace depthscope::panels {

struct WindowAction {
    QAction* action = nullptr;
    QStringList path; ///< "Run", "Video", "Play"; of keys without a menu: "Keys", "Next token"

    [[nodiscard]] QString name() const { return path.constLast(); }

    [[nodiscard]] QString pathText() const; ///< "Run > Video > Play"
    [[nodiscard]] QString keysText() const; ///< "Ctrl++, Ctrl+="; empty: none
};

/// All of the menus, in their order, then those that have no menu.
[[nodiscard]] QList<WindowAction> windowActions(const QMainWindow& window);

/// Those whose path or keys have all words of the query, the best first: words that begin a word of
/// the name, then others of the name, then those of the menus. All of them for an empty query.
[[nodiscard]] QList<WindowAction> matching(const QList<WindowAction>& actions,
                                           const QString& query);

/// Enables an action, or says why it cannot be.
void allow(QAction& action, bool allowed, const QString& otherwise);

/// Why it is disabled; empty: it is not, or nobody has said.
[[nodiscard]] QString whyNot(const QAction& action);

} // namespace depthscope::panels
