// SPDX-License-Identifier: MIT
// The docks of the window: the initial place of each, which a model needs, and how they share the
// window as it changes: columns at the sides keep their width, docks keep their part of the height,
// and where the window is too small for them, they become tabs (dock_plan.h). The layout is the
// table of what was added; nothing here knows a dock by its name. GUI thread; the window owns it.
#pragma once

#include "widgets/instruments/instrument.h"
#include "widgets/panels/dock_plan.h"
#include "widgets/scene/theme.h"

#include <QByteArray>
#include <QObject>
#include <QPointer>
#include <QSize>
#include <QString>
#include <QStringList>
#include <QVariantMap>
#include <map>
#include <span>
#include <vector>

class QDockWidget;
class QMainWindow;
class QWidget;

namespace depthscope::panels {

class PanelDock;

/// Raised when docks come or go: an older state of the window is not restored.
inline constexpr int kLayoutVersion = 4;

/// One row of the layout. Columns are filled from the top in the order of adding.
struct DockSpec {
    QString id;
    QString title;
    QWidget* content = nullptr;
    instruments::Column column = instruments::Column::Right;
    instruments::Height height;
    bool (*isFor)(const spec::ModelInfo& model) = nullptr; ///< as instruments::Traits
    bool shown = true;                                     ///< at first
    bool staysApart = false;                               ///< becomes a tab last of all
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

    /// Shares the window anew, where it or what is shown in it has changed.
    void fit();

    /// These docks alone, from the top; sizes are of a new window. Until `endPresenting`.
    void present(const QStringList& main, const QStringList& side);
    void endPresenting();

    [[nodiscard]] PanelDock* find(const QString& id) const;

    /// Ids of the docks that the present model needs, to be kept with a saved layout.
    [[nodiscard]] QStringList needed() const;
    /// Of a layout that was restored; empty: not kept with it, those that are shown.
    void setNeeded(const QStringList& ids);

    /// What the user has made of the sizes, to be kept with a saved layout.
    [[nodiscard]] QVariantMap proportions() const;
    /// Of a layout that was restored with them.
    void setProportions(const QVariantMap& proportions);
    /// Docks stand, and are as large, as a restored layout says until something changes.
    void adopt();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Placed {
        DockSpec spec;
        PanelDock* dock = nullptr;
        bool needed = true; ///< by the model that the layout is of
    };

    /// What the sizes were last made for.
    struct Fitted {
        QSize window;
        double zoom = 0;
        std::vector<bool> shown;
        std::vector<int> needs; ///< height of each with its whole form; 0: it is none

        [[nodiscard]] bool operator==(const Fitted&) const = default;
    };

    [[nodiscard]] bool isPlaced(const Placed& placed) const;
    [[nodiscard]] DockPlan planFor(QSize window) const;
    void place(const DockPlan& plan);
    void size(const DockPlan& plan);
    void sizeWidths(const DockPlan& plan);
    void sizeHeights(const PlannedColumn& column);
    [[nodiscard]] instruments::Height heightOf(const DockGroup& group) const;
    void later();
    void readSizes();
    void watch(PanelDock& dock);
    [[nodiscard]] Fitted fittedNow() const;
    [[nodiscard]] int needOf(const Placed& placed) const;
    void leaveNeeds(Fitted& now) const;
    void follow(const DockPlan& plan, const Fitted& now);
    [[nodiscard]] std::vector<QList<QDockWidget*>> groupsOf(const PlannedColumn& column) const;
    [[nodiscard]] int room(int height) const;
    [[nodiscard]] double sideZoom() const;

    QMainWindow& m_window;
    std::vector<Placed> m_docks;
    double m_zoom = 1;
    QSize m_wanted;       ///< of the window, before larger text held it open
    DockPlan m_plan;      ///< that the docks stand by
    DockPlan m_presented; ///< the same, while presenting
    Fitted m_fitted;
    QByteArray m_ownLayout;            ///< the user's, while the window is too small for it
    std::map<QString, double> m_parts; ///< of the height of their columns, as the user made them
    int m_left = 0;                    ///< width at zoom 1, as the user made it; 0: the usual one
    int m_right = 0;
    bool m_isOwn = false; ///< the user has moved docks: their sizes are the user's, too
    bool m_arranging = false;
    bool m_presenting = false;
    bool m_dragging = false; ///< a separator
    bool m_comes = false;    ///< a fit
    QPointer<PanelDock> m_opened;
};

/// Pixels for each of the docks of one column: fixed heights first, then those with a least one,
/// then the rest by share.
[[nodiscard]] std::vector<int>
columnHeights(int total, std::span<const instruments::Height> heights, double zoom = 1);

/// Docks that are higher than they need give way until all are as high as `total`, then to those
/// that need more, least first. `needs`: pixels of each; 0: not known, its height stays.
void giveWay(std::vector<int>& heights, std::span<const int> needs, int total);

} // namespace depthscope::panels
