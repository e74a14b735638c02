// SPDX-License-Identifier: MIT
#include "widgets/lab/training_history.h"

#include <QByteArray>
#include <QFile>
#include <QList>
#include <cmath>
#include <utility>

namespace depthscope::lab {

namespace {

constexpr qint64 kMostBytes = 16 * 1024 * 1024;

/// One line of the table, by the names of its columns.
class Row {
public:
    Row(const QList<QByteArray>& names, const QByteArray& line)
        : m_names(names)
        , m_cells(line.trimmed().split(',')) {}

    [[nodiscard]] bool isWhole() const { return m_cells.size() == m_names.size(); }

    /// NaN: there is no such column, or nothing stands in it.
    [[nodiscard]] double number(const char* name) const { return valueOf(cell(name)); }

    [[nodiscard]] std::vector<double> series(const char* name) const {
        std::vector<double> values;
        for (const QByteArray& part : cell(name).split(' ')) {
            if (!part.isEmpty()) {
                values.push_back(valueOf(part));
            }
        }
        return values;
    }

private:
    [[nodiscard]] QByteArray cell(const char* name) const {
        return m_cells.value(m_names.indexOf(QByteArray(name)));
    }

    [[nodiscard]] static double valueOf(const QByteArray& text) {
        bool isNumber = false;
        const double value = text.toDouble(&isNumber);
        return isNumber ? value : std::nan("");
    }

    const QList<QByteArray>& m_names;
    QList<QByteArray> m_cells;
};

trace::TrainingPoint pointOf(const Row& row) {
    trace::TrainingPoint point;
    point.step = static_cast<std::int64_t>(row.number("step"));
    point.seconds = row.number("seconds");
    point.trainLoss = row.number("train_loss");
    point.valLoss = row.number("val_loss");
    point.meanDepth = row.number("mean_depth");
    point.exitShares = exitSharesOf(row.series("load_by_recursion"));
    point.psnrPrediction = row.number("psnr_prediction");
    point.psnrCopyLast = row.number("psnr_copy_last");
    return point;
}

/// The table names no units: what else was measured says what learns.
std::string unitOf(const QList<QByteArray>& names) {
    if (names.contains("psnr_prediction")) {
        return "weighted squared error";
    }
    return names.contains("psnr_reconstruction") ? "squared error" : trace::TrainingView().unit;
}

} // namespace

std::vector<double> exitSharesOf(const std::vector<double>& activeShares) {
    std::vector<double> shares;
    for (std::size_t r = 0; r < activeShares.size(); ++r) {
        const double goesOn = r + 1 < activeShares.size() ? activeShares[r + 1] : 0;
        shares.push_back(activeShares[r] - goesOn);
    }
    return shares;
}

TrainingHistory trainingHistory(const QString& folder, std::int64_t lastStep) {
    TrainingHistory history;
    history.unit = trace::TrainingView().unit;
    QFile file(folder + QStringLiteral("/metrics.csv"));
    if (!file.open(QIODevice::ReadOnly) || file.size() > kMostBytes) {
        return history;
    }
    QList<QByteArray> lines = file.readAll().split('\n');
    const QList<QByteArray> names = lines.takeFirst().trimmed().split(',');
    history.unit = unitOf(names);
    double tokens = 0;
    double seconds = 0;
    for (const QByteArray& line : std::as_const(lines)) {
        const Row row(names, line);
        const double step = row.number("step");
        const std::int64_t before = history.points.empty() ? 0 : history.points.back().step;
        if (!row.isWhole() || !(step > static_cast<double>(before)) ||
            step > static_cast<double>(lastStep)) {
            continue;
        }
        trace::TrainingPoint point = pointOf(row);
        const double took = point.seconds - seconds;
        point.tokensPerSecond = took > 0 ? (row.number("tokens") - tokens) / took : 0;
        tokens = row.number("tokens");
        seconds = point.seconds;
        history.points.push_back(std::move(point));
    }
    return history;
}

} // namespace depthscope::lab
