// SPDX-License-Identifier: MIT
#include "engine/base/quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace depthscope {

double quantile(std::vector<double> values, double share) {
    if (values.empty()) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    const auto rank = std::lround(share * static_cast<double>(values.size() - 1));
    const auto nth = values.begin() + rank;
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
}

} // namespace depthscope
