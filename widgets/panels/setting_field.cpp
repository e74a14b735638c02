// SPDX-License-Identifier: MIT
#include "widgets/panels/setting_field.h"

#include "engine/settings/lab.h"

#include <string_view>

namespace depthscope::panels {

settings::FieldInfo settingField(const char* name) {
    settings::FieldInfo found{name, ""};
    settings::LabSettings defaults;
    settings::LabSettings::visit(defaults, [&](const settings::FieldInfo& field, const auto&) {
        if (std::string_view(field.name) == name) {
            found = field;
        }
    });
    return found;
}

} // namespace depthscope::panels
