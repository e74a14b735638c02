// SPDX-License-Identifier: MIT
#include "widgets/panels/table_model.h"

#include <QAbstractItemModelTester>
#include <QTest>
#include <cmath>

using namespace depthscope;
using panels::TableModel;

namespace {

instruments::Table table(std::size_t rows) {
    instruments::Table made;
    made.columns = {{"token", ""}, {"piece", ""}, {"score", "nats"}};
    for (std::size_t r = 0; r < rows; ++r) {
        made.rows.push_back({static_cast<double>(r), std::string("a,\"b\""), 1.0 / 3.0});
    }
    return made;
}

} // namespace

class TestTableModel : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void survivesEveryChange() {
        TableModel model;
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        for (const std::size_t rows : {0U, 3U, 8U, 2U, 0U, 5U}) {
            model.setTable(table(rows));
            QCOMPARE(model.rowCount(), static_cast<int>(rows));
        }
        model.setTable({});
        QCOMPARE(model.columnCount(), 0);
    }

    void raggedRowsAndMissingCellsAreEmpty() {
        TableModel model;
        instruments::Table ragged = table(1);
        ragged.rows.push_back({std::monostate{}, std::nan("")});
        model.setTable(ragged);
        QCOMPARE(model.data(model.index(1, 0)).toString(), QString());
        QCOMPARE(model.data(model.index(1, 1)).toString(), QStringLiteral("–"));
        QVERIFY(!model.data(model.index(1, 2)).isValid());
    }

    void headersCarryTheUnit() {
        TableModel model;
        model.setTable(table(1));
        QCOMPARE(model.headerData(2, Qt::Horizontal, Qt::DisplayRole).toString(),
                 QStringLiteral("score (nats)"));
    }

    void csvIsExactAndQuoted() {
        const QByteArray csv = panels::toCsv(table(1));
        QCOMPARE(csv, QByteArray(
                          "token,piece,score (nats)\r\n0,\"a,\"\"b\"\"\",0.3333333333333333\r\n"));
    }

    void rowIsTabSeparated() {
        QCOMPARE(panels::rowText(table(2), 1), QStringLiteral("1\ta,\"b\"\t0.3333333333333333"));
        QCOMPARE(panels::rowText(table(2), 7), QString());
    }
};

QTEST_APPLESS_MAIN(TestTableModel)
#include "tst_table_model.moc"
