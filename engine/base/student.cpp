// SPDX-License-Identifier: MIT
#include "engine/base/student.h"

#include <cmath>

namespace depthscope {

double studentQuantile(double degreesOfFreedom) {
    const double z = 1.959963984540054;
    if (std::isinf(degreesOfFreedom)) {
        return z;
    }
    const double n = degreesOfFreedom;
    const double z2 = z * z;
    const double first = z * (z2 + 1) / 4;
    const double second = z * ((5 * z2 + 16) * z2 + 3) / 96;
    const double third = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
    const double fourth = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;
    return z + (first + (second + (third + fourth / n) / n) / n) / n;
}

} // namespace depthscope
