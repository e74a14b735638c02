// SPDX-License-Identifier: MIT
#include "engine/trace/patch_classes.h"

namespace depthscope::trace {

const ClassSetPtr& patchClasses() {
    static const ClassSetPtr set = std::make_shared<const ClassSet>(
        ClassSet{"patches", {"background", "interior", "edge", "motion"}});
    return set;
}

} // namespace depthscope::trace
