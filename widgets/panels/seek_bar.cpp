// SPDX-License-Identifier: MIT
#include "widgets/panels/seek_bar.h"

#include "widgets/panels/theme_style.h"
#include "widgets/scene/color_map.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QTransform>
#include <algorithm>
#include <cmath>

namespace depthscope::panels {

namespace {

constexpr double kMargin = 12;
constexpr double kTrack = 6; // height
constexpr double kHandle = 3;
constexpr double kStrip = 28; // height of the track once there are thumbnails
constexpr int kHeight = 44;
constexpr int kBigStep = 10; // frames, with Shift or by page

QImage pictureOf(const trace::Thumbnail& thumbnail, int rotation) {
    const RgbPicture& picture = *thumbnail.picture;
    const QImage image(picture.bytes.data(), picture.width, picture.height,
                       qsizetype{picture.width} * 3, QImage::Format_RGB888);
    return rotation % 360 == 0 ? image : image.transformed(QTransform().rotate(rotation));
}

} // namespace

SeekBar::SeekBar(QWidget* parent)
    : QSlider(Qt::Horizontal, parent)
    , m_theme(scene::lightTheme()) {
    setObjectName(QStringLiteral("clip.seek"));
    setAccessibleName(tr("Frame of the clip"));
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void SeekBar::setClip(trace::ClipPtr clip) {
    m_clip = std::move(clip);
    const bool hasFrames = m_clip && m_clip->frameCount > 0;
    setEnabled(hasFrames);
    setRange(0, hasFrames ? static_cast<int>(m_clip->frameCount - 1) : 0);
    if (!isSliderDown()) {
        const bool hasFrame = m_clip && m_clip->frame.has_value();
        setValue(hasFrame ? static_cast<int>(m_clip->frame->number) : 0);
    }
    update();
}

void SeekBar::setTheme(const scene::Theme& theme) {
    m_theme = theme;
    updateGeometry();
    update();
}

QSize SeekBar::sizeHint() const {
    return {320, static_cast<int>(std::lround(kHeight * m_theme.zoom))};
}

QSize SeekBar::minimumSizeHint() const {
    return {120, sizeHint().height()};
}

qint64 SeekBar::frameAt(double x) const {
    const double share = (x - kMargin) / std::max(1.0, width() - 2 * kMargin);
    const qint64 frames = qint64{maximum()} + 1;
    return std::clamp<qint64>(static_cast<qint64>(std::floor(share * static_cast<double>(frames))),
                              0, frames - 1);
}

double SeekBar::xOf(std::int64_t frame) const {
    const double share = (static_cast<double>(frame) + 0.5) / (static_cast<double>(maximum()) + 1);
    return kMargin + share * (width() - 2 * kMargin);
}

bool SeekBar::hasStrip() const {
    return m_clip && m_clip->frameCount > 0 && m_clip->thumbnails && !m_clip->thumbnails->empty();
}

QRectF SeekBar::track() const {
    const double thick =
        std::round((hasStrip() ? kStrip : kTrack) * static_cast<double>(m_theme.zoom));
    return {kMargin, std::round((height() - thick) / 2), width() - 2 * kMargin, thick};
}

QColor SeekBar::shade(float share) const {
    return toQt(scene::mix(m_theme.text, m_theme.surface, share));
}

/// Side by side, each of the frame nearest to its middle.
QPixmap SeekBar::makeStrip(QSizeF size) const {
    const double ratio = devicePixelRatioF();
    QPixmap strip((size * ratio).toSize().expandedTo({1, 1}));
    strip.setDevicePixelRatio(ratio);
    strip.fill(shade(0.12F));
    QPainter painter(&strip);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    const std::vector<trace::Thumbnail>& all = *m_clip->thumbnails;
    const QSize first = pictureOf(all.front(), m_clip->rotation).size();
    const double wide = std::max(8.0, size.height() * first.width() / first.height());
    const int pictures = static_cast<int>(std::ceil(size.width() / wide));
    for (int n = 0; n < pictures; ++n) {
        const double x = n * wide;
        const qint64 wanted = frameAt(kMargin + x + wide / 2);
        const auto nearest =
            std::min_element(all.begin(), all.end(), [wanted](const auto& a, const auto& b) {
                return std::abs(a.frame - wanted) < std::abs(b.frame - wanted);
            });
        painter.drawImage(QRectF(x, 0, wide, size.height()), pictureOf(*nearest, m_clip->rotation));
    }
    return strip;
}

void SeekBar::paintTrack(QPainter& painter, const QRectF& track) {
    if (!hasStrip()) {
        m_stripOf.reset();
        painter.setPen(Qt::NoPen);
        painter.setBrush(shade(0.12F));
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2);
        return;
    }
    const QSizeF size = m_strip.deviceIndependentSize();
    if (m_stripOf != m_clip->thumbnails || std::abs(size.width() - track.width()) >= 1 ||
        std::abs(size.height() - track.height()) >= 1) {
        m_strip = makeStrip(track.size());
        m_stripOf = m_clip->thumbnails;
    }
    painter.drawPixmap(track.topLeft(), m_strip);
}

/// What does not play stands back behind a veil; without thumbnails what plays is darker.
void SeekBar::paintRange(QPainter& painter, const QRectF& track) const {
    if (!m_clip->range) {
        return;
    }
    const auto left = [&](std::int64_t frame) {
        return track.left() +
               track.width() * static_cast<double>(frame) / static_cast<double>(m_clip->frameCount);
    };
    const double from = left(m_clip->range->first);
    const double to = left(m_clip->range->last + 1);
    if (!hasStrip()) {
        painter.fillRect(QRectF(from, track.top(), to - from, track.height()), shade(0.34F));
        return;
    }
    QColor veil = toQt(m_theme.surface);
    veil.setAlphaF(0.78F);
    painter.fillRect(QRectF(track.left(), track.top(), from - track.left(), track.height()), veil);
    painter.fillRect(QRectF(to, track.top(), track.right() - to, track.height()), veil);
    for (const double x : {from, to}) {
        painter.fillRect(QRectF(std::round(x) - 1, track.top(), 2, track.height()), shade(0.7F));
    }
}

/// A hairline where the frames end that a model was given.
void SeekBar::paintGiven(QPainter& painter, const QRectF& track) const {
    if (m_clip->contextFrames <= 0 || m_clip->contextFrames >= m_clip->frameCount) {
        return;
    }
    const double x =
        std::round(track.left() + track.width() * static_cast<double>(m_clip->contextFrames) /
                                      static_cast<double>(m_clip->frameCount));
    const double reach = std::round(3 * static_cast<double>(m_theme.zoom));
    const QRectF line(x - 0.5, track.top() - reach, 1, track.height() + 2 * reach);
    painter.fillRect(line.adjusted(-1, 0, 1, 0), toQt(m_theme.surface)); // on any picture
    painter.fillRect(line, shade(0.7F));
}

/// One mark a pixel at most, however many frames are damaged.
void SeekBar::paintDamage(QPainter& painter, const QRectF& track) const {
    if (!m_clip->damaged) {
        return;
    }
    double last = -1;
    for (const std::int64_t frame : *m_clip->damaged) {
        const double x = std::round(xOf(frame));
        if (x > last) {
            painter.fillRect(QRectF(x - 1, track.top() - 5, 2, 4), toQt(m_theme.error));
            last = x;
        }
    }
}

/// The frame on screen, and where the one will be that is being decoded.
void SeekBar::paintMarks(QPainter& painter, const QRectF& track) const {
    const double reach = std::round((hasStrip() ? 4 : 5) * static_cast<double>(m_theme.zoom));
    const auto mark = [&](std::int64_t frame, const QColor& color) {
        const QRectF line(std::round(xOf(frame) - kHandle / 2), track.top() - reach, kHandle,
                          track.height() + 2 * reach);
        if (hasStrip()) { // on any picture
            painter.fillRect(line.adjusted(-1, 0, 1, 0), toQt(m_theme.surface));
        }
        painter.fillRect(line, color);
    };
    if (m_clip->frame && m_clip->target != m_clip->frame->number) {
        mark(m_clip->target, shade(0.42F));
    }
    mark(isSliderDown()  ? value()
         : m_clip->frame ? m_clip->frame->number
                         : 0,
         toQt(m_theme.accent));
}

void SeekBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF area = track();
    paintTrack(painter, area);
    if (!m_clip || m_clip->frameCount == 0) {
        return;
    }
    paintRange(painter, area);
    paintGiven(painter, area);
    paintDamage(painter, area);
    paintMarks(painter, area);
    if (hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(toQt(m_theme.accent), 1));
        painter.drawRoundedRect(QRectF(rect()).adjusted(4.5, 0.5, -4.5, -0.5), 4, 4);
    }
}

