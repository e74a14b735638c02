// SPDX-License-Identifier: MIT
#include "app/cli/clip_files.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <cmath>
#include <optional>
#include <utility>

namespace depthscope::cli {

namespace {

std::optional<trace::Ratio> ratioOf(const std::string& text) {
    const std::size_t slash = text.find('/');
    if (slash != std::string::npos) {
        const auto over = parseNumber<std::int32_t>(std::string_view(text).substr(0, slash));
        const auto under = parseNumber<std::int32_t>(std::string_view(text).substr(slash + 1));
        return over && under && *over > 0 && *under > 0 ? std::optional(trace::Ratio{*over, *under})
                                                        : std::nullopt;
    }
    const auto number = parseNumber<double>(text);
    constexpr double kMost = 100'000;
    constexpr int kUnder = 1'000;
    if (!number || !(*number >= 1.0 / kUnder) || *number > kMost) {
        return std::nullopt;
    }
    const double rounded = std::round(*number);
    return rounded == *number
               ? trace::Ratio{static_cast<std::int32_t>(rounded), 1}
               : trace::Ratio{static_cast<std::int32_t>(std::lround(*number * kUnder)), kUnder};
}

} // namespace

trace::Ratio ratioOption(const std::string& name, const std::string& text) {
    const std::optional<trace::Ratio> ratio = ratioOf(text);
    if (!ratio) {
        throw Error(ErrorCode::Usage,
                    fmt::format("--{}: must be a number or a ratio, not '{}'", name, text),
                    fmt::format("For example --{} 25 or --{} 30000/1001.", name, name));
    }
    return *ratio;
}

ClipFiles::ClipFiles(How how)
    : m_how(std::move(how)) {
    media::EncodeSettings settings;
    settings.rate = m_how.rate;
    const media::Encoder check(place(0), settings); // leaves nothing behind
}

std::filesystem::path ClipFiles::place(std::size_t number) const {
    const std::filesystem::path& out = m_how.out;
    if (m_how.count == 1) {
        return out;
    }
    const std::string ending = out.extension().string();
    const std::string name = fmt::format("clip-{:03}", number);
    if (ending.empty()) {
        return out / name;
    }
    return ending == ".png"
               ? out.parent_path() / name / out.filename()
               : out.parent_path() / fmt::format("{}-{:03}{}", out.stem().string(), number, ending);
}

void ClipFiles::write(std::span<const std::uint8_t> rgb,
                      depthscope::PictureSize size,
                      std::string comment) {
    const std::filesystem::path file = place(m_files.size());
    media::EncodeSettings settings;
    settings.rate = m_how.rate;
    settings.title = m_how.title;
    settings.comment = std::move(comment);
    media::Encoder encoder(file, settings);
    const std::size_t each = std::size_t{3} * static_cast<std::size_t>(size.width) *
                             static_cast<std::size_t>(size.height);
    for (std::size_t first = 0; first + each <= rgb.size(); first += each) {
        const auto frame = rgb.subspan(first, each);
        encoder.add(RgbPicture{size.width, size.height, {frame.begin(), frame.end()}});
    }
    encoder.finish();
    m_files.push_back(file.string());
}

} // namespace depthscope::cli
