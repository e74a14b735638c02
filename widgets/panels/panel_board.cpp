// SPDX-License-Identifier: MIT
#include "widgets/panels/panel_board.h"

#include "widgets/instruments/place_axis.h"
#include "widgets/lab/clip_player.h"
#include "widgets/lab/lab_controller.h"

#include <QTimer>
#include <algorithm>

namespace depthscope::panels {

using instruments::Axis;
using instruments::ViewState;

namespace {

Axis axisOf(const InstrumentPanel& panel) {
    return panel.instrument().traits().axis;
}

} // namespace

PanelBoard::PanelBoard(lab::LabController& lab, const scene::TextService& text, QWidget* window)
    : QObject(window)
    , m_lab(lab)
    , m_instruments(instruments::makeInstruments()) {
    if (!lab::ClipPlayer::isAvailable()) {
        std::erase_if(m_instruments, [](const auto& one) { return one->traits().needsVideo; });
    }
    for (const auto& instrument : m_instruments) {
        auto* panel = new InstrumentPanel(lab, *instrument, text, window);
        connect(panel, &InstrumentPanel::saveRequested, this, &PanelBoard::saveRequested);
        connect(panel, &InstrumentPanel::explainRequested, this, &PanelBoard::explainRequested);
        connect(panel, &InstrumentPanel::actionTriggered, this, &PanelBoard::actionTriggered);
        connect(&panel->host(), &host::InstrumentHost::viewStateChanged, this,
                [this, panel](const ViewState& state) { shareAxis(*panel, state); });
        panel->host().setAsleep(true);
        m_panels.push_back(panel);
    }
    if (InstrumentPanel* zoomed = firstOf(Axis::Places)) {
        connect(&zoomed->host(), &host::InstrumentHost::resized, this, &PanelBoard::shareWidth);
    }
}

PanelBoard::~PanelBoard() = default;

InstrumentPanel* PanelBoard::find(const QString& id) const {
    const auto found = std::find_if(m_panels.begin(), m_panels.end(),
                                    [&](const InstrumentPanel* p) { return p->id() == id; });
    return found == m_panels.end() ? nullptr : *found;
}

InstrumentPanel* PanelBoard::firstOf(Axis axis) const {
    const auto found =
        std::find_if(m_panels.begin(), m_panels.end(),
                     [&](const InstrumentPanel* panel) { return axisOf(*panel) == axis; });
    return found == m_panels.end() ? nullptr : *found;
}

void PanelBoard::setTheme(const scene::Theme& theme) {
    for (InstrumentPanel* panel : m_panels) {
        panel->setTheme(theme);
    }
    shareWidth();
}

void PanelBoard::wake() {
    if (m_awake == 0) {
        QTimer::singleShot(0, this, &PanelBoard::wakeNext);
    }
}

void PanelBoard::wakeNext() {
    if (m_awake < m_panels.size()) {
        m_panels[m_awake++]->host().setAsleep(false);
        QTimer::singleShot(0, this, &PanelBoard::wakeNext);
    }
}

void PanelBoard::wakeAll() {
    while (m_awake < m_panels.size()) {
        m_panels[m_awake++]->host().setAsleep(false);
    }
}

void PanelBoard::moveCursor(Move move) {
    const trace::TraceView view = m_lab.store().view();
    const int places = view.main ? static_cast<int>(view.main->places()) : 0;
    if (places == 0) {
        return;
    }
    const int now = m_lab.cursor().place().value_or(move == Move::Next ? -1 : 0);
    int next = 0;
    if (move == Move::Last) {
        next = places - 1;
    } else if (move != Move::First) {
        next = now + (move == Move::Next ? 1 : -1);
    }
    m_lab.pin({std::clamp(next, 0, places - 1), m_lab.cursor().recursion()});
    setFollow(move == Move::Last);
}

void PanelBoard::toggleFollow() {
    InstrumentPanel* overview = firstOf(Axis::Overview);
    setFollow(overview == nullptr || !overview->host().viewState().followLive);
}

void PanelBoard::setFollow(bool follow) {
    for (InstrumentPanel* each : m_panels) {
        ViewState state = each->host().viewState();
        // Where following has brought the zoomed panels is where they stay.
        if (!follow && axisOf(*each) != Axis::None) {
            state.firstPlace =
                instruments::placeAxis(state, m_lab.store().view().main, each->host().viewport())
                    .first;
        }
        state.followLive = follow;
        each->host().setViewState(state);
    }
}

void PanelBoard::shareWidth() {
    InstrumentPanel* zoomed = firstOf(Axis::Places);
    for (InstrumentPanel* each : m_panels) {
        if (zoomed != nullptr && axisOf(*each) == Axis::Overview) {
            ViewState state = each->host().viewState();
            state.axisWidth = instruments::plotFrame(zoomed->host().viewport()).width;
            each->host().setViewState(state);
        }
    }
}

void PanelBoard::shareAxis(const InstrumentPanel& source, const ViewState& state) {
    // Panels with the axis of places stay aligned; each keeps its own scroll position.
    if (m_sharing || axisOf(source) == Axis::None) {
        return;
    }
    m_sharing = true;
    for (InstrumentPanel* each : m_panels) {
        if (each != &source && axisOf(*each) != Axis::None) {
            ViewState next = each->host().viewState();
            next.cellWidth = state.cellWidth;
            next.firstPlace = state.firstPlace;
            next.followLive = state.followLive;
            each->host().setViewState(next);
        }
    }
    m_sharing = false;
}

QString PanelBoard::valueText() const {
    std::vector<InstrumentPanel*> order = m_panels;
    // What the pointer is over goes first.
    std::stable_partition(order.begin(), order.end(), [](InstrumentPanel* panel) {
        return panel->host().pointer().has_value();
    });
    for (InstrumentPanel* panel : order) {
        const QString value = panel->valueText();
        if (!value.isEmpty()) {
            return value;
        }
    }
    return {};
}

} // namespace depthscope::panels
