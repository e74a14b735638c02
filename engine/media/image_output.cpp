// SPDX-License-Identifier: MIT
#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/media/image_files.h"
#include "engine/media/packet_target.h"
#include "engine/media/png.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

namespace depthscope::media {

namespace {

constexpr const char* kNames = "frame-%06d.png";

using Texts = std::vector<PngText>;

Texts textsOf(const EncodeSettings& settings) {
    Texts texts;
    if (!settings.title.empty()) {
        texts.push_back({"Title", settings.title});
    }
    if (!settings.comment.empty()) {
        texts.push_back({"Comment", settings.comment});
    }
    return texts;
}

std::string imageOf(const AVPacket& packet, const Texts& texts) {
    return withTexts(
        {reinterpret_cast<const char*>(packet.data), static_cast<std::size_t>(packet.size)}, texts);
}

class ImageFolder final : public PacketTarget {
public:
    explicit ImageFolder(const std::filesystem::path& place);
    ~ImageFolder() override;

    void begin(const AVCodecContext& encoder, const EncodeSettings& settings) override;
    void write(AVPacket& packet, AVRational timeBase) override;

    void finish() override { m_isFinished = true; }

    [[nodiscard]] std::int64_t bytes() const override { return m_bytes; }

private:
    std::filesystem::path m_pattern;
    std::filesystem::path m_madeFolder; ///< empty: it was there before
    Texts m_texts;
    std::vector<std::filesystem::path> m_written;
    std::int64_t m_bytes = 0;
    bool m_isFinished = false;
};

ImageFolder::ImageFolder(const std::filesystem::path& place)
    : m_pattern(place.extension() == ".png" ? place : place / kNames) {
    const std::filesystem::path folder =
        m_pattern.has_parent_path() ? m_pattern.parent_path() : std::filesystem::path(".");
    std::error_code error;
    if (!std::filesystem::exists(folder, error)) {
        makeFolder(folder);
        m_madeFolder = folder;
    }
    if (hasImages(m_pattern)) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: images of that name already exist", m_pattern.string()),
                    "Choose another folder; frames of two clips would be mixed.");
    }
}

ImageFolder::~ImageFolder() {
    if (m_isFinished) {
        return;
    }
    std::error_code ignored;
    for (const std::filesystem::path& file : m_written) {
        std::filesystem::remove(file, ignored);
    }
    if (!m_madeFolder.empty()) {
        std::filesystem::remove(m_madeFolder, ignored); // only where it is empty
    }
}

void ImageFolder::begin(const AVCodecContext& /*encoder*/, const EncodeSettings& settings) {
    m_texts = textsOf(settings);
}

void ImageFolder::write(AVPacket& packet, AVRational /*timeBase*/) {
    const std::string image = imageOf(packet, m_texts);
    const std::filesystem::path file =
        numberedImage(m_pattern, static_cast<std::int64_t>(m_written.size()));
    AtomicFile target(file);
    target.write(image);
    target.commit();
    m_written.push_back(file);
    m_bytes += std::ssize(image);
}

/// Replaces a file of that name, once it is whole.
class OneImage final : public PacketTarget {
public:
    explicit OneImage(std::filesystem::path name)
        : m_name(std::move(name))
        , m_file(m_name) {}

    void begin(const AVCodecContext& /*encoder*/, const EncodeSettings& settings) override {
        m_texts = textsOf(settings);
    }

    void write(AVPacket& packet, AVRational /*timeBase*/) override {
        if (m_bytes > 0) {
            throw Error(ErrorCode::Usage,
                        fmt::format("{}: one image cannot hold several frames", m_name.string()),
                        "Give a pattern such as frame-%04d.png, or a folder: each frame becomes a "
                        "separate image.");
        }
        const std::string image = imageOf(packet, m_texts);
        m_file.write(image);
        m_bytes = std::ssize(image);
    }

    void finish() override { m_file.commit(); }

    [[nodiscard]] std::int64_t bytes() const override { return m_bytes; }

private:
    std::filesystem::path m_name;
    AtomicFile m_file;
    Texts m_texts;
    std::int64_t m_bytes = 0;
};

} // namespace

std::unique_ptr<PacketTarget> makeImages(const std::filesystem::path& place) {
    if (place.extension() == ".png" && !isImagePattern(place)) {
        return std::make_unique<OneImage>(place);
    }
    return std::make_unique<ImageFolder>(place);
}

} // namespace depthscope::media
