// SPDX-License-Identifier: MIT
#include "widgets/panels/action_finder.h"

#include "widgets/panels/action_table.h"

#include <QAction>
#include <QCoreApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMainWindow>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>

namespace depthscope::panels {

namespace {

// In characters, so that it grows with the zoom.
constexpr int kWidth = 92;
constexpr int kLines = 14;
constexpr int kBelowTop = 72; // of the window: menu and toolbar

} // namespace

ActionFinder::ActionFinder(QMainWindow& window)
    : QDialog(&window, Qt::Dialog | Qt::FramelessWindowHint)
    , m_window(window)
    , m_all(windowActions(window)) {
    setObjectName(QStringLiteral("finder"));
    setWindowTitle(tr("Find an action"));
    setAttribute(Qt::WA_DeleteOnClose);
    setProperty("guide", QStringLiteral("instruments.md#keyboard"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 8);
    column->setSpacing(8);
    m_query = new QLineEdit(this);
    m_query->setObjectName(QStringLiteral("finder.query"));
    m_query->setAccessibleName(tr("Words of the action"));
    m_query->setPlaceholderText(tr("What do you want to do? Type some words of it"));
    m_query->installEventFilter(this);
    m_list = makeActionTable(this);
    m_list->setObjectName(QStringLiteral("finder.list"));
    m_list->setAccessibleName(tr("Actions"));
    m_list->setFocusPolicy(Qt::NoFocus); // keys are the line's
    m_none =
        new QLabel(tr("No action has these words. Try fewer of them, or a part of one."), this);
    m_none->setObjectName(QStringLiteral("finder.none"));
    m_none->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
    m_none->setForegroundRole(QPalette::PlaceholderText);
    column->addWidget(m_query);
    column->addWidget(m_list, 1);
    column->addWidget(m_none, 1);
    connect(m_query, &QLineEdit::textChanged, this, &ActionFinder::find);
    connect(m_list, &QTableWidget::cellClicked, this, [this](int row) { run(row); });
    find({});
}

void ActionFinder::showEvent(QShowEvent* event) {
    QDialog::showEvent(event);
    const int wide = std::min(kWidth * fontMetrics().averageCharWidth(), m_window.width() * 9 / 10);
    const int high = std::min(kLines * rowHeight(*m_list) + m_query->sizeHint().height() + 28,
                              m_window.height() * 3 / 4);
    resize(wide, high);
    move(m_window.mapToGlobal(QPoint((m_window.width() - wide) / 2, kBelowTop)));
    m_query->setFocus();
    find(m_query->text()); // the columns are of this width
}

void ActionFinder::find(const QString& query) {
    m_found = matching(m_all, query);
    fillActionTable(*m_list, m_found, ActionColumn::KeysNow);
    m_list->setVisible(!m_found.isEmpty());
    m_none->setVisible(m_found.isEmpty());
    if (!m_found.isEmpty()) {
        m_list->selectRow(0);
    }
}

/// Afterwards, when the window has its focus back: some act on what has it.
void ActionFinder::run(int row) {
    if (row < 0 || row >= m_found.size() || !m_found[row].action->isEnabled()) {
        return;
    }
    QMetaObject::invokeMethod(m_found[row].action, &QAction::trigger, Qt::QueuedConnection);
    accept();
}

bool ActionFinder::eventFilter(QObject* watched, QEvent* event) {
    if (watched != m_query || event->type() != QEvent::KeyPress) {
        return QDialog::eventFilter(watched, event);
    }
    switch (static_cast<QKeyEvent*>(event)->key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
        QCoreApplication::sendEvent(m_list, event);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        run(m_list->currentRow());
        return true;
    default:
        return QDialog::eventFilter(watched, event);
    }
}

} // namespace depthscope::panels
