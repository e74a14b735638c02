// SPDX-License-Identifier: MIT
#include "engine/media/image_files.h"

#include "engine/base/error.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace depthscope::media {

namespace {

constexpr std::array<std::string_view, 4> kEndings{".png", ".jpg", ".jpeg", ".webp"};

bool isDigit(char letter) {
    return letter >= '0' && letter <= '9';
}

struct Pattern {
    std::string before;
    std::size_t width = 0; ///< digits at least; 0: no leading zeros
    std::string after;
};

std::optional<Pattern> patternOf(const std::string& name) {
    const std::size_t sign = name.find('%');
    if (sign == std::string::npos || name.find('%', sign + 1) != std::string::npos) {
        return std::nullopt;
    }
    std::size_t at = sign + 1;
    while (at < name.size() && isDigit(name[at])) {
        ++at;
    }
    if (at >= name.size() || name[at] != 'd' || at - sign > 3) {
        return std::nullopt;
    }
    const std::string width = name.substr(sign + 1, at - sign - 1);
    return Pattern{name.substr(0, sign), width.empty() ? 0 : std::stoul(width),
                   name.substr(at + 1)};
}

/// The digits that stand in the place of the pattern's %d; empty where the name does not fit.
std::string numberIn(const std::string& name, const Pattern& pattern) {
    const std::size_t around = pattern.before.size() + pattern.after.size();
    if (name.size() <= around || !name.starts_with(pattern.before) ||
        !name.ends_with(pattern.after)) {
        return {};
    }
    std::string digits = name.substr(pattern.before.size(), name.size() - around);
    const bool isNumber = std::all_of(digits.begin(), digits.end(), isDigit);
    const bool isPadded = digits.size() == pattern.width ||
                          (digits.size() > pattern.width && (digits[0] != '0' || digits == "0"));
    return isNumber && isPadded ? digits : std::string();
}

/// Numbers inside of names count as numbers: frame-2 comes before frame-10.
bool comesBefore(const std::string& left, const std::string& right) {
    std::size_t l = 0, r = 0;
    while (l < left.size() && r < right.size()) {
        if (isDigit(left[l]) && isDigit(right[r])) {
            const auto run = [](const std::string& name, std::size_t& at) {
                const std::size_t zeros = std::min(name.find_first_not_of('0', at), name.size());
                const std::size_t end =
                    std::min(name.find_first_not_of("0123456789", zeros), name.size());
                at = end;
                return name.substr(zeros, end - zeros);
            };
            const std::string a = run(left, l), b = run(right, r);
            if (a != b) {
                return a.size() != b.size() ? a.size() < b.size() : a < b;
            }
        } else if (left[l] != right[r]) {
            return left[l] < right[r];
        } else {
            ++l;
            ++r;
        }
    }
    const bool isShorter = left.size() - l < right.size() - r;
    return isShorter || (left.size() - l == right.size() - r && left < right);
}

std::string endingOf(const std::filesystem::path& file) {
    std::string ending = file.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    return ending == ".jpeg" ? ".jpg" : ending;
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& reason) {
    throw Error(ErrorCode::BadInput, path.string() + ": " + reason,
                "A clip of images is a folder or a pattern such as frame-%04d.png, with png, jpg "
                "or webp files of one kind.");
}

} // namespace

bool isImagePattern(const std::filesystem::path& path) {
    return patternOf(path.filename().string()).has_value();
}

std::filesystem::path numberedImage(const std::filesystem::path& pattern, std::int64_t number) {
    const Pattern parts = patternOf(pattern.filename().string()).value_or(Pattern{});
    std::string digits = std::to_string(number);
    if (digits.size() < parts.width) {
        digits.insert(0, parts.width - digits.size(), '0');
    }
    return pattern.parent_path() / (parts.before + digits + parts.after);
}

bool hasImages(const std::filesystem::path& pattern) {
    const std::optional<Pattern> parts = patternOf(pattern.filename().string());
    const std::filesystem::path folder = pattern.has_parent_path() ? pattern.parent_path() : ".";
    std::error_code error;
    for (auto entry = std::filesystem::directory_iterator(folder, error);
         parts && !error && entry != std::filesystem::directory_iterator();
         entry.increment(error)) {
        if (!numberIn(entry->path().filename().string(), *parts).empty()) {
            return true;
        }
    }
    return false;
}

std::vector<std::filesystem::path> imageFiles(const std::filesystem::path& path) {
    std::error_code error;
    const bool isFolder = std::filesystem::is_directory(path, error);
    const std::optional<Pattern> pattern =
        isFolder ? std::nullopt : patternOf(path.filename().string());
    const std::filesystem::path folder =
        isFolder ? path : (path.has_parent_path() ? path.parent_path() : ".");
    std::vector<std::filesystem::path> files;
    for (auto entry = std::filesystem::directory_iterator(folder, error);
         !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        const std::string ending = endingOf(entry->path());
        const bool isImage = std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
        const std::string name = entry->path().filename().string();
        if (isImage && !name.starts_with('.') && (!pattern || !numberIn(name, *pattern).empty()) &&
            entry->is_regular_file(error)) {
            files.push_back(entry->path());
        }
    }
    if (error) {
        refuse(path, "cannot be read: " + error.message());
    }
    if (files.empty()) {
        refuse(path, "no images found");
    }
    for (const std::filesystem::path& file : files) {
        if (endingOf(file) != endingOf(files.front())) {
            refuse(path, "has images of several kinds: " + files.front().filename().string() +
                             ", " + file.filename().string());
        }
    }
    std::sort(files.begin(), files.end(), [](const auto& left, const auto& right) {
        return comesBefore(left.filename().string(), right.filename().string());
    });
    return files;
}

} // namespace depthscope::media
