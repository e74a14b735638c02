// SPDX-License-Identifier: MIT
#include "engine/trace/graded_classes.h"

namespace depthscope::trace {

const ClassSetPtr& gradedClasses() {
    static const ClassSetPtr set = std::make_shared<const ClassSet>(ClassSet{
        "graded text", {"memorised", "copy", "sum", "nested", "agreement", "noise", "frame"}});
    return set;
}

} // namespace depthscope::trace