void SeekBar::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || !m_clip || m_clip->frameCount == 0) {
        return;
    }
    setSliderDown(true);
    mouseMoveEvent(event);
}

void SeekBar::mouseMoveEvent(QMouseEvent* event) {
    if (!m_clip || m_clip->frameCount == 0) {
        return;
    }
    const qint64 frame = frameAt(event->position().x());
    if (isSliderDown()) {
        setValue(static_cast<int>(frame));
        Q_EMIT seekRequested(frame);
    }
    const double seconds =
        m_clip->duration * static_cast<double>(frame) / static_cast<double>(m_clip->frameCount);
    QToolTip::showText(event->globalPosition().toPoint(),
                       tr("frame %1  %2")
                           .arg(frame)
                           .arg(m_clip->run.empty() ? QString::fromStdString(
                                                          trace::timecode(*m_clip, frame, seconds))
                                : frame < m_clip->contextFrames ? tr("given")
                                                                : tr("predicted")),
                       this);
}

void SeekBar::mouseReleaseEvent(QMouseEvent*) {
    setSliderDown(false);
}

void SeekBar::wheelEvent(QWheelEvent* event) {
    Q_EMIT stepRequested(event->angleDelta().y() > 0 ? -1 : 1);
    event->accept();
}

void SeekBar::keyPressEvent(QKeyEvent* event) {
    const int size = event->modifiers().testFlag(Qt::ShiftModifier) ? kBigStep : 1;
    switch (event->key()) {
    case Qt::Key_Left:
        Q_EMIT stepRequested(-size);
        break;
    case Qt::Key_Right:
        Q_EMIT stepRequested(size);
        break;
    case Qt::Key_PageUp:
        Q_EMIT stepRequested(-kBigStep);
        break;
    case Qt::Key_PageDown:
        Q_EMIT stepRequested(kBigStep);
        break;
    default:
        event->ignore(); // QSlider would go to an end by itself
    }
}

} // namespace depthscope::panels
