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
    std::vector<PngText> m_texts;
    std::vector<std::filesystem::path> m_written;
    std::int64_t m_bytes = 0;
    bool m_isFinished = false;
};

ImageFolder::ImageFolder(const std::filesystem::path& place)
    : m_pattern(place.extension() == ".png" ? place : place / kNames) {
    if (!isImagePattern(m_pattern)) {
        throw Error(ErrorCode::Usage,
                    fmt::format("{}: must be a pattern such as frame-%04d.png, or a folder",
                                place.string()),
                    "Each frame becomes a separate image.");
    }
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
    if (!settings.title.empty()) {
        m_texts.push_back({"Title", settings.title});
    }
    if (!settings.comment.empty()) {
        m_texts.push_back({"Comment", settings.comment});
    }
}

void ImageFolder::write(AVPacket& packet, AVRational /*timeBase*/) {
    const std::string_view bytes(reinterpret_cast<const char*>(packet.data),
                                 static_cast<std::size_t>(packet.size));
    const std::string image = withTexts(bytes, m_texts);
    const std::filesystem::path file =
        numberedImage(m_pattern, static_cast<std::int64_t>(m_written.size()));
    AtomicFile target(file);
    target.write(image);
    target.commit();
    m_written.push_back(file);
    m_bytes += std::ssize(image);
}

} // namespace

std::unique_ptr<PacketTarget> makeImageFolder(const std::filesystem::path& place) {
    return std::make_unique<ImageFolder>(place);
}

} // namespace depthscope::media
