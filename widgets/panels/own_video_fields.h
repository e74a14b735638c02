// SPDX-License-Identifier: MIT
// The fields of the CLIP form for a user's own video: file, frame to begin with, each n-th frame.
// Edits through the controller. GUI thread; parents own.
#pragma once

#include <QWidget>

class QGridLayout;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class OwnVideoFields : public QWidget {
    Q_OBJECT

public:
    explicit OwnVideoFields(lab::LabController& lab, QWidget* parent = nullptr);

    /// Continues the video that is open in the player from the frame on screen, else the one that
    /// was continued last, else a file that the user is asked for.
    void choose();

Q_SIGNALS:
    void showRequested(const QString& file, qint64 frame);

private:
    void buildFields(QGridLayout& grid);
    void buildButtons(QGridLayout& grid);
    void ask();
    void fromHere();
    void refresh();
    void refreshPlayer();
    /// The player shows a frame of a file.
    [[nodiscard]] bool hasFrame() const;

    lab::LabController& m_lab;
    QString m_last; ///< file that was continued last
    QLineEdit* m_file = nullptr;
    QPushButton* m_browse = nullptr;
    QLineEdit* m_first = nullptr;
    QSpinBox* m_every = nullptr;
    QPushButton* m_here = nullptr;
    QPushButton* m_show = nullptr;
};

} // namespace depthscope::panels
