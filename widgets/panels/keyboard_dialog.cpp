// SPDX-License-Identifier: MIT
#include "widgets/panels/keyboard_dialog.h"

#include "widgets/panels/action_table.h"
#include "widgets/panels/controls.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMainWindow>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>

namespace depthscope::panels {

namespace {

constexpr int kWidth = 560;
constexpr int kHeight = 640;

} // namespace

KeyboardDialog::KeyboardDialog(QMainWindow& window)
    : QDialog(&window) {
    setObjectName(QStringLiteral("keyboard"));
    setWindowTitle(tr("Keyboard"));
    setAttribute(Qt::WA_DeleteOnClose);
    setProperty("guide", QStringLiteral("instruments.md#keyboard"));
    resize(kWidth, std::min(kHeight, window.height() * 9 / 10));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 24, 24, 16);
    column->setSpacing(8);
    auto* intro = new QLabel(tr("Keys of one letter work while no text is being typed. Help > Find "
                                "an action finds one by its words."),
                             this);
    intro->setObjectName(QStringLiteral("muted"));
    intro->setWordWrap(true);
    column->addWidget(intro);
    QTableWidget* table = makeActionTable(this);
    table->setObjectName(QStringLiteral("keyboard.keys"));
    table->setAccessibleName(tr("Actions and their keys"));
    QList<WindowAction> keyed;
    for (const WindowAction& action : windowActions(window)) {
        if (!action.keysText().isEmpty()) {
            keyed << action;
        }
    }
    fillActionTable(*table, keyed, ActionColumn::Keys);
    column->addWidget(table, 1);
    auto* inside = makeButton("keyboard.panels", tr("Keys inside panels"), this);
    auto* close = makeButton("keyboard.close", tr("Close"), this);
    close->setDefault(true);
    auto* foot = new QHBoxLayout;
    foot->setSpacing(8);
    foot->addWidget(inside);
    foot->addStretch(1);
    foot->addWidget(close);
    column->addLayout(foot);
    connect(inside, &QPushButton::clicked, this,
            [this] { Q_EMIT guideRequested(QStringLiteral("instruments.md#mouse-and-keys")); });
    connect(close, &QPushButton::clicked, this, &QDialog::close);
}

} // namespace depthscope::panels
