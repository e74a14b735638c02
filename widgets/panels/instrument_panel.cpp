// SPDX-License-Identifier: MIT
#include "widgets/panels/instrument_panel.h"

#include "widgets/instruments/trace_text.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/panels/panel_export.h"
#include "widgets/panels/table_model.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QTableView>
#include <algorithm>
#include <vector>

namespace depthscope::panels {

namespace {

/// Where a table has rows of places, its first column, of this title, counts them from 1.
std::optional<std::size_t>
rowOfPlace(const instruments::Table& table, const std::string& title, int place) {
    if (table.columns.empty() || table.columns.front().title != title) {
        return std::nullopt;
    }
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        const auto* number =
            table.rows[row].empty() ? nullptr : std::get_if<double>(&table.rows[row].front());
        if (number && static_cast<int>(*number) == place + 1) {
            return row;
        }
    }
    return std::nullopt;
}

} // namespace

InstrumentPanel::InstrumentPanel(lab::LabController& lab,
                                 const instruments::Instrument& instrument,
                                 const scene::TextService& text,
                                 QWidget* parent)
    : QStackedWidget(parent)
    , m_lab(lab)
    , m_instrument(instrument)
    , m_text(text)
    , m_theme(scene::lightTheme()) {
    setObjectName(id());
    m_host = new host::InstrumentHost(instrument, lab.store(), text, this);
    m_host->setAccessibleName(title());
    m_host->setFocusPolicy(Qt::StrongFocus);
    m_host->setContextMenuPolicy(Qt::NoContextMenu);
    m_table = new TableModel(this);
    m_tableView = new QTableView(this);
    m_tableView->setModel(m_table);
    m_tableView->setAccessibleName(tr("%1, table").arg(title()));
    m_tableView->setShowGrid(false);
    m_tableView->verticalHeader()->hide();
    m_tableView->verticalHeader()->setDefaultSectionSize(m_tableView->fontMetrics().height() + 8);
    m_tableView->verticalHeader()->setMinimumSectionSize(16);
    m_tableView->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_tableView->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_tableView->horizontalHeader()->setHighlightSections(false);
    addWidget(m_host);
    addWidget(m_tableView);
    setMinimumSize(160, 48);
    connect(m_host, &host::InstrumentHost::hovered, &m_lab, &lab::LabController::hover);
    connect(m_host, &host::InstrumentHost::pinned, &m_lab, &lab::LabController::pin);
    connect(m_host, &host::InstrumentHost::frameRequested, this, [this](qint64 frame) {
        instruments::Cursor cursor = m_lab.cursor();
        cursor.frame = frame;
        m_lab.setCursor(cursor);
    });
    connect(m_host, &host::InstrumentHost::stepRequested, &m_lab, &lab::LabController::showStep);
    connect(m_host, &host::InstrumentHost::actionTriggered, this,
            &InstrumentPanel::actionTriggered);
    connect(m_host, &host::InstrumentHost::contextMenuRequested, this, &InstrumentPanel::showMenu);
    connect(&m_lab, &lab::LabController::traceChanged, this, &InstrumentPanel::refresh);
    connect(&m_lab, &lab::LabController::sourceChanged, this, &InstrumentPanel::refresh);
    connect(&m_lab, &lab::LabController::cursorChanged, this,
            [this] { m_host->setCursor(m_lab.cursor()); });
    refresh();
}

QString InstrumentPanel::id() const {
    return QString::fromLatin1(m_instrument.id());
}

QString InstrumentPanel::title() const {
    return QString::fromStdString(m_text.translate(m_instrument.title()));
}

void InstrumentPanel::setTheme(const scene::Theme& theme) {
    m_theme = theme;
    m_host->setTheme(theme);
}

void InstrumentPanel::refresh() {
    m_host->refresh();
    if (tableShown()) {
        refreshTable();
    }
}

void InstrumentPanel::refreshTable() {
    m_table->setTable(m_instrument.table(m_lab.store().view(), m_text));
}

