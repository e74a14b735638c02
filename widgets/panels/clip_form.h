// SPDX-License-Identifier: MIT
// The CLIP form of video models: what is continued, a procedural clip or the user's own video, and
// what is known of it. Edits through the controller. GUI thread; parents own.
#pragma once

#include <QWidget>

class QGridLayout;
class QLabel;
class QLineEdit;
class QPushButton;

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class ChoiceBox;
class OwnVideoFields;

class ClipForm : public QWidget {
    Q_OBJECT

public:
    explicit ClipForm(lab::LabController& lab, QWidget* parent = nullptr);

Q_SIGNALS:
    /// The own video is to be shown at this frame.
    void showRequested(const QString& file, qint64 frame);

private:
    void buildSource(QGridLayout& grid);
    void buildFields(QGridLayout& grid);
    void buildWords();
    void moveClip(qint64 by);
    void chooseSource(int source);
    void refresh();
    void refreshProcedural();
    void refreshWords();
    [[nodiscard]] QString warningText() const;
    [[nodiscard]] QString ownText() const;

    lab::LabController& m_lab;
    ChoiceBox* m_source = nullptr;
    QWidget* m_procedural = nullptr;
    OwnVideoFields* m_own = nullptr;
    ChoiceBox* m_clips = nullptr;
    QLabel* m_help = nullptr;
    QLineEdit* m_seed = nullptr;
    QLineEdit* m_number = nullptr;
    QPushButton* m_previous = nullptr;
    QPushButton* m_next = nullptr;
    QLabel* m_facts = nullptr;
    QLabel* m_warning = nullptr;
};

} // namespace depthscope::panels
