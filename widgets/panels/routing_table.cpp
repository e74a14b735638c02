// SPDX-License-Identifier: MIT
#include "widgets/panels/routing_table.h"

#include "widgets/lab/router_comparison.h"
#include "widgets/panels/kept_folder.h"
#include "widgets/panels/table_model.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QMessageBox>
#include <QSaveFile>
#include <QTableWidget>
#include <QVBoxLayout>
#include <cmath>

namespace depthscope::panels {

namespace {

using lab::Compared;
using lab::ComparedRouting;

enum Column { Routing, Nats, Worse, Depth, Megaflops, Columns };

QString number(double value, int decimals) {
    return std::isfinite(value) ? QLocale().toString(value, 'f', decimals)
                                : QStringLiteral("\u2013");
}

QString signedNumber(double value, int decimals) {
    return (value > 0 ? QStringLiteral("+") : QString()) + number(value, decimals);
}

QString worseText(const ComparedRouting& compared) {
    if (compared.kind == Compared::InForce) {
        return {};
    }
    if (std::isnan(compared.worseWithin.low)) {
        return QCoreApplication::translate("RoutingTable", "%1  (no interval)")
            .arg(signedNumber(compared.worse, 4));
    }
    return QStringLiteral("%1  (%2 to %3)")
        .arg(signedNumber(compared.worse, 4), signedNumber(compared.worseWithin.low, 4),
             signedNumber(compared.worseWithin.high, 4));
}

/// Of a model without recursions there is none.
QString depthText(const ComparedRouting& compared) {
    return number(compared.kind == Compared::Vanilla ? std::nan("") : compared.report.meanDepth, 2);
}

/// Of the fixed depths the one that predicts best; null without any.
const ComparedRouting* bestFixed(const std::vector<ComparedRouting>& results) {
    const ComparedRouting* best = nullptr;
    for (const ComparedRouting& each : results) {
        if (each.kind == Compared::FixedDepth &&
            (best == nullptr || each.report.nll < best->report.nll)) {
            best = &each;
        }
    }
    return best;
}

/// What is shown, as the tables of instruments are kept.
instruments::Table contentsOf(const QTableView& table) {
    const QAbstractItemModel& model = *table.model();
    instruments::Table contents;
    for (int column = 0; column < model.columnCount(); ++column) {
        const QVariant title = model.headerData(column, Qt::Horizontal);
        contents.columns.push_back({title.toString().toStdString(), ""});
    }
    for (int row = 0; row < model.rowCount(); ++row) {
        auto& cells = contents.rows.emplace_back();
        for (int column = 0; column < model.columnCount(); ++column) {
            cells.emplace_back(model.index(row, column).data().toString().toStdString());
        }
    }
    return contents;
}

void saveRows(QTableView& table) {
    const QString file = askForNewFile(
        table,
        {QStringLiteral("table"), QCoreApplication::translate("RoutingTable", "Save the table"),
         QStringLiteral("CSV (*.csv)")},
        QStringLiteral("routing.csv"));
    if (file.isEmpty()) {
        return;
    }
    QSaveFile out(file);
    if (out.open(QIODevice::WriteOnly)) {
        out.write(toCsv(contentsOf(table)));
        if (out.commit()) {
            table.window()->setWindowModified(false);
        }
    }
    if (out.error() != QFileDevice::NoError) {
        auto* box = new QMessageBox(
            QMessageBox::Warning,
            QCoreApplication::translate("RoutingTable", "The table was not saved"),
            QCoreApplication::translate("RoutingTable", "%1: %2\nChoose another folder.")
                .arg(file, out.errorString()),
            QMessageBox::Ok, &table);
        box->setObjectName(QStringLiteral("not-saved"));
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->open();
    }
}

} // namespace

QString rowsOf(const QTableView& table) {
    const instruments::Table contents = contentsOf(table);
    const QItemSelectionModel& selection = *table.selectionModel();
    QStringList titles;
    for (const auto& column : contents.columns) {
        titles << QString::fromStdString(column.title);
    }
    QString text = titles.join(QLatin1Char('\t')) + QLatin1Char('\n');
    for (int row = 0; row < table.model()->rowCount(); ++row) {
        if (!selection.hasSelection() || selection.isRowSelected(row, {})) {
            text += rowText(contents, static_cast<std::size_t>(row)) + QLatin1Char('\n');
        }
    }
    return text;
}

void makeRowsCopyable(QTableView& table) {
    table.setSelectionBehavior(QAbstractItemView::SelectRows);
    table.setContextMenuPolicy(Qt::ActionsContextMenu);
    auto* copy = new QAction(QCoreApplication::translate("RoutingTable", "Copy rows"), &table);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    QObject::connect(copy, &QAction::triggered, &table,
                     [&table] { QGuiApplication::clipboard()->setText(rowsOf(table)); });
    auto* save = new QAction(QCoreApplication::translate("RoutingTable", "Save as CSV…"), &table);
    QObject::connect(save, &QAction::triggered, &table, [&table] { saveRows(table); });
    table.addActions({copy, save});
}

RoutingTable::RoutingTable(const lab::RouterComparison& comparison, QWidget* parent)
    : QWidget(parent)
    , m_comparison(comparison) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 8, 0, 0);
    column->setSpacing(8);
    m_verdict = new QLabel(this);
    m_verdict->setObjectName(QStringLiteral("measure.verdict"));
    m_verdict->setWordWrap(true);
    m_verdict->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_table = new QTableWidget(0, Columns, this);
    m_table->setObjectName(QStringLiteral("measure.comparison"));
    m_table->setAccessibleName(tr("Routings compared"));
    m_table->setHorizontalHeaderLabels(
        {tr("Routing"), tr("Nats/token"), tr("Difference (95 %)"), tr("Depth"), tr("MFLOP/token")});
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setSectionResizeMode(Routing, QHeaderView::Stretch);
    m_table->verticalHeader()->hide();
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setShowGrid(false);
    for (int each = 0; each < Columns; ++each) {
        m_table->horizontalHeaderItem(each)->setTextAlignment(
            (each == Routing ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    m_table->horizontalHeaderItem(Worse)->setToolTip(
        tr("Mean loss less that of the routing in force, on the same tokens: above 0 is worse. Its "
           "interval is by a bootstrap of blocks of neighbouring tokens; short texts have none"));
    makeRowsCopyable(*m_table);
    column->addWidget(m_verdict);
    column->addWidget(m_table, 1);
    connect(&m_comparison, &lab::RouterComparison::changed, this, &RoutingTable::refresh);
    refresh();
}

void RoutingTable::refresh() {
    const std::vector<ComparedRouting>& results = m_comparison.results();
    const ComparedRouting* best = m_comparison.isRunning() ? nullptr : bestFixed(results);
    m_table->setRowCount(static_cast<int>(results.size()));
    for (std::size_t i = 0; i < results.size(); ++i) {
        const ComparedRouting& each = results[i];
        const QString name = m_comparison.nameOf(each);
        const QString cells[] = {&each == best ? tr("%1, best fixed depth").arg(name) : name,
                                 number(each.report.nll, 4), worseText(each), depthText(each),
                                 number(each.report.flopsPerToken / 1e6, 2)};
        for (int column = 0; column < Columns; ++column) {
            auto* item = new QTableWidgetItem(cells[column]);
            item->setTextAlignment((column == Routing ? Qt::AlignLeft : Qt::AlignRight) |
                                   Qt::AlignVCenter);
            m_table->setItem(static_cast<int>(i), column, item);
        }
    }
    int height = m_table->horizontalHeader()->sizeHint().height() + 2 * m_table->frameWidth();
    for (int row = 0; row < m_table->rowCount(); ++row) {
        height += m_table->rowHeight(row);
    }
    m_table->setMinimumHeight(height); // all rows in sight
    m_verdict->setText(m_comparison.verdict());
    m_verdict->setVisible(!m_verdict->text().isEmpty());
    setVisible(!results.empty());
    if (!results.empty()) {
        window()->setWindowModified(true); // these rows are in no file
    }
}

} // namespace depthscope::panels
