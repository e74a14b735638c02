// SPDX-License-Identifier: MIT
// One instrument in the window: its host, its table twin, its menu, its exports. GUI thread; the
// dock owns it.
#pragma once

#include "widgets/host/instrument_host.h"
#include "widgets/panels/figure_options.h"
#include "widgets/panels/figure_recipe.h"

#include <QMenu>
#include <QStackedWidget>
#include <optional>

class QTableView;

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class TableModel;

class InstrumentPanel : public QStackedWidget {
    Q_OBJECT

public:
    /// `instrument` and `text` outlive the panel.
    InstrumentPanel(lab::LabController& lab,
                    const instruments::Instrument& instrument,
                    const scene::TextService& text,
                    QWidget* parent = nullptr);

    [[nodiscard]] const instruments::Instrument& instrument() const { return m_instrument; }

    [[nodiscard]] host::InstrumentHost& host() { return *m_host; }

    [[nodiscard]] QString id() const;
    [[nodiscard]] QString title() const;

    void setTheme(const scene::Theme& theme);
    /// What it shows has changed.
    void refresh();
    void setTableShown(bool shown);
    [[nodiscard]] bool tableShown() const;

    /// By the name's ending: svg, pdf, png, csv or json; `recipe` is put into the file. Throws
    /// Error naming the file or the ending.
    void exportTo(const QString& path, const FigureOptions& options, FigureRecipe recipe);
    /// Exact value and row under the cursor, for the clipboard; empty: nothing is pointed at.
    [[nodiscard]] QString valueText();
    [[nodiscard]] QString rowOfCursor();

    /// Fills `menu` with what can be done with this panel.
    void fillMenu(QMenu& menu);

Q_SIGNALS:
    void explainRequested(const QString& panelId);
    void saveRequested(const QString& panelId);
    void actionTriggered(const QString& action);
    void tableToggled(bool shown);

private:
    void refreshTable();
    void fitColumns();
    void showMenu(const QPoint& globalPosition);

    lab::LabController& m_lab;
    const instruments::Instrument& m_instrument;
    const scene::TextService& m_text;
    scene::Theme m_theme;
    host::InstrumentHost* m_host = nullptr;
    QTableView* m_tableView = nullptr;
    TableModel* m_table = nullptr;
    std::optional<QPoint> m_menuAt; ///< in the host, while its menu is open
};

} // namespace depthscope::panels
