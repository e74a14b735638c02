// SPDX-License-Identifier: MIT
#include "engine/session/autoencoder_family.h"
#include "engine/session/family.h"
#include "engine/session/language_family.h"
#include "engine/session/video_family.h"

#include <array>

namespace depthscope::session {

std::span<const Family> builtInFamilies() {
    static constexpr std::array kFamilies{
        Family{"llama", &loadLanguage, &passLanguage},
        Family{"mor_llama", &loadLanguage, &passLanguage},
        Family{"recursive_llama", &loadLanguage, &passLanguage},
        Family{"ouro", &loadLanguage, &passLanguage},
        Family{"huginn_raven", &loadLanguage, &passLanguage},
        Family{"more", &loadLanguage, &passLanguage},
        Family{"more_baseline", &loadLanguage, &passLanguage},
        Family{"video_dit", &loadVideo, &passVideo},
        Family{"more_dit", &loadVideo, &passVideo},
        Family{"video_autoencoder", &loadAutoencoder, &passAutoencoder},
    };
    return kFamilies;
}

} // namespace depthscope::session
