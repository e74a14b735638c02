// SPDX-License-Identifier: MIT
// The docks of the window: the initial place of each, and which a model needs. The layout
// is the table of what was added; nothing here knows a dock by its name. GUI thread; the window
// owns it.
#pragma once

#include "widgets/instruments/instrument.h"
#include "widgets/scene/theme.h"

#include <QObject>
#include <QString>
#include <QStringList>
#include <span>
#include <vector>

class QMainWindow;
class QWidget;

namespace depthscope::panels {

class PanelDock;

/// One row of the layout. Columns are filled from the top in the order of adding.
struct DockSpec {
    QString id;
    QString title;
    QWidget* content = nullptr;
    instruments::Column column = instruments::Column::Right;
    instruments::Height height;
    bool (*isFor)(const spec::ModelInfo& model) = nullptr; ///< as instruments::Traits
    bool shown = true;                                     ///< at first
};

class DockBoard : public QObject {
    Q_OBJECT

public:
    explicit DockBoard(QMainWindow& window);

    PanelDock& add(DockSpec spec);

    [[nodiscard]] std::vector<PanelDock*> docks() const;

    void setTheme(const scene::Theme& theme);

    /// The layout of a new window with this model; null: none.
    void reset(const spec::ModelInfo* model);

    /// Docks that the model needs take the place of those that the one before needed; what the user
    /// has opened or closed stays.
    void showFor(const spec::ModelInfo* model);

    /// Heights of a new window for the docks of the column that are shown.
    void share(instruments::Column which);

    [[nodiscard]] PanelDock* find(const QString& id) const;

    /// Ids of the docks that the present model needs, to be kept with a saved layout.
    [[nodiscard]] QStringList needed() const;
    /// Of a layout that was restored; empty: not kept with it, those that are shown.
    void setNeeded(const QStringList& ids);

private:
    struct Placed {
        DockSpec spec;
        PanelDock* dock = nullptr;
        bool needed = true; ///< by the model that the layout is of
    };

    [[nodiscard]] std::vector<const Placed*> column(instruments::Column column) const;
    void stack(instruments::Column which);
    void sizeColumn(instruments::Column which);
    [[nodiscard]] int room() const;

    QMainWindow& m_window;
    std::vector<Placed> m_docks;
    double m_zoom = 1;
};

/// Pixels for each of the docks of one column: fixed heights first, then those with a least one,
/// then the rest by share.
[[nodiscard]] std::vector<int>
columnHeights(int total, std::span<const instruments::Height> heights, double zoom = 1);

} // namespace depthscope::panels
