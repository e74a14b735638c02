// SPDX-License-Identifier: MIT
#include "engine/spec/training_recipe.h"

#include "engine/base/names.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace depthscope::spec {

std::string_view toString(RateShape shape) {
    constexpr NameTable<RateShape, 3> kShapes{{{{RateShape::Constant, "constant"},
                                                {RateShape::Cosine, "cosine"},
                                                {RateShape::Decay, "decay"}}}};
    return kShapes.nameOf(shape);
}

double rateAt(const Schedule& schedule, std::int64_t step, std::int64_t steps) {
    const auto s = static_cast<double>(step) + 1.0;
    const auto total = static_cast<double>(steps);
    const double decay = schedule.decayShare * total;
    const double decayStart = total - decay;
    if (s <= static_cast<double>(schedule.warmup)) {
        return schedule.rate * s / static_cast<double>(schedule.warmup);
    }
    if (schedule.shape == RateShape::Cosine) {
        const double warm = static_cast<double>(schedule.warmup);
        const double done = (s - warm) / std::max(1.0, total - warm);
        return schedule.rate * 0.5 * (1.0 + std::cos(std::numbers::pi * std::min(1.0, done)));
    }
    if (schedule.shape == RateShape::Constant || s <= decayStart || decay <= 0) {
        return schedule.rate;
    }
    const double left = 1.0 - (s - decayStart) / decay;
    return schedule.rate * std::max(schedule.floor, schedule.floor + (1 - schedule.floor) * left);
}

} // namespace depthscope::spec
