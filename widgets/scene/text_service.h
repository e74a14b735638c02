// SPDX-License-Identifier: MIT
// Text services that an instrument needs from the platform: measuring, eliding, translating,
// formatting. The window gives one backed by Qt, tests give one of fixed advance. Called on the
// thread that makes the scene.
#pragma once

#include "widgets/scene/scene.h"

#include <string>
#include <string_view>

namespace depthscope::scene {

class TextService {
public:
    virtual ~TextService() = default;

    /// Width of one line in logical pixels.
    [[nodiscard]] virtual float width(std::string_view text, const TextStyle& style) const = 0;

    /// The text, shortened with an ellipsis to fit `maxWidth`.
    [[nodiscard]] virtual std::string
    elide(std::string_view text, const TextStyle& style, float maxWidth) const = 0;

    /// A message in the user's language; `source` is the English text, which is also the id.
    [[nodiscard]] virtual std::string translate(const char* source) const = 0;

    /// A number in the user's locale with `decimals` digits after the point.
    [[nodiscard]] virtual std::string number(double value, int decimals) const = 0;
};

/// Figures of the visual language, through TextService::number.
[[nodiscard]] std::string formatBytes(const TextService& text,
                                      double bytes); ///< "96 KiB", "1.4 MiB"
[[nodiscard]] std::string formatCount(const TextService& text, double count); ///< "1.84 M", "512"
[[nodiscard]] std::string
formatSigned(const TextService& text, double value, int decimals);              ///< "+0.02", "-41"
[[nodiscard]] std::string formatPercent(const TextService& text, double share); ///< 0.41 -> "41 %"
[[nodiscard]] std::string formatMilliseconds(const TextService& text,
                                             double milliseconds); ///< "12.3 ms"

/// Bytes of a token made displayable: invalid UTF-8 becomes U+FFFD, a leading space a middle dot
/// "·", newline "↵", tab "→", other control characters U+FFFD; no bytes at all two dots.
[[nodiscard]] std::string showPiece(std::string_view bytes);

} // namespace depthscope::scene
