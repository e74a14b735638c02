// SPDX-License-Identifier: MIT
#include "widgets/panels/overlay_pictures.h"

#include "widgets/host/instrument_host.h"
#include "widgets/instruments/video_overlay.h"
#include "widgets/paint/qt/scene_painter.h"

#include <QCoreApplication>
#include <QImage>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <utility>

namespace depthscope::panels {

namespace {

constexpr std::size_t kOverread = 64; // bytes behind the pixels that converters may read

struct Drawn {
    RgbPicturePtr picture; ///< null: the overlay alone
    scene::Scene scene;
};

/// Nearest, as the overlay's patches are made of whole pixels.
QImage enlargedPicture(const RgbPicture& picture, QSize size) {
    const QImage image(picture.bytes.data(), picture.width, picture.height, 3 * picture.width,
                       QImage::Format_RGB888);
    return image.scaled(size).convertToFormat(QImage::Format_ARGB32_Premultiplied);
}

QImage painted(const Drawn& drawn, bool isClear) {
    const QSize size(static_cast<int>(drawn.scene.bounds.width),
                     static_cast<int>(drawn.scene.bounds.height));
    QImage image(size, QImage::Format_ARGB32_Premultiplied);
    if (drawn.picture) {
        image = enlargedPicture(*drawn.picture, size);
    } else {
        image.fill(isClear ? Qt::transparent : Qt::black);
    }
    QPainter painter(&image);
    paint::qt::paintScene(painter, drawn.scene);
    painter.end();
    return image.convertToFormat(isClear ? QImage::Format_RGBA8888 : QImage::Format_RGB888);
}

trace::Frame frameOf(const QImage& image, std::int64_t number) {
    const std::size_t channels = image.hasAlphaChannel() ? 4 : 3;
    const std::size_t rowBytes = channels * static_cast<std::size_t>(image.width());
    const auto rows = static_cast<std::size_t>(image.height());
    auto bytes = std::make_shared<std::vector<std::uint8_t>>(rowBytes * rows + kOverread);
    for (std::size_t row = 0; row < rows; ++row) {
        std::memcpy(bytes->data() + row * rowBytes, image.constScanLine(static_cast<int>(row)),
                    rowBytes);
    }
    trace::Frame frame;
    frame.number = number;
    frame.width = image.width();
    frame.height = image.height();
    frame.pixelFormat = channels == 4 ? "rgba" : "rgb24";
    frame.planes = {{bytes->data(), static_cast<std::ptrdiff_t>(rowBytes), rowBytes, rows}};
    frame.colour = {"gbr", {}, {}, "pc"};
    frame.byteCount = bytes->size();
    frame.bytes = std::move(bytes);
    return frame;
}

} // namespace

bool OverlayPictures::isFor(const trace::ClipView& clip) const {
    const trace::TraceView view = m_store.view();
    const trace::RunView* run = instruments::runOf(view, clip);
    return run != nullptr && clip.frame && instruments::isRouted(*run) &&
           instruments::hasOverlay(*run, m_picture.viewState().overlayBy) &&
           instruments::patchGrid(*run, clip);
}

instruments::ViewState OverlayPictures::state() const {
    const instruments::ViewState& shown = m_picture.viewState();
    instruments::ViewState state; // all of the picture, whatever part the panel shows
    state.overlay =
        shown.overlay == instruments::Overlay::Off ? instruments::Overlay::Tint : shown.overlay;
    state.overlayBy = shown.overlayBy;
    state.overlayOpacity = shown.overlayOpacity;
    return state;
}

QString OverlayPictures::text() const {
    const instruments::ViewState drawn = state();
    const char* kind = drawn.overlay == instruments::Overlay::Contour ? "contour"
                       : drawn.overlay == instruments::Overlay::Dim   ? "dim"
                                                                      : "tint";
    return QStringLiteral("%1 by %2, %3 %")
        .arg(QLatin1String(kind),
             QLatin1String(drawn.overlayBy == instruments::OverlayBy::Depth ? "depth" : "expert"))
        .arg(std::lround(100 * drawn.overlayOpacity));
}

lab::FrameDrawing OverlayPictures::drawing(const lab::ExportChoice& choice, bool isClear) const {
    const trace::TraceView view = m_store.view();
    const trace::RunView* run = instruments::runOf(view, *choice.clip);
    const auto grid = run != nullptr ? instruments::patchGrid(*run, *choice.clip) : std::nullopt;
    if (!grid) {
        return {};
    }
    const instruments::Viewport shown = m_picture.viewport();
    scene::Theme theme = *shown.theme;
    theme.zoom = 1;
    const auto side = [&](std::int32_t pixels) {
        return static_cast<float>(pixels * choice.enlarged());
    };
    const scene::Rect area{0, 0, side(choice.clip->frame->width), side(choice.clip->frame->height)};
    const instruments::PictureMap map = instruments::pictureMap(*choice.clip, {}, area);
    const std::int64_t now = choice.clip->frame->number;
    const trace::FrameRange frames = choice.frames.value_or(trace::FrameRange{now, now});
    auto drawn = std::make_shared<std::map<std::int64_t, Drawn>>();
    const std::vector<RgbPicturePtr>& pictures = run->latest->clip()->pictures;
    for (std::int64_t n = frames.first; n <= frames.last; ++n) {
        instruments::SceneWriter writer({area, &theme, shown.text});
        instruments::drawOverlay(writer, {*run, *grid, map, n, area}, state(), {});
        (*drawn)[n] = {choice.overlay == lab::ExportOverlay::Over
                           ? pictures.at(static_cast<std::size_t>(n))
                           : nullptr,
                       writer.out.take()};
    }
    return [drawn = std::move(drawn), isClear](std::int64_t n) {
        return frameOf(painted(drawn->at(n), isClear), n);
    };
}

} // namespace depthscope::panels