// The value stands among the last columns: a narrow panel rather shortens words, whose whole text
// is the tool tip, than hides it behind a scroll bar.
void InstrumentPanel::fitColumns() {
    constexpr int kMostColumns = 6;
    constexpr int kLeastWidth = 48;
    m_tableView->resizeColumnsToContents();
    QHeaderView* header = m_tableView->horizontalHeader();
    if (header->count() == 0 || header->count() > kMostColumns) {
        return;
    }
    std::vector<int> widths;
    for (int column = 0; column < header->count(); ++column) {
        widths.push_back(header->sectionSize(column));
    }
    for (int excess = header->length() - m_tableView->viewport()->width(); excess > 0; --excess) {
        int& widest = *std::ranges::max_element(widths);
        if (widest <= kLeastWidth) {
            break;
        }
        --widest;
    }
    for (int column = 0; column < header->count(); ++column) {
        header->resizeSection(column, widths[static_cast<std::size_t>(column)]);
    }
}

bool InstrumentPanel::tableShown() const {
    return currentWidget() == m_tableView;
}

void InstrumentPanel::setTableShown(bool shown) {
    if (shown == tableShown()) {
        return;
    }
    if (shown) {
        refreshTable();
        setCurrentWidget(m_tableView);
        fitColumns();
    } else {
        setCurrentWidget(m_host);
    }
    Q_EMIT tableToggled(shown);
}

void InstrumentPanel::exportTo(const QString& path,
                               const FigureOptions& options,
                               FigureRecipe recipe) {
    recipe.panel = id();
    exportPanel({m_instrument, m_text, m_theme, m_lab.store().view(), m_lab.cursor(),
                 m_host->viewState(), isVisible() ? size() : QSize(), std::move(recipe)},
                path, options);
}

QString InstrumentPanel::valueText() {
    const std::optional<scene::Point> at =
        m_menuAt ? std::optional(scene::Point{static_cast<float>(m_menuAt->x()),
                                              static_cast<float>(m_menuAt->y())})
                 : m_host->pointer();
    std::string value;
    if (m_menuAt) {
        const scene::Hit hit = scene::hitAt(m_host->scene(), *at);
        value = hit.tip.empty() && hit.column >= 0
                    ? m_instrument.tip(m_lab.store().view(), hit, m_text)
                    : hit.tip;
    } else {
        value = m_host->valueAtCursor();
    }
    if (value.empty() && at) { // a pixel, which no cell stands for
        value = m_host->tipAt(*at);
    }
    return QString::fromStdString(value);
}

QString InstrumentPanel::rowOfCursor() {
    const trace::TraceView view = m_lab.store().view();
    const auto place = m_lab.cursor().place();
    if (!place) {
        return {};
    }
    const instruments::Table table = m_instrument.table(view, m_text);
    const std::string title =
        instruments::placeColumns(instruments::shownRun(view), m_text).front().title;
    const auto row = rowOfPlace(table, title, *place);
    return row ? rowText(table, *row) : QString();
}

void InstrumentPanel::fillMenu(QMenu& menu) {
    const auto copy = [&menu](const QString& label, const QString& text) {
        QAction* action = menu.addAction(label);
        action->setEnabled(!text.isEmpty());
        connect(action, &QAction::triggered, &menu,
                [text] { QGuiApplication::clipboard()->setText(text); });
    };
    copy(tr("Copy value"), valueText());
    copy(tr("Copy row"), rowOfCursor());
    menu.addSeparator();
    const instruments::Cursor cursor = m_lab.cursor();
    if (cursor.pinnedPlace) {
        connect(menu.addAction(tr("Release the pin")), &QAction::triggered, &m_lab,
                [this] { m_lab.pin({}); });
    } else {
        QAction* pin = menu.addAction(tr("Pin"));
        pin->setEnabled(cursor.hoverPlace.has_value());
        connect(pin, &QAction::triggered, &m_lab, [this, cursor] {
            m_lab.pin({cursor.hoverPlace, cursor.hoverRecursion});
        });
    }
    QAction* table = menu.addAction(tr("Show as table"));
    table->setCheckable(true);
    table->setChecked(tableShown());
    connect(table, &QAction::toggled, this, &InstrumentPanel::setTableShown);
    connect(menu.addAction(tr("Save view or data…")), &QAction::triggered, this,
            [this] { Q_EMIT saveRequested(id()); });
    menu.addActions(actions()); // of whoever shows the panel
    menu.addSeparator();
    connect(menu.addAction(tr("Explain")), &QAction::triggered, this,
            [this] { Q_EMIT explainRequested(id()); });
}

void InstrumentPanel::showMenu(const QPoint& globalPosition) {
    m_menuAt = m_host->mapFromGlobal(globalPosition);
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fillMenu(*menu);
    m_menuAt.reset();
    menu->popup(globalPosition);
}

} // namespace depthscope::panels
