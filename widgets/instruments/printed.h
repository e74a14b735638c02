// SPDX-License-Identifier: MIT
// What an instrument says of itself for a figure on paper, where nothing scrolls and axes have
// titles. Implemented by those that scroll or have axes. Pure functions as those of Instrument.
#pragma once

#include "widgets/instruments/instrument.h"

#include <string>

namespace depthscope::instruments {

/// Translated; empty: no such axis, or its labels say it already.
struct AxisTitles {
    std::string across;
    std::string up;
};

class Printed {
public:
    Printed() = default;
    Printed(const Printed&) = delete;
    Printed& operator=(const Printed&) = delete;
    virtual ~Printed() = default;

    /// Logical pixels that the whole content takes at the viewport's width; 0: it fills any height.
    [[nodiscard]] virtual float
    contentHeight(const trace::TraceView&, const Cursor&, const Viewport&) const {
        return 0;
    }

    [[nodiscard]] virtual AxisTitles axisTitles(const trace::TraceView&,
                                                const scene::TextService&) const {
        return {};
    }
};

} // namespace depthscope::instruments
