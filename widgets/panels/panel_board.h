// SPDX-License-Identifier: MIT
// The instrument panels of the window and what they do together: share their axis and cursor, wake
// one after the other, take a theme. What a panel shares is said by its traits. GUI thread; the
// window owns it.
#pragma once

#include "widgets/panels/instrument_panel.h"

#include <QObject>
#include <cstddef>
#include <memory>
#include <vector>

namespace depthscope::panels {

class PanelBoard : public QObject {
    Q_OBJECT

public:
    /// Makes a panel for each instrument. `lab` and `text` outlive the board.
    PanelBoard(lab::LabController& lab, const scene::TextService& text, QWidget* window);
    ~PanelBoard() override;

    [[nodiscard]] const std::vector<InstrumentPanel*>& panels() const { return m_panels; }

    [[nodiscard]] InstrumentPanel* find(const QString& id) const;

    void setTheme(const scene::Theme& theme);

    /// Panels paint from now on, one per event-loop iteration: between two first frames the window
    /// answers.
    void wake();
    void wakeAll();

    enum class Move { First, Previous, Next, Last };
    void moveCursor(Move move);
    void toggleFollow();

    /// Exact value under the cursor, of the first panel that has one; empty: nothing is pointed at.
    [[nodiscard]] QString valueText() const;

Q_SIGNALS:
    void explainRequested(const QString& panelId);
    void saveRequested(const QString& panelId);
    void actionTriggered(const QString& action);

private:
    void wakeNext();
    [[nodiscard]] InstrumentPanel* firstOf(instruments::Axis axis) const;
    void setFollow(bool follow);
    void shareAxis(const InstrumentPanel& source, const instruments::ViewState& state);
    /// The overview outlines what the zoomed panels show, whatever its own width.
    void shareWidth();

    lab::LabController& m_lab;
    std::vector<std::unique_ptr<instruments::Instrument>> m_instruments;
    std::vector<InstrumentPanel*> m_panels;
    std::size_t m_awake = 0; ///< panels that paint
    bool m_sharing = false;
};

} // namespace depthscope::panels
