// SPDX-License-Identifier: MIT
#include "widgets/panels/training_clip_view.h"

#include <QFontMetrics>
#include <QImage>
#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <utility>

namespace depthscope::panels {

namespace {

constexpr int kFramesPerSecond = 8;
constexpr int kGap = 8;
/// Of a picture, in lines of text.
constexpr int kLines = 4;

QImage imageOf(const RgbPicture& picture) {
    return {picture.bytes.data(), picture.width, picture.height, picture.width * 3,
            QImage::Format_RGB888};
}

} // namespace

TrainingClipView::TrainingClipView(QWidget* parent)
    : QWidget(parent) {
    setObjectName(QStringLiteral("train.clip"));
    setAccessibleName(tr("A held-out clip as the model in training makes it"));
    setFocusPolicy(Qt::StrongFocus);
    setToolTip(tr("A held-out clip, predicted from the same noise or reconstructed at each "
                  "evaluation. Click or Space: hold; Left, Right: step"));
    m_timer.setInterval(1000 / kFramesPerSecond);
    connect(&m_timer, &QTimer::timeout, this, [this] { step(1); });
}

void TrainingClipView::setClip(trace::TrainingClipPtr clip) {
    if (clip == m_clip) {
        return;
    }
    m_clip = std::move(clip);
    setVisible(m_clip != nullptr);
    setAccessibleDescription(words());
    setPlaying(!m_isHeld);
    updateGeometry();
    update();
}

QSize TrainingClipView::sizeHint() const {
    const int line = fontMetrics().lineSpacing();
    return {2 * (kLines * line + kGap), (kLines + 1) * line + kGap};
}

void TrainingClipView::step(int by) {
    if (m_clip && !m_clip->made.empty()) {
        const auto frames = static_cast<int>(m_clip->made.size());
        m_frame = (m_frame + by + frames) % frames;
        update();
    }
}

void TrainingClipView::setPlaying(bool playing) {
    if (playing && m_clip && isVisible()) {
        m_timer.start();
    } else {
        m_timer.stop();
    }
}

void TrainingClipView::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) {
        m_isHeld = !m_isHeld;
        setPlaying(!m_isHeld);
    }
}

void TrainingClipView::keyPressEvent(QKeyEvent* event) {
    const bool isStep = event->key() == Qt::Key_Left || event->key() == Qt::Key_Right;
    if (!isStep && event->key() != Qt::Key_Space) {
        QWidget::keyPressEvent(event);
        return;
    }
    m_isHeld = isStep || !m_isHeld;
    setPlaying(!m_isHeld);
    if (isStep) {
        step(event->key() == Qt::Key_Left ? -1 : 1);
    }
}

void TrainingClipView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    setPlaying(!m_isHeld);
}

void TrainingClipView::hideEvent(QHideEvent* event) {
    QWidget::hideEvent(event);
    setPlaying(false);
}

/// "copy-last 17.8 dB", "bicubic 31.2 dB".
QString TrainingClipView::controlText() const {
    const QString psnr = QLocale().toString(m_clip->psnrControl, 'f', 1);
    return m_clip->contextFrames > 0 ? tr("copy-last %1 dB").arg(psnr)
                                     : tr("bicubic %1 dB").arg(psnr);
}

/// "Step 300: PSNR 21.4 dB, copy-last 17.8 dB".
QString TrainingClipView::words() const {
    const QLocale locale;
    return m_clip ? tr("Step %1: PSNR %2 dB, %3")
                        .arg(locale.toString(static_cast<qlonglong>(m_clip->step)),
                             locale.toString(m_clip->psnr, 'f', 1), controlText())
                  : QString();
}

void TrainingClipView::paintEvent(QPaintEvent*) {
    const auto frame = static_cast<std::size_t>(m_frame);
    if (!m_clip || frame >= m_clip->made.size() || frame >= m_clip->truth.size()) {
        return;
    }
    QPainter painter(this); // pixels stay pixels: no smoothing
    const int line = fontMetrics().lineSpacing();
    const int side = kLines * line;
    const QString made = m_frame < m_clip->contextFrames ? tr("given")
                         : m_clip->contextFrames > 0     ? tr("predicted")
                                                         : tr("reconstructed");
    const std::pair<const RgbPicture*, QString> parts[] = {
        {m_clip->made[frame].get(), made}, {m_clip->truth[frame].get(), tr("truth")}};
    int x = 0;
    for (const auto& [picture, name] : parts) {
        const double scale = static_cast<double>(side) / std::max(picture->width, picture->height);
        const QRectF place(x, line, picture->width * scale, picture->height * scale);
        painter.drawImage(place, imageOf(*picture));
        painter.drawText(QRect(x, 0, side, line), Qt::AlignLeft | Qt::AlignVCenter, name);
        x += side + kGap;
    }
    const QLocale locale;
    const QString facts[] = {
        tr("frame %1 / %2").arg(m_frame).arg(static_cast<int>(m_clip->made.size()) - 1),
        tr("step %1").arg(locale.toString(static_cast<qlonglong>(m_clip->step))),
        tr("PSNR %1 dB").arg(locale.toString(m_clip->psnr, 'f', 1)), controlText()};
    int y = line;
    for (const QString& fact : facts) {
        painter.drawText(QRect(x, y, std::max(0, width() - x), line), Qt::AlignLeft, fact);
        y += line;
    }
}

} // namespace depthscope::panels
