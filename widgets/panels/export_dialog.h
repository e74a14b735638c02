// SPDX-License-Identifier: MIT
// File > Export video: which frames of the clip on screen become what kind of file, how far it is,
// and Stop. The window stays usable beside it and owns it; closing it ends nothing. GUI thread.
#pragma once

#include "widgets/lab/clip_export.h"

#include <QDialog>
#include <QString>
#include <vector>

class QComboBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QSpinBox;

namespace depthscope::lab {
class ClipPlayer;
}

namespace depthscope::panels {

class OverlayPictures;

class ExportDialog : public QDialog {
    Q_OBJECT

public:
    /// Both outlive the dialog.
    ExportDialog(lab::ClipPlayer& player, lab::ClipExport& exports, QWidget* parent = nullptr);

    /// Offers the overlay of a run's clip; `overlay` outlives the dialog.
    void offerOverlay(const OverlayPictures& overlay);

    /// Keeps the last choices from one start to the next.
    void remember();

    /// What Export would write now.
    [[nodiscard]] lab::ExportChoice choice() const;

protected:
    void showEvent(QShowEvent* event) override;

private:
    enum What { AllFrames, MarkedFrames, OneFrame };

    struct Row {
        QLabel* label = nullptr;
        std::vector<QWidget*> fields;
    };

    Row addRow(QGridLayout& grid, const QString& text, const std::vector<QWidget*>& fields);
    QComboBox* addChoice(const char* name, const QString& spoken);
    void buildFields(QGridLayout& grid);
    void buildPixels(QGridLayout& grid);
    void buildFormats();
    void buildFile(QGridLayout& grid);
    void buildButtons();
    void start();
    void browse();
    void followFormat();
    void proposeFile();
    [[nodiscard]] QString proposedName() const;
    [[nodiscard]] const lab::ExportFormat* format() const;
    [[nodiscard]] What what() const;
    [[nodiscard]] bool writesFolder() const;
    /// The format keeps what is transparent.
    [[nodiscard]] bool keepsClear() const;
    [[nodiscard]] trace::ClipPtr clip() const;
    [[nodiscard]] QString factsText(const lab::ExportChoice& chosen,
                                    const lab::ExportPlan& plan) const;
    [[nodiscard]] QString notesText(const lab::ExportChoice& chosen,
                                    const lab::ExportPlan& plan) const;
    [[nodiscard]] QString problemText(const lab::ExportChoice& chosen,
                                      const lab::ExportPlan& plan) const;
    void refresh();
    void refreshFrames();
    void refreshProgress();
    void keepChoices();
    static void showRow(const Row& row, bool shown);

    lab::ClipPlayer& m_player;
    lab::ClipExport& m_exports;
    std::vector<lab::ExportFormat> m_formats;
    bool m_remembers = false;
    bool m_ownsName = true; ///< the name of the file follows the other fields
    QString m_folder;       ///< that the last file went to; empty: that of the clip
    QString m_askedFor;     ///< a file that exists and whose replacement was asked for
    QString m_error;        ///< of the last export

    const OverlayPictures* m_overlays = nullptr; ///< null: none is offered

    Row m_clipRow;
    Row m_overlayRow;
    Row m_formatRow;
    Row m_qualityRow;
    QComboBox* m_clip = nullptr;
    QComboBox* m_what = nullptr;
    QComboBox* m_overlay = nullptr;
    QComboBox* m_format = nullptr;
    QSpinBox* m_quality = nullptr;
    QLabel* m_qualityRange = nullptr;
    QComboBox* m_scale = nullptr;
    QComboBox* m_rule = nullptr;
    QLineEdit* m_title = nullptr;
    QLineEdit* m_file = nullptr;
    QPushButton* m_browse = nullptr;
    QLabel* m_facts = nullptr;
    QLabel* m_notes = nullptr;
    QLabel* m_problem = nullptr;
    QProgressBar* m_bar = nullptr;
    QLabel* m_state = nullptr;
    QPushButton* m_start = nullptr;
    QPushButton* m_stop = nullptr;
};

} // namespace depthscope::panels
