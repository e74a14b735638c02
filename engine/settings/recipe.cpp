// SPDX-License-Identifier: MIT
#include "engine/settings/recipe.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

namespace depthscope::settings {

RecipeChange parseRecipeChange(std::string_view text) {
    const std::size_t sign = text.find('=');
    if (sign == std::string_view::npos || sign == 0) {
        throw Error(ErrorCode::Usage, fmt::format("\"{}\" is not NAME=VALUE", text),
                    "For example: learning_rate=0.001.");
    }
    return {std::string(text.substr(0, sign)), std::string(text.substr(sign + 1))};
}

} // namespace depthscope::settings
