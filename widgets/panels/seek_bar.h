// SPDX-License-Identifier: MIT
// The frames of a clip as a track: small pictures of them, where the shown one is, which ones play,
// which are damaged. A press or a drag asks for the frame under the pointer. Widget; parents own
// it; GUI thread.
#pragma once

#include "engine/trace/clip_view.h"
#include "widgets/scene/theme.h"

#include <QPixmap>
#include <QSlider>

namespace depthscope::panels {

class SeekBar : public QSlider {
    Q_OBJECT

public:
    explicit SeekBar(QWidget* parent = nullptr);

    /// Null: an empty track.
    void setClip(trace::ClipPtr clip);
    void setTheme(const scene::Theme& theme);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void seekRequested(qint64 frame);
    void stepRequested(int frames);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    [[nodiscard]] qint64 frameAt(double x) const;
    /// Middle of a frame's share of the track.
    [[nodiscard]] double xOf(std::int64_t frame) const;
    [[nodiscard]] bool hasStrip() const;
    [[nodiscard]] QRectF track() const;
    [[nodiscard]] QColor shade(float share) const;
    void paintTrack(QPainter& painter, const QRectF& track);
    void paintRange(QPainter& painter, const QRectF& track) const;
    void paintGiven(QPainter& painter, const QRectF& track) const;
    void paintDamage(QPainter& painter, const QRectF& track) const;
    void paintMarks(QPainter& painter, const QRectF& track) const;
    [[nodiscard]] QPixmap makeStrip(QSizeF size) const;

    trace::ClipPtr m_clip;
    QPixmap m_strip; ///< of m_stripOf, at the size of the track
    std::shared_ptr<const std::vector<trace::Thumbnail>> m_stripOf;
    scene::Theme m_theme;
};

} // namespace depthscope::panels
