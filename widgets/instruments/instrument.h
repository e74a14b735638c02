// SPDX-License-Identifier: MIT
// The contract of every instrument: pure functions from what happened (TraceView) and how it is
// looked at (ViewState, Cursor) to a scene, a table, and the meaning of an input. No state of its
// own, no Qt, no ImGui; the window's thread calls it.
#pragma once

#include "engine/trace/trace_store.h"
#include "widgets/instruments/view_state.h"
#include "widgets/scene/scene.h"
#include "widgets/scene/text_service.h"
#include "widgets/scene/theme.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace depthscope::instruments {

struct Viewport {
    scene::Rect bounds; ///< x = y = 0
    const scene::Theme* theme = nullptr;
    const scene::TextService* text = nullptr;
    bool onPaper = false; ///< exported: what is to be pressed is left out
};

enum class Button : std::uint8_t { None, Left, Middle, Right };
enum class Key : std::uint8_t { Left, Right, Up, Down, Home, End, Escape, Enter, Plus, Minus, Fit };

struct PointerMove {
    scene::Point at;
};

struct PointerLeave {};

struct PointerPress {
    scene::Point at;
    Button button = Button::Left;
};

struct PointerRelease {
    scene::Point at;
    Button button = Button::Left;
};

struct DoubleClick {
    scene::Point at;
};

/// `steps`: notches, up is positive. `zoom`: Ctrl was held. `sideways`: Shift was held.
struct Wheel {
    scene::Point at;
    double steps = 0;
    bool zoom = false;
    bool sideways = false;
};

struct KeyPress {
    Key key = Key::Enter;
    bool shift = false;
};

using Input = std::
    variant<PointerMove, PointerLeave, PointerPress, PointerRelease, DoubleClick, Wheel, KeyPress>;

struct HoverIntent {
    std::optional<int> place;
    std::optional<int> recursion;
};

struct PinIntent {
    std::optional<int> place;
    std::optional<int> recursion;
}; ///< no place: release

/// A frame of the clip on screen.
struct FrameIntent {
    std::int64_t frame = 0;
};

/// A step of the main run, by its number.
struct StepIntent {
    std::uint32_t step = 0;
};

struct ActionIntent {
    std::string action;
}; ///< of a Button hit, e.g. "graded.new"

using Intent = std::variant<HoverIntent, PinIntent, FrameIntent, StepIntent, ActionIntent>;

struct InputResponse {
    ViewState state;
    std::vector<Intent> intents;
    std::string tip; ///< tooltip to show at the pointer; empty: none
};

/// The table twin: what a screen reader reads and CSV holds. Numbers keep full precision.
struct Table {
    struct Column {
        std::string title;
        std::string unit;
    };

    using Cell = std::variant<std::monostate, double, std::string>;
    std::vector<Column> columns;
    std::vector<std::vector<Cell>> rows;
};

/// What the horizontal axis of a panel is.
enum class Axis : std::uint8_t {
    None,    ///< a list, a text, a chart of its own
    Places,  ///< zoomed and panned together with all panels of this axis
    Overview ///< all places, whatever part the others show
};

/// Where the window puts a panel at first.
enum class Column : std::uint8_t { Left, Center, Right, Embedded };

/// How much of its column's height a panel gets at first: fixed heights are given out first, then
/// those with a least one, then the rest by share.
struct Height {
    int fixed = 0;       ///< pixels at zoom 1; 0: it shares what the fixed ones leave
    int mostShare = 100; ///< of the column, in percent, that a fixed height may take
    int share = 100;     ///< against the panels that share with it
    int least = 0;       ///< pixels at zoom 1
};

/// What the window needs to know to place a panel. Adding an instrument changes no list in the
/// window.
struct Traits {
    Axis axis = Axis::None;
    Column column = Column::Right;
    Height height{};
    /// Which models the panel is for; null: all. With another model it starts hidden; no model
    /// counts as an empty ModelInfo.
    bool (*isFor)(const spec::ModelInfo& model) = nullptr;
    bool startsClosed = false; ///< until it is opened from the menu
    /// It shows trace::Convergence, which costs the engine work: worked out while it is in sight.
    bool needsConvergence = false;
    bool needsVideo = false;    ///< left out of a program that was built without video
    bool followsFrames = false; ///< drawn anew when the cursor goes to another frame of the clip
};

/// What is on screen when an input arrives. Lives for one call.
struct Shown {
    const trace::TraceView& view;
    const ViewState& state;
    const Cursor& cursor;
    const scene::Scene& scene;
    const Viewport& viewport;
};

class Instrument {
public:
    virtual ~Instrument() = default;

    /// Stable id, e.g. "panel.depth": scripts, export names, settings keys.
    [[nodiscard]] virtual const char* id() const = 0;
    /// English title, translated where it is shown.
    [[nodiscard]] virtual const char* title() const = 0;
    [[nodiscard]] virtual Traits traits() const = 0;
    [[nodiscard]] virtual scene::Scene draw(const trace::TraceView& view,
                                            const ViewState& state,
                                            const Cursor& cursor,
                                            const Viewport& viewport) const = 0;
    /// The default handles the shared axis of places: hover, pin, pan, zoom, fit, arrow keys.
    [[nodiscard]] virtual InputResponse respond(const Shown& shown, const Input& input) const;
    [[nodiscard]] virtual Table table(const trace::TraceView& view,
                                      const scene::TextService& text) const = 0;
    /// Exact values at a cell, for the tooltip.
    [[nodiscard]] virtual std::string
    tip(const trace::TraceView& view, const scene::Hit& hit, const scene::TextService& text) const;
};

/// All of the laboratory in the order of the window.
[[nodiscard]] std::vector<std::unique_ptr<Instrument>> makeInstruments();

} // namespace depthscope::instruments
