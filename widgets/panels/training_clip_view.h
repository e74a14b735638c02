// SPDX-License-Identifier: MIT
// A held-out clip as a model in training predicts it, beside the truth: plays while it is in sight,
// a click or Space holds it, Left and Right step. GUI thread; parents own.
#pragma once

#include "engine/trace/training_clip.h"

#include <QTimer>
#include <QWidget>

namespace depthscope::panels {

class TrainingClipView : public QWidget {
    Q_OBJECT

public:
    explicit TrainingClipView(QWidget* parent = nullptr);

    /// Null: nothing to show.
    void setClip(trace::TrainingClipPtr clip);

    [[nodiscard]] int frame() const { return m_frame; }

    [[nodiscard]] bool isPlaying() const { return m_timer.isActive(); }

    [[nodiscard]] QSize sizeHint() const override;

    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void step(int by);
    void setPlaying(bool playing);
    [[nodiscard]] QString words() const;
    [[nodiscard]] QString controlText() const;

    trace::TrainingClipPtr m_clip;
    QTimer m_timer;
    int m_frame = 0;
    bool m_isHeld = false;
};

} // namespace depthscope::panels
