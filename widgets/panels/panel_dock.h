// SPDX-License-Identifier: MIT
// A dock with a quiet head: the title in small capitals and a few small buttons. GUI thread,
// parents own.
#pragma once

#include "widgets/panels/icons.h"

#include <QDockWidget>
#include <utility>
#include <vector>

class QHBoxLayout;
class QLabel;
class QToolButton;

namespace depthscope::panels {

class PanelDock : public QDockWidget {
    Q_OBJECT

public:
    PanelDock(const QString& id, const QString& title, QWidget* parent = nullptr);

    /// A button of the head, left of the closing one.
    QToolButton* addButton(Icon which, const QString& name);
    void setTheme(const scene::Theme& theme);

    /// A line below the title: the keyboard focus is in this dock.
    void setMarked(bool marked);

    [[nodiscard]] bool isMarked() const;

protected:
    /// The frame of a panel that floats: with a head of its own it has none of the system.
    void paintEvent(QPaintEvent* event) override;

private:
    QLabel* m_title = nullptr;
    QHBoxLayout* m_row = nullptr;
    std::vector<std::pair<QToolButton*, Icon>> m_buttons;
};

} // namespace depthscope::panels
